/* Commands to the TPM and its responses: bytes by the specification, every way a response
 * can be wrong, and patience that ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/floor_index.h"
#include "tests/host/host_platform.h"
#include "tests/host/tpm_model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define INDEX    TPM_FLOOR_INDEX
#define BY_PW    TPM_NV_BY_PASSWORD
#define PLAIN    0x02045004u /* as ours, but written by its password */

static struct host_platform host;
static struct tpm_model model;
static struct tpm tpm;

static int setup(void **state)
{
	(void)state;
	host_init(&host);
	memset(&model, 0, sizeof model);
	host.tpm = tpm_model_submit;
	host.tpm_ctx = &model;
	tpm_init(&tpm, &host.plat);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(host_release(&host), 0);
	return 0;
}

/* --- bytes -------------------------------------------------------------------------- */

/* What was sent last; answers nothing. */
static uint8_t sent[256];
static size_t sent_len;

static enum lb_status keep(void *ctx, const uint8_t *command, size_t len,
			   uint8_t *response, size_t *response_len)
{
	(void)ctx, (void)response;
	*response_len = 0;
	assert_true(len <= sizeof sent);
	memcpy(sent, command, len);
	sent_len = len;
	return LB_ERR_IO;
}

#define HEX_INDEX "01804c42"
#define HEX_SESSION                                                                      \
	"00000009" /* bytes of the authorization */                                      \
	"40000009" /* password session */                                                \
	"0000"     /* nonce */                                                           \
	"01"       /* continue */                                                        \
	"0000"     /* password */

static void assert_sent(const char *hex)
{
	assert_int_equal(strlen(hex), 2 * sent_len);
	for (size_t i = 0; i < sent_len; i++) {
		char byte[3];

		snprintf(byte, sizeof byte, "%02x", sent[i]);
		if (memcmp(byte, hex + 2 * i, 2) != 0)
			fail_msg("byte %zu is %s, not %.2s", i, byte, hex + 2 * i);
	}
}

/* Expected bytes by hand, from part 3 of the specification. */
static void command_bytes(void **state)
{
	static const uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct tpm_nv_public public;
	uint8_t out[8];

	(void)state;
	host.tpm = keep;
	(void)tpm_nv_read_public(&tpm, INDEX, &public);
	assert_sent("80010000000e00000169" HEX_INDEX);
	tpm_init(&tpm, &host.plat);
	(void)tpm_nv_read(&tpm, INDEX, out, 8);
	assert_sent("8002000000230000014e" HEX_INDEX HEX_INDEX HEX_SESSION "0008"
		    "0000");
	(void)tpm_nv_write(&tpm, INDEX, BY_PW, data, 8);
	assert_sent("80020000002b00000137" HEX_INDEX HEX_INDEX HEX_SESSION
		    "00080102030405060708"
		    "0000");
	tpm_init(&tpm, &host.plat);
	(void)tpm_nv_define(&tpm, INDEX, 0x02045004, 8);
	assert_sent("80020000002d0000012a"
		    "40000001" HEX_SESSION "0000"
		    "000e" HEX_INDEX "000b"
		    "02045004"
		    "0000"
		    "0008");
	(void)tpm_nv_undefine(&tpm, INDEX);
	assert_sent("80020000001f00000122"
		    "40000001" HEX_INDEX HEX_SESSION);
	tpm_init(&tpm, &host.plat);
	(void)tpm_nv_write_lock(&tpm, INDEX, BY_PW);
	assert_sent("80020000001f00000138" HEX_INDEX HEX_INDEX HEX_SESSION);
	assert_int_equal(TPM_FLOOR_ATTRIBUTES, 0x02045008);
	assert_int_equal(TPM_FLOOR_OF_PLATFORM, 0x42045004);
}

static void too_long_to_write(void **state)
{
	static const uint8_t data[65];

	(void)state;
	assert_int_equal(tpm_nv_write(&tpm, INDEX, BY_PW, data, 65), LB_ERR_ARGUMENT);
	assert_int_equal(model.commands, 0);
}

