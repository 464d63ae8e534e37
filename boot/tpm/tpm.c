/* Commands and responses.
 *
 * Spec: TPM 2.0 Library, part 1, 18 (structure), part 2, 6.6 (response codes). */
#include "boot/tpm/tpm.h"

#include <string.h>

#include "base/bytes.h"

#define CC_GET_RANDOM    0x17bu
#define MAX_RANDOM_BYTES 32u

#define RC_BAD_TAG    0x01eu /* what a TPM 1.2 says */
#define RC_FAILURE    0x101u
#define RC_DISABLED   0x120u
#define RC_AUTH_TYPE  0x124u
#define RC_NO_AUTH    0x12fu
#define RC_MISSING    0x125u
#define RC_CODE       0x143u
#define RC_NV_RANGE   0x146u
#define RC_NV_LOCKED  0x148u
#define RC_NV_AUTH    0x149u
#define RC_NV_BLANK   0x14au
#define RC_NV_SPACE   0x14bu
#define RC_NV_DEFINED 0x14cu
#define RC_NO_MEMORY  0x903u
#define RC_NO_SESSION 0x905u
#define RC_YIELDED    0x908u
#define RC_CANCELED   0x909u
#define RC_TESTING    0x90au
#define RC_NV_RATE    0x920u
#define RC_LOCKOUT    0x921u
#define RC_RETRY      0x922u
#define RC_NV_NOT_NOW 0x923u
/* Format one: which parameter, handle or session it is about is masked out. */
#define RC_FORMAT_ONE  0x080u
#define RC_FORMAT_MASK 0x0bfu
#define RC_ATTRIBUTES  0x082u
#define RC_VALUE       0x084u
#define RC_HIERARCHY   0x085u
#define RC_HANDLE      0x08bu
#define RC_AUTH_FAIL   0x08eu
#define RC_POLICY_FAIL 0x09du
#define RC_BAD_AUTH    0x0a2u

#define RS_PW            0x40000009u /* the handle of password sessions */
#define SESSION_BYTES    9u          /* of ours */
#define CONTINUE_SESSION 1u
#define MIN_NONCE_BYTES  16u
#define MAX_NONCE_BYTES  64u

static const struct {
	uint32_t code;
	enum lb_status status;
	const char *words;
} meanings[] = {
	{ RC_BAD_TAG, LB_ERR_UNSUPPORTED, "it is not a TPM 2.0" },
	{ RC_FAILURE, LB_ERR_IO, "it has failed its own test" },
	{ RC_DISABLED, LB_ERR_DENIED, "that is switched off" },
	{ RC_AUTH_TYPE, LB_ERR_DENIED, "a password is not enough" },
	{ RC_MISSING, LB_ERR_DENIED, "a password is missing" },
	{ RC_NO_AUTH, LB_ERR_DENIED, "the index has other attributes" },
	{ RC_CODE, LB_ERR_UNSUPPORTED, "it does not know that command" },
	{ RC_NV_RANGE, LB_ERR_RANGE, "the index has another size" },
	{ RC_NV_LOCKED, LB_ERR_READ_ONLY, "the index is locked" },
	{ RC_NV_AUTH, LB_ERR_DENIED, "the index is not ours to change" },
	{ RC_NV_BLANK, LB_ERR_NOT_FOUND, "the index was never written" },
	{ RC_NV_SPACE, LB_ERR_FULL, "it is full" },
	{ RC_NV_DEFINED, LB_ERR_DUPLICATE, "the index is there already" },
	{ TPM_RC_PCR_CHANGED, LB_ERR_READ_ONLY, "PCR 8 is past its start" },
	{ RC_VALUE, LB_ERR_ARGUMENT, "it does not take such a value" },
	{ RC_POLICY_FAIL, LB_ERR_DENIED, "its policy is not fulfilled" },
	{ RC_NO_MEMORY, LB_ERR_FULL, "it has no session free" },
	{ RC_NO_SESSION, LB_ERR_FULL, "it has no session free" },
	{ RC_YIELDED, LB_ERR_TIMEOUT, "it is still busy" },
	{ RC_CANCELED, LB_ERR_TIMEOUT, "it breaks off" },
	{ RC_TESTING, LB_ERR_TIMEOUT, "it is still testing itself" },
	{ RC_NV_RATE, LB_ERR_TIMEOUT, "it was written too often" },
	{ RC_LOCKOUT, LB_ERR_DENIED, "it is locked out after wrong passwords" },
	{ RC_RETRY, LB_ERR_TIMEOUT, "it is still busy" },
	{ RC_NV_NOT_NOW, LB_ERR_TIMEOUT, "its memory cannot be written now" },
	{ RC_ATTRIBUTES, LB_ERR_DENIED, "the index has other attributes" },
	{ RC_HIERARCHY, LB_ERR_DENIED, "its owner hierarchy is switched off" },
	{ RC_HANDLE, LB_ERR_NOT_FOUND, "there is no such index" },
	{ RC_AUTH_FAIL, LB_ERR_DENIED, "its owner's password is set" },
	{ RC_BAD_AUTH, LB_ERR_DENIED, "its owner's password is set" },
};

