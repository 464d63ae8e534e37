/* FITs as people make them: choice of the configuration, kernels of both CPUs in all
 * compressions, initrd, device trees and overlays; and what is wrong with bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "base/bytes.h"
#include "boot/kernel/fit.h"
#include "tests/host/kernel_rig.h"
#include "tests/host/test_fit.h"

#define INITRD_BYTES 5000u

static uint8_t bzimage[RIG_BZIMAGE_BYTES], arm64[RIG_ARM64_BYTES],
	arm64_plain[RIG_ARM64_BYTES];
static uint8_t initrd[INITRD_BYTES];

static int make_kernels(void **state)
{
	(void)state;
	rig_make_bzimage(bzimage);
	rig_make_arm64(arm64, true);
	rig_make_arm64(arm64_plain, false);
	memset(initrd, 0x77, sizeof initrd);
	return 0;
}

#define KERNEL_X86                                                                       \
	{                                                                                \
		"kernel", "kernel", "x86_64", "linux", "none", bzimage, sizeof bzimage,  \
			false                                                            \
	}
#define KERNEL_ARM                                                                       \
	{                                                                                \
		"kernel", "kernel", "arm64", "linux", "none", arm64, sizeof arm64, false \
	}

/* --- choice of the configuration ---------------------------------------------------- */

#define BOARDS "acme,board-rev2", "acme,board", "acme"

static const struct {
	const char *name;
	const char *compatible[4], *vendor, *product, *hardware_id;
	struct test_configuration configurations[3];
	size_t count;
	const char *by_default;
	const char *want; /* name; NULL: refused */
	enum lb_reason reason;
} choices[] = {
	{ "by compatible",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "other" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "acme,board" } } },
	  2,
	  "a",
	  "b",
	  LB_REASON_OK },
	{ "the more specific wins",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "acme" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "acme,board-rev2" } },
	    { .name = "c", .kernel = "kernel", .compatible = { "acme,board" } } },
	  3,
	  NULL,
	  "b",
	  LB_REASON_OK },
	{ "any string of a configuration counts",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "acme" } },
	    { .name = "b",
	      .kernel = "kernel",
	      .compatible = { "x", "y", "acme,board-rev2" } } },
	  2,
	  "a",
	  "b",
	  LB_REASON_OK },
	{ "first in the tree among equals",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "acme" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "acme" } } },
	  2,
	  "b",
	  "a",
	  LB_REASON_OK },
	{ "no part of a word",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "acme,boar" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "acme,board2" } } },
	  2,
	  NULL,
	  NULL,
	  LB_REASON_NO_CONFIGURATION },
	{ "default when nothing fits",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "other" } },
	    { .name = "b", .kernel = "kernel" } },
	  2,
	  "b",
	  "b",
	  LB_REASON_OK },
	{ "the only one when nothing fits",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "other" } } },
	  1,
	  NULL,
	  "a",
	  LB_REASON_OK },
	{ "two and no default",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel" }, { .name = "b", .kernel = "kernel" } },
	  2,
	  NULL,
	  NULL,
	  LB_REASON_NO_CONFIGURATION },
	{ "none",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a" } },
	  0,
	  NULL,
	  NULL,
	  LB_REASON_NO_CONFIGURATION },
	{ "default that is not there",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel" } },
	  1,
	  "b",
	  NULL,
	  LB_REASON_FIT_DAMAGED },
	{ "no kernel in it",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a" } },
	  1,
	  "a",
	  NULL,
	  LB_REASON_FIT_DAMAGED },
	{ "kernel that is not there",
	  { BOARDS },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel2" } },
	  1,
	  "a",
	  NULL,
	  LB_REASON_FIT_DAMAGED },
	{ "PC: vendor and product",
	  { NULL },
	  "ACME",
	  "Box 1",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "ACME/Box" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "ACME/Box 1" } } },
	  2,
	  "a",
	  "b",
	  LB_REASON_OK },
	{ "PC: hardware id before product",
	  { NULL },
	  "ACME",
	  "Box 1",
	  "ACME-7",
	  { { .name = "a", .kernel = "kernel", .compatible = { "ACME/Box 1" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "ACME-7" } } },
	  2,
	  "a",
	  "b",
	  LB_REASON_OK },
	{ "PC: nothing known matches nothing",
	  { NULL },
	  "",
	  "",
	  "",
	  { { .name = "a", .kernel = "kernel", .compatible = { "/" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "" } },
	    { .name = "c", .kernel = "kernel" } },
	  3,
	  "c",
	  "c",
	  LB_REASON_OK },
	{ "board: compatible before hardware id",
	  { BOARDS },
	  "",
	  "",
	  "ID",
	  { { .name = "a", .kernel = "kernel", .compatible = { "ID" } },
	    { .name = "b", .kernel = "kernel", .compatible = { "acme" } } },
	  2,
	  NULL,
	  "b",
	  LB_REASON_OK },
};

