/* The device tree as the bare-metal loader reads it: trees made with libfdt's writer, as
 * boards have them and as nobody should have them. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "boot/bare/fdt.h"
#include "base/bytes.h"
#include "boot/bare/devices.h"

#define TREE_BYTES 16384

struct tree {
	_Alignas(8) uint8_t bytes[TREE_BYTES];
	struct bare_fdt fdt;
};

static int set_up(void **state)
{
	struct tree *t = aligned_alloc(16, sizeof(*t) + 16 - sizeof(*t) % 16);

	assert_int_equal(fdt_create_empty_tree(t->bytes, TREE_BYTES), 0);
	assert_int_equal(fdt_setprop_u32(t->bytes, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(t->bytes, 0, "#size-cells", 2), 0);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void node(struct tree *t, const char *parent, const char *name)
{
	const int at = fdt_path_offset(t->bytes, parent);

	assert_true(at >= 0);
	assert_true(fdt_add_subnode(t->bytes, at, name) >= 0);
}

static void cells(struct tree *t, const char *path, const char *name, size_t count,
		  const uint32_t *values)
{
	uint8_t bytes[64];

	assert_true(count * 4 <= sizeof(bytes));
	for (size_t i = 0; i < count; i++)
		lb_put_be32(bytes + 4 * i, values[i]);
	assert_int_equal(fdt_setprop(t->bytes, fdt_path_offset(t->bytes, path), name,
				     bytes, (int)(count * 4)),
			 0);
}

#define CELLS(t, path, name, ...)                                                        \
	cells(t, path, name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4,                    \
	      (uint32_t[]){ __VA_ARGS__ })

static void text(struct tree *t, const char *path, const char *name, const char *value)
{
	assert_int_equal(fdt_setprop(t->bytes, fdt_path_offset(t->bytes, path), name,
				     value, (int)strlen(value) + 1),
			 0);
}

static int offset(const struct tree *t, const char *path)
{
	const int at = fdt_path_offset(t->bytes, path);

	assert_true(at >= 0);
	return at;
}

static void opened(struct tree *t)
{
	assert_int_equal(bare_fdt_open(t->bytes, &t->fdt), LB_OK);
}

static void memory_node(struct tree *t, const char *name)
{
	char path[64] = "/";

	node(t, "/", name);
	strcat(path, name);
	text(t, path, "device_type", "memory");
}

/* --- the whole tree ----------------------------------------------------------------- */

static void what_is_not_a_tree(void **state)
{
	struct tree *t = *state;
	struct bare_fdt fdt;

	assert_int_equal(bare_fdt_open(NULL, &fdt), LB_ERR_ARGUMENT);
	assert_int_equal(bare_fdt_open(t->bytes + 4, &fdt), LB_ERR_ARGUMENT);
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_OK);
	assert_int_equal(fdt.bytes, TREE_BYTES);

	lb_put_be32(t->bytes + 4, 39); /* totalsize */
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_ERR_RANGE);
	lb_put_be32(t->bytes + 4, BARE_FDT_MAX_BYTES + 1);
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_ERR_RANGE);
	lb_put_be32(t->bytes + 4, TREE_BYTES);
	lb_put_be32(t->bytes + 8, TREE_BYTES + 8); /* off_dt_struct */
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_ERR_RANGE);
	t->bytes[0] = 0;
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_ERR_MAGIC);
}

/* libfdt would load cells from addresses that fault while the MMU is off. */
static void parts_that_are_not_aligned(void **state)
{
	struct tree *t = *state;
	struct bare_fdt fdt;
	const uint32_t at_struct = lb_be32(t->bytes + 8),
		       at_reserved = lb_be32(t->bytes + 16);

	lb_put_be32(t->bytes + 8, at_struct + 1);
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_ERR_RANGE);
	lb_put_be32(t->bytes + 8, at_struct);
	lb_put_be32(t->bytes + 16, at_reserved + 4);
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_ERR_RANGE);
	lb_put_be32(t->bytes + 16, at_reserved);
	assert_int_equal(bare_fdt_open(t->bytes, &fdt), LB_OK);
}

/* --- memory ------------------------------------------------------------------------- */

