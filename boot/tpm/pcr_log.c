/* Events: hashed by the TPM itself, which so serves banks that we have no hash function
 * for.
 */
#include "boot/tpm/pcr_log.h"

#include <string.h>

#include "base/bytes.h"

#define CC_SELF_TEST      0x143u
#define CC_STARTUP        0x144u
#define CC_UPDATE         0x15cu
#define CC_FLUSH          0x165u
#define CC_GET_CAPABILITY 0x17au
#define CC_COMPLETE       0x185u
#define CC_SEQUENCE_START 0x186u

#define RC_INITIALIZE 0x100u /* it was started before */
/* One that was just switched on tests itself, which takes longer than anything later. */
#define RETRIES (5000u / TPM_RETRY_MS)

#define CAP_PCRS     5u
#define ALG_NULL     0x10u
#define EV_NO_ACTION 3u
#define SHA1_BYTES   20u

/* Header, handles, two passwords and the length beside a piece of data. */
_Static_assert(PCR_LOG_CHUNK + 42 <= TPM_COMMAND_BYTES, "a command that holds a piece");

/* A command that must succeed: a TPM that says no to one of these does not work. */
static enum lb_status run(struct pcr_log *t, struct tpm_out *command,
			  struct tpm_in *params)
{
	const enum lb_status status = tpm_send(&t->tpm, command, params);

	if (status == LB_OK || t->tpm.code == 0 || status == LB_ERR_TIMEOUT)
		return status;
	return LB_ERR_IO;
}

/* --- start -------------------------------------------------------------------------- */

static enum lb_status start_up(struct pcr_log *t)
{
	struct tpm_out command;
	struct tpm_in params;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_STARTUP);
	tpm_put_u16(&command, 0); /* CLEAR */

	const enum lb_status status = run(t, &command, &params);

	if (status != LB_OK && t->tpm.code != RC_INITIALIZE)
		return status;
	t->tpm.failures = 0; /* that somebody was faster is none */

	/* What was not tested yet, so that nothing has to wait for it later. */
	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_SELF_TEST);
	tpm_put_u8(&command, 0);
	return run(t, &command, &params);
}

static uint16_t digest_bytes(uint16_t algorithm)
{
	static const struct pcr_bank known[] = {
		{ 0x04, 20 }, { 0x0b, 32 }, { 0x0c, 48 }, { 0x0d, 64 },
		{ 0x12, 32 }, { 0x27, 32 }, { 0x28, 48 }, { 0x29, 64 },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].algorithm == algorithm)
			return known[i].digest_bytes;
	return 0;
}

/* One TPMS_PCR_SELECTION: a bank with no PCR in it is not active. */
static enum lb_status take_bank(struct pcr_log *t, struct tpm_in *in)
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
	if (digest_bytes(algorithm) == 0 || t->bank_count == PCR_LOG_MAX_BANKS)
		return LB_ERR_ALGORITHM;
	t->bank[t->bank_count++] =
		(struct pcr_bank){ algorithm, digest_bytes(algorithm) };
	return LB_OK;
}

static enum lb_status find_banks(struct pcr_log *t)
{
	struct tpm_out command;
	struct tpm_in in;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_GET_CAPABILITY);
	tpm_put_u32(&command, CAP_PCRS);
	tpm_put_u32(&command, 0); /* from the first */
	tpm_put_u32(&command, 1);

	enum lb_status status = run(t, &command, &in);

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

static bool log_put(struct pcr_log *t, size_t *at, const void *data, size_t len)
{
	if (!lb_within(*at, len, PCR_LOG_BYTES))
		return false;
	memcpy(t->log + *at, data, len);
	*at += len;
	return true;
}

static bool log_number(struct pcr_log *t, size_t *at, uint32_t value, size_t bytes)
{
	uint8_t le[4];

	lb_put_le32(le, value);
	return log_put(t, at, le, bytes);
}

/* The header event: which digests the others have. Its own form is older than theirs. */
static void log_header(struct pcr_log *t)
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

static bool is_bank(const struct pcr_log *t, uint16_t algorithm)
{
	for (size_t i = 0; i < t->bank_count; i++)
		if (t->bank[i].algorithm == algorithm)
			return true;
	return false;
}

