/* Device-tree fix-ups: what is written, what is thrown out, and what a bare machine's own
 * tree adds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/device_tree.h"
#include "tests/host/kernel_rig.h"
#include "tests/host/test_fit.h"

#define ROOM 0x10000

/* A tree from source, opened with room. */
static uint8_t *open_tree(const char *source, size_t room)
{
	size_t bytes;
	uint8_t *dtb = test_dtb(source, &bytes);
	uint8_t *tree = malloc(bytes + room);

	assert_non_null(tree);
	assert_int_equal(fdt_open_into(dtb, tree, (int)(bytes + room)), 0);
	free(dtb);
	return tree;
}

static const uint8_t *value(const void *tree, const char *path, const char *name,
			    int *len)
{
	const int node = fdt_path_offset(tree, path);

	*len = -1;
	return node < 0 ? NULL : fdt_getprop(tree, node, name, len);
}

static void expect_text(const void *tree, const char *path, const char *name,
			const char *want)
{
	int len;
	const uint8_t *v = value(tree, path, name, &len);

	assert_non_null(v);
	assert_int_equal(len, strlen(want) + 1);
	assert_string_equal((const char *)v, want);
}

static void expect_u64(const void *tree, const char *path, const char *name,
		       uint64_t want)
{
	int len;
	const uint8_t *v = value(tree, path, name, &len);

	assert_non_null(v);
	assert_int_equal(len, 8);
	assert_true(lb_be64(v) == want);
}

static void expect_none(const void *tree, const char *path, const char *name)
{
	int len;

	assert_null(value(tree, path, name, &len));
}

static const char stale_source[] =
	"/dts-v1/; / { chosen { bootargs = \"init=/bin/evil\"; bootargs-append = \"x\";"
	" stdout-path = \"/uart\"; linux,initrd-start = <1>; linux,initrd-end = <2>;"
	" kaslr-seed = <1 2>; rng-seed = <3>; linux,uefi-system-table = <0 1>;"
	" linux,uefi-mmap-start = <0 1>; linux,uefi-mmap-size = <1>;"
	" linux,uefi-mmap-desc-size = <1>; linux,uefi-mmap-desc-ver = <1>;"
	" linux,uefi-secure-boot = <2>; };"
	" firmware { scm { a = <1>; }; lifeboat { mode = \"developer\"; evil; sub { b; "
	"}; }; }; };";

static const char *const stale[] = {
	"bootargs-append",
	"linux,initrd-start",
	"linux,initrd-end",
	"kaslr-seed",
	"rng-seed",
	"linux,uefi-system-table",
	"linux,uefi-mmap-start",
	"linux,uefi-mmap-size",
	"linux,uefi-mmap-desc-size",
	"linux,uefi-mmap-desc-ver",
	"linux,uefi-secure-boot",
};

static void nothing_stale_stays(void **state)
{
	const struct lb_handover handover = { .count = 1,
					      .item = { { "Mode", "normal" } } };
	const struct kernel_dt_facts facts = { .cmdline = "quiet",
					       .handover = &handover };
	uint8_t *tree = open_tree(stale_source, ROOM);

	(void)state;
	assert_int_equal(kernel_dt_fixup(tree, &facts), LB_OK);
	for (size_t i = 0; i < sizeof stale / sizeof stale[0]; i++) {
		print_message("%s\n", stale[i]);
		expect_none(tree, "/chosen", stale[i]);
	}
	expect_text(tree, "/chosen", "bootargs", "quiet");
	expect_text(tree, "/chosen", "stdout-path", "/uart");
	expect_text(tree, "/firmware/lifeboat", "mode", "normal");
	expect_none(tree, "/firmware/lifeboat", "evil");
	assert_true(fdt_path_offset(tree, "/firmware/lifeboat/sub") < 0);
	assert_true(fdt_path_offset(tree, "/firmware/scm") >= 0);
	free(tree);
}

