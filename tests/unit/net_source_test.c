/* A server's file as a source: the right bytes whatever the memory, and each fetched once
 * where there is room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/source.h"

#define CHUNKS 12u

struct file {
	uint64_t bytes;
	unsigned int asked[CHUNKS];
	unsigned int fail; /* the next so many */
};

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 31 + offset / 251 + offset / NET_CHUNK_BYTES);
}

static enum lb_status fetch(void *ctx, uint64_t offset, uint8_t *out, size_t len)
{
	struct file *f = ctx;

	assert_true(offset % NET_CHUNK_BYTES == 0 && len > 0);
	assert_true(offset + len <= f->bytes);
	f->asked[offset / NET_CHUNK_BYTES]++;
	if (f->fail > 0) {
		f->fail--;
		return LB_ERR_IO;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = byte_at(offset + i);
	return LB_OK;
}

static void read_all(const struct lb_source *source, size_t step)
{
	uint8_t *buf = malloc(step);

	for (uint64_t at = 0; at < source->bytes; at += step) {
		const size_t n =
			source->bytes - at < step ? (size_t)(source->bytes - at) : step;

		assert_int_equal(source->read(source->ctx, at, buf, n), LB_OK);
		for (size_t i = 0; i < n; i += 1 + n / 64)
			assert_int_equal(buf[i], byte_at(at + i));
		assert_int_equal(buf[n - 1], byte_at(at + n - 1));
	}
	free(buf);
}

static unsigned int total(const struct file *f)
{
	unsigned int n = 0;

	for (size_t i = 0; i < CHUNKS; i++)
		n += f->asked[i];
	return n;
}

static void test_with_room_it_is_fetched_once(void **state)
{
	struct file f = { .bytes = (CHUNKS - 1) * NET_CHUNK_BYTES + 777 };
	struct lb_source s;

	(void)state;
	assert_int_equal(net_source_open(f.bytes, UINT64_MAX, fetch, &f, &s), LB_OK);
	read_all(&s, 1000003);
	read_all(&s, NET_CHUNK_BYTES + 5);
	read_all(&s, 3 * NET_CHUNK_BYTES);
	assert_int_equal(total(&f), CHUNKS);
	net_source_close(&s);
}

static void test_with_less_the_beginning_is_kept(void **state)
{
	struct file f = { .bytes = CHUNKS * NET_CHUNK_BYTES };
	struct lb_source s;

	(void)state;
	assert_int_equal(net_source_open(f.bytes, 8 * NET_CHUNK_BYTES, fetch, &f, &s),
			 LB_OK);
	for (int i = 0; i < 3; i++)
		read_all(&s, 700001);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(f.asked[i], 1);
	assert_int_equal(f.asked[CHUNKS - 1], 3 - 2 * (CHUNKS - 1 < 8));
	net_source_close(&s);
	memset(f.asked, 0, sizeof f.asked);
	assert_int_equal(net_source_open(f.bytes, 0, fetch, &f, &s), LB_OK);
	read_all(&s, 5 * NET_CHUNK_BYTES);
	assert_int_equal(total(&f), CHUNKS);
	net_source_close(&s);
}

static void test_a_failure_is_no_data(void **state)
{
	struct file f = { .bytes = CHUNKS * NET_CHUNK_BYTES, .fail = 3 };
	struct lb_source s;
	uint8_t byte;

	(void)state;
	assert_int_equal(net_source_open(f.bytes, UINT64_MAX, fetch, &f, &s), LB_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(s.read(s.ctx, 0, &byte, 1), LB_ERR_IO);
	read_all(&s, 1000003);
	f.fail = 1; /* all is there: nobody is asked */
	read_all(&s, 1000003);
	assert_int_equal(f.fail, 1);
	assert_int_equal(total(&f), CHUNKS + 3);
	net_source_close(&s);
	f.fail = 0;
	assert_int_equal(net_source_open(f.bytes, 0, fetch, &f, &s), LB_OK);
	for (uint64_t at = 0; at < f.bytes; at += NET_CHUNK_BYTES) {
		f.fail = 1;
		assert_int_equal(s.read(s.ctx, at, &byte, 1), LB_ERR_IO);
		assert_int_equal(s.read(s.ctx, at, &byte, 1), LB_OK);
		assert_int_equal(byte, byte_at(at));
	}
	read_all(&s, 1000003);
	net_source_close(&s);
}

static void test_ends(void **state)
{
	struct file f = { .bytes = 100 };
	struct lb_source s;
	uint8_t b[200];

	(void)state;
	assert_int_equal(net_source_open(0, 0, fetch, &f, &s), LB_ERR_RANGE);
	assert_int_equal(net_source_open(f.bytes, 0, fetch, &f, &s), LB_OK);
	assert_int_equal(s.read(s.ctx, 0, b, 101), LB_ERR_RANGE);
	assert_int_equal(s.read(s.ctx, 101, b, 0), LB_ERR_RANGE);
	assert_int_equal(s.read(s.ctx, UINT64_MAX, b, 2), LB_ERR_RANGE);
	assert_int_equal(s.read(s.ctx, 100, b, 0), LB_OK);
	assert_int_equal(total(&f), 0);
	assert_int_equal(s.read(s.ctx, 0, b, 100), LB_OK);
	net_source_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_room_it_is_fetched_once),
		cmocka_unit_test(test_with_less_the_beginning_is_kept),
		cmocka_unit_test(test_a_failure_is_no_data),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
