/* Measuring by event sequences, on a made-up TPM that hashes with OpenSSL; and the
 * log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/pcr_log.h"
#include "boot/uefi/x86_64/tcg_log.h"

#define HANDLE     0x80000002u
#define ALGORITHMS 3u

static const struct {
	uint16_t id, bytes;
	const char *name;
} algorithms[ALGORITHMS] = { { 4, 20, "sha1" },
			     { 11, 32, "sha256" },
			     { 13, 64, "sha512" } };

static struct model {
	bool started, tested, open;
	bool active[ALGORITHMS];
	uint8_t pcr[ALGORITHMS][64];
	uint32_t pcr_number;
	uint8_t data[8192];
	size_t data_bytes;
	unsigned flushed, slept;
	/* faults */
	uint32_t fail_command, fail_code; /* this command answers so */
	enum lb_status fail_status;
	unsigned busy;      /* so many times it asks for patience */
	size_t cut_bytes;   /* so many bytes are missing at the end of a response */
	uint16_t odd_bank;  /* one more bank, active */
	bool drops_digests; /* of the first bank */
} tpm;

static size_t finish(uint8_t *response, size_t len, uint32_t code, uint32_t tag)
{
	response[0] = (uint8_t)(tag >> 8);
	response[1] = (uint8_t)tag;
	lb_put_be32(response + 2, (uint32_t)len);
	lb_put_be32(response + 6, code);
	return len;
}

static void put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static size_t capability(const uint8_t *command, size_t len, uint8_t *r)
{
	size_t at = 19;

	assert_int_equal(len, 22);
	assert_int_equal(lb_be32(command + 10), 5);
	r[10] = 0;
	lb_put_be32(r + 11, 5);
	lb_put_be32(r + 15, ALGORITHMS + (tpm.odd_bank != 0));
	for (size_t i = 0; i < ALGORITHMS; i++, at += 6) {
		put16(r + at, algorithms[i].id);
		r[at + 2] = 3;
		memset(r + at + 3, tpm.active[i] ? 0xff : 0, 3);
	}
	if (tpm.odd_bank != 0) {
		put16(r + at, tpm.odd_bank);
		memcpy(r + at + 2, "\3\xff\xff\xff", 4);
		at += 6;
	}
	return finish(r, at, 0, 0x8001);
}

static void digest(size_t algorithm, const void *a, size_t a_bytes, const void *b,
		   size_t b_bytes, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	EVP_DigestInit_ex(ctx, EVP_get_digestbyname(algorithms[algorithm].name), NULL);
	EVP_DigestUpdate(ctx, a, a_bytes);
	EVP_DigestUpdate(ctx, b, b_bytes);
	EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
}