static void whole_life(void **state)
{
	static const uint8_t data[8] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	struct tpm_nv_public public;
	uint8_t out[8];

	(void)state;
	assert_int_equal(tpm_nv_read_public(&tpm, INDEX, &public), LB_ERR_NOT_FOUND);
	assert_string_equal(tpm_why(&tpm, LB_ERR_NOT_FOUND), "there is no such index");
	assert_int_equal(tpm_nv_define(&tpm, INDEX, PLAIN, 8), LB_OK);
	assert_int_equal(tpm_nv_define(&tpm, INDEX, PLAIN, 8), LB_ERR_DUPLICATE);
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_ERR_NOT_FOUND);
	assert_int_equal(tpm_nv_write(&tpm, INDEX, BY_PW, data, 8), LB_OK);
	assert_int_equal(tpm_nv_write(&tpm, INDEX, BY_PW, data, 7), LB_ERR_RANGE);
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_OK);
	assert_memory_equal(out, data, 8);
	assert_int_equal(tpm_nv_read_public(&tpm, INDEX, &public), LB_OK);
	assert_int_equal(public.attributes, PLAIN | TPM_NV_WRITTEN);
	assert_int_equal(public.data_bytes, 8);
	assert_int_equal(public.policy_bytes, 0);
	assert_int_equal(public.policy[0], 0);
	assert_int_equal(public.name_algorithm, TPM_ALG_SHA256);
	assert_int_equal(tpm_nv_write_lock(&tpm, INDEX, BY_PW), LB_OK);
	assert_int_equal(tpm_nv_write(&tpm, INDEX, BY_PW, data, 8), LB_ERR_READ_ONLY);
	assert_int_equal(tpm_nv_undefine(&tpm, INDEX), LB_OK);
	assert_int_equal(tpm_nv_undefine(&tpm, INDEX), LB_ERR_NOT_FOUND);
	assert_int_equal(tpm.failures, 0);
}

/* Bytes by hand, from part 3: a session, the register, a write that ends the session. */
static void policy_bytes(void **state)
{
	static const uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint32_t session;

	(void)state;
	host.tpm = keep;
	(void)tpm_policy_begin(&tpm, &session);
	assert_sent("80010000002b00000176"
		    "40000007"
		    "40000007"
		    "001000000000000000000000000000000000"
		    "0000"
		    "01"
		    "0010"
		    "000b");
	(void)tpm_nv_write(&tpm, INDEX, 0x03000001, data, 8);
	assert_sent("80020000002b00000137" HEX_INDEX HEX_INDEX "00000009"
		    "03000001"
		    "0000"
		    "00"
		    "0000"
		    "00080102030405060708"
		    "0000");
	tpm_init(&tpm, &host.plat);
	(void)tpm_nv_define(&tpm, INDEX, TPM_FLOOR_ATTRIBUTES, 8);
	assert_sent("80020000004d0000012a"
		    "40000001" HEX_SESSION "0000"
		    "002e" HEX_INDEX "000b"
		    "02045008"
		    "0020"
		    "2a90ac03196573f129e70a9e04485bff581d2890fe5882d3c2667290d84b497b"
		    "0008");
}

