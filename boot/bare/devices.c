/* The table of drivers. */
#include "boot/bare/devices.h"

#include "boot/bare/drivers/pl011.h"
#include "boot/bare/drivers/tpm_tis.h"
#include "boot/bare/drivers/virtio_disk.h"
#include "boot/bare/drivers/virtio_mmio.h"

static const struct bare_driver drivers[] = {
	{ "arm,pl011", BARE_SERIAL, PL011_REGISTER_BYTES, &pl011, NULL },
	{ "virtio,mmio", BARE_BLOCK, VIRTIO_MMIO_REGISTER_BYTES, NULL, &virtio_disk },
	{ "tcg,tpm-tis-mmio", BARE_TPM, TPM_TIS_REGISTER_BYTES, NULL, NULL },
};

#define DRIVERS (sizeof drivers / sizeof drivers[0])

const struct bare_driver *bare_driver_of(const struct bare_fdt *fdt, int node,
					 enum bare_kind kind)
{
	for (size_t i = 0; i < DRIVERS; i++)
		if (drivers[i].kind == kind &&
		    bare_fdt_compatible(fdt, node, drivers[i].compatible))
			return &drivers[i];
	return NULL;
}

int bare_device_next(const struct bare_fdt *fdt, int node, enum bare_kind kind,
		     const struct bare_driver **driver)
{
	int next = -1;

	for (size_t i = 0; i < DRIVERS; i++) {
		const int found =
			drivers[i].kind == kind
				? bare_fdt_next(fdt, node, drivers[i].compatible)
				: -1;

		if (found >= 0 && (next < 0 || found < next))
			next = found;
	}
	*driver = next < 0 ? NULL : bare_driver_of(fdt, next, kind);
	return next;
}

int bare_device_console(const struct bare_fdt *fdt, const struct bare_driver **driver)
{
	const int named = bare_fdt_stdout(fdt);

	*driver = named < 0 ? NULL : bare_driver_of(fdt, named, BARE_SERIAL);
	return *driver != NULL ? named : bare_device_next(fdt, -1, BARE_SERIAL, driver);
}
