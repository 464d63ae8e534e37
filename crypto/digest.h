/* SHA-256 and SHA-512, with the CPU's instructions where it has them (chosen at run
 * time) and plain C elsewhere. Contexts are plain memory of the caller; no allocation.
 *
 * Spec: FIPS 180-4. */
#ifndef LIFEBOAT_CRYPTO_DIGEST_H
#define LIFEBOAT_CRYPTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/cpu.h"

#define CRYPTO_SHA256_BYTES     32u
#define CRYPTO_SHA512_BYTES     64u
#define CRYPTO_MAX_DIGEST_BYTES 64u
#define CRYPTO_MAX_BLOCK_BYTES  128u

enum crypto_hash {
	CRYPTO_SHA256,
	CRYPTO_SHA512,
};

/* Which code hashes; for the log, the benchmark and the self-test. */
enum crypto_engine {
	CRYPTO_ENGINE_PLAIN,
	CRYPTO_ENGINE_CPU, /* SHA-NI, ARMv8 SHA2 / SHA512 */
};

struct crypto_digest {
	enum crypto_hash hash;
	enum crypto_engine engine;
	uint64_t bytes; /* taken so far */
	size_t buffered;
	crypto_sha256_blocks *blocks32; /* the one of this hash and engine is set */
	crypto_sha512_blocks *blocks64;
	union {
		uint32_t w32[8];
		uint64_t w64[8];
	} state;
	uint8_t buffer[CRYPTO_MAX_BLOCK_BYTES];
};

/** crypto_digest_init() - start a digest with the best engine of this CPU. */
void crypto_digest_init(struct crypto_digest *d, enum crypto_hash hash);

/** crypto_digest_init_engine() - start with a given engine; one the CPU lacks becomes
 * PLAIN. */
void crypto_digest_init_engine(struct crypto_digest *d, enum crypto_hash hash,
			       enum crypto_engine engine);

/** crypto_digest_engine() - the engine crypto_digest_init() picks on this CPU. */
enum crypto_engine crypto_digest_engine(enum crypto_hash hash);

/** crypto_digest_update() - take @len more bytes; @data may be NULL when @len is 0. */
void crypto_digest_update(struct crypto_digest *d, const void *data, size_t len);

/** crypto_digest_final() - writes crypto_digest_bytes(hash) bytes; the context is then
 * used up. */
void crypto_digest_final(struct crypto_digest *d, uint8_t out[CRYPTO_MAX_DIGEST_BYTES]);

size_t crypto_digest_bytes(enum crypto_hash hash);

/** crypto_digest_once() - digest of one piece. */
void crypto_digest_once(enum crypto_hash hash, const void *data, size_t len,
			uint8_t out[CRYPTO_MAX_DIGEST_BYTES]);

#endif