static void set_machine(struct kernel_rig *rig, size_t row)
{
	struct platform_machine *m = &rig->host->machine;

	m->compatible_count = 0;
	while (m->compatible_count < 4 &&
	       choices[row].compatible[m->compatible_count] != NULL) {
		strcpy(m->compatible[m->compatible_count],
		       choices[row].compatible[m->compatible_count]);
		m->compatible_count++;
	}
	strcpy(m->vendor, choices[row].vendor);
	strcpy(m->product, choices[row].product);
	rig->context.hardware_id = choices[row].hardware_id;
}

/* The choice, and whether it can be used. */
static enum lb_reason choose(struct kernel_rig *rig, struct test_fit *made, char name[64])
{
	struct kernel_fit fit;
	int node;

	enum lb_reason reason = kernel_fit_open(made->data, made->bytes, &fit, &rig->why);
	if (reason == LB_REASON_OK)
		reason = kernel_fit_choose(&fit, &rig->host->plat, &rig->context, &node,
					   &rig->why);
	if (reason == LB_REASON_OK)
		strcpy(name, fdt_get_name(fit.data, node, NULL));
	if (reason == LB_REASON_OK && kernel_fit_string(&fit, node, "kernel", 0) == NULL)
		reason = LB_REASON_FIT_DAMAGED; /* what kernel_place_fit() makes of it */
	return reason;
}

static void configuration(void **state)
{
	const struct test_image kernel = KERNEL_ARM;

	(void)state;
	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
		struct kernel_rig rig;
		char name[64] = "";

		print_message("%s\n", choices[i].name);
		kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, true);
		set_machine(&rig, i);
		struct test_fit *fit =
			test_fit_make(&kernel, 1, choices[i].configurations,
				      choices[i].count, choices[i].by_default);
		assert_int_equal(choose(&rig, fit, name), choices[i].reason);
		if (choices[i].want != NULL)
			assert_string_equal(name, choices[i].want);
		free(fit);
		kernel_rig_release(&rig);
	}
}

/* A configuration without `compatible` has that of its first device tree. */
static void compatible_of_the_tree(void **state)
{
	static const char *const sources[] = {
		"/dts-v1/; / { compatible = \"acme,other\"; };",
		"/dts-v1/; / { compatible = \"acme,board\", \"acme\"; };",
	};
	size_t bytes[2], packed_bytes;
	uint8_t *tree[2];
	char name[64];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		tree[i] = test_dtb(sources[i], &bytes[i]);
	uint8_t *packed = test_filter("gzip -9n", tree[1], bytes[1], &packed_bytes);
	const struct test_image images[] = {
		KERNEL_ARM,
		{ "one", "flat_dt", "arm64", NULL, "none", tree[0], bytes[0], false },
		{ "two", "flat_dt", "arm64", NULL, "none", tree[1], bytes[1], false },
		{ "packed", "flat_dt", "arm64", NULL, "gzip", packed, packed_bytes,
		  false },
		{ "junk", "flat_dt", "arm64", NULL, "none", initrd, 99, false },
	};
	const struct test_configuration configurations[] = {
		{ .name = "a", .kernel = "kernel", .fdt = { "one", "two" } },
		{ .name = "p", .kernel = "kernel", .fdt = { "packed" } },
		{ .name = "j", .kernel = "kernel", .fdt = { "junk" } },
		{ .name = "o",
		  .kernel = "kernel",
		  .fdt = { "two" },
		  .compatible = { "x" } },
		{ .name = "b", .kernel = "kernel", .fdt = { "two" } },
	};
	struct test_fit *fit = test_fit_make(images, 5, configurations, 5, "a");
	struct kernel_rig rig;
	kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, true);
	rig.host->machine.compatible_count = 1;
	strcpy(rig.host->machine.compatible[0], "acme");
	assert_int_equal(choose(&rig, fit, name), LB_REASON_OK);
	assert_string_equal(name, "b");
	rig.host->fail_alloc_at = 1;
	assert_int_equal(choose(&rig, fit, name), LB_REASON_TOO_LITTLE_MEMORY);
	kernel_rig_release(&rig);
	free(fit);
	free(packed);
	free(tree[0]);
	free(tree[1]);
}

/* --- kernels ------------------------------------------------------------------------ */

static const char *const compressions[][2] = {
	{ "none", "cat" },
	{ "gzip", "gzip -9" }, /* with the file's name in the header */
	{ "gzip", "gzip -1n" },
	{ "lz4", "lz4 -9 -c" },
	{ "lz4", "lz4 -l -c" },
	{ "lz4", "lz4 -1 -B4 -BD -BX --content-size -c" },
	{ "lz4", "lz4 --no-frame-crc -c" },
	{ "zstd", "zstd -19 -c" },
	{ "zstd", "zstd -1 --no-check -c" },
};

static const struct {
	const char *name;
	enum platform_cpu cpu;
	bool uefi;
	bool external;
	enum kernel_start want;
} starts[] = {
	{ "x86_64, inside the tree", PLATFORM_CPU_X86_64, true, false,
	  KERNEL_START_LINUX64 },
	{ "x86_64, external", PLATFORM_CPU_X86_64, true, true, KERNEL_START_LINUX64 },
	{ "aarch64 UEFI, inside", PLATFORM_CPU_AARCH64, true, false,
	  KERNEL_START_EFI_STUB },
	{ "aarch64 UEFI, external", PLATFORM_CPU_AARCH64, true, true,
	  KERNEL_START_EFI_STUB },
	{ "aarch64 bare, inside", PLATFORM_CPU_AARCH64, false, false,
	  KERNEL_START_ARM64 },
	{ "aarch64 bare, external", PLATFORM_CPU_AARCH64, false, true,
	  KERNEL_START_ARM64 },
};

