/* Events: hashed by the TPM itself, which so serves banks that we have no hash function
 * for.
 */
#include "boot/bare/drivers/tpm_events.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/wire.h"

#define CC_SELF_TEST      0x143u
#define CC_STARTUP        0x144u
#define CC_UPDATE         0x15cu
#define CC_FLUSH          0x165u
#define CC_GET_CAPABILITY 0x17au
#define CC_COMPLETE       0x185u
#define CC_SEQUENCE_START 0x186u

#define RC_INITIALIZE 0x100u /* it was started before */
#define RC_YIELDED    0x908u
#define RC_TESTING    0x90au
#define RC_RETRY      0x922u
#define RETRY_MS      20u
#define RETRIES       250u

#define CAP_PCRS     5u
#define ALG_NULL     0x10u
#define RS_PW        0x40000009u
#define EV_NO_ACTION 3u
#define SHA1_BYTES   20u

/* --- one command -------------------------------------------------------------------- */

/* A command in t->message, which the response then takes the place of. */
struct command {
	struct tpm_events *t;
	size_t len;
};

static void put(struct command *c, uint32_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		c->t->message[c->len++] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

static void put_sized(struct command *c, const uint8_t *data, size_t len)
{
	put(c, (uint32_t)len, 2);
	memcpy(c->t->message + c->len, data, len);
	c->len += len;
}

static struct command begin(struct tpm_events *t, uint32_t tag, uint32_t code)
{
	struct command c = { t, 0 };

	put(&c, tag, 2);
	put(&c, 0, 4);
	put(&c, code, 4);
	return c;
}

/* An authorization area of @count empty passwords. */
static void put_passwords(struct command *c, size_t count)
{
	put(c, (uint32_t)(9 * count), 4);
	for (size_t i = 0; i < count; i++) {
		put(c, RS_PW, 4);
		put(c, 0, 2); /* nonce */
		put(c, 0, 1);
		put(c, 0, 2); /* password */
	}
}

static bool asks_for_patience(uint32_t code)
{
	return code == RC_RETRY || code == RC_YIELDED || code == RC_TESTING;
}

static enum lb_status send_once(const struct command *c, uint8_t *response, size_t room,
				struct tpm_in *rest, uint32_t *code)
{
	const struct platform *plat = c->t->plat;
	size_t len = room;
	const enum lb_status status =
		plat->tpm_submit(plat->ctx, c->t->message, c->len, response, &len);

	if (status != LB_OK)
		return status;

	struct tpm_in in = { response, len, false };

	(void)tpm_take_u16(&in);
	if (tpm_take_u32(&in) != len)
		return LB_ERR_IO;
	*code = tpm_take_u32(&in);
	*rest = in;
	return in.bad ? LB_ERR_IO : LB_OK;
}

/* LB_OK: there is a response, *code is its; @rest is what follows its header. */
static enum lb_status send(struct command *c, uint8_t *response, size_t room,
			   struct tpm_in *rest, uint32_t *code)
{
	const struct platform *plat = c->t->plat;

	lb_put_be32(c->t->message + 2, (uint32_t)c->len);
	for (uint32_t i = 0;; i++) {
		const enum lb_status status = send_once(c, response, room, rest, code);

		if (status != LB_OK || !asks_for_patience(*code))
			return status;
		if (i == RETRIES)
			return LB_ERR_TIMEOUT;
		plat->sleep_ms(plat->ctx, RETRY_MS);
	}
}

/* A command that must succeed. */
static enum lb_status run(struct command *c, uint8_t *response, size_t room,
			  struct tpm_in *rest)
{
	uint32_t code;
	const enum lb_status status = send(c, response, room, rest, &code);

	return status == LB_OK && code != 0 ? LB_ERR_IO : status;
}

/* --- start -------------------------------------------------------------------------- */

static enum lb_status start_up(struct tpm_events *t)
{
	struct command c = begin(t, TPM_ST_NO_SESSIONS, CC_STARTUP);
	uint8_t response[TPM_HEADER_BYTES];
	struct tpm_in rest;
	uint32_t code;

	put(&c, 0, 2); /* CLEAR */

	enum lb_status status = send(&c, response, sizeof response, &rest, &code);

	if (status != LB_OK || (code != 0 && code != RC_INITIALIZE))
		return status != LB_OK ? status : LB_ERR_IO;

	/* What was not tested yet, so that nothing has to wait for it later. */
	c = begin(t, TPM_ST_NO_SESSIONS, CC_SELF_TEST);
	put(&c, 0, 1);
	return run(&c, response, sizeof response, &rest);
}

static uint16_t digest_bytes(uint16_t algorithm)
{
	static const struct tpm_bank known[] = {
		{ 0x04, 20 }, { 0x0b, 32 }, { 0x0c, 48 }, { 0x0d, 64 },
		{ 0x12, 32 }, { 0x27, 32 }, { 0x28, 48 }, { 0x29, 64 },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].algorithm == algorithm)
			return known[i].digest_bytes;
	return 0;
}