/* The digests as the TPM returned them, in the log's byte order; it may have made more
 * than there are banks. */
static enum lb_status log_digests(struct pcr_log *t, size_t *at, struct tpm_in *in,
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

enum lb_status pcr_log_start(struct pcr_log *t, const struct platform *plat, uint8_t *log)
{
	tpm_init(&t->tpm, plat);
	t->tpm.retries = RETRIES;
	t->log = log;
	t->log_used = t->bank_count = 0;
	memset(log, 0, PCR_LOG_BYTES);

	enum lb_status status = start_up(t);

	if (status == LB_OK)
		status = find_banks(t);
	if (status == LB_OK)
		log_header(t);
	return status;
}

static enum lb_status start_sequence(struct pcr_log *t, uint32_t *handle)
{
	struct tpm_out command;
	struct tpm_in in;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_SEQUENCE_START);
	tpm_put_u16(&command, 0);        /* no password */
	tpm_put_u16(&command, ALG_NULL); /* an event sequence: every bank's algorithm */

	const enum lb_status status = run(t, &command, &in);

	if (status != LB_OK)
		return status;
	*handle = tpm_take_u32(&in);
	return in.bad ? LB_ERR_IO : LB_OK;
}

static void put_sized(struct tpm_out *command, const uint8_t *data, size_t len)
{
	tpm_put_u16(command, (uint16_t)len);
	tpm_put_bytes(command, data, len);
}

static enum lb_status update(struct pcr_log *t, uint32_t handle, const uint8_t *data,
			     size_t len)
{
	struct tpm_out command;
	struct tpm_in in;

	tpm_begin(&command, TPM_ST_SESSIONS, CC_UPDATE);
	tpm_put_u32(&command, handle);
	tpm_put_passwords(&command, 1);
	put_sized(&command, data, len);
	return run(t, &command, &in);
}

static void flush(struct pcr_log *t, uint32_t handle)
{
	struct tpm_out command;
	struct tpm_in in;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_FLUSH);
	tpm_put_u32(&command, handle);
	(void)run(t, &command, &in); /* at worst it fills a place */
}

static enum lb_status complete(struct pcr_log *t, uint32_t handle, uint32_t pcr,
			       const uint8_t *data, size_t len, struct tpm_in *digests)
{
	struct tpm_out command;

	tpm_begin(&command, TPM_ST_SESSIONS, CC_COMPLETE);
	tpm_put_u32(&command, pcr);
	tpm_put_u32(&command, handle);
	tpm_put_passwords(&command, 2);
	put_sized(&command, data, len);
	return run(t, &command, digests);
}

/* All of @data through one sequence. @digests: valid until the next command. */
static enum lb_status extend(struct pcr_log *t, uint32_t pcr, const uint8_t *data,
			     size_t len, struct tpm_in *digests)
{
	uint32_t handle;
	enum lb_status status = start_sequence(t, &handle);

	if (status != LB_OK)
		return status;
	for (; len > PCR_LOG_CHUNK && status == LB_OK;
	     data += PCR_LOG_CHUNK, len -= PCR_LOG_CHUNK)
		status = update(t, handle, data, PCR_LOG_CHUNK);
	if (status == LB_OK)
		status = complete(t, handle, pcr, data, len, digests);
	if (status != LB_OK)
		flush(t, handle);
	return status;
}

enum lb_status pcr_log_measure(struct pcr_log *t, uint32_t pcr, uint32_t event_type,
			       const void *data, size_t len, const void *event,
			       size_t event_len)
{
	struct tpm_in digests;
	size_t at = t->log_used;
	bool fits;
	enum lb_status status = extend(t, pcr, data, len, &digests);

	if (status != LB_OK)
		return status;

	const bool header =
		log_number(t, &at, pcr, 4) && log_number(t, &at, event_type, 4);

	status = log_digests(t, &at, &digests, &fits);
	if (status != LB_OK || !header || !fits ||
	    !log_number(t, &at, (uint32_t)event_len, 4) ||
	    !log_put(t, &at, event, event_len)) {
		memset(t->log + t->log_used, 0, PCR_LOG_BYTES - t->log_used);
		return status;
	}
	t->log_used = at;
	return LB_OK;
}
