/* SHA-256 and SHA-512 by the instructions of ARMv8. Internal to this folder. */
#ifndef LIFEBOAT_CRYPTO_AARCH64_SHA2_ARMV8_H
#define LIFEBOAT_CRYPTO_AARCH64_SHA2_ARMV8_H

#include "crypto/digest.h"

void crypto_sha256_armv8_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);
void crypto_sha512_armv8_blocks(uint64_t state[8], const uint8_t *data, size_t blocks);

#endif