/* One password session of nothing at @p; @count of them. */
static void check_sessions(const uint8_t *p, size_t count)
{
	assert_int_equal(lb_be32(p), 9 * count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(lb_be32(p + 4 + 9 * i), 0x40000009);
}

static void take_data(const uint8_t *p, size_t left)
{
	const size_t len = (size_t)p[0] << 8 | p[1];

	assert_int_equal(left, len + 2);
	assert_in_range(len, 0, 1024);
	assert_in_range(tpm.data_bytes + len, 0, sizeof tpm.data);
	memcpy(tpm.data + tpm.data_bytes, p + 2, len);
	tpm.data_bytes += len;
}

/* Extends the active banks; tells the digests of all algorithms, as TPMs do. */
static size_t complete(const uint8_t *command, size_t len, uint8_t *r)
{
	size_t at = 18;

	tpm.pcr_number = lb_be32(command + 10);
	assert_int_equal(lb_be32(command + 14), HANDLE);
	check_sessions(command + 18, 2);
	take_data(command + 40, len - 40);
	tpm.open = false;
	for (size_t i = tpm.drops_digests ? 1 : 0; i < ALGORITHMS; i++) {
		put16(r + at, algorithms[i].id);
		digest(i, tpm.data, tpm.data_bytes, "", 0, r + at + 2);
		if (tpm.active[i])
			digest(i, tpm.pcr[i], algorithms[i].bytes, r + at + 2,
			       algorithms[i].bytes, tpm.pcr[i]);
		at += 2 + algorithms[i].bytes;
	}
	lb_put_be32(r + 10, (uint32_t)(at - 14));
	lb_put_be32(r + 14, ALGORITHMS - (tpm.drops_digests ? 1 : 0));
	memset(r + at, 0, 10); /* the sessions' answers */
	return finish(r, at + 10, 0, 0x8002);
}

static size_t answer(const uint8_t *command, size_t len, uint8_t *r)
{
	switch (lb_be32(command + 6)) {
	case 0x144:
		if (tpm.started)
			return finish(r, 10, 0x100, 0x8001);
		tpm.started = true;
		return finish(r, 10, 0, 0x8001);
	case 0x143:
		tpm.tested = true;
		return finish(r, 10, 0, 0x8001);
	case 0x17a:
		return capability(command, len, r);
	case 0x186:
		assert_false(tpm.open);
		assert_memory_equal(command + 10, "\0\0\0\x10", 4);
		tpm.open = true;
		tpm.data_bytes = 0;
		lb_put_be32(r + 10, HANDLE);
		return finish(r, 14, 0, 0x8001);
	case 0x15c:
		assert_int_equal(lb_be32(command + 10), HANDLE);
		check_sessions(command + 14, 1);
		take_data(command + 27, len - 27);
		lb_put_be32(r + 10, 0);
		memset(r + 14, 0, 5);
		return finish(r, 19, 0, 0x8002);
	case 0x185:
		return complete(command, len, r);
	case 0x165:
		assert_int_equal(lb_be32(command + 10), HANDLE);
		tpm.open = false;
		tpm.flushed++;
		return finish(r, 10, 0, 0x8001);
	default:
		fail_msg("command 0x%x", lb_be32(command + 6));
		return 0;
	}
}

static enum lb_status submit(void *ctx, const uint8_t *command, size_t len,
			     uint8_t *response, size_t *response_len)
{
	uint8_t r[1024];
	size_t bytes;

	(void)ctx;
	assert_int_equal(lb_be32(command + 2), len);
	if (tpm.busy > 0) {
		tpm.busy--;
		bytes = finish(r, 10, 0x922, 0x8001);
	} else if (tpm.fail_command == lb_be32(command + 6)) {
		if (tpm.fail_status != LB_OK)
			return tpm.fail_status;
		bytes = tpm.fail_code != 0 ? finish(r, 10, tpm.fail_code, 0x8001)
					   : answer(command, len, r);
		if (tpm.cut_bytes != 0)
			bytes = finish(r, bytes - tpm.cut_bytes, 0, 0x8002);
	} else {
		bytes = answer(command, len, r);
	}
	assert_in_range(bytes, 10, *response_len);
	memcpy(response, r, bytes);
	*response_len = bytes;
	return LB_OK;
}

static void sleep_ms(void *ctx, uint32_t ms)
{
	(void)ctx;
	tpm.slept += ms;
}

static const struct platform plat = { .tpm_submit = submit, .sleep_ms = sleep_ms };
static struct pcr_log events;
static uint8_t *event_log; /* exactly as large as it is, for the sanitizer */

static enum lb_status start(void)
{
	return pcr_log_start(&events, &plat, event_log);
}

static int setup(void **state)
{
	(void)state;
	memset(&tpm, 0, sizeof tpm);
	tpm.active[1] = tpm.active[2] = true;
	event_log = test_malloc(PCR_LOG_BYTES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_free(event_log);
	return 0;
}

static void test_start(void **state)
{
	static const uint8_t header[] = {
		0,   0,   0,   0,   3,   0,   0,   0,   0,   0,   0,   0,   0,   0,
		0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
		37,  0,   0,   0,   'S', 'p', 'e', 'c', ' ', 'I', 'D', ' ', 'E', 'v',
		'e', 'n', 't', '0', '3', 0,   0,   0,   0,   0,   0,   2,   0,   2,
		2,   0,   0,   0,   11,  0,   32,  0,   13,  0,   64,  0,   0,
	};

	(void)state;
	for (int before = 0; before < 2; before++) {
		tpm.started = before == 1; /* by who was here before us */
		assert_int_equal(start(), LB_OK);
		assert_true(tpm.started && tpm.tested);
		assert_int_equal(events.log_used, sizeof header);
		assert_memory_equal(event_log, header, sizeof header);
		assert_int_equal(event_log[sizeof header], 0);
	}
}

static const size_t sizes[] = { 1, 4, 1023, 1024, 1025, 2048, 2049, 5000 };

/* Every size goes through whole; PCRs and log agree; the log's walker of the UEFI back
 * end, which was written for firmware's logs, finds the same events. */
static void test_events(void **state)
{
	static uint8_t data[5000];
	uint8_t pcr[64] = { 0 }, wanted[64];
	size_t last = 0, bytes;

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 31 + i / 256);
	assert_int_equal(start(), LB_OK);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const uint8_t *e = event_log + events.log_used;

		last = events.log_used;
		assert_int_equal(
			pcr_log_measure(&events, 8, 6, data, sizes[i], "some text", 9),
			LB_OK);
		assert_int_equal(tpm.pcr_number, 8);
		assert_int_equal(tpm.data_bytes, sizes[i]);
		assert_memory_equal(tpm.data, data, sizes[i]);
		assert_int_equal(lb_le32(e), 8);
		assert_int_equal(lb_le32(e + 4), 6);
		assert_int_equal(lb_le32(e + 8), 2);
		assert_int_equal(lb_le16(e + 12), 11);
		assert_int_equal(lb_le16(e + 46), 13);
		assert_int_equal(lb_le32(e + 112), 9);
		assert_memory_equal(e + 116, "some text", 9);
		digest(1, data, sizes[i], "", 0, wanted);
		assert_memory_equal(e + 14, wanted, 32);
		digest(1, pcr, 32, wanted, 32, pcr);
		assert_memory_equal(tpm.pcr[1], pcr, 32);
		assert_int_equal(pcr_log_measure(&events, 8, 6, "", 0, "", 0), LB_OK);
		digest(1, "", 0, "", 0, wanted);
		digest(1, pcr, 32, wanted, 32, pcr);
		last = events.log_used - (116 + 0);
	}
	assert_int_equal(tcg_log_bytes(event_log, last, PCR_LOG_BYTES, &bytes), LB_OK);
	assert_int_equal(bytes, events.log_used);
	assert_int_equal(tpm.flushed, 0);
}