static void memory_of_several_nodes(void **state)
{
	struct tree *t = *state;
	struct bare_ranges ram;

	memory_node(t, "memory@40000000");
	CELLS(t, "/memory@40000000", "reg", 0, 0x40000000, 0, 0x10000000, 1, 0, 0,
	      0x80000000);
	memory_node(t, "memory@50000000"); /* touches the first */
	CELLS(t, "/memory@50000000", "reg", 0, 0x50000000, 0, 0x1000800);
	memory_node(t, "secram@e000000"); /* not for us */
	CELLS(t, "/secram@e000000", "reg", 0, 0xe000000, 0, 0x1000000);
	text(t, "/secram@e000000", "status", "disabled");
	node(t, "/", "device@1000");
	CELLS(t, "/device@1000", "reg", 0, 0x1000, 0, 0x1000);
	opened(t);
	assert_int_equal(bare_fdt_memory(&t->fdt, &ram), LB_OK);
	assert_int_equal(ram.count, 2);
	assert_int_equal(ram.at[0].base, 0x40000000);
	assert_int_equal(ram.at[0].bytes, 0x11000000); /* whole pages only */
	assert_true(ram.at[1].base == 0x100000000 && ram.at[1].bytes == 0x80000000);
}

static void memory_that_makes_no_sense(void **state)
{
	struct tree *t = *state;
	struct bare_ranges ram = { .count = 77 };

	opened(t);
	assert_int_equal(bare_fdt_memory(&t->fdt, &ram), LB_ERR_NOT_FOUND);
	memory_node(t, "memory@0");
	CELLS(t, "/memory@0", "reg", 0xffffffff, 0xfffff000, 0, 0x1001);
	assert_int_equal(bare_fdt_memory(&t->fdt, &ram), LB_ERR_RANGE);
	CELLS(t, "/memory@0", "reg", 0, 0x1000, 0, 0);
	assert_int_equal(bare_fdt_memory(&t->fdt, &ram), LB_ERR_NOT_FOUND);
	CELLS(t, "/memory@0", "reg", 0, 0x1000, 0); /* not a whole entry */
	assert_int_equal(bare_fdt_memory(&t->fdt, &ram), LB_ERR_NOT_FOUND);
	assert_int_equal(ram.count, 77);
}

static void reserved_memory_is_kept(void **state)
{
	struct tree *t = *state;
	struct bare_ranges ram;

	memory_node(t, "memory@40000000");
	CELLS(t, "/memory@40000000", "reg", 0, 0x40000000, 0, 0x10000000);
	node(t, "/", "reserved-memory");
	CELLS(t, "/reserved-memory", "#address-cells", 2);
	CELLS(t, "/reserved-memory", "#size-cells", 1);
	assert_int_equal(
		fdt_setprop_empty(t->bytes, offset(t, "/reserved-memory"), "ranges"), 0);
	node(t, "/reserved-memory", "monitor@41000000");
	CELLS(t, "/reserved-memory/monitor@41000000", "reg", 0, 0x41000000, 0x200000);
	assert_int_equal(fdt_setprop_empty(t->bytes,
					   offset(t, "/reserved-memory/monitor@41000000"),
					   "no-map"),
			 0);
	node(t, "/reserved-memory", "log@42000800");
	CELLS(t, "/reserved-memory/log@42000800", "reg", 0, 0x42000800, 0x1000);
	node(t, "/reserved-memory", "pool"); /* placed by the kernel, not by us */
	CELLS(t, "/reserved-memory/pool", "size", 0x100000);
	assert_int_equal(fdt_add_mem_rsv(t->bytes, 0x4f000000, 0x123), 0);
	opened(t);

	assert_int_equal(bare_fdt_memory(&t->fdt, &ram), LB_OK);
	assert_false(bare_ranges_contain(&ram, 0x41000000, 1)); /* not even mapped */
	assert_false(bare_ranges_contain(&ram, 0x411fffff, 1));
	assert_true(bare_ranges_contain(&ram, 0x42000000, 0x2000));
	assert_true(bare_ranges_contain(&ram, 0x4f000000, 0x1000));
	/* The tree lies in memory of its own on a board; here its place is added. */
	const uint64_t tree = (uintptr_t)t->bytes & ~(uint64_t)0xfff;
	assert_int_equal(bare_ranges_add(&ram, tree, TREE_BYTES + 0x2000), LB_OK);

	assert_int_equal(bare_fdt_take_reserved(&t->fdt, &ram), LB_OK);
	assert_false(bare_ranges_contain(&ram, 0x42000000, 1)); /* whole pages */
	assert_false(bare_ranges_contain(&ram, 0x42001fff, 1));
	assert_true(bare_ranges_contain(&ram, 0x42002000, 1));
	assert_false(bare_ranges_contain(&ram, 0x4f000fff, 1));
	assert_true(bare_ranges_contain(&ram, 0x4f001000, 1));
	assert_false(bare_ranges_contain(&ram, (uintptr_t)t->bytes, 1));
	assert_false(bare_ranges_contain(&ram, (uintptr_t)t->bytes + TREE_BYTES - 1, 1));
}