/* Written while PCR 8 is at its start, and by nobody after that; no session is left. */
static void policy_life(void **state)
{
	static const uint8_t data[8] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	struct tpm_nv_public public;
	uint32_t session, other;
	uint8_t out[8];

	(void)state;
	assert_int_equal(tpm_nv_define(&tpm, INDEX, TPM_FLOOR_ATTRIBUTES, 8), LB_OK);
	assert_int_equal(tpm_nv_read_public(&tpm, INDEX, &public), LB_OK);
	assert_int_equal(public.policy_bytes, 32);
	assert_memory_equal(public.policy, tpm_policy_unmeasured, 32);
	assert_int_equal(tpm_nv_write(&tpm, INDEX, BY_PW, data, 8), LB_ERR_DENIED);
	assert_int_equal(tpm_policy_begin(&tpm, &session), LB_OK);
	assert_int_equal(tpm_nv_write(&tpm, INDEX, session, data, 8), LB_OK);
	assert_int_equal(model.sessions, 0);
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_OK);
	assert_memory_equal(out, data, 8);
	/* A session from before the measuring is of no use after it. */
	assert_int_equal(tpm_policy_begin(&tpm, &session), LB_OK);
	model.measured = true;
	assert_int_equal(tpm_nv_write(&tpm, INDEX, session, data, 8), LB_ERR_DENIED);
	tpm_policy_end(&tpm, session);
	assert_string_equal(tpm_why(&tpm, LB_ERR_DENIED), "its policy is not fulfilled");
	assert_int_equal(tpm_policy_begin(&tpm, &other), LB_ERR_READ_ONLY);
	assert_string_equal(tpm_why(&tpm, LB_ERR_READ_ONLY), "PCR 8 is past its start");
	assert_int_equal(model.sessions, 0);
	model.measured = false;
	model.sessions = (1u << TPM_MODEL_SESSIONS) - 1;
	assert_int_equal(tpm_policy_begin(&tpm, &session), LB_ERR_FULL);
	assert_string_equal(tpm_why(&tpm, LB_ERR_FULL), "it has no session free");
	assert_int_equal(tpm.failures, 0);
}

/* --- wrong responses ---------------------------------------------------------------- */

static enum lb_status ask(uint32_t command)
{
	static const uint8_t data[8];
	struct tpm_nv_public public;
	uint32_t session;
	uint8_t out[8];

	switch (command) {
	case TPM_MODEL_READ_PUBLIC:
		return tpm_nv_read_public(&tpm, INDEX, &public);
	case TPM_MODEL_READ:
		return tpm_nv_read(&tpm, INDEX, out, 8);
	case TPM_MODEL_WRITE:
		return tpm_nv_write(&tpm, INDEX, BY_PW, data, 8);
	case TPM_MODEL_START_SESSION:
		return tpm_policy_begin(&tpm, &session);
	default:
		return tpm_nv_write_lock(&tpm, INDEX, BY_PW);
	}
}

/* What is good is good; each shorter, each longer one is refused. */
static void lengths(void **state)
{
	static const uint32_t commands[] = { TPM_MODEL_READ_PUBLIC, TPM_MODEL_READ,
					     TPM_MODEL_WRITE, TPM_MODEL_WRITE_LOCK,
					     TPM_MODEL_START_SESSION };
	static const uint8_t data[8];

	(void)state;
	for (size_t c = 0; c < COUNT(commands); c++) {
		for (uint32_t by = 0; by < 80; by++) {
			for (int longer = 0; longer < 2; longer++) {
				tpm_init(&tpm, &host.plat);
				memset(&model, 0, sizeof model);
				(void)tpm_model_put(&model, INDEX, PLAIN, data, 8);
				tpm_model_fail(&model,
					       (struct tpm_fault){
						       .kind = longer ? TPM_FAULT_LONGER
								      : TPM_FAULT_CUT,
						       .amount = by });
				const enum lb_status got = ask(commands[c]);

				if (got != (by == 0 ? LB_OK : LB_ERR_IO))
					fail_msg("command %x, %s by %u: %s", commands[c],
						 longer ? "longer" : "shorter", by,
						 lb_status_name(got));
			}
		}
	}
}

/* Of what the index is, no byte can be wrong unseen: its name covers it. */
static void every_byte_of_public(void **state)
{
	static const uint8_t data[8];

	(void)state;
	for (uint32_t at = 0; at < 10 + 2 + 46 + 2 + 34; at++) {
		tpm_init(&tpm, &host.plat);
		memset(&model, 0, sizeof model);
		(void)tpm_model_put(&model, INDEX, TPM_FLOOR_ATTRIBUTES, data, 8);
		tpm_model_fail(&model, (struct tpm_fault){ .kind = TPM_FAULT_GARBAGE,
							   .amount = at });
		/* Bytes 16 and 17 make another algorithm: then it is not ours. */
		if (at == 16 || at == 17) {
			struct tpm_floor floor;

			(void)tpm_floor_read(&tpm, TPM_FLOOR_SYSTEMS, &floor);
			assert_int_equal(floor.state, TPM_FLOOR_FOREIGN);
		} else if (ask(TPM_MODEL_READ_PUBLIC) == LB_OK) {
			fail_msg("byte %u inverted, and nobody saw it", at);
		}
	}
}

