/* PE images: headers, and placing kernels and unified kernel images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/pe.h"
#include "tests/host/kernel_rig.h"
#include "tests/host/test_pe.h"

#define X86  0x8664
#define ARM  0xaa64
#define I386 0x014c

static const struct test_section plain[] = { { ".text", "code" }, { ".data", "data" } };

/* --- headers ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	size_t offset;
	size_t width; /* 0: nothing is changed */
	uint32_t value;
	enum lb_reason want;
} rows[] = {
	{ "as made", 0, 0, 0, LB_REASON_OK },
	{ "no MZ", 0, 1, 'm', LB_REASON_KERNEL_PROTOCOL },
	{ "PE header outside", 60, 4, TEST_PE_BYTES, LB_REASON_KERNEL_PROTOCOL },
	{ "PE header wraps", 60, 4, 0xfffffff0, LB_REASON_KERNEL_PROTOCOL },
	{ "PE header at the very end", 60, 4, 2048 - 8, LB_REASON_KERNEL_PROTOCOL },
	{ "no PE signature", TEST_PE_OFFSET, 1, 'p', LB_REASON_KERNEL_PROTOCOL },
	{ "32-bit x86", TEST_PE_OFFSET + 4, 2, I386, LB_REASON_WRONG_CPU },
	{ "RISC-V", TEST_PE_OFFSET + 4, 2, 0x5064, LB_REASON_WRONG_CPU },
	{ "aarch64", TEST_PE_OFFSET + 4, 2, ARM, LB_REASON_OK },
	{ "no section", TEST_PE_OFFSET + 6, 2, 0, LB_REASON_KERNEL_PROTOCOL },
	{ "97 sections", TEST_PE_OFFSET + 6, 2, 97, LB_REASON_KERNEL_PROTOCOL },
	{ "section table outside", TEST_PE_OFFSET + 6, 2, 90, LB_REASON_KERNEL_PROTOCOL },
	{ "short optional header", TEST_PE_OFFSET + 20, 2, 111,
	  LB_REASON_KERNEL_PROTOCOL },
	{ "optional header outside", TEST_PE_OFFSET + 20, 2, 0xffff,
	  LB_REASON_KERNEL_PROTOCOL },
	{ "PE32", TEST_PE_OPTIONAL, 2, 0x10b, LB_REASON_KERNEL_PROTOCOL },
	{ "Windows program", TEST_PE_OPTIONAL + 68, 2, 3, LB_REASON_KERNEL_PROTOCOL },
	{ "EFI driver", TEST_PE_OPTIONAL + 68, 2, 11, LB_REASON_KERNEL_PROTOCOL },
	{ "section outside", TEST_PE_SECTIONS + 20, 4, 2048 - 511,
	  LB_REASON_KERNEL_PROTOCOL },
	{ "section wraps", TEST_PE_SECTIONS + 20, 4, 0xffffff00,
	  LB_REASON_KERNEL_PROTOCOL },
	{ "section too long", TEST_PE_SECTIONS + 16, 4, 0x7fffffff,
	  LB_REASON_KERNEL_PROTOCOL },
	{ "section without bytes anywhere", TEST_PE_SECTIONS + 16, 4, 0, LB_REASON_OK },
	{ "signature outside", TEST_PE_OPTIONAL + 148, 4, 100,
	  LB_REASON_KERNEL_PROTOCOL },
};

static void headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t file[TEST_PE_BYTES];
		struct kernel_pe pe;
		struct lb_verdict why = { .reason = LB_REASON_OK };

		print_message("%s\n", rows[i].name);
		const size_t len = test_pe_make(file, X86, plain, 2);
		assert_int_equal(len, 2048);
		lb_put_le32(file + TEST_PE_OPTIONAL + 144, (uint32_t)len - 50);
		for (size_t b = 0; b < rows[i].width; b++)
			file[rows[i].offset + b] = (uint8_t)(rows[i].value >> 8 * b);
		uint8_t *exact = malloc(len);
		memcpy(exact, file, len);
		assert_int_equal(kernel_pe_parse(exact, len, &pe, &why), rows[i].want);
		assert_int_equal(why.reason, rows[i].want);
		free(exact);
	}
}

static void cut_anywhere(void **state)
{
	uint8_t file[TEST_PE_BYTES];
	struct kernel_pe pe;
	struct lb_verdict why;

	(void)state;
	const size_t len = test_pe_make(file, ARM, plain, 2);
	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = malloc(n > 0 ? n : 1);
		memcpy(exact, file, n);
		assert_int_equal(kernel_pe_parse(exact, n, &pe, &why),
				 LB_REASON_KERNEL_PROTOCOL);
		free(exact);
	}
}

