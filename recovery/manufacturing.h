/* The manufacturing file on a recovery medium: the word of whoever holds the recovery
 * keyblock's data key that devices of these models are installed without a question.
 * Pure: no I/O, no allocation.
 *
 * Design: DESIGN 12 "Recovery program". Format: docs/formats/manufacturing.md. */
#ifndef LIFEBOAT_RECOVERY_MANUFACTURING_H
#define LIFEBOAT_RECOVERY_MANUFACTURING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "crypto/keyblock.h"

#define REC_MANUFACTURING_MAX_BYTES   65536u
#define REC_MANUFACTURING_FRAME_BYTES 32u
#define REC_MANUFACTURING_MAX_TEXT    16384u
#define REC_MANUFACTURING_WHY_BYTES   160u

/* What happens once a device is ready. */
enum rec_manufacturing_end {
	REC_END_PULL, /* the medium is waited for */
	REC_END_RESTART,
	REC_END_OFF,
};

struct rec_manufacturing {
	bool wipe_any; /* disks with something on them are erased, too */
	enum rec_manufacturing_end end;
	size_t model_count;
};

/* The untrusted frame's parts; all point into its bytes. */
struct rec_manufacturing_parts {
	const uint8_t *bytes;
	struct crypto_key recovery_key;
	struct crypto_keyblock keyblock;
	const char *text; /* not terminated */
	size_t text_bytes;
	size_t signed_bytes; /* from the beginning */
	const uint8_t *signature;
	size_t signature_bytes;
};

/* Sizes of the parts in a frame. */
struct rec_manufacturing_sizes {
	uint32_t key, keyblock, text, signature;
};

/** rec_manufacturing_frame() - the first bytes of a file to be made. */
void rec_manufacturing_frame(const struct rec_manufacturing_sizes *sizes,
			     uint8_t out[REC_MANUFACTURING_FRAME_BYTES]);

/**
 * rec_manufacturing_parse() - decode the frame; nothing is verified.
 * @bytes: aligned to 4
 * @why:   on false, what is wrong and where
 */
bool rec_manufacturing_parse(const uint8_t *bytes, size_t len,
			     struct rec_manufacturing_parts *out,
			     char why[REC_MANUFACTURING_WHY_BYTES]);

/**
 * rec_manufacturing_verify() - is it signed by the data key of a recovery keyblock?
 * @key_id:  SHA-256 of the device's recovery key
 * @floor:   the device's recovery floor: keyblocks of older key versions do not count
 */
bool rec_manufacturing_verify(const struct rec_manufacturing_parts *parts,
			      const uint8_t key_id[CRYPTO_KEY_ID_BYTES], uint32_t floor,
			      char why[REC_MANUFACTURING_WHY_BYTES]);

/**
 * rec_manufacturing_read() - its words; of a file that was verified, or is to be signed.
 * @model: false when it does not name this one; NULL: any
 */
bool rec_manufacturing_read(const char *text, size_t len, const char *model,
			    struct rec_manufacturing *out,
			    char why[REC_MANUFACTURING_WHY_BYTES]);

#endif