/* A TPM that was never asked anything like this: random-looking and empty responses. */
static enum lb_status chaos(void *ctx, const uint8_t *command, size_t len,
			    uint8_t *response, size_t *response_len)
{
	uint32_t *seed = ctx;

	(void)command, (void)len;
	for (size_t i = 0; i < *response_len; i++) {
		*seed = *seed * 1103515245u + 12345u;
		response[i] = (uint8_t)(*seed >> 16);
	}
	*response_len = *seed % (*response_len + 1);
	return LB_OK;
}

static void chaos_is_an_error(void **state)
{
	uint32_t seed = 1;

	(void)state;
	host.tpm = chaos;
	host.tpm_ctx = &seed;
	for (int i = 0; i < 1000; i++) {
		struct tpm_floor floor;

		tpm_init(&tpm, &host.plat);
		assert_int_not_equal(tpm_floor_read(&tpm, TPM_FLOOR_SYSTEMS, &floor),
				     LB_OK);
		assert_int_equal(floor.state, TPM_FLOOR_UNREADABLE);
		assert_int_equal(floor.value.kernel, 0);
	}
}

/* A well-formed answer to another question: 7 bytes where 8 were asked for. */
static enum lb_status seven_bytes(void *ctx, const uint8_t *command, size_t len,
				  uint8_t *response, size_t *response_len)
{
	static const uint8_t seven[] = { 0x80, 2, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 9,
					 0,    7, 1, 2, 3, 4,  5, 6, 7, 0, 0, 1, 0, 0 };

	(void)ctx, (void)command, (void)len;
	memcpy(response, seven, sizeof seven);
	*response_len = sizeof seven;
	return LB_OK;
}

static void wrong_amount(void **state)
{
	uint8_t out[8];

	(void)state;
	host.tpm = seven_bytes;
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 7), LB_OK);
	assert_int_equal(out[6], 7);
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_ERR_IO);
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 6), LB_ERR_IO);
}

/* A response as the test wrote it, to whatever is asked. */
static uint8_t reply[TPM_RESPONSE_BYTES];
static size_t reply_len;

static enum lb_status say_reply(void *ctx, const uint8_t *command, size_t len,
				uint8_t *response, size_t *response_len)
{
	(void)ctx;
	memcpy(sent, command, len);
	sent_len = len;
	assert_true(reply_len <= *response_len);
	memcpy(response, reply, reply_len);
	*response_len = reply_len;
	return LB_OK;
}

/* @tag, success, and @len bytes behind the header. */
static void set_reply(uint16_t tag, const uint8_t *rest, size_t len)
{
	reply_len = TPM_HEADER_BYTES + len;
	reply[0] = (uint8_t)(tag >> 8);
	reply[1] = (uint8_t)tag;
	lb_put_be32(reply + 2, (uint32_t)reply_len);
	lb_put_be32(reply + 6, 0);
	memcpy(reply + TPM_HEADER_BYTES, rest, len);
	host.tpm = say_reply;
}

static void chance_from_the_tpm(void **state)
{
	uint8_t rest[2 + 33] = { 0, 32 }, out[33] = { 0 };

	(void)state;
	memset(rest + 2, 0x5a, 33);
	set_reply(TPM_ST_NO_SESSIONS, rest, 34);
	assert_int_equal(tpm_random(&tpm, out, 32), LB_OK);
	assert_sent("80010000000c0000017b0020");
	assert_memory_equal(out, rest + 2, 32);
	/* Fewer than asked, one more behind, more than any TPM gives at once. */
	assert_int_equal(tpm_random(&tpm, out, 31), LB_ERR_IO);
	set_reply(TPM_ST_NO_SESSIONS, rest, 35);
	assert_int_equal(tpm_random(&tpm, out, 32), LB_ERR_IO);
	sent_len = 0;
	assert_int_equal(tpm_random(&tpm, out, 33), LB_ERR_ARGUMENT);
	assert_int_equal(sent_len, 0);
}