/* --- addresses through buses -------------------------------------------------------- */

static void a_soc(struct tree *t)
{
	node(t, "/", "soc");
	CELLS(t, "/soc", "#address-cells", 1);
	CELLS(t, "/soc", "#size-cells", 1);
	/* 7e000000 is at 3f000000; 40000000 at 1_40000000 */
	CELLS(t, "/soc", "ranges", 0x7e000000, 0, 0x3f000000, 0x1000000, 0x40000000, 1,
	      0x40000000, 0x1000);
	node(t, "/soc", "serial@7e201000");
	CELLS(t, "/soc/serial@7e201000", "reg", 0x7e201000, 0x1000);
}

static void addresses_go_through_buses(void **state)
{
	static const struct {
		const char *name;
		uint32_t reg[2];
		enum lb_status status;
		uint64_t want;
	} rows[] = {
		{ "first range", { 0x7e201000, 0x1000 }, LB_OK, 0x3f201000 },
		{ "second range", { 0x40000800, 0x100 }, LB_OK, 0x140000800 },
		{ "end of a range", { 0x7efff000, 0x1000 }, LB_OK, 0x3ffff000 },
		{ "over the end", { 0x7efff000, 0x1001 }, LB_ERR_NOT_FOUND, 0 },
		{ "in none", { 0x10000000, 0x1000 }, LB_ERR_NOT_FOUND, 0 },
	};
	struct tree *t = *state;

	a_soc(t);
	opened(t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t base = 0, bytes;

		print_message("%s\n", rows[i].name);
		CELLS(t, "/soc/serial@7e201000", "reg", rows[i].reg[0], rows[i].reg[1]);
		assert_int_equal(bare_fdt_reg(&t->fdt, offset(t, "/soc/serial@7e201000"),
					      0, &base, &bytes),
				 rows[i].status);
		assert_true(base == rows[i].want);
		if (rows[i].status == LB_OK)
			assert_int_equal(bytes, rows[i].reg[1]);
	}
}

static void buses_that_lead_nowhere(void **state)
{
	struct tree *t = *state;
	uint64_t base, bytes;

	a_soc(t);
	opened(t);
	const char *serial = "/soc/serial@7e201000";

	assert_int_equal(bare_fdt_reg(&t->fdt, offset(t, serial), 1, &base, &bytes),
			 LB_ERR_NOT_FOUND);
	assert_int_equal(bare_fdt_reg(&t->fdt, 0, 0, &base, &bytes), LB_ERR_NOT_FOUND);
	/* Not memory mapped: an I2C bus has no ranges. */
	assert_int_equal(fdt_delprop(t->bytes, offset(t, "/soc"), "ranges"), 0);
	assert_int_equal(bare_fdt_reg(&t->fdt, offset(t, serial), 0, &base, &bytes),
			 LB_ERR_NOT_FOUND);
	/* Empty ranges: the same addresses. */
	assert_int_equal(fdt_setprop_empty(t->bytes, offset(t, "/soc"), "ranges"), 0);
	assert_int_equal(bare_fdt_reg(&t->fdt, offset(t, serial), 0, &base, &bytes),
			 LB_OK);
	assert_int_equal(base, 0x7e201000);
	/* An address of three cells that does not fit 64 bits. */
	CELLS(t, "/soc", "#address-cells", 3);
	CELLS(t, serial, "reg", 1, 0, 0, 0x1000);
	assert_int_equal(bare_fdt_reg(&t->fdt, offset(t, serial), 0, &base, &bytes),
			 LB_ERR_RANGE);
	CELLS(t, "/soc", "#address-cells", 0x7fffffff);
	assert_int_equal(bare_fdt_reg(&t->fdt, offset(t, serial), 0, &base, &bytes),
			 LB_ERR_RANGE);
}

/* --- devices ------------------------------------------------------------------------ */

