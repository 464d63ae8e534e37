/* One conversation with the TPM: commands out, checked responses in. Slow TPMs are waited
 * for, but not for ever; one that fails again and again is left alone for this boot. */
#ifndef LIFEBOAT_BOOT_TPM_TPM_H
#define LIFEBOAT_BOOT_TPM_TPM_H

#include "base/platform.h"
#include "boot/tpm/wire.h"

/* A TPM that asks for patience ("retry", "testing") gets this much for one command. */
#define TPM_RETRY_MS 50u
#define TPM_RETRIES  40u
/* So many commands may go unanswered before the TPM counts as gone. */
#define TPM_MAX_FAILURES 3u

#define TPM_ALG_SHA256 0x000bu

/* Registers are not any more what a policy is about. Spec: part 2, 6.6.3. */
#define TPM_RC_PCR_CHANGED 0x128u

struct tpm {
	const struct platform *plat;
	uint32_t code;     /* of the last response; 0: success, or there was none */
	uint32_t failures; /* commands without a usable response */
	uint32_t retries;  /* TPM_RETRIES unless set after tpm_init() */
	bool platform;     /* its platform hierarchy is ours: boot/tpm/nv.h */
	uint8_t response[TPM_RESPONSE_BYTES];
};

void tpm_init(struct tpm *tpm, const struct platform *plat);

/** tpm_begin() - start a command; its size is filled in when it is sent. */
void tpm_begin(struct tpm_out *out, uint16_t tag, uint32_t command);

/** tpm_put_passwords() - an authorization area: @count password sessions, each with the
 * empty password. */
void tpm_put_passwords(struct tpm_out *out, unsigned count);

/** tpm_put_policy() - an authorization area: a policy session, which ends with it. */
void tpm_put_policy(struct tpm_out *out, uint32_t session);

/** tpm_put_pcr8() - a selection of registers: PCR 8 in the SHA-256 bank. */
void tpm_put_pcr8(struct tpm_out *out);

/**
 * tpm_send() - send a command and check its response.
 * @params: its parameters, valid until the next call; written only on LB_OK
 *
 * LB_ERR_UNSUPPORTED: there is no TPM (2.0); LB_ERR_IO: no usable response, or the TPM is
 * in failure mode; LB_ERR_TIMEOUT: it still asks for patience, or was given up. Otherwise
 * what the response code means, see tpm_code_status().
 */
enum lb_status tpm_send(struct tpm *tpm, struct tpm_out *command, struct tpm_in *params);

/** tpm_random() - @len bytes of its generator; at most 32. */
enum lb_status tpm_random(struct tpm *tpm, uint8_t *out, uint16_t len);

/** tpm_password_refused() - the last command failed because a password is set. */
bool tpm_password_refused(const struct tpm *tpm);

/** tpm_code_status() - the nearest status of a TPM response code. Pure. */
enum lb_status tpm_code_status(uint32_t code);

/** tpm_why() - the last command's failure in words, for the log. Never NULL. */
const char *tpm_why(const struct tpm *tpm, enum lb_status status);

#endif