static const char board_source[] = "/dts-v1/; / { compatible = \"acme,board\"; "
				   "#address-cells = <2>; #size-cells = <2>;"
				   " model = \"Base\"; bus: bus { }; };";

static void check_image(const struct kernel_layout *l, size_t row)
{
	assert_int_equal(l->start, starts[row].want);
	if (starts[row].want == KERNEL_START_LINUX64) {
		assert_int_equal(l->image_bytes, RIG_KERNEL_BYTES);
		assert_memory_equal(l->image, bzimage + RIG_SETUP_BYTES,
				    RIG_KERNEL_BYTES);
		assert_int_equal((uintptr_t)l->image % KERNEL_ALIGN_BYTES, 0);
		assert_true(l->image_room >= RIG_INIT_SIZE);
		assert_int_equal(lb_le32(l->zero_page + 0x21c), INITRD_BYTES);
		assert_int_equal(lb_le32(l->zero_page + 0x218),
				 (uintptr_t)l->initrd & 0xffffffff);
		assert_int_equal((uintptr_t)l->initrd % 4096, 0);
		assert_null(l->device_tree);
	} else {
		assert_int_equal(l->image_bytes, RIG_ARM64_BYTES);
		assert_memory_equal(l->image, arm64, RIG_ARM64_BYTES);
		assert_non_null(l->device_tree);
	}
	if (starts[row].want == KERNEL_START_ARM64) {
		assert_int_equal((uintptr_t)l->image % KERNEL_ALIGN_BYTES, 0);
		assert_true(l->image_room >= RIG_ARM64_ROOM);
	}
	assert_int_equal(l->initrd_bytes, INITRD_BYTES);
	assert_memory_equal(l->initrd, initrd, INITRD_BYTES);
	assert_string_equal(l->cmdline, "quiet lifeboat.x=1");
}

static void place_one(size_t row, size_t compression, const uint8_t *tree,
		      size_t tree_bytes)
{
	const bool x86 = starts[row].cpu == PLATFORM_CPU_X86_64;
	const uint8_t *kernel = x86 ? bzimage : arm64;
	const char *arch = x86 ? "x86_64" : "arm64";
	size_t packed_bytes;
	struct kernel_rig rig;

	uint8_t *packed = test_filter(compressions[compression][1], kernel,
				      x86 ? sizeof bzimage : sizeof arm64, &packed_bytes);
	const struct test_image images[] = {
		{ "initrd", "ramdisk", arch, "linux", "gzip", initrd, sizeof initrd,
		  starts[row].external },
		{ "kernel", "kernel", arch, "linux", compressions[compression][0], packed,
		  packed_bytes, starts[row].external },
		{ "tree", "flat_dt", arch, NULL, "none", tree, tree_bytes,
		  starts[row].external },
	};
	struct test_configuration c = { .name = "c",
					.kernel = "kernel",
					.ramdisk = "initrd" };
	if (!x86)
		c.fdt[0] = "tree";
	struct test_fit *fit = test_fit_make(images, 3, &c, 1, NULL);
	kernel_rig_init(&rig, starts[row].cpu, starts[row].uefi);
	rig.context.extra_args = "lifeboat.x=1";
	kernel_rig_body(&rig, fit->data, fit->bytes, "quiet\n", NULL, 0);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	assert_int_equal(rig.prepared.layout.kind, KERNEL_KIND_FIT);
	check_image(&rig.prepared.layout, row);
	kernel_rig_release(&rig);
	free(fit);
	free(packed);
}

static void kernels(void **state)
{
	size_t tree_bytes;
	uint8_t *tree = test_dtb(board_source, &tree_bytes);

	(void)state;
	for (size_t row = 0; row < sizeof starts / sizeof starts[0]; row++)
		for (size_t c = 0; c < sizeof compressions / sizeof compressions[0];
		     c++) {
			print_message("%s, %s\n", starts[row].name, compressions[c][1]);
			place_one(row, c, tree, tree_bytes);
		}
	free(tree);
}

/* What the verifier left behind the body is used before more memory is asked for. */
static void room_behind_the_body(void **state)
{
	const struct test_image kernel = KERNEL_X86;
	const struct test_configuration c = { .name = "c", .kernel = "kernel" };
	struct kernel_rig rig;

	(void)state;
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	struct test_fit *fit = test_fit_make(&kernel, 1, &c, 1, NULL);
	kernel_rig_body(&rig, fit->data, fit->bytes, "a", NULL, 0x1000000);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	const struct kernel_layout *l = &rig.prepared.layout;
	assert_memory_equal(l->image, bzimage + RIG_SETUP_BYTES, RIG_KERNEL_BYTES);
	assert_true(l->image > rig.body + rig.body_bytes);
	assert_true(l->image + l->image_room <= rig.body + rig.body_room);
	assert_true((uintptr_t)l->zero_page < LB_4_GIB); /* too high up there */
	assert_string_equal(l->cmdline, "a");
	assert_true((const uint8_t *)l->cmdline >= rig.body + rig.body_bytes);
	assert_true((const uint8_t *)l->cmdline + KERNEL_CMDLINE_MAX_BYTES <=
		    l->image - RIG_SETUP_BYTES);
	assert_int_equal(rig.prepared.block_count, 1);
	kernel_rig_release(&rig);
	free(fit);
}

