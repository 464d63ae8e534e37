/* Which PCI devices have a watchdog. Only generations whose registers are known are
 * touched: on another one the same writes could do anything. */
#include "boot/watchdog/watchdog.h"

#include <stddef.h>

#define VENDOR_INTEL 0x8086u
#define CLASS_SYSTEM 0x0880u /* other system peripheral */
#define CLASS_ISA    0x0601u /* LPC bridges */
#define CLASS_SMBUS  0x0c05u

static const char hidden[] =
	"its NO_REBOOT lies behind a hidden device (Intel 100 and 200 series)";
static const char unknown[] = "Intel chipset of an unknown generation";

static const struct device {
	uint16_t first, last; /* device ids */
	uint16_t class_code;
	const struct watchdog_driver *driver;
} devices[] = {
	{ 0x25ab, 0x25ab, CLASS_SYSTEM, &watchdog_i6300esb },

	{ 0x2640, 0x2642, CLASS_ISA, &watchdog_itco_lpc }, /* ICH6 */
	{ 0x2670, 0x267f, CLASS_ISA, &watchdog_itco_lpc }, /* 631xESB */
	{ 0x27b0, 0x27bd, CLASS_ISA, &watchdog_itco_lpc }, /* ICH7, NM10 */
	{ 0x2810, 0x2815, CLASS_ISA, &watchdog_itco_lpc }, /* ICH8 */
	{ 0x2912, 0x2919, CLASS_ISA, &watchdog_itco_lpc }, /* ICH9 */
	{ 0x3a14, 0x3a1a, CLASS_ISA, &watchdog_itco_lpc }, /* ICH10 */
	{ 0x3b00, 0x3b1f, CLASS_ISA, &watchdog_itco_lpc }, /* 5 series */
	{ 0x1c40, 0x1c5f, CLASS_ISA, &watchdog_itco_lpc }, /* 6 series */
	{ 0x1d40, 0x1d41, CLASS_ISA, &watchdog_itco_lpc }, /* C600 */
	{ 0x1e40, 0x1e5f, CLASS_ISA, &watchdog_itco_lpc }, /* 7 series */
	{ 0x2310, 0x2310, CLASS_ISA, &watchdog_itco_lpc }, /* DH89xxCC */
	{ 0x2390, 0x2390, CLASS_ISA, &watchdog_itco_lpc }, /* Coleto Creek */
	{ 0x8c40, 0x8c5f, CLASS_ISA, &watchdog_itco_lpc }, /* 8 series */
	{ 0x9c40, 0x9c47, CLASS_ISA, &watchdog_itco_lpc }, /* 8 series LP */
	{ 0x8cc1, 0x8cc6, CLASS_ISA, &watchdog_itco_lpc }, /* 9 series */
	{ 0x9cc1, 0x9cc9, CLASS_ISA, &watchdog_itco_lpc }, /* 9 series LP */
	{ 0x8d40, 0x8d5f, CLASS_ISA, &watchdog_itco_lpc }, /* C610 */

	{ 0xa323, 0xa323, CLASS_SMBUS, &watchdog_itco_smbus }, /* Cannon Lake-H */
	{ 0x9da3, 0x9da3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Cannon Lake-LP */
	{ 0x02a3, 0x02a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Comet Lake-LP */
	{ 0x06a3, 0x06a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Comet Lake-H */
	{ 0x34a3, 0x34a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Ice Lake-LP */
	{ 0x38a3, 0x38a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Ice Lake-N */
	{ 0x4b23, 0x4b23, CLASS_SMBUS, &watchdog_itco_smbus }, /* Elkhart Lake */
	{ 0x4da3, 0x4da3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Jasper Lake */
	{ 0xa0a3, 0xa0a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Tiger Lake-LP */
	{ 0x43a3, 0x43a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Tiger Lake-H */
	{ 0x1bc9, 0x1bc9, CLASS_SMBUS, &watchdog_itco_smbus }, /* Emmitsburg */
	{ 0x7aa3, 0x7aa3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Alder Lake-S */
	{ 0x51a3, 0x51a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Alder Lake-P */
	{ 0x54a3, 0x54a3, CLASS_SMBUS, &watchdog_itco_smbus }, /* Alder Lake-M, -N */
	{ 0x7a23, 0x7a23, CLASS_SMBUS, &watchdog_itco_smbus }, /* Raptor Lake-S */
	{ 0x7e22, 0x7e22, CLASS_SMBUS, &watchdog_itco_smbus }, /* Meteor Lake-P */
	{ 0xae22, 0xae22, CLASS_SMBUS, &watchdog_itco_smbus }, /* Meteor Lake-S */
	{ 0x7f23, 0x7f23, CLASS_SMBUS, &watchdog_itco_smbus }, /* Meteor Lake PCH */

	{ 0xa123, 0xa123, CLASS_SMBUS, NULL }, /* Sunrise Point-H */
	{ 0x9d23, 0x9d23, CLASS_SMBUS, NULL }, /* Sunrise Point-LP */
	{ 0xa1a3, 0xa1a3, CLASS_SMBUS, NULL }, /* Lewisburg */
	{ 0xa223, 0xa223, CLASS_SMBUS, NULL },
	{ 0xa2a3, 0xa2a3, CLASS_SMBUS, NULL }, /* Kaby Lake-H */
	{ 0xa3a3, 0xa3a3, CLASS_SMBUS, NULL }, /* Comet Lake-V */
	{ 0x19df, 0x19df, CLASS_SMBUS, NULL }, /* Denverton */
};

struct watchdog_match watchdog_match(uint16_t vendor, uint16_t device,
				     uint16_t class_code)
{
	if (vendor != VENDOR_INTEL)
		return (struct watchdog_match){ NULL, NULL };
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
		const struct device *d = &devices[i];

		if (device < d->first || device > d->last || class_code != d->class_code)
			continue;
		return (struct watchdog_match){ d->driver,
						d->driver == NULL ? hidden : NULL };
	}
	return (struct watchdog_match){ NULL, class_code == CLASS_ISA ? unknown : NULL };
}
