/* The arm64 Image header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/arm64_image.h"
#include "tests/host/kernel_rig.h"

static const struct {
	const char *name;
	size_t offset;
	uint64_t value; /* 64 bits there */
	enum lb_reason want;
} rows[] = {
	{ "as made", 24, 0xa, LB_REASON_OK },
	{ "big-endian", 24, 0xb, LB_REASON_KERNEL_PROTOCOL },
	{ "at the start of memory", 24, 0x2, LB_REASON_KERNEL_PROTOCOL },
	{ "no size", 16, 0, LB_REASON_KERNEL_PROTOCOL },
	{ "smaller than its header", 16, 63, LB_REASON_KERNEL_PROTOCOL },
	{ "4 GiB", 16, 0x100000000, LB_REASON_OK },
	{ "more than 4 GiB", 16, 0x100000001, LB_REASON_KERNEL_PROTOCOL },
	{ "size wraps", 16, UINT64_MAX, LB_REASON_KERNEL_PROTOCOL },
	{ "old text offset", 8, 0x80000, LB_REASON_OK },
	{ "text offset of 2 MiB", 8, 0x200000, LB_REASON_KERNEL_PROTOCOL },
	{ "text offset wraps", 8, UINT64_MAX, LB_REASON_KERNEL_PROTOCOL },
	{ "no magic", 56, 0, LB_REASON_KERNEL_PROTOCOL },
};

static void checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		static uint8_t image[RIG_ARM64_BYTES];
		struct kernel_arm64 out;
		struct lb_verdict why;

		print_message("%s\n", rows[i].name);
		rig_make_arm64(image, true);
		lb_put_le64(image + rows[i].offset, rows[i].value);
		assert_int_equal(kernel_arm64_parse(image, sizeof image, &out, &why),
				 rows[i].want);
		if (rows[i].want == LB_REASON_OK) {
			assert_true(out.efi_stub);
			assert_true(out.text_offset == lb_le64(image + 8));
			assert_true(out.image_size == lb_le64(image + 16));
		}
	}
}

static void short_ones(void **state)
{
	static uint8_t image[RIG_ARM64_BYTES];
	struct kernel_arm64 out;
	struct lb_verdict why;

	(void)state;
	rig_make_arm64(image, false);
	for (size_t len = 0; len < KERNEL_ARM64_HEADER_BYTES; len++) {
		uint8_t *exact = malloc(len > 0 ? len : 1);
		memcpy(exact, image, len);
		assert_int_equal(kernel_arm64_parse(exact, len, &out, &why),
				 LB_REASON_KERNEL_PROTOCOL);
		free(exact);
	}
	assert_int_equal(kernel_arm64_parse(image, KERNEL_ARM64_HEADER_BYTES, &out, &why),
			 LB_REASON_OK);
	assert_false(out.efi_stub);
}

/* The window begins at the whole GiB below the lower of the two. */
static void test_window(void **state)
{
	const uint64_t gib = (uint64_t)1 << 30;
	const struct {
		uint64_t kernel, kernel_bytes, initrd, initrd_bytes;
		bool want;
	} windows[] = {
		{ 2 * gib, gib, 4 * gib, gib, true },
		{ 2 * gib, gib, 33 * gib, gib, true },
		{ 2 * gib, gib, 33 * gib, gib + 1, false },
		{ 3 * gib - 1, 1, 33 * gib, gib, true },
		{ 3 * gib - 1, 1, 34 * gib, 1, false },
		{ 33 * gib, gib, 2 * gib, gib, true },
		{ 33 * gib, gib + 1, 2 * gib + 5, gib, false },
		{ 0, 64 * gib, 2 * gib, gib, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++)
		assert_int_equal(kernel_arm64_in_window(
					 windows[i].kernel, windows[i].kernel_bytes,
					 windows[i].initrd, windows[i].initrd_bytes),
				 windows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(checks),
		cmocka_unit_test(short_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