/* Where nothing asks for another place, nothing is copied. */
static void stays_in_place(void **state)
{
	static uint8_t aligned[4096 + INITRD_BYTES];
	const struct test_image kernel = KERNEL_ARM;
	const struct test_configuration c = { .name = "c", .kernel = "kernel" };
	struct kernel_rig rig;

	(void)state;
	kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, true);
	struct test_fit *fit = test_fit_make(&kernel, 1, &c, 1, NULL);
	kernel_rig_body(&rig, fit->data, fit->bytes, "", NULL, 0);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	assert_in_range((uintptr_t)rig.prepared.layout.image, (uintptr_t)rig.body,
			(uintptr_t)rig.body + rig.body_bytes);
	assert_null(rig.prepared.layout.initrd);
	kernel_rig_release(&rig);
	free(fit);

	/* x86: an initrd on a page of its own, here by data-position. */
	const struct test_image x86 = KERNEL_X86;
	const struct test_configuration with = { .name = "c",
						 .kernel = "kernel",
						 .ramdisk = "initrd" };
	memcpy(aligned + 4096, initrd, INITRD_BYTES);
	fit = test_fit_start();
	test_fit_image(fit, &x86);
	assert_int_equal(fdt_begin_node(fit->data, "initrd"), 0);
	assert_int_equal(fdt_property(fit->data, "type", "ramdisk", sizeof "ramdisk"), 0);
	assert_int_equal(fdt_property_u32(fit->data, "data-position", 0x10000), 0);
	assert_int_equal(fdt_property_u64(fit->data, "data-size", INITRD_BYTES), 0);
	assert_int_equal(fdt_end_node(fit->data), 0);
	test_fit_configurations(fit, "c");
	test_fit_configuration(fit, &with);
	test_fit_end(fit);
	memcpy(fit->data + 0x10000, initrd, INITRD_BYTES);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	kernel_rig_body(&rig, fit->data, 0x10000 + INITRD_BYTES, "", NULL, 0);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
	assert_ptr_equal(rig.prepared.layout.initrd, rig.body + 0x10000);
	assert_int_equal(rig.prepared.layout.initrd_bytes, INITRD_BYTES);
	kernel_rig_release(&rig);
	free(fit);
}

/* --- refusals ----------------------------------------------------------------------- */

/* How a good kernel is spoiled; @bytes may shrink or grow within TEST_FIT_BYTES. */
static void cut(uint8_t *data, size_t *bytes)
{
	(void)data;
	*bytes -= 100;
}
static void cut_trailer(uint8_t *data, size_t *bytes)
{
	(void)data;
	*bytes -= 5;
}
static void add_byte(uint8_t *data, size_t *bytes)
{
	data[(*bytes)++] = 0;
}
static void twice(uint8_t *data, size_t *bytes)
{
	memcpy(data + *bytes, data, *bytes);
	*bytes *= 2;
}
static void wrong_length(uint8_t *data, size_t *bytes)
{
	data[*bytes - 4] ^= 1;
}
static void no_magic(uint8_t *data, size_t *bytes)
{
	(void)bytes;
	data[0] ^= 1;
}
static void bad_stream(uint8_t *data, size_t *bytes)
{
	memset(data + *bytes / 2, 0xff, *bytes / 4);
}
static void nothing(uint8_t *data, size_t *bytes)
{
	(void)data;
	*bytes = 0;
}
static void keep(uint8_t *data, size_t *bytes)
{
	(void)data;
	(void)bytes;
}

/* Kernels that announce less than they are: what a bomb looks like. */
static uint8_t bomb_x86[1u << 20], bomb_arm[1u << 20];

static void make_bombs(void)
{
	memcpy(bomb_x86, bzimage, RIG_BZIMAGE_BYTES);
	lb_put_le32(bomb_x86 + 0x260, 0x80000);
	memcpy(bomb_arm, arm64, RIG_ARM64_BYTES);
	lb_put_le64(bomb_arm + 16, 0x80000);
}