static void nodes_in_order_without_the_disabled(void **state)
{
	struct tree *t = *state;
	char path[PLATFORM_DISK_PATH_BYTES];

	/* libfdt adds a subnode before those that are there: order is last to first. */
	node(t, "/", "c");
	text(t, "/c", "compatible", "virtio,mmio");
	node(t, "/", "b");
	text(t, "/b", "compatible", "virtio,mmio");
	text(t, "/b", "status", "disabled");
	node(t, "/", "a");
	text(t, "/a", "compatible", "virtio,mmio");
	text(t, "/a", "status", "okay");
	node(t, "/", "off");
	text(t, "/off", "status", "fail");
	node(t, "/off", "inside");
	text(t, "/off/inside", "compatible", "virtio,mmio");
	opened(t);

	int at = bare_fdt_next(&t->fdt, -1, "virtio,mmio");
	bare_fdt_path(&t->fdt, at, path, sizeof(path));
	assert_string_equal(path, "/a");
	at = bare_fdt_next(&t->fdt, at, "virtio,mmio");
	bare_fdt_path(&t->fdt, at, path, sizeof(path));
	assert_string_equal(path, "/c");
	assert_int_equal(bare_fdt_next(&t->fdt, at, "virtio,mmio"), -1);
	assert_int_equal(bare_fdt_next(&t->fdt, -1, "virtio"), -1);
}

static int console(const struct tree *t)
{
	const struct bare_driver *driver;
	const int node = bare_device_console(&t->fdt, &driver);

	if (node < 0)
		assert_null(driver);
	else
		assert_string_equal(driver->compatible, "arm,pl011");
	return node;
}

/* In the order of the tree, not of the table; for each its own driver. */
static void devices_of_the_table(void **state)
{
	static const char both[] = "maker,uart\0arm,pl011";
	const struct bare_driver *driver;
	struct tree *t = *state;

	node(t, "/", "disk@2");
	text(t, "/disk@2", "compatible", "virtio,mmio");
	node(t, "/", "off@1");
	text(t, "/off@1", "compatible", "virtio,mmio");
	text(t, "/off@1", "status", "disabled");
	node(t, "/", "disk@1");
	text(t, "/disk@1", "compatible", "virtio,mmio");
	node(t, "/", "tpm@3");
	text(t, "/tpm@3", "compatible", "tcg,tpm-tis-mmio");
	node(t, "/", "serial@1");
	assert_int_equal(fdt_setprop(t->bytes, offset(t, "/serial@1"), "compatible", both,
				     sizeof both),
			 0);
	opened(t);

	int at = bare_device_next(&t->fdt, -1, BARE_BLOCK, &driver);

	assert_int_equal(at, offset(t, "/disk@1"));
	assert_non_null(driver->block);
	at = bare_device_next(&t->fdt, at, BARE_BLOCK, &driver);
	assert_int_equal(at, offset(t, "/disk@2"));
	assert_int_equal(bare_device_next(&t->fdt, at, BARE_BLOCK, &driver), -1);
	assert_null(driver);
	assert_int_equal(bare_device_next(&t->fdt, -1, BARE_SERIAL, &driver),
			 offset(t, "/serial@1"));
	assert_non_null(driver->serial);
	assert_int_equal(bare_device_next(&t->fdt, -1, BARE_TPM, &driver),
			 offset(t, "/tpm@3"));
	assert_int_equal(driver->kind, BARE_TPM);
	assert_null(bare_driver_of(&t->fdt, offset(t, "/tpm@3"), BARE_BLOCK));
}

