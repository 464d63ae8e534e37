/* What an enrolment program enrols: three authenticated variables that `lifeboat
 * secure-boot enroll` puts into its section .lbkeys. Pure: no I/O, no allocation.
 *
 * Spec: UEFI 2.10, 8.2.2 (authenticated variables), 32.4.1 (signature lists). Layout of
 * the section: docs/formats/enrolment.md. */
#ifndef LIFEBOAT_BOOT_ENROLL_BUNDLE_H
#define LIFEBOAT_BOOT_ENROLL_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define ENROLL_SECTION_BYTES 0x10000u
#define ENROLL_MAGIC         "LBKEYS\0\1"
#define ENROLL_MAGIC_BYTES   8u
#define ENROLL_AT_BYTES      8u  /* u32: all bytes that the checksum covers */
#define ENROLL_AT_CRC        12u /* u32: of those, with this field zero */
#define ENROLL_AT_TABLE      16u /* for each variable u32 offset, u32 bytes */
#define ENROLL_ENTRY_BYTES   8u
#define ENROLL_HEADER_BYTES  40u

/* In the order in which they are written: PK, which switches Secure Boot on, is last. */
enum enroll_variable {
	ENROLL_DB,
	ENROLL_KEK,
	ENROLL_PK,
	ENROLL_VARIABLES,
};

struct enroll_key {
	const uint8_t *update; /* what SetVariable takes: time, signature, lists */
	size_t update_bytes;
	const uint8_t *list; /* the signature lists in it: what GetVariable gives */
	size_t list_bytes;
	size_t count; /* signatures in the lists, at least one */
};

struct enroll_bundle {
	struct enroll_key key[ENROLL_VARIABLES];
};

/**
 * enroll_bundle_parse() - find and check the variables in a section.
 * @out: points into @section; written only on LB_OK
 *
 * Errors: LB_ERR_MAGIC (nothing was put in), LB_ERR_CRC, LB_ERR_RANGE.
 */
enum lb_status enroll_bundle_parse(const uint8_t *section, size_t bytes,
				   struct enroll_bundle *out);

/** enroll_lists_count() - signatures in a run of signature lists; LB_ERR_RANGE when they
 * do not fill it exactly. */
enum lb_status enroll_lists_count(const uint8_t *lists, size_t bytes, size_t *count);

/** enroll_lists_first() - data of the first signature; the lists have been counted. */
const uint8_t *enroll_lists_first(const struct enroll_key *key, size_t *bytes);

#endif
