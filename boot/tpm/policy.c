/* Policy sessions: three commands. No secret is in them, so nothing is encrypted and the
 * nonces need not be random.
 *
 * Spec: TPM 2.0 Library, part 3, 11.1, 23.7, 28.4. */
#include "boot/tpm/policy.h"

#define CC_FLUSH_CONTEXT 0x165u
#define CC_START_SESSION 0x176u
#define CC_POLICY_PCR    0x17fu

#define RH_NULL     0x40000007u
#define SE_POLICY   1u
#define ALG_NULL    0x0010u
#define NONCE_BYTES 16u

/* SHA-256 of 32 zeros: what PCR 8 alone holds after a reset. */
static const uint8_t pcr_digest[TPM_POLICY_BYTES] = {
	0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77, 0x6c, 0x8f, 0xc1,
	0x8b, 0x8e, 0x9f, 0x8e, 0x20, 0x08, 0x97, 0x14, 0x85, 0x6e, 0xe2,
	0x33, 0xb3, 0x90, 0x2a, 0x59, 0x1d, 0x0d, 0x5f, 0x29, 0x25,
};

/* SHA-256 of 32 zeros, the code of TPM2_PolicyPCR, the selection, the digest above. */
const uint8_t tpm_policy_unmeasured[TPM_POLICY_BYTES] = {
	0x2a, 0x90, 0xac, 0x03, 0x19, 0x65, 0x73, 0xf1, 0x29, 0xe7, 0x0a,
	0x9e, 0x04, 0x48, 0x5b, 0xff, 0x58, 0x1d, 0x28, 0x90, 0xfe, 0x58,
	0x82, 0xd3, 0xc2, 0x66, 0x72, 0x90, 0xd8, 0x4b, 0x49, 0x7b,
};

static enum lb_status start_session(struct tpm *tpm, uint32_t *session)
{
	static const uint8_t nonce[NONCE_BYTES];
	struct tpm_out command;
	struct tpm_in params;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_START_SESSION);
	tpm_put_u32(&command, RH_NULL); /* no salt */
	tpm_put_u32(&command, RH_NULL); /* bound to nothing */
	tpm_put_u16(&command, NONCE_BYTES);
	tpm_put_bytes(&command, nonce, sizeof nonce);
	tpm_put_u16(&command, 0); /* the salt */
	tpm_put_u8(&command, SE_POLICY);
	tpm_put_u16(&command, ALG_NULL);
	tpm_put_u16(&command, TPM_ALG_SHA256);

	const enum lb_status status = tpm_send(tpm, &command, &params);

	if (status != LB_OK)
		return status;

	const uint32_t handle = tpm_take_u32(&params);

	(void)tpm_take_sized(
		&params); /* its nonce: nothing of ours is computed from it */
	if (!tpm_in_done(&params))
		return LB_ERR_IO;
	*session = handle;
	return LB_OK;
}

static enum lb_status show_pcr(struct tpm *tpm, uint32_t session)
{
	struct tpm_out command;
	struct tpm_in params;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_POLICY_PCR);
	tpm_put_u32(&command, session);
	tpm_put_u16(&command, sizeof pcr_digest);
	tpm_put_bytes(&command, pcr_digest, sizeof pcr_digest);
	tpm_put_pcr8(&command);

	const enum lb_status status = tpm_send(tpm, &command, &params);

	/* The digest is not that of the register, or there is no such bank: here, and
	 * only here, a refused value says so. */
	if (status == LB_ERR_ARGUMENT) {
		tpm->code = TPM_RC_PCR_CHANGED;
		return LB_ERR_READ_ONLY;
	}
	if (status != LB_OK)
		return status;
	return tpm_in_done(&params) ? LB_OK : LB_ERR_IO;
}

enum lb_status tpm_policy_begin(struct tpm *tpm, uint32_t *session)
{
	uint32_t handle;
	enum lb_status status = start_session(tpm, &handle);

	if (status != LB_OK)
		return status;
	status = show_pcr(tpm, handle);
	if (status == LB_OK)
		*session = handle;
	else
		tpm_policy_end(tpm, handle);
	return status;
}

void tpm_policy_end(struct tpm *tpm, uint32_t session)
{
	const uint32_t code = tpm->code;
	struct tpm_out command;
	struct tpm_in params;

	tpm_begin(&command, TPM_ST_NO_SESSIONS, CC_FLUSH_CONTEXT);
	tpm_put_u32(&command, session);
	/* At worst one session stays taken until the next reset. */
	(void)tpm_send(tpm, &command, &params);
	tpm->code = code;
}
