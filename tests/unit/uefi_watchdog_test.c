/* Hardware watchdogs on a made-up firmware: which PCI devices are touched, which watchdog
 * is armed when there are several, and what is left alone. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "boot/uefi/cpu.h"

#include <efipciio.h>

#define DEVICES 3u
#define RCBA    0x40000000u /* memory of this process, below the sanitizer's */
#define GCS     (RCBA + 0x3410)
#define TCO     0x660u

static const EFI_GUID pci_guid = EFI_PCI_IO_PROTOCOL_GUID;

/* The address of one of these is its handle. */
static struct fake {
	bool there;
	EFI_PCI_IO io;
	uint8_t config[256];
	uint8_t bar[16];
	bool memory_on, broken;
	UINTN segment, bus, device;
	unsigned int writes;
} fake[DEVICES];

static uint8_t ports[0x1000];
static unsigned int port_writes;
static unsigned int writes_before_off; /* of registers, when the firmware's timer stops */
static unsigned int offs;
static bool no_handles;
static size_t buffers;
static char logged[4096];
static EFI_BOOT_SERVICES bs;
static struct uefi u;

/* --- the machine -------------------------------------------------------------------- */

static struct fake *device_of(EFI_PCI_IO *io)
{
	for (size_t i = 0; i < DEVICES; i++)
		if (&fake[i].io == io)
			return &fake[i];
	fail_msg("no such device");
	return NULL;
}

static UINTN bytes_of(EFI_PCI_IO_PROTOCOL_WIDTH width)
{
	assert_true(width <= EfiPciIoWidthUint32);
	return (UINTN)1 << width;
}