static size_t meaning_of(uint32_t code)
{
	const uint32_t base = (code & RC_FORMAT_ONE) != 0 ? code & RC_FORMAT_MASK : code;
	size_t i = 0;

	while (i < sizeof meanings / sizeof meanings[0] && meanings[i].code != base)
		i++;
	return i;
}

enum lb_status tpm_code_status(uint32_t code)
{
	const size_t i = meaning_of(code);

	if (code == 0)
		return LB_OK;
	return i < sizeof meanings / sizeof meanings[0] ? meanings[i].status : LB_ERR_IO;
}

const char *tpm_why(const struct tpm *tpm, enum lb_status status)
{
	const size_t i = meaning_of(tpm->code);

	return i < sizeof meanings / sizeof meanings[0] ? meanings[i].words
							: lb_status_name(status);
}

bool tpm_password_refused(const struct tpm *tpm)
{
	const uint32_t base = tpm->code & RC_FORMAT_MASK;

	return base == RC_AUTH_FAIL || base == RC_BAD_AUTH;
}

void tpm_init(struct tpm *tpm, const struct platform *plat)
{
	tpm->plat = plat;
	tpm->code = 0;
	tpm->failures = 0;
	tpm->retries = TPM_RETRIES;
	tpm->platform = false;
}

void tpm_begin(struct tpm_out *out, uint16_t tag, uint32_t command)
{
	out->len = 0;
	out->full = false;
	out->policy = false;
	out->sessions = 0;
	tpm_put_u16(out, tag);
	tpm_put_u32(out, 0);
	tpm_put_u32(out, command);
}

void tpm_put_passwords(struct tpm_out *out, unsigned count)
{
	tpm_put_u32(out, SESSION_BYTES * count);
	for (unsigned i = 0; i < count; i++) {
		tpm_put_u32(out, RS_PW);
		tpm_put_u16(out, 0); /* nonce */
		tpm_put_u8(out, CONTINUE_SESSION);
		tpm_put_u16(out, 0); /* password */
	}
	out->sessions = count;
}

void tpm_put_policy(struct tpm_out *out, uint32_t session)
{
	tpm_put_u32(out, SESSION_BYTES);
	tpm_put_u32(out, session);
	tpm_put_u16(out, 0); /* nonce */
	tpm_put_u8(out, 0);  /* it ends with this command */
	tpm_put_u16(out, 0); /* no password is asked for by our policy */
	out->policy = true;
	out->sessions = 1;
}

void tpm_put_pcr8(struct tpm_out *out)
{
	tpm_put_u32(out, 1); /* one selection */
	tpm_put_u16(out, TPM_ALG_SHA256);
	tpm_put_u8(out, 3);
	tpm_put_u8(out, 0);
	tpm_put_u8(out, 1);
	tpm_put_u8(out, 0);
}

/* Spec: part 1, 19.6: a password session has no nonce; one of a policy that asks for no
 * password has, and no HMAC. */
static bool nonce_good(size_t bytes, bool policy)
{
	return policy ? bytes >= MIN_NONCE_BYTES && bytes <= MAX_NONCE_BYTES : bytes == 0;
}