static const struct {
	const char *name;
	enum platform_cpu cpu;
	bool bare;
	const uint8_t *kernel;
	size_t bytes;
	const char *command;
	void (*spoil)(uint8_t *data, size_t *bytes);
	const char *type, *arch, *os, *compression;
	enum lb_reason want;
	const char *detail; /* must be in the verdict */
} spoiled[] = {
#define X86 PLATFORM_CPU_X86_64, false, bzimage, sizeof bzimage
#define ARM PLATFORM_CPU_AARCH64, true, arm64, sizeof arm64
	{ "gzip cut short", X86, "gzip -9n", cut, "kernel", "x86_64", "linux", "gzip",
	  LB_REASON_DECOMPRESSION, "ends too early" },
	{ "gzip without its trailer", X86, "gzip -9n", cut_trailer, "kernel", "x86_64",
	  "linux", "gzip", LB_REASON_DECOMPRESSION, "ends too early" },
	{ "gzip and a byte", ARM, "gzip -9n", add_byte, "kernel", "arm64", "linux",
	  "gzip", LB_REASON_DECOMPRESSION, "1 bytes behind the end" },
	{ "gzip twice", ARM, "gzip -9n", twice, "kernel", "arm64", "linux", "gzip",
	  LB_REASON_DECOMPRESSION, "behind the end" },
	{ "gzip with another length", ARM, "gzip -9n", wrong_length, "kernel", "arm64",
	  "linux", "gzip", LB_REASON_DECOMPRESSION, "length does not match" },
	{ "gzip damaged", X86, "gzip -9n", bad_stream, "kernel", "x86_64", "linux",
	  "gzip", LB_REASON_DECOMPRESSION, "gzip" },
	{ "not gzip", X86, "gzip -9n", no_magic, "kernel", "x86_64", "linux", "gzip",
	  LB_REASON_DECOMPRESSION, "not gzip" },
	{ "said to be gzip", X86, "cat", keep, "kernel", "x86_64", "linux", "gzip",
	  LB_REASON_DECOMPRESSION, "not gzip" },
	{ "lz4 cut short", X86, "lz4 -9 -c", cut, "kernel", "x86_64", "linux", "lz4",
	  LB_REASON_DECOMPRESSION, "lz4" },
	{ "lz4 and a byte", ARM, "lz4 -9 -c", add_byte, "kernel", "arm64", "linux", "lz4",
	  LB_REASON_DECOMPRESSION, "1 bytes behind the end" },
	{ "lz4 legacy cut short", ARM, "lz4 -l -c", cut, "kernel", "arm64", "linux",
	  "lz4", LB_REASON_DECOMPRESSION, "ends too early" },
	{ "not lz4", ARM, "lz4 -9 -c", no_magic, "kernel", "arm64", "linux", "lz4",
	  LB_REASON_DECOMPRESSION, "not lz4" },
	{ "zstd cut short", X86, "zstd -c", cut, "kernel", "x86_64", "linux", "zstd",
	  LB_REASON_DECOMPRESSION, "ends too early" },
	{ "zstd and a byte", ARM, "zstd -c", add_byte, "kernel", "arm64", "linux", "zstd",
	  LB_REASON_DECOMPRESSION, "1 bytes behind the end" },
	{ "not zstd", ARM, "zstd -c", no_magic, "kernel", "arm64", "linux", "zstd",
	  LB_REASON_DECOMPRESSION, "not zstd" },
	{ "bomb, zstd", PLATFORM_CPU_AARCH64, true, bomb_arm, sizeof bomb_arm,
	  "zstd -19 -c", keep, "kernel", "arm64", "linux", "zstd",
	  LB_REASON_DECOMPRESSION, "more than the" },
	{ "bzip2", X86, "cat", keep, "kernel", "x86_64", "linux", "bzip2",
	  LB_REASON_DECOMPRESSION, "not known" },
	{ "bomb, x86", PLATFORM_CPU_X86_64, false, bomb_x86, sizeof bomb_x86, "gzip -9n",
	  keep, "kernel", "x86_64", "linux", "gzip", LB_REASON_DECOMPRESSION,
	  "more than the" },
	{ "bomb, x86, lz4", PLATFORM_CPU_X86_64, false, bomb_x86, sizeof bomb_x86,
	  "lz4 -c", keep, "kernel", "x86_64", "linux", "lz4", LB_REASON_DECOMPRESSION,
	  "more than the" },
	{ "bomb, UEFI", PLATFORM_CPU_AARCH64, false, bomb_arm, sizeof bomb_arm,
	  "gzip -9n", keep, "kernel", "arm64", "linux", "gzip", LB_REASON_DECOMPRESSION,
	  "more than the" },
	{ "bomb, bare", PLATFORM_CPU_AARCH64, true, bomb_arm, sizeof bomb_arm,
	  "lz4 -l -c", keep, "kernel", "arm64", "linux", "lz4", LB_REASON_DECOMPRESSION,
	  "more than the" },
	{ "larger than it says, plain", PLATFORM_CPU_AARCH64, true, bomb_arm,
	  sizeof bomb_arm, "cat", keep, "kernel", "arm64", "linux", "none",
	  LB_REASON_DECOMPRESSION, "more than the" },
	{ "bzImage cut short", PLATFORM_CPU_X86_64, false, bzimage, sizeof bzimage - 16,
	  "cat", keep, "kernel", "x86_64", "linux", "none", LB_REASON_BODY_LAYOUT,
	  "cut short" },
	{ "nothing at all", X86, "cat", nothing, "kernel", "x86_64", "linux", "none",
	  LB_REASON_KERNEL_PROTOCOL, "setup header" },
	{ "other CPU", X86, "cat", keep, "kernel", "arm64", "linux", "none",
	  LB_REASON_WRONG_CPU, "arm64" },
	{ "other CPU, broken data", ARM, "cat", nothing, "kernel", "x86_64", "linux",
	  "gzip", LB_REASON_WRONG_CPU, "x86_64" },
	{ "unknown CPU", ARM, "cat", keep, "kernel", "riscv", "linux", "none",
	  LB_REASON_WRONG_CPU, "riscv" },
	{ "no CPU", ARM, "cat", keep, "kernel", NULL, "linux", "none",
	  LB_REASON_FIT_DAMAGED, "no arch" },
	{ "arch lies, bzImage", ARM, "cat", keep, "kernel", "arm64", "linux", "none",
	  LB_REASON_OK, "" },
	{ "arch lies, Image", PLATFORM_CPU_X86_64, false, arm64, sizeof arm64, "cat",
	  keep, "kernel", "x86_64", "linux", "none", LB_REASON_KERNEL_PROTOCOL,
	  "setup header" },
	{ "arch lies, bzImage on ARM", PLATFORM_CPU_AARCH64, true, bzimage,
	  sizeof bzimage, "cat", keep, "kernel", "arm64", "linux", "none",
	  LB_REASON_KERNEL_PROTOCOL, "arm64 Image" },
	{ "x86 for x86_64", X86, "cat", keep, "kernel", "x86", "linux", "none",
	  LB_REASON_OK, "" },
	{ "no os, no compression", X86, "cat", keep, "kernel_noload", "x86_64", NULL,
	  NULL, LB_REASON_OK, "" },
	{ "another os", X86, "cat", keep, "kernel", "x86_64", "vxworks", "none",
	  LB_REASON_KERNEL_PROTOCOL, "vxworks" },
	{ "another type", X86, "cat", keep, "firmware", "x86_64", "linux", "none",
	  LB_REASON_FIT_DAMAGED, "firmware" },
	{ "no type", X86, "cat", keep, NULL, "x86_64", "linux", "none",
	  LB_REASON_FIT_DAMAGED, "missing" },
	{ "no EFI stub under UEFI", PLATFORM_CPU_AARCH64, false, arm64_plain,
	  sizeof arm64_plain, "cat", keep, "kernel", "arm64", "linux", "none",
	  LB_REASON_KERNEL_PROTOCOL, "MZ" },
	{ "no EFI stub, bare", PLATFORM_CPU_AARCH64, true, arm64_plain,
	  sizeof arm64_plain, "gzip -9n", keep, "kernel", "arm64", "linux", "gzip",
	  LB_REASON_OK, "" },
};