static void contents(void **state)
{
	static const struct {
		const char *name;
		struct test_section sections[5];
		size_t count;
		bool uki, cmdline;
		const char *text; /* NULL: not looked at */
		bool other;
	} kinds[] = {
		{ "plain", { { ".text", "x" } }, 1, false, false, NULL, false },
		{ "UKI",
		  { { ".text", "x" }, { ".linux", "k" } },
		  2,
		  true,
		  false,
		  NULL,
		  false },
		{ "UKI with command line",
		  { { ".linux", "k" }, { ".cmdline", "quiet" } },
		  2,
		  true,
		  true,
		  NULL,
		  false },
		{ "empty command line",
		  { { ".linux", "k" }, { ".cmdline", "" } },
		  2,
		  true,
		  false,
		  NULL,
		  false },
		{ "blank command line",
		  { { ".linux", "k" }, { ".cmdline", " \n\r\t" } },
		  2,
		  true,
		  false,
		  NULL,
		  false },
		{ "text in a second one",
		  { { ".linux", "k" }, { ".cmdline", " " }, { ".cmdline", "x" } },
		  3,
		  true,
		  true,
		  NULL,
		  false },
		{ "another profile's",
		  { { ".linux", "k" },
		    { ".profile", "TITLE=Main" },
		    { ".profile", "ID=reset" },
		    { ".cmdline", "reset" } },
		  4,
		  true,
		  false,
		  NULL,
		  true },
		{ "before all profiles, and another's",
		  { { ".linux", "k" },
		    { ".cmdline", "quiet" },
		    { ".profile", "TITLE=Main" },
		    { ".profile", "ID=reset" },
		    { ".cmdline", "reset" } },
		  5,
		  true,
		  true,
		  "quiet",
		  true },
		{ "the main profile's stands above",
		  { { ".linux", "k" },
		    { ".cmdline", "quiet" },
		    { ".profile", "TITLE=Main" },
		    { ".cmdline", "main" } },
		  4,
		  true,
		  true,
		  "main",
		  false },
		{ "longer names",
		  { { ".linuxx", "k" }, { ".cmdlin", "x" } },
		  2,
		  false,
		  false,
		  NULL,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		uint8_t file[TEST_PE_BYTES];
		struct kernel_pe pe;
		struct lb_verdict why;

		print_message("%s\n", kinds[i].name);
		const size_t len =
			test_pe_make(file, ARM, kinds[i].sections, kinds[i].count);
		assert_int_equal(kernel_pe_parse(file, sizeof file, &pe, &why),
				 LB_REASON_OK);
		assert_int_equal(pe.uki, kinds[i].uki);
		assert_int_equal(pe.has_cmdline, kinds[i].cmdline);
		assert_int_equal(pe.other_cmdline, kinds[i].other);
		if (kinds[i].text != NULL) {
			assert_int_equal(pe.cmdline_bytes, strlen(kinds[i].text));
			assert_memory_equal(file + pe.cmdline_offset, kinds[i].text,
					    pe.cmdline_bytes);
		}
		assert_int_equal(pe.cpu, PLATFORM_CPU_AARCH64);
		assert_int_equal(pe.bytes, len);
	}
}

/* Where the file ends decides what the firmware digests. */
static void end_of_file(void **state)
{
	uint8_t file[TEST_PE_BYTES];
	struct kernel_pe pe;
	struct lb_verdict why;

	(void)state;
	const size_t len = test_pe_make(file, X86, plain, 2);
	lb_put_le32(file + TEST_PE_OPTIONAL + 144, (uint32_t)len);
	lb_put_le32(file + TEST_PE_OPTIONAL + 148, 1000);
	assert_int_equal(kernel_pe_parse(file, sizeof file, &pe, &why), LB_REASON_OK);
	assert_int_equal(pe.bytes, len + 1000);

	/* fewer directories than the signature's: there is none */
	lb_put_le32(file + TEST_PE_OPTIONAL + 108, 4);
	assert_int_equal(kernel_pe_parse(file, sizeof file, &pe, &why), LB_REASON_OK);
	assert_int_equal(pe.bytes, len);

	/* anything but zeros behind it stays part of it */
	file[len + 2000] = 1;
	assert_int_equal(kernel_pe_parse(file, sizeof file, &pe, &why), LB_REASON_OK);
	assert_int_equal(pe.bytes, sizeof file);
}

/* --- placing ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum platform_cpu cpu;
	bool uefi;
	uint16_t machine;
	struct test_section sections[5];
	size_t count;
	const char *page;
	enum lb_reason want;
	enum kernel_start start;
	const char *cmdline;
} kernels[] = {
	{ "kernel",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".text", "k" } },
	  1,
	  "a %U",
	  LB_REASON_OK,
	  KERNEL_START_EFI_STUB,
	  "a 03020100-0504-0706-0809-0a0b0c0d0e0f x" },
	{ "kernel, aarch64",
	  PLATFORM_CPU_AARCH64,
	  true,
	  ARM,
	  { { ".text", "k" } },
	  1,
	  "a",
	  LB_REASON_OK,
	  KERNEL_START_EFI_STUB,
	  "a x" },
	{ "UKI, page",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".linux", "k" } },
	  1,
	  "a",
	  LB_REASON_OK,
	  KERNEL_START_UKI,
	  "a x" },
	{ "UKI, own command line",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".linux", "k" }, { ".cmdline", "quiet" } },
	  2,
	  "",
	  LB_REASON_OK,
	  KERNEL_START_UKI,
	  "" },
	{ "UKI, blank page",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".linux", "k" }, { ".cmdline", "quiet" } },
	  2,
	  " \n",
	  LB_REASON_OK,
	  KERNEL_START_UKI,
	  "" },
	{ "UKI, both",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".linux", "k" }, { ".cmdline", "quiet" } },
	  2,
	  "a",
	  LB_REASON_TWO_COMMAND_LINES,
	  KERNEL_START_UKI,
	  "" },
	{ "UKI, page and another profile's command line",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".linux", "k" },
	    { ".profile", "ID=main" },
	    { ".profile", "ID=reset" },
	    { ".cmdline", "reset" } },
	  4,
	  "a",
	  LB_REASON_OK,
	  KERNEL_START_UKI,
	  "a x" },
	{ "UKI, the page chooses that profile",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".linux", "k" },
	    { ".profile", "ID=main" },
	    { ".profile", "ID=reset" },
	    { ".cmdline", "reset" } },
	  4,
	  " @1 a",
	  LB_REASON_TWO_COMMAND_LINES,
	  KERNEL_START_UKI,
	  "" },
	{ "a kernel's .cmdline means nothing",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".text", "k" }, { ".cmdline", "quiet" } },
	  2,
	  "a",
	  LB_REASON_OK,
	  KERNEL_START_EFI_STUB,
	  "a x" },
	{ "other CPU",
	  PLATFORM_CPU_X86_64,
	  true,
	  ARM,
	  { { ".text", "k" } },
	  1,
	  "a",
	  LB_REASON_WRONG_CPU,
	  KERNEL_START_EFI_STUB,
	  "" },
	{ "other CPU, the other way",
	  PLATFORM_CPU_AARCH64,
	  true,
	  X86,
	  { { ".text", "k" } },
	  1,
	  "a",
	  LB_REASON_WRONG_CPU,
	  KERNEL_START_EFI_STUB,
	  "" },
	{ "other CPU, bare metal",
	  PLATFORM_CPU_AARCH64,
	  false,
	  X86,
	  { { ".text", "k" } },
	  1,
	  "a",
	  LB_REASON_WRONG_CPU,
	  KERNEL_START_EFI_STUB,
	  "" },
	{ "bare metal",
	  PLATFORM_CPU_AARCH64,
	  false,
	  ARM,
	  { { ".text", "k" } },
	  1,
	  "a",
	  LB_REASON_KIND_UNSUPPORTED,
	  KERNEL_START_EFI_STUB,
	  "" },
	{ "page not ASCII",
	  PLATFORM_CPU_X86_64,
	  true,
	  X86,
	  { { ".text", "k" } },
	  1,
	  "\xff",
	  LB_REASON_COMMAND_LINE,
	  KERNEL_START_EFI_STUB,
	  "" },
};

static void placing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
		uint8_t file[TEST_PE_BYTES];
		struct kernel_rig rig;

		print_message("%s\n", kernels[i].name);
		const size_t len = test_pe_make(file, kernels[i].machine,
						kernels[i].sections, kernels[i].count);
		kernel_rig_init(&rig, kernels[i].cpu, kernels[i].uefi);
		rig.context.extra_args = "x";
		kernel_rig_body(&rig, file, len, kernels[i].page, NULL, 0);
		assert_int_equal(kernel_rig_place(&rig), kernels[i].want);
		const struct kernel_layout *l = &rig.prepared.layout;
		if (kernels[i].want == LB_REASON_OK) {
			assert_int_equal(l->kind, KERNEL_KIND_PE);
			assert_int_equal(l->start, kernels[i].start);
			assert_string_equal(l->cmdline, kernels[i].cmdline);
			assert_ptr_equal(l->image, rig.body);
			assert_int_equal(l->image_bytes, len);
			assert_null(l->initrd);
			assert_null(l->zero_page);
			assert_null(l->device_tree);
		}
		kernel_rig_release(&rig);
	}
}

/* The signed text it comes from: the page, or the image's own, if that is one text
 * only. */
static void recovery_floor(void **state)
{
	static const struct {
		const char *name, *page;
		struct test_section sections[3];
		size_t count;
		enum lb_reason want;
		uint32_t floor;
	} texts[] = {
		{ "page",
		  "a lifeboat.recovery-floor=7",
		  { { ".linux", "k" } },
		  1,
		  LB_REASON_OK,
		  7 },
		{ "UKI",
		  "",
		  { { ".linux", "k" }, { ".cmdline", "lifeboat.recovery-floor=8 b" } },
		  2,
		  LB_REASON_OK,
		  8 },
		{ "UKI, not a number",
		  "",
		  { { ".linux", "k" }, { ".cmdline", "lifeboat.recovery-floor=8b" } },
		  2,
		  LB_REASON_COMMAND_LINE,
		  0 },
		{ "UKI with two texts: nobody knows which one counts",
		  "",
		  { { ".linux", "k" },
		    { ".cmdline", "lifeboat.recovery-floor=8" },
		    { ".cmdline", "lifeboat.recovery-floor=9" } },
		  3,
		  LB_REASON_OK,
		  0 },
		{ "UKI, a word that only the loader may say",
		  "",
		  { { ".linux", "k" }, { ".cmdline", "a lifeboat.slot=x" } },
		  2,
		  LB_REASON_COMMAND_LINE,
		  0 },
		{ "UKI, such a word in one of two texts",
		  "",
		  { { ".linux", "k" },
		    { ".cmdline", "lifeboat.disk=x" },
		    { ".cmdline", "quiet" } },
		  3,
		  LB_REASON_COMMAND_LINE,
		  0 },
		{ "such a word in the page",
		  "lifeboat.hardware_id=x",
		  { { ".linux", "k" } },
		  1,
		  LB_REASON_COMMAND_LINE,
		  0 },
		{ "UKI with a blank one",
		  "",
		  { { ".linux", "k" },
		    { ".cmdline", " " },
		    { ".cmdline", "lifeboat.recovery-floor=9" } },
		  3,
		  LB_REASON_OK,
		  9 },
		{ "a kernel's .cmdline means nothing",
		  "",
		  { { ".text", "k" }, { ".cmdline", "lifeboat.recovery-floor=8" } },
		  2,
		  LB_REASON_OK,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		uint8_t file[TEST_PE_BYTES];
		struct kernel_rig rig;

		print_message("%s\n", texts[i].name);
		const size_t len =
			test_pe_make(file, X86, texts[i].sections, texts[i].count);
		kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
		rig.context.extra_args = "lifeboat.recovery-floor=99"; /* unsigned */
		kernel_rig_body(&rig, file, len, texts[i].page, NULL, 0);
		assert_int_equal(kernel_rig_place(&rig), texts[i].want);
		if (texts[i].want == LB_REASON_OK)
			assert_int_equal(rig.prepared.layout.recovery_floor,
					 texts[i].floor);
		kernel_rig_release(&rig);
	}
}

/* A page without NUL, although the image has a command line of its own. */
static void full_page(void **state)
{
	static const struct test_section uki[] = { { ".linux", "k" },
						   { ".cmdline", "quiet" } };
	uint8_t file[TEST_PE_BYTES];
	struct kernel_rig rig;

	(void)state;
	const size_t len = test_pe_make(file, X86, uki, 2);
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	kernel_rig_body(&rig, file, len, "", NULL, 0);
	memset(rig.body + rig.config_offset, ' ', 4096);
	assert_int_equal(kernel_rig_place(&rig), LB_REASON_TWO_COMMAND_LINES);
	kernel_rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),   cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(contents),  cmocka_unit_test(end_of_file),
		cmocka_unit_test(placing),   cmocka_unit_test(recovery_floor),
		cmocka_unit_test(full_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