/* Behind the parameters of a response: the answer of one session. */
static bool session_good(struct tpm_in *in, bool policy)
{
	const struct tpm_in nonce = tpm_take_sized(in);

	(void)tpm_take_bytes(in, 1); /* attributes: nothing follows from them */

	const struct tpm_in hmac = tpm_take_sized(in);

	return !in->bad && nonce_good(nonce.left, policy) && hmac.left == 0;
}

/* A response that says success: its parameters, or LB_ERR_IO when its form is wrong. */
static enum lb_status open_params(struct tpm_in in, uint16_t tag,
				  const struct tpm_out *command, struct tpm_in *params)
{
	if (tag == TPM_ST_NO_SESSIONS) {
		*params = in;
		return LB_OK;
	}

	const size_t len = tpm_take_u32(&in);
	const uint8_t *bytes = tpm_take_bytes(&in, len);

	if (bytes == NULL)
		return LB_ERR_IO;
	for (unsigned i = 0; i < command->sessions; i++)
		if (!session_good(&in, command->policy))
			return LB_ERR_IO;
	if (!tpm_in_done(&in))
		return LB_ERR_IO;
	*params = (struct tpm_in){ bytes, len, false };
	return LB_OK;
}

/* One command, sent once. Leaves its response code in tpm->code. */
static enum lb_status send_once(struct tpm *tpm, const struct tpm_out *command,
				struct tpm_in *params)
{
	size_t len = sizeof tpm->response;
	const enum lb_status status = tpm->plat->tpm_submit(
		tpm->plat->ctx, command->bytes, command->len, tpm->response, &len);

	tpm->code = 0;
	if (status != LB_OK)
		return status;

	struct tpm_in in = { tpm->response, len, len > sizeof tpm->response };
	const uint16_t tag = tpm_take_u16(&in);
	const uint32_t size = tpm_take_u32(&in), code = tpm_take_u32(&in);

	if (in.bad || size != len)
		return LB_ERR_IO;
	if (code != 0) {
		if (in.left != 0)
			return LB_ERR_IO; /* an error has nothing more to say */
		tpm->code = code;
		return tpm_code_status(code);
	}
	/* Success is tagged as the command was. */
	if (tag != (command->bytes[0] << 8 | command->bytes[1]))
		return LB_ERR_IO;
	return open_params(in, tag, command, params);
}

static bool asks_for_patience(uint32_t code)
{
	return code == RC_RETRY || code == RC_YIELDED || code == RC_TESTING ||
	       code == RC_CANCELED || code == RC_NV_RATE || code == RC_NV_NOT_NOW;
}

static bool is_failure(enum lb_status status)
{
	return status == LB_ERR_IO || status == LB_ERR_TIMEOUT;
}

enum lb_status tpm_send(struct tpm *tpm, struct tpm_out *command, struct tpm_in *params)
{
	enum lb_status status;

	if (command->full)
		return LB_ERR_INTERNAL;
	if (tpm->failures >= TPM_MAX_FAILURES) {
		tpm->code = 0;
		return LB_ERR_TIMEOUT;
	}
	lb_put_be32(command->bytes + 2, (uint32_t)command->len);
	for (uint32_t i = 0;; i++) {
		status = send_once(tpm, command, params);
		if (!asks_for_patience(tpm->code) || i == tpm->retries)
			break;
		tpm->plat->sleep_ms(tpm->plat->ctx, TPM_RETRY_MS);
	}
	if (is_failure(status))
		tpm->failures++;
	return status;
}

enum lb_status tpm_random(struct tpm *tpm, uint8_t *out, uint16_t len)
{
	struct tpm_out command;
	struct tpm_in params;

	if (len > MAX_RANDOM_BYTES)
		return LB_ERR_ARGUMENT;
	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_GET_RANDOM);
	tpm_put_u16(&command, len);

	const enum lb_status status = tpm_send(tpm, &command, &params);

	if (status != LB_OK)
		return status;

	const struct tpm_in bytes = tpm_take_sized(&params);

	/* It may give fewer than were asked for: so few it always has. */
	if (!tpm_in_done(&params) || bytes.left != len)
		return LB_ERR_IO;
	memcpy(out, bytes.at, len);
	return LB_OK;
}
