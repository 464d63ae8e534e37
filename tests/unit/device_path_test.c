/* Device paths: bytes written by hand from UEFI 2.10, 10.3, and broken ones. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/device_path.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES(...)                                                                       \
	(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

#define END       0x7f, 0xff, 4, 0
#define ROOT      2, 1, 12, 0, 0xd0, 0x41, 0x03, 0x0a, 0, 0, 0, 0
#define PCI(d, f) 1, 1, 6, 0, f, d
#define USB(p)    3, 5, 6, 0, p, 0
#define SATA(p)   3, 18, 10, 0, p, 0, 0xff, 0xff, 0, 0
#define NVME      3, 23, 16, 0, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8
#define SCSI      3, 2, 8, 0, 5, 0, 7, 0
#define SD        3, 26, 5, 0, 0
#define EMMC      3, 29, 5, 0, 0
#define USB_CLASS 3, 15, 11, 0, 0x34, 0x12, 0xff, 0xff, 8, 6, 0x50
#define USB_WWID  3, 16, 10, 0, 0, 0, 0x34, 0x12, 0x78, 0x56
#define UART      3, 14, 19, 0, 0, 0, 0, 0, 0, 0xc2, 1, 0, 0, 0, 0, 0, 8, 1, 1
#define HD                                                                               \
	4, 1, 42, 0, 1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 1,   \
		2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 2, 2
#define FILE_NODE 4, 4, 8, 0, 'a', 0, 0, 0
#define VENDOR                                                                           \
	1, 4, 21, 0, 0x1d, 0xd9, 0x2e, 0x78, 0x44, 0xb4, 0x76, 0x4d, 0xab, 0xd7, 0x33,   \
		0x74, 0xf0, 0x77, 0x9f, 0x89, 0x2a

#define ACPI_PNP(hi, lo) 2, 1, 12, 0, 0xd0, 0x41, lo, hi, 0, 0, 0, 0
#define ACPI_EXPANDED(hi, lo)                                                            \
	2, 2, 19, 0, 0xd0, 0x41, lo, hi, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define U_BOOT_ROOT                                                                      \
	1, 4, 20, 0, 0xb9, 0x73, 0x1d, 0xe6, 0x84, 0xa3, 0xcc, 0x4a, 0xae, 0xab, 0x82,   \
		0xe8, 0x28, 0xf3, 0x62, 0x8b
#define U_BOOT_VIRTIO(n)                                                                 \
	1, 4, 21, 0, 0x92, 0x37, 0x29, 0x63, 0xf5, 0xad, 0x25, 0x93, 0xb9, 0x9f, 0x4e,   \
		0x0e, 0x45, 0x5c, 0x1b, 0x1e, n

/* What is known to be a keyboard; everything else is a serial line. */
static const struct {
	const char *name;
	const uint8_t *path;
	size_t size;
	bool keyboard;
} inputs[] = {
	{ "PS/2", BYTES(ROOT, PCI(0x1f, 0), ACPI_PNP(3, 3), END), true },
	{ "PS/2, another of the kind", BYTES(ROOT, ACPI_PNP(3, 0x0b), END), true },
	{ "PS/2, expanded", BYTES(ROOT, ACPI_EXPANDED(3, 3), END), true },
	{ "USB", BYTES(ROOT, PCI(1, 0), USB(1), END), true },
	{ "serial line behind USB", BYTES(ROOT, PCI(1, 0), USB(1), UART, END), false },
	{ "serial line", BYTES(ROOT, ACPI_PNP(5, 1), UART, END), false },
	{ "serial port without a UART node", BYTES(ROOT, ACPI_PNP(5, 1), END), false },
	{ "U-Boot's console", BYTES(U_BOOT_ROOT, END), false },
	{ "another maker's 0303", BYTES(2, 1, 12, 0, 0x22, 0x22, 3, 3, 0, 0, 0, 0, END),
	  false },
	{ "an ACPI node that is too short", BYTES(2, 1, 7, 0, 0xd0, 0x41, 3, END),
	  false },
};

static void inputs_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(inputs); i++)
		if (uefi_path_is_keyboard(
			    inputs[i].path,
			    uefi_path_bytes(inputs[i].path, inputs[i].size)) !=
		    inputs[i].keyboard)
			fail_msg("%s", inputs[i].name);
}

