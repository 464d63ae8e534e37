/* Rollback floors in the TPM: ordinary NV indices, one for kernels and recovery images,
 * one for loaders, that anybody may read. They can be written until the loader locks them
 * and measures into PCR 8, before every hand-off, for the rest of this boot.
 *
 * Format and rules: docs/formats/floors.md. Design: DESIGN 8. */
#ifndef LIFEBOAT_BOOT_TPM_FLOOR_INDEX_H
#define LIFEBOAT_BOOT_TPM_FLOOR_INDEX_H

#include "boot/tpm/nv.h"

/* In the range for owners, 0x01800000..0x01bfffff; "LB". */
#define TPM_FLOOR_INDEX  0x01804c42u
#define TPM_FLOOR_BYTES  8u
#define TPM_LOADER_INDEX 0x01804c43u
#define TPM_LOADER_BYTES 4u
/* Of the owner, and so of any operating system: written by the policy only, as the owner
 * could make another one and give it a value. */
#define TPM_FLOOR_ATTRIBUTES                                                             \
	(TPM_NV_POLICYWRITE | TPM_NV_AUTHREAD | TPM_NV_WRITEALL | TPM_NV_WRITE_STCLEAR | \
	 TPM_NV_NO_DA)
/* Where the platform hierarchy is ours nobody else makes or removes them. */
#define TPM_FLOOR_OF_PLATFORM                                                            \
	(TPM_NV_AUTHWRITE | TPM_NV_AUTHREAD | TPM_NV_WRITEALL | TPM_NV_WRITE_STCLEAR |   \
	 TPM_NV_NO_DA | TPM_NV_PLATFORM)

enum tpm_floor_kind {
	TPM_FLOOR_SYSTEMS, /* kernel and recovery */
	TPM_FLOOR_LOADER,
	TPM_FLOOR_KINDS
};

enum tpm_floor_state {
	TPM_FLOOR_NO_TPM,
	TPM_FLOOR_UNREADABLE, /* the TPM or the index does not answer */
	TPM_FLOOR_MISSING,    /* there is no such index */
	TPM_FLOOR_FOREIGN,    /* somebody else's index: other attributes, size,
	                       * policy, or a password */
	TPM_FLOOR_EMPTY,      /* ours, never written */
	TPM_FLOOR_GOOD,
};

struct tpm_floor {
	enum tpm_floor_kind kind;
	enum tpm_floor_state state;
	bool locked;                  /* not writable before the next reset */
	struct tpm_nv_public public;  /* while state is FOREIGN or better */
	struct platform_floors value; /* zeros unless state is GOOD; only what kind has */
};

/** tpm_floor_index() - the number of its index. */
uint32_t tpm_floor_index(enum tpm_floor_kind kind);

/** tpm_floor_part() - of @floors what an index of @kind holds; the rest is 0. */
struct platform_floors tpm_floor_part(enum tpm_floor_kind kind,
				      const struct platform_floors *floors);

/** tpm_floor_read() - look at an index. LB_OK whenever state is known: only NO_TPM and
 * UNREADABLE come with an error. */
enum lb_status tpm_floor_read(struct tpm *tpm, enum tpm_floor_kind kind,
			      struct tpm_floor *out);

/**
 * tpm_floor_store() - make the index hold at least its part of @want: it is made when it
 * is missing, a foreign one is replaced, a value that is stored is never lowered.
 * @now: its kind; what is there afterwards
 *
 * LB_OK only when it was read back. LB_ERR_READ_ONLY: locked, or PCR 8 is past its start;
 * LB_ERR_FULL, LB_ERR_DENIED
 * (owner's password), ...: see tpm_why().
 */
enum lb_status tpm_floor_store(struct tpm *tpm, const struct platform_floors *want,
			       struct tpm_floor *now);

/** tpm_floor_lock() - lock it. LB_OK only when it then reads as locked; LB_ERR_NOT_FOUND:
 * there is nothing of ours to lock; LB_ERR_READ_ONLY: PCR 8 is past its start, so nobody
 * can write it before the next reset, locked or not. */
enum lb_status tpm_floor_lock(struct tpm *tpm, enum tpm_floor_kind kind);

#endif