/* The PCR counts; the log stays whole, as far as it goes. */
static void test_full_log(void **state)
{
	static const char text[3000] = "x";
	size_t used = 0;

	(void)state;
	assert_int_equal(start(), LB_OK);
	for (int i = 0; i < 40; i++) {
		used = events.log_used;
		assert_int_equal(
			pcr_log_measure(&events, 8, 6, "a", 1, text, sizeof text), LB_OK);
	}
	assert_int_equal(events.log_used, used);
	assert_in_range(used, PCR_LOG_BYTES - 3200, PCR_LOG_BYTES);
	for (size_t i = used; i < PCR_LOG_BYTES; i++)
		assert_int_equal(event_log[i], 0);
}

static void test_failures(void **state)
{
	static const uint32_t at_start[] = { 0x144, 0x143, 0x17a };
	static const uint32_t at_event[] = { 0x186, 0x15c, 0x185 };
	static uint8_t data[2000];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (int how = 0; how < 3; how++) {
			memset(&tpm, 0, sizeof tpm);
			tpm.active[0] = true;
			tpm.fail_command = at_start[i];
			tpm.fail_code = how == 0 ? 0x101 : 0;
			tpm.fail_status = how == 1 ? LB_ERR_TIMEOUT : LB_OK;
			tpm.cut_bytes = how == 2 ? 13 : 0;
			if (how == 2 && at_start[i] != 0x17a)
				continue; /* nothing to cut */
			assert_int_not_equal(start(), LB_OK);
			tpm.fail_command = 0;
			assert_int_equal(start(), LB_OK);
			tpm.fail_command = at_event[i];
			const size_t used = events.log_used;

			if (how == 2 && at_event[i] == 0x15c)
				continue;
			assert_int_not_equal(
				pcr_log_measure(&events, 8, 6, data, sizeof data, "t", 1),
				LB_OK);
			assert_int_equal(events.log_used, used);
			assert_int_equal(event_log[used], 0);
			assert_int_equal(
				tpm.flushed,
				at_event[i] == 0x186 || (how == 2 && at_event[i] == 0x185)
					? tpm.flushed
					: 1);
		}
}

static void test_digests_that_are_missing(void **state)
{
	(void)state;
	tpm.active[0] = tpm.drops_digests = true;
	assert_int_equal(start(), LB_OK);
	assert_int_equal(pcr_log_measure(&events, 8, 6, "a", 1, "t", 1), LB_ERR_IO);
}

static void test_banks(void **state)
{
	(void)state;
	tpm.odd_bank = 0x77;
	assert_int_equal(start(), LB_ERR_ALGORITHM);
	tpm.odd_bank = 0;
	tpm.active[1] = tpm.active[2] = false;
	assert_int_equal(start(), LB_ERR_IO);
}

static void test_patience(void **state)
{
	(void)state;
	tpm.busy = 10;
	assert_int_equal(start(), LB_OK);
	assert_in_range(tpm.slept, 1, 1000);
	tpm.busy = 1000000;
	tpm.slept = 0;
	assert_int_equal(pcr_log_measure(&events, 8, 6, "a", 1, "t", 1), LB_ERR_TIMEOUT);
	assert_in_range(tpm.slept, 1000, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digests_that_are_missing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_banks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patience, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