/* The largest response there is room for is one. */
static void a_full_response(void **state)
{
	static const uint8_t rest[TPM_RESPONSE_BYTES - TPM_HEADER_BYTES] = { 1 };
	struct tpm_out command;
	struct tpm_in in;

	(void)state;
	tpm_begin(&command, TPM_ST_NO_SESSIONS, 0x17a);
	set_reply(TPM_ST_NO_SESSIONS, rest, sizeof rest);
	assert_int_equal(tpm_send(&tpm, &command, &in), LB_OK);
	assert_int_equal(in.left, sizeof rest);
}

static void a_command_that_is_too_long(void **state)
{
	static const uint8_t much[TPM_COMMAND_BYTES];
	struct tpm_out command;
	struct tpm_in in;

	(void)state;
	sent_len = 0;
	set_reply(TPM_ST_NO_SESSIONS, much, 0);
	tpm_begin(&command, TPM_ST_NO_SESSIONS, 0x17a);
	tpm_put_bytes(&command, much, TPM_COMMAND_BYTES - TPM_HEADER_BYTES + 1);
	assert_int_equal(tpm_send(&tpm, &command, &in), LB_ERR_INTERNAL);
	assert_int_equal(sent_len, 0);
}

/* Part 1, 19.6: a policy session answers with a nonce of 16 to 64 bytes. */
static void nonces_of_policy_sessions(void **state)
{
	static const struct {
		uint8_t bytes;
		enum lb_status want;
	} rows[] = { { 15, LB_ERR_IO }, { 16, LB_OK }, { 64, LB_OK }, { 65, LB_ERR_IO } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t rest[4 + 2 + 65 + 1 + 2] = { 0, 0, 0, 0, 0, rows[i].bytes };
		struct tpm_out command;
		struct tpm_in in;

		tpm_init(&tpm, &host.plat);
		tpm_begin(&command, TPM_ST_SESSIONS, 0x137);
		tpm_put_policy(&command, 0x03000000);
		set_reply(TPM_ST_SESSIONS, rest, 4u + 2u + rows[i].bytes + 1 + 2);
		print_message("row: %u bytes\n", rows[i].bytes);
		assert_int_equal(tpm_send(&tpm, &command, &in), rows[i].want);
	}
}

/* --- codes -------------------------------------------------------------------------- */

static const struct {
	uint32_t code;
	enum lb_status want;
	const char *words;
} codes[] = {
	{ 0x01e, LB_ERR_UNSUPPORTED, "it is not a TPM 2.0" },
	{ 0x101, LB_ERR_IO, "it has failed its own test" },
	{ 0x124, LB_ERR_DENIED, "a password is not enough" },
	{ 0x125, LB_ERR_DENIED, "a password is missing" },
	{ 0x128, LB_ERR_READ_ONLY, "PCR 8 is past its start" },
	{ 0x905, LB_ERR_FULL, "it has no session free" },
	{ 0x143, LB_ERR_UNSUPPORTED, "it does not know that command" },
	{ 0x148, LB_ERR_READ_ONLY, "the index is locked" },
	{ 0x149, LB_ERR_DENIED, "the index is not ours to change" },
	{ 0x14b, LB_ERR_FULL, "it is full" },
	{ 0x184, LB_ERR_ARGUMENT, "it does not take such a value" },
	{ 0x2c4, LB_ERR_ARGUMENT, "it does not take such a value" },
	{ 0x18b, LB_ERR_NOT_FOUND, "there is no such index" },
	{ 0x28b, LB_ERR_NOT_FOUND, "there is no such index" },
	{ 0x185, LB_ERR_DENIED, "its owner hierarchy is switched off" },
	{ 0x98e, LB_ERR_DENIED, "its owner's password is set" },
	{ 0x9a2, LB_ERR_DENIED, "its owner's password is set" },
	{ 0x2c2, LB_ERR_DENIED, "the index has other attributes" },
	{ 0x921, LB_ERR_DENIED, "it is locked out after wrong passwords" },
	{ 0x100, LB_ERR_IO, NULL },
	{ 0xffffffff, LB_ERR_IO, NULL },
};