static void everything_is_written(void **state)
{
	const struct lb_handover handover = {
		.count = 3,
		.item = { { "Mode", "recovery" },
			  { "HardwareId", "ACME \xc3\x84 7" },
			  { "Keys", "" } },
	};
	uint8_t kaslr[8], rng[KERNEL_SEED_BYTES];
	memset(kaslr, 0x11, sizeof kaslr);
	memset(rng, 0x22, sizeof rng);
	const struct kernel_dt_facts facts = {
		.cmdline = "",
		.initrd = (const uint8_t *)(uintptr_t)0x123456789000,
		.initrd_bytes = 0x100000001,
		.kaslr_seed = kaslr,
		.rng_seed = rng,
		.handover = &handover,
	};
	uint8_t *tree = open_tree("/dts-v1/; / { };", ROOM);
	int len;

	(void)state;
	/* a second time is no different from the first */
	for (int round = 0; round < 2; round++) {
		assert_int_equal(kernel_dt_fixup(tree, &facts), LB_OK);
		expect_text(tree, "/chosen", "bootargs", "");
		expect_u64(tree, "/chosen", "linux,initrd-start", 0x123456789000);
		expect_u64(tree, "/chosen", "linux,initrd-end", 0x123556789001);
		expect_u64(tree, "/chosen", "kaslr-seed", 0x1111111111111111);
		assert_memory_equal(value(tree, "/chosen", "rng-seed", &len), rng,
				    sizeof rng);
		assert_int_equal(len, sizeof rng);
		expect_text(tree, "/firmware/lifeboat", "compatible",
			    "lifeboat,handover");
		expect_text(tree, "/firmware/lifeboat", "mode", "recovery");
		expect_text(tree, "/firmware/lifeboat", "hardware-id", "ACME \xc3\x84 7");
		expect_text(tree, "/firmware/lifeboat", "keys", "");
	}
	free(tree);
}

static void no_room(void **state)
{
	const struct lb_handover handover = { .count = 1,
					      .item = { { "Mode", "normal" } } };
	char cmdline[200];
	const struct kernel_dt_facts facts = { .cmdline = cmdline,
					       .handover = &handover };

	(void)state;
	memset(cmdline, 'a', sizeof cmdline - 1);
	cmdline[sizeof cmdline - 1] = '\0';
	size_t room;
	for (room = 0; room < 1000; room += 8) {
		uint8_t *tree = open_tree("/dts-v1/; / { };", room);
		const enum lb_status status = kernel_dt_fixup(tree, &facts);
		free(tree);
		if (status == LB_OK)
			break;
		assert_int_equal(status, LB_ERR_FULL);
	}
	assert_in_range(room, 200, 800);
}

static void names(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "Mode", "mode" },
		{ "HardwareId", "hardware-id" },
		{ "A", "a" },
		{ "", "" },
		{ "AbcDefGhi2", "abc-def-ghi2" },
		{ "ABCDEFGHIJKLMNOPQRSTUVW",
		  "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char out[2 * LB_HANDOVER_NAME_BYTES];
		lb_handover_property(rows[i].name, out);
		assert_string_equal(out, rows[i].want);
	}
}

/* --- memory and reservations of a bare machine -------------------------------------- */

static const char firmware_source[] =
	"/dts-v1/; /memreserve/ 0x1000 0x2000; / { #address-cells = <2>; #size-cells = "
	"<2>;"
	" memory@40000000 { device_type = \"memory\"; reg = <0 0x40000000 0 0x10000000>; "
	"};"
	" memory@880000000 { device_type = \"memory\"; reg = <8 0x80000000 1 0>; };"
	" reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;"
	"  secure@4e000000 { reg = <0 0x4e000000 0 0x100000>; no-map; };"
	"  shared@4d000000 { reg = <0 0x4d000000 0 0x1000>; };"
	"  pool { size = <0 0x100000>; }; }; };";

static const char board_source[] =
	"/dts-v1/; /memreserve/ 0x9000 0x1000; / { #address-cells = <2>; #size-cells = "
	"<2>;"
	" memory { device_type = \"memory\"; reg = <0 0 0 0>; };"
	" memory@1 { device_type = \"memory\"; reg = <0 1 0 1>; }; soc { a; };"
	" reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges;"
	"  shared@4d000000 { reg = <0 0x4d000000 0x2000>; }; }; };";