static EFI_STATUS EFIAPI config_read(EFI_PCI_IO *io, EFI_PCI_IO_PROTOCOL_WIDTH width,
				     UINT32 offset, UINTN count, void *buffer)
{
	struct fake *d = device_of(io);

	assert_int_equal(count, 1);
	if (d->broken)
		return EFI_DEVICE_ERROR;
	memcpy(buffer, d->config + offset, bytes_of(width));
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI config_write(EFI_PCI_IO *io, EFI_PCI_IO_PROTOCOL_WIDTH width,
				      UINT32 offset, UINTN count, void *buffer)
{
	struct fake *d = device_of(io);

	assert_int_equal(count, 1);
	d->writes++;
	memcpy(d->config + offset, buffer, bytes_of(width));
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI bar_read(EFI_PCI_IO *io, EFI_PCI_IO_PROTOCOL_WIDTH width,
				  UINT8 bar, UINT64 offset, UINTN count, void *buffer)
{
	struct fake *d = device_of(io);

	assert_int_equal(bar, 0);
	assert_int_equal(count, 1);
	if (d->memory_on)
		memcpy(buffer, d->bar + offset, bytes_of(width));
	return d->memory_on ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI bar_write(EFI_PCI_IO *io, EFI_PCI_IO_PROTOCOL_WIDTH width,
				   UINT8 bar, UINT64 offset, UINTN count, void *buffer)
{
	struct fake *d = device_of(io);
	const uint8_t *value = buffer;

	assert_int_equal(bar, 0);
	assert_int_equal(count, 1);
	d->writes++;
	if (offset != 0xc)
		memcpy(d->bar + offset, buffer, bytes_of(width));
	else if ((value[1] & 2) != 0)
		d->bar[0xd] = 0; /* the status bit, cleared by writing it */
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI attributes(EFI_PCI_IO *io,
				    EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION operation,
				    UINT64 which, UINT64 *result)
{
	(void)result;
	assert_int_equal(operation, EfiPciIoAttributeOperationEnable);
	assert_int_equal(which, EFI_PCI_IO_ATTRIBUTE_MEMORY);
	device_of(io)->memory_on = true;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI location(EFI_PCI_IO *io, UINTN *segment, UINTN *bus,
				  UINTN *device, UINTN *function)
{
	const struct fake *d = device_of(io);

	*segment = d->segment;
	*bus = d->bus;
	*device = d->device;
	*function = 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI locate(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, void *key,
				UINTN *count, EFI_HANDLE **out)
{
	static EFI_HANDLE handles[DEVICES];

	(void)key;
	assert_int_equal(type, ByProtocol);
	assert_memory_equal(guid, &pci_guid, sizeof pci_guid);
	if (no_handles)
		return EFI_NOT_FOUND;
	*count = 0;
	for (size_t i = 0; i < DEVICES; i++)
		if (fake[i].there)
			handles[(*count)++] = &fake[i];
	*out = handles;
	buffers++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(void *p)
{
	(void)p;
	buffers--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
{
	struct fake *d = handle;

	assert_memory_equal(guid, &pci_guid, sizeof pci_guid);
	*out = &d->io;
	return EFI_SUCCESS;
}

/* The rest of the back end. */
void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	assert_true(strlen(logged) + len < sizeof logged);
	strncat(logged, text, len);
}

void uefi_watchdog_off(struct uefi *firmware)
{
	assert_ptr_equal(firmware, &u);
	offs++;
	writes_before_off = port_writes;
	for (size_t i = 0; i < DEVICES; i++)
		writes_before_off += fake[i].writes;
}

uint32_t uefi_cpu_port_read(uint16_t port, unsigned int bytes)
{
	uint32_t value = 0;

	memcpy(&value, ports + port, bytes);
	return value;
}

void uefi_cpu_port_write(uint16_t port, unsigned int bytes, uint32_t value)
{
	port_writes++;
	if (port == TCO + 4 || port == TCO + 6)
		value = uefi_cpu_port_read(port, 2) & ~value;
	memcpy(ports + port, &value, bytes);
}

/* --- its devices -------------------------------------------------------------------- */

static struct fake *put(size_t at, uint32_t id, uint32_t class_code)
{
	struct fake *d = &fake[at];

	*d = (struct fake){ .there = true };
	d->io.Pci.Read = config_read;
	d->io.Pci.Write = config_write;
	d->io.Mem.Read = bar_read;
	d->io.Mem.Write = bar_write;
	d->io.Attributes = attributes;
	d->io.GetLocation = location;
	d->device = at;
	lb_put_le32(d->config, id);
	lb_put_le32(d->config + 8, class_code << 16 | 0x23);
	return d;
}

static struct fake *put_esb(size_t at)
{
	return put(at, 0x25ab8086, 0x0880);
}

static struct fake *put_lpc(size_t at)
{
	struct fake *d = put(at, 0x29188086, 0x0601);

	lb_put_le32(d->config + 0x40, 0x601);
	d->config[0x44] = 0x80;
	lb_put_le32(d->config + 0xf0, RCBA | 1);
	d->device = 0x1f;
	return d;
}

static volatile uint32_t *gcs(void)
{
	return (volatile uint32_t *)(uintptr_t)GCS;
}

static int setup(void **state)
{
	(void)state;
	memset(fake, 0, sizeof fake);
	memset(ports, 0, sizeof ports);
	memset(logged, 0, sizeof logged);
	port_writes = 0;
	writes_before_off = offs = 0;
	buffers = 0;
	no_handles = false;
	bs = (EFI_BOOT_SERVICES){ .LocateHandleBuffer = locate,
				  .HandleProtocol = handle_protocol,
				  .FreePool = free_pool };
	u = (struct uefi){ .bs = &bs, .machine.cpu = PLATFORM_CPU_X86_64 };
	*gcs() = 0x20;
	put(0, 0x10001af4, 0x0100);
	return 0;
}

static int map_chipset(void **state)
{
	(void)state;
	void *p = mmap((void *)(uintptr_t)RCBA, 0x4000, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	return p == (void *)(uintptr_t)RCBA ? 0 : -1;
}

static bool esb_runs(const struct fake *d)
{
	return (d->config[0x68] & 2) != 0;
}

static bool tco_runs(void)
{
	return port_writes > 0 && (ports[TCO + 9] & 8) == 0 && (*gcs() & 0x20) == 0;
}

static enum lb_status arm(uint32_t seconds)
{
	const enum lb_status status = uefi_hardware_watchdog_arm(&u, seconds);

	assert_int_equal(buffers, 0);
	return status;
}

/* --- tests -------------------------------------------------------------------------- */

static void test_none(void **state)
{
	bool died = true;

	(void)state;
	assert_int_equal(uefi_hardware_watchdog_died(&u, &died), LB_ERR_NOT_FOUND);
	assert_false(died);
	assert_int_equal(arm(60), LB_ERR_NOT_FOUND);
	assert_int_equal(arm(0), LB_OK);
	assert_int_equal(fake[0].writes, 0);
	assert_false(fake[0].memory_on);
	assert_string_equal(logged, "");
}

static void test_no_pci_at_all(void **state)
{
	(void)state;
	no_handles = true;
	assert_int_equal(arm(60), LB_ERR_NOT_FOUND);
}

static void test_card(void **state)
{
	struct fake *esb = put_esb(1);
	bool died;

	(void)state;
	assert_int_equal(uefi_hardware_watchdog_died(&u, &died), LB_OK);
	assert_false(died);
	assert_int_equal(esb->writes, 0);
	assert_int_equal(arm(60), LB_OK);
	assert_true(esb_runs(esb));
	assert_int_equal(offs, 1);
	assert_int_equal(writes_before_off, 0);
	assert_int_equal(lb_le32(esb->bar), 60 * 512);
	assert_non_null(strstr(logged, "watchdog: i6300esb resets in 61.0 s\n"));
	assert_int_equal(arm(0), LB_OK);
	assert_false(esb_runs(esb));
	assert_int_equal(arm(0), LB_OK); /* nothing runs any more */
}

static void test_chipset(void **state)
{
	bool died;

	(void)state;
	put_lpc(2);
	ports[TCO + 6] = 2;
	assert_int_equal(uefi_hardware_watchdog_died(&u, &died), LB_OK);
	assert_true(died);
	assert_int_equal(offs, 0);
	assert_non_null(strstr(logged, "iTCO timed out before this boot"));
	assert_int_equal(uefi_hardware_watchdog_died(&u, &died), LB_OK);
	assert_false(died);
	assert_int_equal(arm(60), LB_OK);
	assert_true(tco_runs());
	assert_int_equal(arm(0), LB_OK);
	assert_false(tco_runs());
}

/* QEMU's q35 has both, and its chipset's reset is not connected by default. */
static void test_card_goes_before_the_chipset(void **state)
{
	struct fake *esb = put_esb(2);

	(void)state;
	put_lpc(1);
	assert_int_equal(arm(60), LB_OK);
	assert_true(esb_runs(esb));
	assert_int_equal(port_writes, 0);
}

static void test_chipset_when_the_card_is_locked(void **state)
{
	struct fake *esb = put_esb(1);

	(void)state;
	put_lpc(2);
	esb->config[0x68] = 1;
	assert_int_equal(arm(60), LB_OK);
	assert_true(tco_runs());
	assert_int_equal(arm(0), LB_OK);
	assert_false(tco_runs());
}

static void test_longer_than_any(void **state)
{
	struct fake *esb = put_esb(1);

	(void)state;
	put_lpc(2);
	assert_int_equal(arm(5000), LB_ERR_RANGE);
	assert_false(esb_runs(esb));
	assert_false(tco_runs());
	assert_int_equal(arm(0), LB_OK);
}

static void test_both_are_asked(void **state)
{
	struct fake *esb = put_esb(1);
	bool died;

	(void)state;
	put_lpc(2);
	esb->bar[0xd] = 0x12;
	ports[TCO + 6] = 6;
	assert_int_equal(uefi_hardware_watchdog_died(&u, &died), LB_OK);
	assert_true(died);
	assert_int_equal(uefi_hardware_watchdog_died(&u, &died), LB_OK);
	assert_false(died);
}

static void test_unknown_generation_is_left_alone(void **state)
{
	struct fake *lpc = put(1, 0xffaa8086, 0x0601);

	(void)state;
	assert_int_equal(arm(60), LB_ERR_NOT_FOUND);
	assert_non_null(strstr(logged, "watchdog: left alone: "));
	assert_int_equal(lpc->writes + port_writes, 0);
	assert_false(lpc->memory_on);
}

/* A card with a chipset's ids could have any memory written. */
static void test_chipset_that_is_not_in_its_place(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		(void)setup(state);
		struct fake *lpc = put_lpc(1);

		lpc->segment = how == 0;
		lpc->bus = how == 1;
		lpc->device = how == 2 ? 0x1e : 0x1f;
		if (how == 3)
			u.machine.cpu = PLATFORM_CPU_AARCH64;
		assert_int_equal(arm(60), LB_ERR_NOT_FOUND);
		assert_int_equal(lpc->writes + port_writes, 0);
		assert_int_equal(*gcs(), 0x20);
	}
}

static void test_switched_off_or_broken(void **state)
{
	struct fake *lpc = put_lpc(1);
	struct fake *esb = put_esb(2);

	(void)state;
	lpc->config[0x44] = 0;
	esb->broken = true;
	assert_int_equal(arm(60), LB_ERR_NOT_FOUND);
	assert_non_null(strstr(logged, "watchdog: iTCO: its registers: not found"));
	assert_int_equal(lpc->writes + esb->writes + port_writes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_none, setup),
		cmocka_unit_test_setup(test_no_pci_at_all, setup),
		cmocka_unit_test_setup(test_card, setup),
		cmocka_unit_test_setup(test_chipset, setup),
		cmocka_unit_test_setup(test_card_goes_before_the_chipset, setup),
		cmocka_unit_test_setup(test_chipset_when_the_card_is_locked, setup),
		cmocka_unit_test_setup(test_longer_than_any, setup),
		cmocka_unit_test_setup(test_both_are_asked, setup),
		cmocka_unit_test_setup(test_unknown_generation_is_left_alone, setup),
		cmocka_unit_test_setup(test_chipset_that_is_not_in_its_place, setup),
		cmocka_unit_test_setup(test_switched_off_or_broken, setup),
	};

	return cmocka_run_group_tests(tests, map_chipset, NULL);
}