static void code_meanings(void **state)
{
	(void)state;
	memset(&tpm, 0xff, sizeof tpm);
	tpm_init(&tpm, &host.plat);
	assert_int_equal(tpm.code, 0);
	assert_string_equal(tpm_why(&tpm, LB_OK), lb_status_name(LB_OK));
	assert_int_equal(tpm_code_status(0), LB_OK);
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct tpm_nv_public public;

		tpm_init(&tpm, &host.plat);
		model.fault_count = 0;
		tpm_model_fail(&model, (struct tpm_fault){ .kind = TPM_FAULT_CODE,
							   .code = codes[i].code });
		const enum lb_status got = tpm_nv_read_public(&tpm, INDEX, &public);

		print_message("row: code 0x%x\n", codes[i].code);
		assert_int_equal(got, codes[i].want);
		assert_int_equal(tpm.code, codes[i].code);
		if (codes[i].words != NULL)
			assert_string_equal(tpm_why(&tpm, got), codes[i].words);
		else
			assert_string_equal(tpm_why(&tpm, got), lb_status_name(got));
	}
}

/* --- patience ----------------------------------------------------------------------- */

static void slow_tpm_is_waited_for(void **state)
{
	static const uint32_t slow[] = { 0x922, 0x908, 0x90a, 0x909, 0x920, 0x923 };
	static const uint8_t data[8];

	(void)state;
	for (size_t i = 0; i < COUNT(slow); i++) {
		const uint64_t before = host.slept_ms;
		uint8_t out[8];

		model.fault_count = 0;
		(void)tpm_model_put(&model, INDEX, TPM_FLOOR_ATTRIBUTES, data, 8);
		tpm_model_fail(&model, (struct tpm_fault){ .kind = TPM_FAULT_CODE,
							   .code = slow[i],
							   .times = TPM_RETRIES });
		assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_OK);
		assert_int_equal(host.slept_ms - before, TPM_RETRIES * TPM_RETRY_MS);
		assert_int_equal(tpm.failures, 0);
	}
}

static void patience_ends(void **state)
{
	uint8_t out[8];

	(void)state;
	tpm_model_fail(&model,
		       (struct tpm_fault){ .kind = TPM_FAULT_CODE, .code = 0x922 });
	for (uint32_t i = 0; i < TPM_MAX_FAILURES; i++)
		assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_ERR_TIMEOUT);
	assert_int_equal(model.commands, TPM_MAX_FAILURES * (TPM_RETRIES + 1));
	/* From now on it is not even asked, and what it said last is no reason. */
	tpm.code = 0x98e;
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_ERR_TIMEOUT);
	assert_int_equal(tpm.code, 0);
	assert_int_equal(model.commands, TPM_MAX_FAILURES * (TPM_RETRIES + 1));
	assert_true(host.slept_ms <= 6000);
}

static void silent_tpm_is_given_up(void **state)
{
	uint8_t out[8];

	(void)state;
	tpm_model_fail(&model, (struct tpm_fault){ .kind = TPM_FAULT_STATUS,
						   .status = LB_ERR_IO });
	for (uint32_t i = 0; i < TPM_MAX_FAILURES; i++)
		assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_ERR_IO);
	assert_int_equal(tpm_nv_read(&tpm, INDEX, out, 8), LB_ERR_TIMEOUT);
	assert_int_equal(model.commands, TPM_MAX_FAILURES);
	assert_int_equal(host.slept_ms, 0);
}

static void no_tpm(void **state)
{
	struct tpm_floor floor;

	(void)state;
	host.tpm = NULL;
	for (int i = 0; i < 10; i++)
		assert_int_equal(tpm_floor_read(&tpm, TPM_FLOOR_SYSTEMS, &floor),
				 LB_ERR_UNSUPPORTED);
	assert_int_equal(floor.state, TPM_FLOOR_NO_TPM);
}

