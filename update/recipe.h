/* Who may sign a recipe: the statement's data key, and the keys that the statement
 * names. */
#ifndef LIFEBOAT_UPDATE_RECIPE_H
#define LIFEBOAT_UPDATE_RECIPE_H

#include "update/reason.h"
#include "update/release.h"

/**
 * update_signed() - is one of the signatures right, and of a key that may?
 * @release:    judged
 * @message:    a Signatures message, untrusted
 * @sha256, @sha512: digests of what is signed
 */
enum update_reason update_signed(const struct update_release *release,
				 const uint8_t *message, size_t bytes,
				 const uint8_t sha256[CRYPTO_SHA256_BYTES],
				 const uint8_t sha512[CRYPTO_SHA512_BYTES],
				 struct update_verdict *why);

#endif
