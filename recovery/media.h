/* Recovery media: every kernel partition on every one of them is a candidate; the headers
 * of all are verified first, and the best goes first. Nothing is ever written.
 *
 * Design: DESIGN 6. */
#ifndef LIFEBOAT_RECOVERY_MEDIA_H
#define LIFEBOAT_RECOVERY_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"
#include "crypto/kernel_verify.h"

/* When there are more, the less worthy go: rubbish never hides what can start, and no
 * medium hides another. */
#define REC_MAX_CANDIDATES 32u

struct rec_candidate {
	struct platform_disk disk;
	uint32_t partition; /* number, from 1; 0: about the whole medium */
	uint8_t guid[16];   /* of the kernel partition */
	uint64_t first_lba;
	uint64_t sectors;
	uint32_t version;      /* combined; valid while the verdict is OK */
	uint64_t signed_bytes; /* headers and body, from its start; as version */
	bool self_signed;
	bool other_cpu; /* its partition's name says it is for another processor: a hint,
	                     * unsigned, that only moves it to the end */
	uint8_t data_key_id[CRYPTO_KEY_ID_BYTES]; /* while the verdict is OK */
	struct lb_verdict verdict;                /* of its headers, later of all of it */
};

struct rec_media {
	size_t count;
	struct rec_candidate candidate[REC_MAX_CANDIDATES];
	size_t order[REC_MAX_CANDIDATES]; /* the good ones, best first */
	size_t order_count;
};

/**
 * rec_media_scan() - add what is on one medium.
 * @head: CRYPTO_HEAD_BYTES of scratch memory
 *
 * A medium without a usable candidate adds one entry that says why.
 */
void rec_media_scan(const struct platform *plat, const struct platform_disk *disk,
		    const struct crypto_policy *policy, enum platform_cpu cpu,
		    uint8_t *head, struct rec_media *media);

/**
 * rec_media_order() - put the good candidates in order: this CPU's before those that say
 * they are another's, officially signed before self-signed, newest version first, then as
 * found. Pure.
 */
void rec_media_order(struct rec_media *media);

/** rec_media_worst() - the verdict that tells a person most about why nothing could be
 * started (a stick for another device says more than an empty one); NULL when there is
 * none. */
const struct rec_candidate *rec_media_worst(const struct rec_media *media);

#endif