static void memory_is_taken(void **state)
{
	uint8_t *firmware = open_tree(firmware_source, 0);
	uint8_t *tree = open_tree(board_source, ROOM);
	const uint8_t *v;
	uint64_t address, size;
	int len;

	(void)state;
	assert_int_equal(kernel_dt_take_memory(tree, firmware), LB_OK);
	assert_int_equal(fdt_check_full(tree, fdt_totalsize(tree)), 0);
	assert_true(fdt_path_offset(tree, "/memory@1") < 0);
	v = value(tree, "/memory@40000000", "reg", &len);
	assert_int_equal(len, 16);
	assert_true(lb_be64(v) == 0x40000000 && lb_be64(v + 8) == 0x10000000);
	v = value(tree, "/memory@880000000", "reg", &len);
	assert_true(lb_be64(v) == 0x880000000 && lb_be64(v + 8) == 0x100000000);
	expect_text(tree, "/memory@880000000", "device_type", "memory");
	assert_true(fdt_path_offset(tree, "/soc") >= 0);

	/* its own reservation and the firmware's */
	assert_int_equal(fdt_num_mem_rsv(tree), 2);
	assert_int_equal(fdt_get_mem_rsv(tree, 0, &address, &size), 0);
	assert_true(address == 0x9000 && size == 0x1000);
	assert_int_equal(fdt_get_mem_rsv(tree, 1, &address, &size), 0);
	assert_true(address == 0x1000 && size == 0x2000);

	/* in the cells of the tree's own node; what both have stays as the tree says */
	v = value(tree, "/reserved-memory/secure@4e000000", "reg", &len);
	assert_int_equal(len, 12);
	assert_true(lb_be64(v) == 0x4e000000 && lb_be32(v + 8) == 0x100000);
	assert_non_null(value(tree, "/reserved-memory/secure@4e000000", "no-map", &len));
	v = value(tree, "/reserved-memory/shared@4d000000", "reg", &len);
	assert_true(lb_be32(v + 8) == 0x2000);
	assert_true(fdt_path_offset(tree, "/reserved-memory/pool") < 0);
	free(tree);
	free(firmware);
}