static const struct {
	const char *name;
	const uint8_t *path;
	size_t size;
	enum platform_attachment attachment;
	bool uart;
	const char *text, *short_name;
} paths[] = {
	{ "virtio", BYTES(ROOT, PCI(3, 0), END), PLATFORM_ATTACHED_INTERNAL, false,
	  "PciRoot(0x0)/Pci(0x3,0x0)", "pci 3.0" },
	{ "virtio under U-Boot", BYTES(U_BOOT_ROOT, U_BOOT_VIRTIO(1), END),
	  PLATFORM_ATTACHED_INTERNAL, false,
	  "VenHw(e61d73b9-a384-4acc-aeab-82e828f3628b)/"
	  "VenHw(63293792-adf5-9325-b99f-4e0e455c1b1e,01)",
	  "virtio 1" },
	{ "virtio under a newer U-Boot",
	  BYTES(1, 4, 28, 0, 0xb9, 0x73, 0x1d, 0xe6, 0x84, 0xa3, 0xcc, 0x4a, 0xae, 0xab,
		0x82, 0xe8, 0x28, 0xf3, 0x62, 0x8b, 0x10, 0, 0, 0, 2, 0, 0, 0, END),
	  PLATFORM_ATTACHED_INTERNAL, false,
	  "VenHw(e61d73b9-a384-4acc-aeab-82e828f3628b,1000000002000000)", "disk 2" },
	{ "behind a bridge", BYTES(ROOT, PCI(0x1d, 4), PCI(0, 0), NVME, END),
	  PLATFORM_ATTACHED_INTERNAL, false,
	  "PciRoot(0x0)/Pci(0x1D,0x4)/Pci(0x0,0x0)/NVMe(0x1,08-07-06-05-04-03-02-01)",
	  "nvme 1d.4/0.0" },
	{ "SATA", BYTES(ROOT, PCI(0x1f, 2), SATA(3), END), PLATFORM_ATTACHED_INTERNAL,
	  false, "PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x3,0xFFFF,0x0)", "sata 1f.2:3" },
	{ "SCSI", BYTES(ROOT, PCI(4, 0), SCSI, END), PLATFORM_ATTACHED_INTERNAL, false,
	  "PciRoot(0x0)/Pci(0x4,0x0)/Scsi(0x5,0x7)", "scsi 4.0:5.7" },
	{ "USB behind a hub", BYTES(ROOT, PCI(1, 0), USB(0), USB(3), END),
	  PLATFORM_ATTACHED_USB, false,
	  "PciRoot(0x0)/Pci(0x1,0x0)/USB(0x0,0x0)/USB(0x3,0x0)", "usb 1-4" },
	{ "USB, then SCSI: still USB", BYTES(ROOT, PCI(1, 0), USB(1), SCSI, END),
	  PLATFORM_ATTACHED_USB, false,
	  "PciRoot(0x0)/Pci(0x1,0x0)/USB(0x1,0x0)/Scsi(0x5,0x7)", "usb 2" },
	{ "USB reader with SD", BYTES(ROOT, PCI(1, 0), USB(1), SD, END),
	  PLATFORM_ATTACHED_USB, false, "PciRoot(0x0)/Pci(0x1,0x0)/USB(0x1,0x0)/SD(0x0)",
	  "usb 2" },
	{ "USB class", BYTES(USB_CLASS, END), PLATFORM_ATTACHED_USB, false,
	  "UsbClass(0x1234,0xFFFF,0x8,0x6,0x50)", "usb" },
	{ "USB by serial number", BYTES(USB_WWID, END), PLATFORM_ATTACHED_USB, false,
	  "Path(3,16,000034127856)", "usb" },
	{ "SD slot", BYTES(ROOT, PCI(2, 0), SD, END), PLATFORM_ATTACHED_SD_SLOT, false,
	  "PciRoot(0x0)/Pci(0x2,0x0)/SD(0x0)", "sd 2.0" },
	{ "eMMC is internal", BYTES(ROOT, PCI(2, 0), EMMC, END),
	  PLATFORM_ATTACHED_INTERNAL, false, "PciRoot(0x0)/Pci(0x2,0x0)/eMMC(0x0)",
	  "emmc 2.0" },
	{ "vendor node with data", BYTES(VENDOR, END), PLATFORM_ATTACHED_INTERNAL, false,
	  "VenHw(782ed91d-b444-4d76-abd7-3374f0779f89,2A)", "other" },
	{ "serial terminal",
	  BYTES(ROOT, PCI(0x1f, 0), 2, 1, 12, 0, 0xd0, 0x41, 0x01, 0x05, 0, 0, 0, 0, UART,
		END),
	  PLATFORM_ATTACHED_INTERNAL, true,
	  "PciRoot(0x0)/Pci(0x1F,0x0)/Acpi(PNP0501,0x0)/"
	  "Path(3,14,0000000000C2010000000000080101)",
	  "pci 1f.0" },
	{ "the second instance does not count", BYTES(ROOT, 0x7f, 1, 4, 0, USB(1), END),
	  PLATFORM_ATTACHED_INTERNAL, false, "PciRoot(0x0)", "other" },
	{ "old end type", BYTES(ROOT, 0xff, 0xff, 4, 0), PLATFORM_ATTACHED_INTERNAL,
	  false, "PciRoot(0x0)", "other" },
	{ "a node too short for its kind", BYTES(ROOT, 1, 1, 4, 0, END),
	  PLATFORM_ATTACHED_INTERNAL, false, "PciRoot(0x0)/Path(1,1,)", "pci" },
};

