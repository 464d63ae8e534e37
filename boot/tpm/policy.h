/* The one policy of our indices: nothing was measured into PCR 8 yet. Every start that
 * the loader hands off to is measured there before, and only a reset of the machine
 * brings the register back. So an operating system that owns the TPM can remove such an
 * index and make one that looks the same, but it cannot write a value into it.
 *
 * Why: docs/formats/floors.md. Spec: TPM 2.0 Library, part 3, 23.7 (TPM2_PolicyPCR). */
#ifndef LIFEBOAT_BOOT_TPM_POLICY_H
#define LIFEBOAT_BOOT_TPM_POLICY_H

#include "boot/tpm/tpm.h"

#define TPM_POLICY_BYTES 32u

/* SHA-256 of the policy, as an index names it: PCR 8 of the SHA-256 bank is all zeros. */
extern const uint8_t tpm_policy_unmeasured[TPM_POLICY_BYTES];

/**
 * tpm_policy_begin() - a session that has shown the TPM that PCR 8 is at its start.
 * @session: for one command that goes well, which ends it; else for tpm_policy_end().
 *           Written only on LB_OK
 *
 * LB_ERR_READ_ONLY: something was measured into PCR 8, or there is no SHA-256 bank:
 * nobody can fulfil the policy before the next reset. LB_ERR_FULL: no session is free.
 */
enum lb_status tpm_policy_begin(struct tpm *tpm, uint32_t *session);

/** tpm_policy_end() - give back a session that was not used, or whose command failed.
 * Leaves tpm->code as it is. */
void tpm_policy_end(struct tpm *tpm, uint32_t session);

#endif