static void what_a_device_reaches(void **state)
{
	struct bare_dma_window w;
	struct tree *t = *state;

	node(t, "/", "soc");
	CELLS(t, "/soc", "#address-cells", 1);
	CELLS(t, "/soc", "#size-cells", 1);
	node(t, "/soc", "disk@1");
	opened(t);

	/* Nothing said: all of it, where it is. */
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/disk@1"), &w),
			 LB_OK);
	assert_true(w.cpu == 0 && w.device == 0 && w.bytes == UINT64_MAX);
	/* A Raspberry Pi 3: RAM is at 0xc0000000 for devices. */
	CELLS(t, "/soc", "dma-ranges", 0xc0000000, 0, 0, 0x3f000000);
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/disk@1"), &w),
			 LB_OK);
	assert_true(w.cpu == 0 && w.device == 0xc0000000 && w.bytes == 0x3f000000);
	/* Of several the largest, also where only its end is reached. */
	CELLS(t, "/soc", "dma-ranges", 0, 0, 0x1000, 0x1000, 0x1000, 0x80, 0, 0x40000000);
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/disk@1"), &w),
			 LB_OK);
	assert_true(w.cpu == 0x8000000000 && w.device == 0x1000 && w.bytes == 0x40000000);
	/* Cells that make no address, ranges of nothing, and ends that wrap. */
	CELLS(t, "/soc", "dma-ranges", 0, 0, 0, 0);
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/disk@1"), &w),
			 LB_ERR_RANGE);
	CELLS(t, "/soc", "dma-ranges", 0, 0xffffffff, 0xffff0000, 0x20000);
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/disk@1"), &w),
			 LB_ERR_RANGE);
	CELLS(t, "/soc", "#size-cells", 0);
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/disk@1"), &w),
			 LB_ERR_RANGE);
}

/* Two buses, one behind the other; the outer one has PCI's three cells. */
static void what_is_left_of_two_windows(void **state)
{
	struct bare_dma_window w;
	struct tree *t = *state;

	node(t, "/", "soc");
	CELLS(t, "/soc", "#address-cells", 2);
	CELLS(t, "/soc", "#size-cells", 2);
	CELLS(t, "/soc", "dma-ranges", 0, 0x1000000, 0, 0x41000000, 0, 0x2000000);
	node(t, "/soc", "pcie");
	CELLS(t, "/soc/pcie", "#address-cells", 3);
	CELLS(t, "/soc/pcie", "#size-cells", 2);
	CELLS(t, "/soc/pcie", "dma-ranges", 0x02000000, 0, 0x80000000, 0, 0x800000, 0,
	      0x10000000);
	node(t, "/soc/pcie", "disk@1");
	opened(t);

	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/pcie/disk@1"), &w),
			 LB_OK);
	/* 0x80000000 is the bus's 0x800000; of that what lies in 0x1000000..0x3000000. */
	assert_true(w.cpu == 0x41000000 && w.device == 0x80800000 &&
		    w.bytes == 0x2000000);
	CELLS(t, "/soc", "dma-ranges", 0, 0x20000000, 0, 0x41000000, 0, 0x2000000);
	assert_int_equal(bare_fdt_dma_window(&t->fdt, offset(t, "/soc/pcie/disk@1"), &w),
			 LB_ERR_RANGE);
}

static void the_console(void **state)
{
	struct tree *t = *state;

	node(t, "/", "serial@2");
	text(t, "/serial@2", "compatible", "arm,pl011");
	node(t, "/", "serial@1");
	text(t, "/serial@1", "compatible", "arm,pl011");
	node(t, "/", "other@3");
	text(t, "/other@3", "compatible", "ns16550");
	node(t, "/", "aliases");
	text(t, "/aliases", "serial0", "/serial@2");
	node(t, "/", "chosen");
	opened(t);

	assert_int_equal(console(t), offset(t, "/serial@1")); /* the first */
	text(t, "/chosen", "stdout-path", "/serial@2");
	assert_int_equal(console(t), offset(t, "/serial@2"));
	text(t, "/chosen", "stdout-path", "serial0:115200n8");
	assert_int_equal(console(t), offset(t, "/serial@2"));
	text(t, "/chosen", "stdout-path", "/other@3"); /* no driver for it */
	assert_int_equal(console(t), offset(t, "/serial@1"));
	/* Without its NUL, and naming nothing. */
	assert_int_equal(
		fdt_setprop(t->bytes, offset(t, "/chosen"), "stdout-path", "/serial", 7),
		0);
	assert_int_equal(console(t), offset(t, "/serial@1"));
	assert_int_equal(fdt_setprop_empty(t->bytes, offset(t, "/chosen"), "stdout-path"),
			 0);
	assert_int_equal(console(t), offset(t, "/serial@1"));
}