static void paths_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		char text[256], name[64];
		const size_t bytes = uefi_path_bytes(paths[i].path, paths[i].size);

		if (bytes == 0)
			fail_msg("%s: taken for malformed", paths[i].name);
		if (uefi_path_attachment(paths[i].path, bytes) != paths[i].attachment ||
		    uefi_path_is_keyboard(paths[i].path, bytes) !=
			    (paths[i].attachment == PLATFORM_ATTACHED_USB &&
			     !paths[i].uart))
			fail_msg("%s: attachment or keyboard", paths[i].name);
		uefi_path_text(paths[i].path, bytes, text, sizeof text);
		uefi_path_name(paths[i].path, bytes, name, sizeof name);
		if (strcmp(text, paths[i].text) != 0 ||
		    strcmp(name, paths[i].short_name) != 0)
			fail_msg("%s: \"%s\" \"%s\"", paths[i].name, text, name);
	}
}

static const struct {
	const char *name;
	const uint8_t *path;
	size_t size;
} broken[] = {
	{ "no end", BYTES(ROOT, PCI(3, 0)) },
	{ "half an end", BYTES(ROOT, 0x7f, 0xff, 4) },
	{ "node length 0", BYTES(ROOT, 1, 1, 0, 0, END) },
	{ "node length 3", BYTES(ROOT, 1, 1, 3, 0, END) },
	{ "node longer than the rest", BYTES(ROOT, 1, 1, 0xff, 0xff, END) },
	{ "only an end", BYTES(END) },
};

static void malformed_paths_are_none(void **state)
{
	(void)state;
	assert_int_equal(uefi_path_bytes(NULL, 100), 0);
	for (size_t i = 0; i < COUNT(broken); i++)
		if (uefi_path_bytes(broken[i].path, broken[i].size) != 0)
			fail_msg("%s: accepted", broken[i].name);
	/* One byte less than the whole is malformed too. */
	for (size_t i = 0; i < COUNT(paths); i++) {
		const size_t bytes = uefi_path_bytes(paths[i].path, paths[i].size);

		for (size_t max = 0; max < bytes + 4; max++)
			assert_int_equal(uefi_path_bytes(paths[i].path, max), 0);
	}
}

static const struct {
	const char *name;
	const uint8_t *path;
	size_t size;
	bool want;
} on_disk[] = {
	/* the disk is ROOT, PCI(1, 0), USB(1) */
	{ "the disk itself", BYTES(ROOT, PCI(1, 0), USB(1), END), true },
	{ "a partition", BYTES(ROOT, PCI(1, 0), USB(1), HD, END), true },
	{ "a file on a partition", BYTES(ROOT, PCI(1, 0), USB(1), HD, FILE_NODE, END),
	  true },
	{ "another port", BYTES(ROOT, PCI(1, 0), USB(2), HD, END), false },
	{ "a disk behind it", BYTES(ROOT, PCI(1, 0), USB(1), USB(1), HD, END), false },
	{ "its controller", BYTES(ROOT, PCI(1, 0), END), false },
	{ "nothing", BYTES(END), false },
};

static void the_boot_disk_is_found(void **state)
{
	static const uint8_t disk[] = { ROOT, PCI(1, 0), USB(1) };

	(void)state;
	for (size_t i = 0; i < COUNT(on_disk); i++) {
		const size_t bytes = uefi_path_bytes(on_disk[i].path, on_disk[i].size);

		if (uefi_path_is_on_disk(on_disk[i].path, bytes, disk, sizeof disk) !=
		    on_disk[i].want)
			fail_msg("%s", on_disk[i].name);
		assert_false(uefi_path_is_on_disk(on_disk[i].path, bytes, disk, 0));
	}
}

#define MBR_HD                                                                           \
	4, 1, 42, 0, 1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 1,   \
		2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1