/* One TPMS_PCR_SELECTION: a bank with no PCR in it is not active. */
static enum lb_status take_bank(struct tpm_events *t, struct tpm_in *in)
{
	const uint16_t algorithm = tpm_take_u16(in);
	const uint8_t *size = tpm_take_bytes(in, 1);
	const uint8_t *select = size == NULL ? NULL : tpm_take_bytes(in, *size);
	bool active = false;

	if (select == NULL)
		return LB_ERR_IO;
	for (size_t i = 0; i < *size; i++)
		active = active || select[i] != 0;
	if (!active)
		return LB_OK;
	if (digest_bytes(algorithm) == 0 || t->bank_count == TPM_EVENTS_MAX_BANKS)
		return LB_ERR_ALGORITHM;
	t->bank[t->bank_count++] =
		(struct tpm_bank){ algorithm, digest_bytes(algorithm) };
	return LB_OK;
}

static enum lb_status find_banks(struct tpm_events *t)
{
	struct command c = begin(t, TPM_ST_NO_SESSIONS, CC_GET_CAPABILITY);
	uint8_t response[TPM_RESPONSE_BYTES];
	struct tpm_in in;

	put(&c, CAP_PCRS, 4);
	put(&c, 0, 4); /* from the first */
	put(&c, 1, 4);

	enum lb_status status = run(&c, response, sizeof response, &in);

	if (status != LB_OK)
		return status;
	(void)tpm_take_bytes(&in, 1); /* more: there is one list of banks */
	if (tpm_take_u32(&in) != CAP_PCRS)
		return LB_ERR_IO;
	for (uint32_t left = tpm_take_u32(&in); left > 0 && status == LB_OK; left--)
		status = take_bank(t, &in);
	return status == LB_OK && t->bank_count == 0 ? LB_ERR_IO : status;
}

/* --- the log ------------------------------------------------------------------------ */

static bool log_put(struct tpm_events *t, size_t *at, const void *data, size_t len)
{
	if (!lb_within(*at, len, TPM_EVENTS_LOG_BYTES))
		return false;
	memcpy(t->log + *at, data, len);
	*at += len;
	return true;
}

static bool log_number(struct tpm_events *t, size_t *at, uint32_t value, size_t bytes)
{
	uint8_t le[4];

	lb_put_le32(le, value);
	return log_put(t, at, le, bytes);
}

/* The header event: which digests the others have. Its own form is older than theirs. */
static void log_header(struct tpm_events *t)
{
	static const uint8_t no_digest[SHA1_BYTES] = { 0 };
	static const uint8_t spec[] = {
		'S', 'p', 'e', 'c', ' ', 'I', 'D', ' ',
		'E', 'v', 'e', 'n', 't', '0', '3', 0, /* signature */
		0,   0,   0,   0,                     /* platform class: client */
		0,   2,   0,   2, /* version 2.00, numbers of 64 bits */
	};
	size_t at = 0;

	(void)log_number(t, &at, 0, 4);
	(void)log_number(t, &at, EV_NO_ACTION, 4);
	(void)log_put(t, &at, no_digest, sizeof no_digest);
	(void)log_number(t, &at, (uint32_t)(sizeof spec + 4 + 4 * t->bank_count + 1), 4);
	(void)log_put(t, &at, spec, sizeof spec);
	(void)log_number(t, &at, (uint32_t)t->bank_count, 4);
	for (size_t i = 0; i < t->bank_count; i++) {
		(void)log_number(t, &at, t->bank[i].algorithm, 2);
		(void)log_number(t, &at, t->bank[i].digest_bytes, 2);
	}
	(void)log_number(t, &at, 0, 1); /* no bytes of the vendor's */
	t->log_used = at;
}

static bool is_bank(const struct tpm_events *t, uint16_t algorithm)
{
	for (size_t i = 0; i < t->bank_count; i++)
		if (t->bank[i].algorithm == algorithm)
			return true;
	return false;
}

/* The digests as the TPM returned them, in the log's byte order; it may have made more
 * than there are banks. */
static enum lb_status log_digests(struct tpm_events *t, size_t *at, struct tpm_in *in,
				  bool *fits)
{
	const uint32_t count = tpm_take_u32(in);
	size_t found = 0;

	*fits = log_number(t, at, (uint32_t)t->bank_count, 4);
	for (uint32_t i = 0; i < count; i++) {
		const uint16_t algorithm = tpm_take_u16(in);
		const size_t len = digest_bytes(algorithm);
		const uint8_t *digest = tpm_take_bytes(in, len);

		if (len == 0 || digest == NULL)
			return LB_ERR_IO;
		if (!is_bank(t, algorithm))
			continue;
		found++;
		*fits = *fits && log_number(t, at, algorithm, 2) &&
			log_put(t, at, digest, len);
	}
	return found == t->bank_count && tpm_in_done(in) ? LB_OK : LB_ERR_IO;
}

