/* The bzImage setup header: what is refused, what is decoded, the zero page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/bzimage.h"
#include "tests/host/kernel_rig.h"

static const struct {
	const char *name;
	size_t offset;
	size_t width; /* bytes; 0: nothing is changed */
	uint64_t value;
	enum lb_reason want;
} headers[] = {
	{ "as made", 0, 0, 0, LB_REASON_OK },
	{ "no magic", 0x202, 1, 'h', LB_REASON_KERNEL_PROTOCOL },
	{ "protocol 2.11", 0x206, 2, 0x20b, LB_REASON_KERNEL_PROTOCOL },
	{ "protocol 2.12", 0x206, 2, 0x20c, LB_REASON_OK },
	{ "header ends before init_size", 0x201, 1, 0x61, LB_REASON_KERNEL_PROTOCOL },
	{ "header ends behind init_size", 0x201, 1, 0x62, LB_REASON_OK },
	{ "longest header", 0x201, 1, 0x8e, LB_REASON_OK },
	{ "header runs into e820", 0x201, 1, 0x8f, LB_REASON_KERNEL_PROTOCOL },
	{ "loaded low", 0x211, 1, 0x80, LB_REASON_KERNEL_PROTOCOL },
	{ "32-bit only", 0x236, 2, 0x7e, LB_REASON_KERNEL_PROTOCOL },
	{ "not relocatable", 0x234, 1, 0, LB_REASON_KERNEL_PROTOCOL },
	{ "alignment 0", 0x230, 4, 0, LB_REASON_KERNEL_PROTOCOL },
	{ "alignment no power of two", 0x230, 4, 0x300000, LB_REASON_KERNEL_PROTOCOL },
	{ "alignment 16 MiB", 0x230, 4, 0x1000000, LB_REASON_OK },
	{ "alignment 2 GiB", 0x230, 4, 0x80000000, LB_REASON_KERNEL_PROTOCOL },
	{ "no kernel", 0x1f4, 4, 0, LB_REASON_KERNEL_PROTOCOL },
	{ "ends at the entry", 0x1f4, 4, 0x20, LB_REASON_KERNEL_PROTOCOL },
	{ "init_size below the kernel", 0x260, 4, RIG_KERNEL_BYTES - 1,
	  LB_REASON_KERNEL_PROTOCOL },
	{ "init_size 0", 0x260, 4, 0, LB_REASON_KERNEL_PROTOCOL },
	{ "largest syssize", 0x1f4, 4, 0xffffffff, LB_REASON_KERNEL_PROTOCOL },
};

static void put(uint8_t *p, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static void checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		uint8_t image[RIG_BZIMAGE_BYTES];
		struct kernel_bzimage out;
		struct lb_verdict why = { .reason = LB_REASON_OK };

		print_message("%s\n", headers[i].name);
		rig_make_bzimage(image);
		put(image + headers[i].offset, headers[i].width, headers[i].value);
		assert_int_equal(kernel_bzimage_parse(image, sizeof image, &out, &why),
				 headers[i].want);
		assert_int_equal(why.reason, headers[i].want);
	}
}

static void short_buffers(void **state)
{
	uint8_t image[RIG_BZIMAGE_BYTES];
	struct kernel_bzimage out;
	struct lb_verdict why;

	(void)state;
	rig_make_bzimage(image);
	for (size_t len = 0; len < KERNEL_BZIMAGE_HEADER_END; len++) {
		uint8_t *exact = test_malloc(len + 1); /* for the sanitizer's sake */
		memcpy(exact + 1, image, len);
		assert_int_equal(kernel_bzimage_parse(exact + 1, len, &out, &why),
				 LB_REASON_KERNEL_PROTOCOL);
		test_free(exact);
	}
	assert_int_equal(
		kernel_bzimage_parse(image, KERNEL_BZIMAGE_HEADER_END, &out, &why),
		LB_REASON_OK);
}

static void decodes(void **state)
{
	uint8_t image[RIG_BZIMAGE_BYTES];
	struct kernel_bzimage out;
	struct lb_verdict why;

	(void)state;
	rig_make_bzimage(image);
	assert_int_equal(kernel_bzimage_parse(image, sizeof image, &out, &why),
			 LB_REASON_OK);
	assert_int_equal(out.setup_bytes, RIG_SETUP_BYTES);
	assert_int_equal(out.kernel_bytes, RIG_KERNEL_BYTES);
	assert_int_equal(out.init_size, RIG_INIT_SIZE);
	assert_int_equal(out.alignment, 0x200000);
	assert_int_equal(out.cmdline_max, 2047);
	assert_true(out.pref_address == 0x1000000);
	assert_true(out.load_limit == PLATFORM_ANY_ADDRESS);
	assert_true(out.initrd_limit == PLATFORM_ANY_ADDRESS);

	image[0x1f1] = 0;              /* means 4 */
	lb_put_le16(image + 0x236, 1); /* not above 4 GiB */
	assert_int_equal(kernel_bzimage_parse(image, sizeof image, &out, &why),
			 LB_REASON_OK);
	assert_int_equal(out.setup_bytes, 5 * 512);
	assert_true(out.load_limit == 0x100000000);
	assert_true(out.initrd_limit == 0x80000000);
}

static void zero_page(void **state)
{
	uint8_t image[RIG_BZIMAGE_BYTES], page[KERNEL_ZERO_PAGE_BYTES];

	(void)state;
	rig_make_bzimage(image);
	memset(image, 0x5a, 0x1f1);
	memset(image + 0x26c, 0x5a, RIG_SETUP_BYTES - 0x26c);
	lb_put_le64(image + 0x250, 0x1234);
	memset(page, 0xee, sizeof page);
	kernel_bzimage_zero_page(image, page);
	assert_true(lb_all_zero(page, 0x1f1));
	assert_true(lb_all_zero(page + 0x26c, sizeof page - 0x26c));
	assert_int_equal(lb_le32(page + 0x202), lb_le32(image + 0x202));
	assert_int_equal(page[0x210], 0xff);
	assert_int_equal(page[0x211], 0x01);
	assert_int_equal(lb_le16(page + 0x1fa), 0xffff);
	assert_true(lb_le64(page + 0x250) == 0);
	assert_int_equal(lb_le32(page + 0x260), RIG_INIT_SIZE);

	kernel_bzimage_set_kernel(page, 0x2000000);
	kernel_bzimage_set_cmdline(page, 0x123456789000);
	kernel_bzimage_set_initrd(page, 0xabc12345000, 0x100000007);
	assert_int_equal(lb_le32(page + 0x214), 0x2000000);
	assert_int_equal(lb_le32(page + 0x228), 0x56789000);
	assert_int_equal(lb_le32(page + 0xc8), 0x1234);
	assert_int_equal(lb_le32(page + 0x218), 0x12345000);
	assert_int_equal(lb_le32(page + 0xc0), 0xabc);
	assert_int_equal(lb_le32(page + 0x21c), 7);
	assert_int_equal(lb_le32(page + 0xc4), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks),
		cmocka_unit_test(short_buffers),
		cmocka_unit_test(decodes),
		cmocka_unit_test(zero_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