static void clock_psci_and_coherence(void **state)
{
	struct tree *t = *state;

	node(t, "/", "serial@1");
	node(t, "/", "clock");
	text(t, "/clock", "compatible", "fixed-clock");
	CELLS(t, "/clock", "phandle", 7);
	CELLS(t, "/clock", "clock-frequency", 24000000);
	node(t, "/", "psci");
	opened(t);

	assert_int_equal(bare_fdt_clock_hz(&t->fdt, offset(t, "/serial@1")), 0);
	CELLS(t, "/serial@1", "clocks", 7, 9);
	assert_int_equal(bare_fdt_clock_hz(&t->fdt, offset(t, "/serial@1")), 24000000);
	CELLS(t, "/serial@1", "clocks", 0xffffffff);
	assert_int_equal(bare_fdt_clock_hz(&t->fdt, offset(t, "/serial@1")), 0);

	assert_int_equal(bare_fdt_psci(&t->fdt), BARE_PSCI_NONE);
	text(t, "/psci", "compatible", "arm,psci-0.2");
	assert_int_equal(bare_fdt_psci(&t->fdt), BARE_PSCI_NONE);
	text(t, "/psci", "method", "smc");
	assert_int_equal(bare_fdt_psci(&t->fdt), BARE_PSCI_SMC);
	text(t, "/psci", "method", "hvc");
	assert_int_equal(bare_fdt_psci(&t->fdt), BARE_PSCI_HVC);
	text(t, "/psci", "compatible", "arm,psci"); /* 0.1 has no reset */
	assert_int_equal(bare_fdt_psci(&t->fdt), BARE_PSCI_NONE);

	assert_false(bare_fdt_dma_coherent(&t->fdt, offset(t, "/serial@1")));
	assert_int_equal(fdt_setprop_empty(t->bytes, 0, "dma-coherent"), 0);
	assert_true(bare_fdt_dma_coherent(&t->fdt, offset(t, "/serial@1")));
	assert_int_equal(
		fdt_setprop_empty(t->bytes, offset(t, "/serial@1"), "dma-noncoherent"),
		0);
	assert_false(bare_fdt_dma_coherent(&t->fdt, offset(t, "/serial@1")));
}

static void machine_names(void **state)
{
	static const char names[] =
		"maker,board-2\0maker,board\0"
		"a-name-that-is-longer-than-the-sixty-three-characters-"
		"there-is-room-for\0maker,soc";
	struct tree *t = *state;
	struct platform_machine machine = { .cpu = PLATFORM_CPU_AARCH64 };

	assert_int_equal(fdt_setprop(t->bytes, 0, "compatible", names, sizeof(names)), 0);
	opened(t);
	bare_fdt_machine(&t->fdt, &machine);
	assert_int_equal(machine.compatible_count, 3);
	assert_string_equal(machine.compatible[0], "maker,board-2");
	assert_string_equal(machine.compatible[1], "maker,board");
	assert_string_equal(machine.compatible[2], "maker,soc");
	assert_ptr_equal(machine.device_tree, t->bytes);
	assert_int_equal(machine.device_tree_bytes, TREE_BYTES);
}

static void memory_is_kept_from_the_kernel(void **state)
{
	struct tree *t = *state;
	const struct bare_range held[] = { { 0x40201000, 0x41000 },
					   { UINT64_C(0x900000000), 0x1000 } };
	uint64_t base, bytes;

	assert_int_equal(fdt_pack(t->bytes), 0);
	const size_t packed = fdt_totalsize(t->bytes);

	assert_int_equal(bare_fdt_reserve(t->bytes, packed, &held[0]), LB_ERR_FULL);
	assert_int_equal(fdt_num_mem_rsv(t->bytes), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(bare_fdt_reserve(t->bytes, packed + 64, &held[i]),
				 LB_OK);
	assert_int_equal(bare_fdt_reserve(t->bytes, packed + 64, &held[0]), LB_ERR_FULL);
	assert_int_equal(fdt_check_full(t->bytes, packed + 64), 0);
	assert_int_equal(fdt_num_mem_rsv(t->bytes), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fdt_get_mem_rsv(t->bytes, i, &base, &bytes), 0);
		assert_true(base == held[i].base && bytes == held[i].bytes);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_a_tree),
		TEST(parts_that_are_not_aligned),
		TEST(memory_of_several_nodes),
		TEST(memory_that_makes_no_sense),
		TEST(reserved_memory_is_kept),
		TEST(addresses_go_through_buses),
		TEST(buses_that_lead_nowhere),
		TEST(nodes_in_order_without_the_disabled),
		TEST(the_console),
		TEST(clock_psci_and_coherence),
		TEST(devices_of_the_table),
		TEST(what_a_device_reaches),
		TEST(what_is_left_of_two_windows),
		TEST(machine_names),
		TEST(memory_is_kept_from_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
