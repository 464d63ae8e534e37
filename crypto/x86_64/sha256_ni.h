/* SHA-256 by the SHA extensions of x86 (with SSSE3 and SSE4.1). Internal to this
 * folder. */
#ifndef LIFEBOAT_CRYPTO_X86_64_SHA256_NI_H
#define LIFEBOAT_CRYPTO_X86_64_SHA256_NI_H

#include "crypto/digest.h"

void crypto_sha256_ni_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);

#endif
