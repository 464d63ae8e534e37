/* The TPM's NV memory: the six commands the loader needs. They go with the empty
 * password, since the loader can keep no secret from who can read its image; writing and
 * locking also with a policy session. */
#ifndef LIFEBOAT_BOOT_TPM_NV_H
#define LIFEBOAT_BOOT_TPM_NV_H

#include "boot/tpm/policy.h"

/* Attributes of an index (TPMA_NV). Spec: TPM 2.0 Library, part 2, 13.4. */
#define TPM_NV_AUTHWRITE     (1u << 2)
#define TPM_NV_POLICYWRITE   (1u << 3)
#define TPM_NV_WRITELOCKED   (1u << 11)
#define TPM_NV_WRITEALL      (1u << 12)
#define TPM_NV_WRITE_STCLEAR (1u << 14)
#define TPM_NV_AUTHREAD      (1u << 18)
#define TPM_NV_NO_DA         (1u << 25)
#define TPM_NV_WRITTEN       (1u << 29)
#define TPM_NV_PLATFORM      (1u << 30) /* made by the platform hierarchy */

/* What an index is, as the TPM tells it. */
struct tpm_nv_public {
	uint16_t name_algorithm;
	uint32_t attributes;
	uint16_t policy_bytes;
	uint8_t policy[TPM_POLICY_BYTES]; /* zeros unless it has that many */
	uint16_t data_bytes;
};

/**
 * tpm_nv_read_public() - what the index is.
 *
 * LB_ERR_NOT_FOUND: there is none. LB_ERR_IO also when the response is about another
 * index, or its name is not the digest of what it says (checked for SHA-256 names).
 */
enum lb_status tpm_nv_read_public(struct tpm *tpm, uint32_t index,
				  struct tpm_nv_public *out);

/** tpm_nv_read() - exactly @len bytes from the start of the index. */
enum lb_status tpm_nv_read(struct tpm *tpm, uint32_t index, uint8_t *out, uint16_t len);

/* In place of a policy session: the empty password. */
#define TPM_NV_BY_PASSWORD 0u

/** tpm_nv_write() - @len bytes to the start of the index; at most 64. @session: of
 * tpm_policy_begin(), or TPM_NV_BY_PASSWORD. */
enum lb_status tpm_nv_write(struct tpm *tpm, uint32_t index, uint32_t session,
			    const uint8_t *data, uint16_t len);

/** tpm_nv_define() - make an index, of the platform where that is ours, else of the
 * owner: SHA-256 name, no password; with TPM_NV_POLICYWRITE tpm_policy_unmeasured. */
enum lb_status tpm_nv_define(struct tpm *tpm, uint32_t index, uint32_t attributes,
			     uint16_t bytes);
/** tpm_nv_undefine() - remove an index; as the owner one of the owner only. */
enum lb_status tpm_nv_undefine(struct tpm *tpm, uint32_t index);

/**
 * tpm_platform_take() - use the platform hierarchy, which belongs to the machine's first
 * code: it is there after a reset, without a password. Sets tpm->platform.
 *
 * LB_ERR_DENIED: somebody before us has closed it, or has set its password.
 */
enum lb_status tpm_platform_take(struct tpm *tpm);
/** tpm_platform_close() - nobody has it any more until the next reset; its indices
 * stay. */
enum lb_status tpm_platform_close(struct tpm *tpm);

/** tpm_nv_write_lock() - no more writing until the machine is reset (WRITE_STCLEAR).
 * @session: as for writing */
enum lb_status tpm_nv_write_lock(struct tpm *tpm, uint32_t index, uint32_t session);

#endif