static void refusals(void **state)
{
	size_t tree_bytes;
	uint8_t *tree = test_dtb(board_source, &tree_bytes);

	(void)state;
	make_bombs();
	for (size_t i = 0; i < sizeof spoiled / sizeof spoiled[0]; i++) {
		struct kernel_rig rig;
		size_t bytes;

		print_message("%s\n", spoiled[i].name);
		uint8_t *data = test_filter(spoiled[i].command, spoiled[i].kernel,
					    spoiled[i].bytes, &bytes);
		spoiled[i].spoil(data, &bytes);
		const struct test_image images[] = {
			{ "kernel", spoiled[i].type, spoiled[i].arch, spoiled[i].os,
			  spoiled[i].compression, data, bytes, true },
			{ "tree", "flat_dt", "arm64", NULL, "none", tree, tree_bytes,
			  true },
		};
		const struct test_configuration c = { .name = "c",
						      .kernel = "kernel",
						      .fdt = { "tree" } };
		struct test_fit *fit = test_fit_make(images, 2, &c, 1, NULL);
		kernel_rig_init(&rig, spoiled[i].cpu, !spoiled[i].bare);
		kernel_rig_body(&rig, fit->data, fit->bytes, "", NULL, 0);
		assert_int_equal(kernel_rig_place(&rig), spoiled[i].want);
		if (spoiled[i].want != LB_REASON_OK)
			assert_non_null(strstr(rig.why.detail, spoiled[i].detail));
		kernel_rig_release(&rig);
		free(fit);
		free(data);
	}
	free(tree);
}

/* --- device trees ------------------------------------------------------------------- */

static const char overlay_source[] =
	"/dts-v1/; /plugin/; &bus { dev { status = \"okay\"; }; };"
	" &{/} { model = \"Changed\"; };";
static const char overlay_nowhere[] = "/dts-v1/; /plugin/; &nowhere { a; };";

static const char *text_of(const void *tree, const char *path, const char *property)
{
	const int node = fdt_path_offset(tree, path);

	return node < 0 ? NULL : fdt_getprop(tree, node, property, NULL);
}

