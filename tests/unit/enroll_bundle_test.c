/* Keys in an enrolment program's section: what is wrong is refused, with nothing
 * written. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "boot/enroll/bundle.h"

#define UPDATE_BYTES 100u /* time 16, certificate 24, one list of 28 + 16 + 16 */
#define LIST_AT      40u
#define SECTION      512u

struct section {
	uint8_t bytes[SECTION];
};

static void put_update(uint8_t *at, uint8_t mark)
{
	lb_put_le32(at + 16, 24);
	lb_put_le16(at + 22, 0x0ef1);
	lb_put_le32(at + LIST_AT + 16, 60);
	lb_put_le32(at + LIST_AT + 24, 32);
	memset(at + LIST_AT + 44, mark, 16);
}

static void fix_crc(struct section *s)
{
	const uint32_t all = lb_le32(s->bytes + ENROLL_AT_BYTES);

	lb_put_le32(s->bytes + ENROLL_AT_CRC, 0);
	lb_put_le32(s->bytes + ENROLL_AT_CRC,
		    lb_crc32(0, s->bytes, all <= SECTION ? all : SECTION));
}

static void fill(struct section *s)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->bytes, ENROLL_MAGIC, ENROLL_MAGIC_BYTES);
	lb_put_le32(s->bytes + ENROLL_AT_BYTES, ENROLL_HEADER_BYTES + 3 * UPDATE_BYTES);
	for (uint32_t i = 0; i < ENROLL_VARIABLES; i++) {
		const uint32_t at = ENROLL_HEADER_BYTES + i * UPDATE_BYTES;

		lb_put_le32(s->bytes + ENROLL_AT_TABLE + i * ENROLL_ENTRY_BYTES, at);
		lb_put_le32(s->bytes + ENROLL_AT_TABLE + i * ENROLL_ENTRY_BYTES + 4,
			    UPDATE_BYTES);
		put_update(s->bytes + at, (uint8_t)(i + 1));
	}
	fix_crc(s);
}

static void test_good(void **state)
{
	struct section s;
	struct enroll_bundle b;

	(void)state;
	fill(&s);
	assert_int_equal(enroll_bundle_parse(s.bytes, SECTION, &b), LB_OK);
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++) {
		size_t bytes;
		const uint8_t *first = enroll_lists_first(&b.key[i], &bytes);

		assert_int_equal(b.key[i].update_bytes, UPDATE_BYTES);
		assert_ptr_equal(b.key[i].list, b.key[i].update + LIST_AT);
		assert_int_equal(b.key[i].list_bytes, 60);
		assert_int_equal(b.key[i].count, 1);
		assert_int_equal(bytes, 16);
		assert_int_equal(first[0], i + 1);
	}
}

#define FIRST ENROLL_HEADER_BYTES

static const struct {
	const char *name;
	size_t at; /* this u32 becomes @value */
	uint32_t value;
	enum lb_status want;
} rows[] = {
	{ "nothing was put in", 0, 0, LB_ERR_MAGIC },
	{ "longer than the section", ENROLL_AT_BYTES, SECTION + 1, LB_ERR_RANGE },
	{ "shorter than its header", ENROLL_AT_BYTES, 39, LB_ERR_RANGE },
	{ "variable in the header", ENROLL_AT_TABLE, 39, LB_ERR_RANGE },
	{ "variable behind the end", ENROLL_AT_TABLE, 241, LB_ERR_RANGE },
	{ "offset that overflows", ENROLL_AT_TABLE, UINT32_MAX, LB_ERR_RANGE },
	{ "length that overflows", ENROLL_AT_TABLE + 4, UINT32_MAX, LB_ERR_RANGE },
	{ "no room for a certificate", ENROLL_AT_TABLE + 4, 39, LB_ERR_RANGE },
	{ "certificate too short", FIRST + 16, 23, LB_ERR_RANGE },
	{ "certificate too long", FIRST + 16, 85, LB_ERR_RANGE },
	{ "another kind of certificate", FIRST + 20, 0x00020000, LB_ERR_RANGE },
	{ "no list", FIRST + 16, 84, LB_ERR_RANGE },
	{ "list shorter than its header", FIRST + LIST_AT + 16, 27, LB_ERR_RANGE },
	{ "list too long", FIRST + LIST_AT + 16, 61, LB_ERR_RANGE },
	{ "list without signatures", FIRST + LIST_AT + 16, 28, LB_ERR_RANGE },
	{ "bytes behind the list", FIRST + LIST_AT + 16, 59, LB_ERR_RANGE },
	{ "a header nobody knows", FIRST + LIST_AT + 20, 4, LB_ERR_RANGE },
	{ "signature of nobody", FIRST + LIST_AT + 24, 16, LB_ERR_RANGE },
	{ "signatures that do not fill it", FIRST + LIST_AT + 24, 31, LB_ERR_RANGE },
	{ "signatures of size 0", FIRST + LIST_AT + 24, 0, LB_ERR_RANGE },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct enroll_bundle b, before;
		struct section s;

		print_message("row: %s\n", rows[i].name);
		fill(&s);
		lb_put_le32(s.bytes + rows[i].at, rows[i].value);
		fix_crc(&s);
		memset(&b, 0x5a, sizeof b);
		before = b;
		assert_int_equal(enroll_bundle_parse(s.bytes, SECTION, &b), rows[i].want);
		assert_memory_equal(&b, &before, sizeof b);
	}
}

static void test_every_byte_counts(void **state)
{
	struct enroll_bundle b;
	struct section s;

	(void)state;
	fill(&s);
	for (size_t i = 0; i < lb_le32(s.bytes + ENROLL_AT_BYTES); i++) {
		s.bytes[i] ^= 0x10;
		assert_int_not_equal(enroll_bundle_parse(s.bytes, SECTION, &b), LB_OK);
		s.bytes[i] ^= 0x10;
	}
	assert_int_equal(enroll_bundle_parse(s.bytes, SECTION, &b), LB_OK);
}

static void test_several_lists(void **state)
{
	uint8_t lists[28 + 2 * 32 + 60] = { 0 };
	size_t count = 0;

	(void)state;
	lb_put_le32(lists + 16, 28 + 2 * 32);
	lb_put_le32(lists + 24, 32);
	lb_put_le32(lists + 92 + 16, 60);
	lb_put_le32(lists + 92 + 24, 32);
	assert_int_equal(enroll_lists_count(lists, sizeof lists, &count), LB_OK);
	assert_int_equal(count, 3);
	assert_int_equal(enroll_lists_count(lists, sizeof lists - 1, &count),
			 LB_ERR_RANGE);
	assert_int_equal(enroll_lists_count(lists, 0, &count), LB_ERR_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_byte_counts),
		cmocka_unit_test(test_several_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