/* --- the index ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	struct platform_floors stored, want, after;
	uint32_t changes;
} stores[] = {
	{ "both rise", { 2, 3, 0 }, { 4, 5, 0 }, { 4, 5, 0 }, 1 },
	{ "one rises, the other is not lowered",
	  { 2, 3, 0 },
	  { 0, 5, 0 },
	  { 2, 5, 0 },
	  1 },
	{ "and the other way round", { 2, 3, 0 }, { 4, 1, 0 }, { 4, 3, 0 }, 1 },
	{ "nothing to do", { 2, 3, 0 }, { 2, 1, 0 }, { 2, 3, 0 }, 0 },
	{ "byte order",
	  { 0, 0, 0 },
	  { 0x04030201, 0x08070605, 0 },
	  { 0x04030201, 0x08070605, 0 },
	  1 },
};

static void never_lowered(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stores); i++) {
		uint8_t bytes[8];
		struct tpm_floor now = { .kind = TPM_FLOOR_SYSTEMS };

		print_message("row: %s\n", stores[i].name);
		lb_put_le32(bytes, stores[i].stored.kernel);
		lb_put_le32(bytes + 4, stores[i].stored.recovery);
		const struct tpm_model_index *x = tpm_model_put(
			&model, INDEX, TPM_FLOOR_ATTRIBUTES, bytes, sizeof bytes);

		model.changes = 0;
		assert_int_equal(tpm_floor_store(&tpm, &stores[i].want, &now), LB_OK);
		assert_int_equal(model.changes, stores[i].changes);
		assert_int_equal(now.value.kernel, stores[i].after.kernel);
		assert_int_equal(now.value.recovery, stores[i].after.recovery);
		for (size_t b = 0; b < 4; b++) {
			assert_int_equal(x->data[b],
					 stores[i].after.kernel >> 8 * b & 0xff);
			assert_int_equal(x->data[4 + b],
					 stores[i].after.recovery >> 8 * b & 0xff);
		}
	}
}

/* It could be read when the boot began and cannot be now: it may be higher. */
static void unreadable_is_not_written(void **state)
{
	static const uint8_t high[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
	const struct platform_floors want = { 1, 1, 0 };
	struct tpm_floor now = { .kind = TPM_FLOOR_SYSTEMS };

	(void)state;
	const struct tpm_model_index *x =
		tpm_model_put(&model, INDEX, TPM_FLOOR_ATTRIBUTES, high, sizeof high);

	tpm_model_fail(&model, (struct tpm_fault){ .command = TPM_MODEL_READ,
						   .kind = TPM_FAULT_STATUS,
						   .status = LB_ERR_IO });
	assert_int_equal(tpm_floor_store(&tpm, &want, &now), LB_ERR_IO);
	assert_memory_equal(x->data, high, sizeof high);
	assert_int_equal(model.changes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(command_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(too_long_to_write, setup, teardown),
		cmocka_unit_test_setup_teardown(whole_life, setup, teardown),
		cmocka_unit_test_setup_teardown(policy_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(policy_life, setup, teardown),
		cmocka_unit_test_setup_teardown(lengths, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_of_public, setup, teardown),
		cmocka_unit_test_setup_teardown(chaos_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_amount, setup, teardown),
		cmocka_unit_test_setup_teardown(chance_from_the_tpm, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_response, setup, teardown),
		cmocka_unit_test_setup_teardown(a_command_that_is_too_long, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nonces_of_policy_sessions, setup,
						teardown),
		cmocka_unit_test_setup_teardown(code_meanings, setup, teardown),
		cmocka_unit_test_setup_teardown(slow_tpm_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(patience_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(silent_tpm_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(no_tpm, setup, teardown),
		cmocka_unit_test_setup_teardown(never_lowered, setup, teardown),
		cmocka_unit_test_setup_teardown(unreadable_is_not_written, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
