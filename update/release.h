/* What a statement says about a release: its frame, and what it holds once judged. */
#ifndef LIFEBOAT_UPDATE_RELEASE_H
#define LIFEBOAT_UPDATE_RELEASE_H

#include <stdbool.h>

#include "crypto/digest.h"
#include "crypto/kernel_verify.h"

#define UPDATE_MAX_MODELS       16u
#define UPDATE_MAX_HARDWARE_IDS 64u
#define UPDATE_MAX_CONTENTS     8u
#define UPDATE_MAX_PLACES       32u
#define UPDATE_MAX_NOTES        64u
#define UPDATE_MAX_RECIPE_KEYS  8u

/* The frame: where the parts lie. All point into the bytes given. */
struct update_statement {
	const uint8_t *bytes;
	size_t total_bytes;
	struct crypto_key key; /* data == NULL: it names no kernel key */
	/* the kernel partition's first bytes, without zeros at the end */
	const uint8_t *headers;
	size_t header_bytes; /* at most CRYPTO_HEAD_BYTES */
	const uint8_t *details;
	size_t details_bytes;
	size_t signed_bytes; /* from the start */
	const uint8_t *signature;
	size_t signature_bytes;
};

/* The final bytes of one partition. */
struct update_content {
	const char *name; /* "kernel", "root", "firmware" */
	uint64_t bytes;
	uint8_t sha256[CRYPTO_SHA256_BYTES];
};

/* One partition of an empty disk. */
struct update_place {
	uint32_t number;
	uint8_t type[16];
	const char *name;
	uint64_t bytes;
	bool grows; /* takes what is left */
	uint64_t attributes;
};

struct update_note {
	const char *language, *title, *notes; /* UTF-8, "" when absent; for people */
};

/* A statement that was judged: only update_statement_judge() makes one. Strings are
 * NUL-terminated UTF-8; all lives until update_release_free(). */
struct update_release {
	bool developer;   /* self-signed: counts only where developer mode accepts it */
	uint32_t version; /* combined, of the kernel's headers */
	struct crypto_headers headers;
	uint8_t *head; /* CRYPTO_HEAD_BYTES: the kernel partition's first bytes */
	enum platform_cpu cpu;
	size_t model_count, hardware_id_count, content_count, place_count, note_count,
		recipe_key_count;
	const char *model[UPDATE_MAX_MODELS];
	const char *hardware_id[UPDATE_MAX_HARDWARE_IDS];
	const char *version_text;
	uint32_t minimum_version; /* combined; 0: any */
	struct update_content content[UPDATE_MAX_CONTENTS];
	struct update_place place[UPDATE_MAX_PLACES];
	bool keeps_state;
	uint64_t memory_bytes; /* to apply its full payload */
	struct update_note note[UPDATE_MAX_NOTES];
	uint8_t recipe_key[UPDATE_MAX_RECIPE_KEYS][CRYPTO_KEY_ID_BYTES];
	uint8_t *room; /* of the strings */
	size_t room_bytes;
};

/** update_release_content() - by name; NULL when there is none. */
const struct update_content *update_release_content(const struct update_release *release,
						    const char *name);

#endif
