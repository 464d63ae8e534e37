/* What this CPU's own instructions offer to digests. One folder per CPU (crypto/x86_64,
 * crypto/aarch64, else crypto/other) defines these functions; the Makefile picks it. */
#ifndef LIFEBOAT_CRYPTO_CPU_H
#define LIFEBOAT_CRYPTO_CPU_H

#include <stddef.h>
#include <stdint.h>

/* Take @blocks whole blocks (64 or 128 bytes each) into @state. */
typedef void crypto_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);
typedef void crypto_sha512_blocks(uint64_t state[8], const uint8_t *data, size_t blocks);

/**
 * crypto_cpu_sha256_blocks() - SHA-256 by this CPU's instructions, or NULL.
 *
 * Asks the CPU each time, which may be slow under a hypervisor: once per digest.
 */
crypto_sha256_blocks *crypto_cpu_sha256_blocks(void);

/** crypto_cpu_sha512_blocks() - the same for SHA-512. */
crypto_sha512_blocks *crypto_cpu_sha512_blocks(void);

/* The plain engines, for every CPU. */
void crypto_plain_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks);
void crypto_plain_sha512_blocks(uint64_t state[8], const uint8_t *data, size_t blocks);

#endif