static const struct {
	const char *name;
	bool uefi, acpi, firmware_tree;
	const char *fdt[4];
	enum lb_reason want;
	const char *model; /* in the result; NULL: no tree */
	bool overlaid;
} trees[] = {
	{ "one", true, false, true, { "tree" }, LB_REASON_OK, "Base", false },
	{ "overlay",
	  true,
	  false,
	  true,
	  { "tree", "overlay" },
	  LB_REASON_OK,
	  "Changed",
	  true },
	{ "compressed",
	  false,
	  false,
	  true,
	  { "packed", "packed-overlay" },
	  LB_REASON_OK,
	  "Changed",
	  true },
	{ "overlay twice",
	  false,
	  false,
	  false,
	  { "tree", "overlay", "overlay" },
	  LB_REASON_OK,
	  "Changed",
	  true },
	{ "ACPI machine, but the configuration has one",
	  true,
	  true,
	  false,
	  { "tree" },
	  LB_REASON_OK,
	  "Base",
	  false },
	{ "ACPI machine", true, true, true, { NULL }, LB_REASON_OK, NULL, false },
	{ "the firmware's",
	  true,
	  false,
	  true,
	  { NULL },
	  LB_REASON_OK,
	  "Firmware",
	  false },
	{ "the firmware's, bare",
	  false,
	  false,
	  true,
	  { NULL },
	  LB_REASON_OK,
	  "Firmware",
	  false },
	{ "UEFI, none at all", true, false, false, { NULL }, LB_REASON_OK, NULL, false },
	{ "bare, none at all",
	  false,
	  false,
	  false,
	  { NULL },
	  LB_REASON_NO_CONFIGURATION,
	  NULL,
	  false },
	{ "overlay that does not fit",
	  true,
	  false,
	  true,
	  { "tree", "nowhere" },
	  LB_REASON_OVERLAY,
	  NULL,
	  false },
	{ "overlay as base",
	  true,
	  false,
	  true,
	  { "overlay" },
	  LB_REASON_OVERLAY,
	  NULL,
	  false },
	{ "base as overlay",
	  true,
	  false,
	  true,
	  { "tree", "tree" },
	  LB_REASON_OVERLAY,
	  NULL,
	  false },
	{ "overlay that is not there",
	  true,
	  false,
	  true,
	  { "tree", "missing" },
	  LB_REASON_FIT_DAMAGED,
	  NULL,
	  false },
	{ "junk as base", true, false, true, { "junk" }, LB_REASON_OVERLAY, NULL, false },
	{ "junk as overlay",
	  true,
	  false,
	  true,
	  { "tree", "junk" },
	  LB_REASON_OVERLAY,
	  NULL,
	  false },
	{ "junk, said to be gzip",
	  true,
	  false,
	  true,
	  { "tree", "packed-junk" },
	  LB_REASON_DECOMPRESSION,
	  NULL,
	  false },
	{ "empty", true, false, true, { "empty" }, LB_REASON_OVERLAY, NULL, false },
};

static void device_trees(void **state)
{
	size_t n[6];
	uint8_t *tree = test_dtb(board_source, &n[0]);
	uint8_t *overlay = test_dtb(overlay_source, &n[1]);
	uint8_t *packed = test_filter("gzip -9n", tree, n[0], &n[2]);
	uint8_t *packed_overlay = test_filter("lz4 -c", overlay, n[1], &n[3]);
	uint8_t *nowhere = test_dtb(overlay_nowhere, &n[4]);
	uint8_t *firmware = test_dtb("/dts-v1/; / { model = \"Firmware\"; };", &n[5]);
	const struct test_image images[] = {
		KERNEL_ARM,
		{ "tree", "flat_dt", "arm64", NULL, "none", tree, n[0], false },
		{ "overlay", "flat_dt", "arm64", NULL, NULL, overlay, n[1], false },
		{ "packed", "flat_dt", "arm64", NULL, "gzip", packed, n[2], true },
		{ "packed-overlay", "flat_dt", "arm64", NULL, "lz4", packed_overlay, n[3],
		  true },
		{ "nowhere", "flat_dt", "arm64", NULL, "none", nowhere, n[4], false },
		{ "junk", "flat_dt", "arm64", NULL, "none", initrd, sizeof initrd,
		  false },
		{ "packed-junk", "flat_dt", "arm64", NULL, "gzip", initrd, sizeof initrd,
		  true },
		{ "empty", "flat_dt", "arm64", NULL, "none", initrd, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++) {
		struct test_configuration c = { .name = "c", .kernel = "kernel" };
		struct kernel_rig rig;

		print_message("%s\n", trees[i].name);
		memcpy(c.fdt, trees[i].fdt, sizeof trees[i].fdt);
		struct test_fit *fit = test_fit_make(
			images, sizeof images / sizeof images[0], &c, 1, NULL);
		kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, trees[i].uefi);
		rig.host->machine.acpi = trees[i].acpi;
		if (trees[i].firmware_tree) {
			rig.host->machine.device_tree = firmware;
			rig.host->machine.device_tree_bytes = n[5];
		}
		kernel_rig_body(&rig, fit->data, fit->bytes, "quiet", NULL, 0);
		assert_int_equal(kernel_rig_place(&rig), trees[i].want);
		const uint8_t *made = rig.prepared.layout.device_tree;
		if (trees[i].model == NULL) {
			assert_null(made);
		} else {
			assert_int_equal(
				fdt_check_full(made,
					       rig.prepared.layout.device_tree_bytes),
				0);
			assert_string_equal(text_of(made, "/", "model"), trees[i].model);
			assert_string_equal(text_of(made, "/chosen", "bootargs"),
					    "quiet");
			assert_true((text_of(made, "/bus/dev", "status") != NULL) ==
				    trees[i].overlaid);
		}
		kernel_rig_release(&rig);
		free(fit);
	}
	free(tree);
	free(overlay);
	free(packed);
	free(packed_overlay);
	free(nowhere);
	free(firmware);
}

