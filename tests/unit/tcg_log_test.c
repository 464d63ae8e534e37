/* TPM event logs: sizes of hand-made ones, cut at every byte, and with wrong numbers. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/x86_64/tcg_log.h"

#define HEADER_BYTES (32u + 28u + 2u * 4u + 1u)
#define EVENT_BYTES  (12u + 2u + 20u + 2u + 32u + 4u + 5u)
#define LOG_BYTES    (HEADER_BYTES + 2u * EVENT_BYTES)

/* One event with a SHA-1 (4) and a SHA-256 (0xb) digest and five bytes of data. */
static uint8_t *put_event(uint8_t *p)
{
	memset(p, 0x11, EVENT_BYTES);
	lb_put_le32(p + 8, 2);
	lb_put_le16(p + 12, 4);
	lb_put_le16(p + 34, 0xb);
	lb_put_le32(p + 68, 5);
	return p + EVENT_BYTES;
}

static void make_log(uint8_t log[LOG_BYTES])
{
	memset(log, 0, LOG_BYTES);
	lb_put_le32(log + 4, 3); /* EV_NO_ACTION */
	lb_put_le32(log + 28, HEADER_BYTES - 32);
	memcpy(log + 32, "Spec ID Event03", 16);
	lb_put_le32(log + 56, 2);
	lb_put_le16(log + 60, 4);
	lb_put_le16(log + 62, 20);
	lb_put_le16(log + 64, 0xb);
	lb_put_le16(log + 66, 32);
	put_event(put_event(log + HEADER_BYTES));
}

static void sizes(void **state)
{
	uint8_t log[LOG_BYTES];
	size_t bytes = 0;

	(void)state;
	make_log(log);
	assert_int_equal(tcg_log_bytes(log, 0, sizeof log, &bytes), LB_OK);
	assert_int_equal(bytes, HEADER_BYTES);
	assert_int_equal(tcg_log_bytes(log, HEADER_BYTES, sizeof log, &bytes), LB_OK);
	assert_int_equal(bytes, HEADER_BYTES + EVENT_BYTES);
	assert_int_equal(
		tcg_log_bytes(log, HEADER_BYTES + EVENT_BYTES, sizeof log, &bytes),
		LB_OK);
	assert_int_equal(bytes, LOG_BYTES);
	assert_int_equal(tcg_events_bytes(log, log + HEADER_BYTES, 2,
					  sizeof log - HEADER_BYTES, &bytes),
			 LB_OK);
	assert_int_equal(bytes, 2 * EVENT_BYTES);
	assert_int_equal(tcg_events_bytes(log, log + HEADER_BYTES, 0, sizeof log, &bytes),
			 LB_OK);
	assert_int_equal(bytes, 0);
}

static void cut_anywhere(void **state)
{
	uint8_t log[LOG_BYTES];
	size_t bytes = 7;

	(void)state;
	make_log(log);
	for (size_t max = 0; max < LOG_BYTES; max++)
		assert_int_equal(
			tcg_log_bytes(log, HEADER_BYTES + EVENT_BYTES, max, &bytes),
			LB_ERR_TRUNCATED);
	assert_int_equal(bytes, 7);
}

static void wrong_numbers(void **state)
{
	uint8_t log[LOG_BYTES];
	size_t bytes = 7;

	(void)state;
	make_log(log);
	log[32] ^= 1;
	assert_int_equal(tcg_log_bytes(log, 0, sizeof log, &bytes), LB_ERR_MAGIC);
	make_log(log);
	lb_put_le32(log + 56, 17); /* more algorithms than are kept */
	assert_int_equal(tcg_log_bytes(log, 0, sizeof log, &bytes), LB_ERR_RANGE);
	make_log(log);
	lb_put_le32(log + 28, 28 + 7); /* the list does not fit in its event */
	assert_int_equal(tcg_log_bytes(log, 0, sizeof log, &bytes), LB_ERR_RANGE);
	make_log(log);
	lb_put_le32(log + 28, UINT32_MAX);
	assert_int_equal(tcg_log_bytes(log, 0, sizeof log, &bytes), LB_ERR_TRUNCATED);
	make_log(log);
	lb_put_le32(log + HEADER_BYTES + 8, 3); /* more digests than algorithms */
	assert_int_equal(tcg_log_bytes(log, HEADER_BYTES, sizeof log, &bytes),
			 LB_ERR_RANGE);
	make_log(log);
	lb_put_le16(log + HEADER_BYTES + 12, 5); /* an algorithm that is not listed */
	assert_int_equal(tcg_log_bytes(log, HEADER_BYTES, sizeof log, &bytes),
			 LB_ERR_RANGE);
	make_log(log);
	lb_put_le32(log + HEADER_BYTES + 68, UINT32_MAX);
	assert_int_equal(tcg_log_bytes(log, HEADER_BYTES, sizeof log, &bytes),
			 LB_ERR_TRUNCATED);
	make_log(log);
	assert_int_equal(tcg_log_bytes(log, HEADER_BYTES - 1, sizeof log, &bytes),
			 LB_ERR_RANGE);
	assert_int_equal(tcg_events_bytes(log, log + HEADER_BYTES, UINT64_MAX,
					  sizeof log - HEADER_BYTES, &bytes),
			 LB_ERR_TRUNCATED);
	assert_int_equal(bytes, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(wrong_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