/* --- events ------------------------------------------------------------------------- */

enum lb_status tpm_events_start(struct tpm_events *t, const struct platform *plat,
				uint8_t *log)
{
	t->plat = plat;
	t->log = log;
	t->log_used = t->bank_count = 0;
	memset(log, 0, TPM_EVENTS_LOG_BYTES);

	enum lb_status status = start_up(t);

	if (status == LB_OK)
		status = find_banks(t);
	if (status == LB_OK)
		log_header(t);
	return status;
}

static enum lb_status start_sequence(struct tpm_events *t, uint32_t *handle)
{
	struct command c = begin(t, TPM_ST_NO_SESSIONS, CC_SEQUENCE_START);
	uint8_t response[TPM_HEADER_BYTES + 4];
	struct tpm_in in;

	put(&c, 0, 2);        /* no password */
	put(&c, ALG_NULL, 2); /* an event sequence: every bank's algorithm */

	const enum lb_status status = run(&c, response, sizeof response, &in);

	if (status != LB_OK)
		return status;
	*handle = tpm_take_u32(&in);
	return in.bad ? LB_ERR_IO : LB_OK;
}

static enum lb_status update(struct tpm_events *t, uint32_t handle, const uint8_t *data,
			     size_t len)
{
	struct command c = begin(t, TPM_ST_SESSIONS, CC_UPDATE);
	uint8_t response[64];
	struct tpm_in in;

	put(&c, handle, 4);
	put_passwords(&c, 1);
	put_sized(&c, data, len);
	return run(&c, response, sizeof response, &in);
}

static void flush(struct tpm_events *t, uint32_t handle)
{
	struct command c = begin(t, TPM_ST_NO_SESSIONS, CC_FLUSH);
	uint8_t response[TPM_HEADER_BYTES];
	struct tpm_in in;

	put(&c, handle, 4);
	(void)run(&c, response, sizeof response, &in); /* at worst it fills a place */
}

static enum lb_status complete(struct tpm_events *t, uint32_t handle, uint32_t pcr,
			       const uint8_t *data, size_t len, uint8_t *response,
			       size_t room, struct tpm_in *digests)
{
	struct command c = begin(t, TPM_ST_SESSIONS, CC_COMPLETE);

	put(&c, pcr, 4);
	put(&c, handle, 4);
	put_passwords(&c, 2);
	put_sized(&c, data, len);

	const enum lb_status status = run(&c, response, room, digests);

	if (status != LB_OK)
		return status;
	/* Behind the parameters, whose size comes first, only the sessions' answers
	 * follow. */
	const size_t size = tpm_take_u32(digests);
	const uint8_t *params = tpm_take_bytes(digests, size);

	*digests = (struct tpm_in){ params, params == NULL ? 0 : size, params == NULL };
	return params == NULL ? LB_ERR_IO : LB_OK;
}

/* All of @data through one sequence; the digests are in @response. */
static enum lb_status extend(struct tpm_events *t, uint32_t pcr, const uint8_t *data,
			     size_t len, uint8_t *response, size_t room,
			     struct tpm_in *digests)
{
	uint32_t handle;
	enum lb_status status = start_sequence(t, &handle);

	if (status != LB_OK)
		return status;
	for (; len > TPM_EVENTS_CHUNK && status == LB_OK;
	     data += TPM_EVENTS_CHUNK, len -= TPM_EVENTS_CHUNK)
		status = update(t, handle, data, TPM_EVENTS_CHUNK);
	if (status == LB_OK)
		status = complete(t, handle, pcr, data, len, response, room, digests);
	if (status != LB_OK)
		flush(t, handle);
	return status;
}

enum lb_status tpm_events_measure(struct tpm_events *t, uint32_t pcr, uint32_t event_type,
				  const void *data, size_t len, const void *event,
				  size_t event_len)
{
	uint8_t response[TPM_RESPONSE_BYTES];
	struct tpm_in digests = { response, 0, false };
	size_t at = t->log_used;
	bool fits;
	enum lb_status status =
		extend(t, pcr, data, len, response, sizeof response, &digests);

	if (status != LB_OK)
		return status;

	const bool header =
		log_number(t, &at, pcr, 4) && log_number(t, &at, event_type, 4);

	status = log_digests(t, &at, &digests, &fits);
	if (status != LB_OK || !header || !fits ||
	    !log_number(t, &at, (uint32_t)event_len, 4) ||
	    !log_put(t, &at, event, event_len)) {
		memset(t->log + t->log_used, 0, TPM_EVENTS_LOG_BYTES - t->log_used);
		return status;
	}
	t->log_used = at;
	return LB_OK;
}