#define SHORT_HD 4, 1, 8, 0, 1, 0, 0, 0

static const struct {
	const char *name;
	const uint8_t *path;
	size_t size;
	bool want;
} partitions[] = {
	{ "a partition of a GPT", BYTES(ROOT, PCI(1, 0), HD, END), true },
	{ "a file on it", BYTES(ROOT, PCI(1, 0), HD, FILE_NODE, END), true },
	{ "a whole disk", BYTES(ROOT, PCI(1, 0), END), false },
	{ "a partition of an MBR", BYTES(ROOT, MBR_HD, END), false },
	{ "a node too short", BYTES(ROOT, SHORT_HD, END), false },
	{ "nothing", BYTES(END), false },
};

static void the_partition_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(partitions); i++) {
		const uint8_t *path = partitions[i].path;
		uint8_t guid[16] = { 0 };
		const bool got = uefi_path_partition(
			path, uefi_path_bytes(path, partitions[i].size), guid);

		if (got != partitions[i].want)
			fail_msg("%s", partitions[i].name);
		for (uint8_t k = 0; got && k < 16; k++)
			assert_int_equal(guid[k], k + 1); /* as HD has it */
	}
}

#define NAME_NODE(...)                                                                   \
	4, 4, (4 + sizeof((const uint8_t[]){ __VA_ARGS__ })), 0, __VA_ARGS__
#define BACKSLASH  '\\', 0
#define ODD_NAME   4, 4, 7, 0, 'a', 0, 'b'
#define EMPTY_NAME 4, 4, 4, 0

static const struct {
	const char *name;
	const uint8_t *path;
	size_t size;
	size_t max;
	const char *want;
} files[] = {
	{ "one node", BYTES(HD, FILE_NODE, END), 10, "a" },
	{ "nodes get a backslash between them", BYTES(FILE_NODE, FILE_NODE, END), 10,
	  "a\\a" },
	{ "not a second one", BYTES(NAME_NODE('x', 0, BACKSLASH), FILE_NODE, END), 10,
	  "x\\a" },
	{ "nor where the next brings it",
	  BYTES(FILE_NODE, NAME_NODE(BACKSLASH, 'x', 0), END), 10, "a\\x" },
	{ "just fits", BYTES(FILE_NODE, FILE_NODE, END), 3, "a\\a" },
	{ "does not fit", BYTES(FILE_NODE, FILE_NODE, END), 2, "" },
	{ "no room for the name", BYTES(FILE_NODE, FILE_NODE, END), 1, "" },
	{ "no room at all", BYTES(FILE_NODE, END), 0, "" },
	{ "without a NUL, odd", BYTES(ODD_NAME, END), 10, "a" },
	{ "an empty node", BYTES(EMPTY_NAME, END), 10, "" },
	{ "no file", BYTES(ROOT, HD, END), 10, "" },
};

static void the_file_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		const uint8_t *path = files[i].path;
		uint16_t name[11];

		memset(name, 0xaa, sizeof name);
		const size_t got = uefi_path_file(
			path, uefi_path_bytes(path, files[i].size), name, files[i].max);

		if (got != strlen(files[i].want))
			fail_msg("%s: %zu characters", files[i].name, got);
		for (size_t k = 0; k < got; k++)
			if (name[k] != (uint16_t)files[i].want[k])
				fail_msg("%s: character %zu", files[i].name, k);
		assert_int_equal(name[files[i].max], 0xaaaa);
	}
}

static void long_text_is_cut(void **state)
{
	static const uint8_t path[] = { ROOT, PCI(1, 0), USB(1), SCSI, END };
	char whole[128], part[128];
	const size_t bytes = uefi_path_bytes(path, sizeof path);

	(void)state;
	uefi_path_text(path, bytes, whole, sizeof whole);
	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		memset(part, '#', sizeof part);
		uefi_path_text(path, bytes, part, size);
		assert_int_equal(strlen(part), size - 1);
		assert_memory_equal(part, whole, size - 1);
		assert_int_equal(part[size], '#');
	}
	part[0] = '#';
	uefi_path_text(path, bytes, part, 0);
	uefi_path_name(path, bytes, part, 0);
	assert_int_equal(part[0], '#');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_are_told_apart),
		cmocka_unit_test(paths_are_told_apart),
		cmocka_unit_test(malformed_paths_are_none),
		cmocka_unit_test(the_boot_disk_is_found),
		cmocka_unit_test(the_partition_is_found),
		cmocka_unit_test(the_file_is_found),
		cmocka_unit_test(long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