/* Every allocation fails once; and in a dry run nothing random is asked for. */
static void memory_runs_out(void **state)
{
	size_t tree_bytes, overlay_bytes, packed_bytes;
	uint8_t *tree = test_dtb(board_source, &tree_bytes);
	uint8_t *overlay = test_dtb(overlay_source, &overlay_bytes);
	uint8_t *packed = test_filter("gzip -9n", arm64, sizeof arm64, &packed_bytes);
	const struct test_image images[] = {
		{ "kernel", "kernel", "arm64", "linux", "gzip", packed, packed_bytes,
		  true },
		{ "tree", "flat_dt", "arm64", NULL, "none", tree, tree_bytes, true },
		{ "overlay", "flat_dt", "arm64", NULL, "none", overlay, overlay_bytes,
		  true },
	};
	const struct test_configuration c = { .name = "c",
					      .kernel = "kernel",
					      .fdt = { "tree", "overlay" } };
	struct test_fit *fit = test_fit_make(images, 3, &c, 1, NULL);
	struct kernel_rig rig;
	uint32_t at = 1;

	(void)state;
	kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, false);
	kernel_rig_body(&rig, fit->data, fit->bytes, "", NULL, 0);
	for (;; at++) {
		rig.host->fail_alloc_at = at;
		const enum lb_reason reason = kernel_rig_place(&rig);
		if (reason == LB_REASON_OK)
			break;
		assert_int_equal(reason, LB_REASON_TOO_LITTLE_MEMORY);
	}
	/* choice, head, command line, kernel, inflate, tree, overlay */
	assert_int_equal(at, 8);
	rig.host->fail_alloc_at = 0;
	kernel_rig_release(&rig);
	free(fit);
	free(tree);
	free(overlay);
	free(packed);
}

/* --- made by mkimage ---------------------------------------------------------------- */

static void mkimage_fits(void **state)
{
	static const char its[] =
		"/dts-v1/; / { description = \"x\"; #address-cells = <1>; images {"
		" kernel-1 { description = \"k\"; data = /incbin/(\"k\"); type = "
		"\"kernel\";"
		"  arch = \"arm64\"; os = \"linux\"; compression = \"none\"; load = <0>;"
		"  entry = <0>; hash-1 { algo = \"sha256\"; }; };"
		" fdt-1 { description = \"f\"; data = /incbin/(\"f\"); type = "
		"\"flat_dt\";"
		"  arch = \"arm64\"; compression = \"none\"; hash-1 { algo = \"sha256\"; "
		"}; }; };"
		" configurations { default = \"conf-1\"; conf-1 { description = \"c\";"
		"  kernel = \"kernel-1\"; fdt = \"fdt-1\"; }; }; };";
	static const char *const options[] = { "", "-E", "-E -B 1000", "-E -p 20000" };
	size_t tree_bytes, kernel_bytes;
	uint8_t *tree = test_dtb(board_source, &tree_bytes);
	uint8_t *joined = malloc(sizeof arm64 + tree_bytes + sizeof its);

	(void)state;
	memcpy(joined, arm64, sizeof arm64);
	memcpy(joined + sizeof arm64, tree, tree_bytes);
	memcpy(joined + sizeof arm64 + tree_bytes, its, sizeof its - 1);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		char command[400];
		struct kernel_rig rig;

		print_message("mkimage %s\n", options[i]);
		(void)snprintf(
			command, sizeof command,
			"d=$(mktemp -d) && cat >$d/all && cd $d && head -c %zu all >k && "
			"tail -c +%zu all | head -c %zu >f && tail -c +%zu all >i.its && "
			"mkimage %s -f i.its o.itb >&2 2>/dev/null && cat o.itb; "
			"r=$?; rm -r $d; exit $r; cat",
			sizeof arm64, sizeof arm64 + 1, tree_bytes,
			sizeof arm64 + tree_bytes + 1, options[i]);
		char shell[500];
		(void)snprintf(shell, sizeof shell, "sh -c '%s'", command);
		uint8_t *fit = test_filter(shell, joined,
					   sizeof arm64 + tree_bytes + sizeof its - 1,
					   &kernel_bytes);
		kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, false);
		kernel_rig_body(&rig, fit, kernel_bytes, "a b", NULL, 0);
		assert_int_equal(kernel_rig_place(&rig), LB_REASON_OK);
		assert_memory_equal(rig.prepared.layout.image, arm64, sizeof arm64);
		assert_string_equal(
			text_of(rig.prepared.layout.device_tree, "/", "model"), "Base");
		kernel_rig_release(&rig);
		free(fit);
	}
	free(joined);
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration),
		cmocka_unit_test(compatible_of_the_tree),
		cmocka_unit_test(kernels),
		cmocka_unit_test(stays_in_place),
		cmocka_unit_test(room_behind_the_body),
		cmocka_unit_test(refusals),
		cmocka_unit_test(device_trees),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(mkimage_fits),
	};

	return cmocka_run_group_tests(tests, make_kernels, NULL);
}