static void memory_cases(void **state)
{
	static const struct {
		const char *name, *firmware, *board;
		enum lb_status want;
		const char *node; /* that must be there */
	} rows[] = {
		{ "nothing to take", "/dts-v1/; / { };",
		  "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>;"
		  " memory@5 { device_type = \"memory\"; reg = <5 5>; }; };",
		  LB_OK, "/memory@5" },
		{ "no reserved-memory yet", firmware_source,
		  "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; };", LB_OK,
		  "/reserved-memory/secure@4e000000" },
		{ "too few cells for the address", firmware_source,
		  "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; };",
		  LB_ERR_RANGE, NULL },
		{ "three cells",
		  "/dts-v1/; / { #address-cells = <3>; #size-cells = <1>;"
		  " memory@5 { device_type = \"memory\"; reg = <0 0 5 5>; }; };",
		  "/dts-v1/; / { };", LB_ERR_RANGE, NULL },
		{ "half a range",
		  "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>;"
		  " memory@5 { device_type = \"memory\"; reg = <5 5 5>; }; };",
		  "/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; };",
		  LB_ERR_RANGE, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("%s\n", rows[i].name);
		uint8_t *firmware = open_tree(rows[i].firmware, 0);
		uint8_t *tree = open_tree(rows[i].board, ROOM);
		assert_int_equal(kernel_dt_take_memory(tree, firmware), rows[i].want);
		if (rows[i].node != NULL)
			assert_true(fdt_path_offset(tree, rows[i].node) >= 0);
		free(tree);
		free(firmware);
	}
}

/* --- in a whole preparation --------------------------------------------------------- */

static uint8_t arm64[RIG_ARM64_BYTES], initrd[1000];

/* Places a FIT with a stale tree; the caller releases. */
static void place(struct kernel_rig *rig, bool uefi, bool random, bool dry)
{
	size_t bytes;
	uint8_t *tree = test_dtb(stale_source, &bytes);
	rig_make_arm64(arm64, true);
	const struct test_image images[] = {
		{ "kernel", "kernel", "arm64", "linux", "none", arm64, sizeof arm64,
		  true },
		{ "initrd", "ramdisk", "arm64", "linux", "none", initrd, sizeof initrd,
		  true },
		{ "tree", "flat_dt", "arm64", NULL, "none", tree, bytes, true },
	};
	const struct test_configuration c = {
		.name = "c", .kernel = "kernel", .ramdisk = "initrd", .fdt = { "tree" }
	};
	struct test_fit *fit = test_fit_make(images, 3, &c, 1, NULL);

	kernel_rig_init(rig, PLATFORM_CPU_AARCH64, uefi);
	rig->handover.count = 1;
	strcpy(rig->handover.item[0].name, "Mode");
	strcpy(rig->handover.item[0].value, "normal");
	if (!random)
		rig->host->random_status = LB_ERR_UNSUPPORTED;
	rig->context.dry_run = dry;
	kernel_rig_body(rig, fit->data, fit->bytes, "quiet", NULL, 0);
	assert_int_equal(kernel_rig_place(rig), LB_REASON_OK);
	free(fit);
	free(tree);
}

static void by_start(void **state)
{
	static const struct {
		const char *name;
		bool uefi, random, dry;
		bool initrd, seeds;
	} rows[] = {
		{ "bare metal", false, true, false, true, true },
		{ "bare metal without random source", false, false, false, true, false },
		{ "EFI stub", true, true, false, false, true },
		{ "dry run", false, true, true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct kernel_rig rig;
		int len;

		print_message("%s\n", rows[i].name);
		place(&rig, rows[i].uefi, rows[i].random, rows[i].dry);
		const struct kernel_layout *l = &rig.prepared.layout;
		expect_text(l->device_tree, "/chosen", "bootargs", "quiet");
		expect_text(l->device_tree, "/firmware/lifeboat", "mode", "normal");
		if (rows[i].initrd) {
			expect_u64(l->device_tree, "/chosen", "linux,initrd-start",
				   (uintptr_t)l->initrd);
			expect_u64(l->device_tree, "/chosen", "linux,initrd-end",
				   (uintptr_t)l->initrd + sizeof initrd);
		} else {
			expect_none(l->device_tree, "/chosen", "linux,initrd-start");
			expect_none(l->device_tree, "/chosen", "linux,initrd-end");
		}
		assert_true((value(l->device_tree, "/chosen", "kaslr-seed", &len) !=
			     NULL) == rows[i].seeds);
		assert_int_equal(len, rows[i].seeds ? 8 : -FDT_ERR_NOTFOUND);
		assert_true((value(l->device_tree, "/chosen", "rng-seed", &len) !=
			     NULL) == rows[i].seeds);
		kernel_rig_release(&rig);
	}
}

/* Two starts, two seeds. */
static void seeds_are_new(void **state)
{
	uint64_t seen[2];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kernel_rig rig;
		int len;

		place(&rig, false, true, false);
		if (i == 1) { /* again on the same machine */
			assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
		}
		seen[i] = lb_be64(value(rig.prepared.layout.device_tree, "/chosen",
					"kaslr-seed", &len));
		kernel_rig_release(&rig);
	}
	assert_true(seen[0] != seen[1]);
}

/* A log of an earlier stage is replaced, and Linux keeps off the memory of ours. */
static void log_of_the_tpm(void **state)
{
	static const char *const sources[] = {
		"/dts-v1/; / { bus { tpm@0 { compatible = \"tcg,tpm-tis-mmio\";"
		" linux,sml-base = <1 2>; linux,sml-size = <3>; }; }; };",
		"/dts-v1/; / { bus { tpm@0 { compatible = \"other,tpm\"; }; }; };",
	};
	const struct lb_handover handover = { .count = 0 };
	struct kernel_dt_facts facts = { .cmdline = "",
					 .handover = &handover,
					 .tpm_log = (const uint8_t *)0x123456000,
					 .tpm_log_bytes = 0x10000 };
	uint64_t address, size;
	int len;

	(void)state;
	uint8_t *tree = open_tree(sources[0], ROOM);

	assert_int_equal(kernel_dt_fixup(tree, &facts), LB_OK);
	expect_u64(tree, "/bus/tpm@0", "linux,sml-base", 0x123456000);
	assert_memory_equal(value(tree, "/bus/tpm@0", "linux,sml-size", &len), "\0\1\0\0",
			    4);
	assert_int_equal(len, 4);
	assert_int_equal(fdt_num_mem_rsv(tree), 1);
	assert_int_equal(fdt_get_mem_rsv(tree, 0, &address, &size), 0);
	assert_true(address == 0x123456000 && size == 0x10000);
	free(tree);

	tree = open_tree(sources[1], ROOM);
	assert_int_equal(kernel_dt_fixup(tree, &facts), LB_OK);
	expect_none(tree, "/bus/tpm@0", "linux,sml-base");
	assert_int_equal(fdt_num_mem_rsv(tree), 0);
	free(tree);

	facts.tpm_log = NULL;
	tree = open_tree(sources[0], ROOM);
	assert_int_equal(kernel_dt_fixup(tree, &facts), LB_OK);
	expect_u64(tree, "/bus/tpm@0", "linux,sml-base", 0x100000002);
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_stale_stays),
		cmocka_unit_test(everything_is_written),
		cmocka_unit_test(no_room),
		cmocka_unit_test(names),
		cmocka_unit_test(memory_is_taken),
		cmocka_unit_test(memory_cases),
		cmocka_unit_test(by_start),
		cmocka_unit_test(seeds_are_new),
		cmocka_unit_test(log_of_the_tpm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
