/* Digest contexts: buffering, padding and the choice of engine; the block functions are
 * in sha256_plain.c, sha512_plain.c and the folder of the CPU. */
#include "crypto/digest.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/cpu.h"

static const uint32_t sha256_start[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint64_t sha512_start[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static size_t block_bytes(enum crypto_hash hash)
{
	return hash == CRYPTO_SHA256 ? 64 : 128;
}

size_t crypto_digest_bytes(enum crypto_hash hash)
{
	return hash == CRYPTO_SHA256 ? CRYPTO_SHA256_BYTES : CRYPTO_SHA512_BYTES;
}

static void start_sha256(struct crypto_digest *d, crypto_sha256_blocks *by_cpu)
{
	d->engine = by_cpu != NULL ? CRYPTO_ENGINE_CPU : CRYPTO_ENGINE_PLAIN;
	d->blocks32 = by_cpu != NULL ? by_cpu : crypto_plain_sha256_blocks;
	memcpy(d->state.w32, sha256_start, sizeof sha256_start);
}

static void start_sha512(struct crypto_digest *d, crypto_sha512_blocks *by_cpu)
{
	d->engine = by_cpu != NULL ? CRYPTO_ENGINE_CPU : CRYPTO_ENGINE_PLAIN;
	d->blocks64 = by_cpu != NULL ? by_cpu : crypto_plain_sha512_blocks;
	memcpy(d->state.w64, sha512_start, sizeof sha512_start);
}

void crypto_digest_init_engine(struct crypto_digest *d, enum crypto_hash hash,
			       enum crypto_engine engine)
{
	const bool cpu = engine == CRYPTO_ENGINE_CPU;

	d->hash = hash;
	d->bytes = 0;
	d->buffered = 0;
	d->blocks32 = NULL;
	d->blocks64 = NULL;
	if (hash == CRYPTO_SHA256)
		start_sha256(d, cpu ? crypto_cpu_sha256_blocks() : NULL);
	else
		start_sha512(d, cpu ? crypto_cpu_sha512_blocks() : NULL);
}

void crypto_digest_init(struct crypto_digest *d, enum crypto_hash hash)
{
	crypto_digest_init_engine(d, hash, CRYPTO_ENGINE_CPU);
}

enum crypto_engine crypto_digest_engine(enum crypto_hash hash)
{
	const bool cpu = hash == CRYPTO_SHA256 ? crypto_cpu_sha256_blocks() != NULL
					       : crypto_cpu_sha512_blocks() != NULL;

	return cpu ? CRYPTO_ENGINE_CPU : CRYPTO_ENGINE_PLAIN;
}

static void take_blocks(struct crypto_digest *d, const uint8_t *data, size_t blocks)
{
	if (d->hash == CRYPTO_SHA256)
		d->blocks32(d->state.w32, data, blocks);
	else
		d->blocks64(d->state.w64, data, blocks);
}

/* Fills the buffer from @data; a full buffer is taken. Returns how much of @data it
 * held. */
static size_t fill_buffer(struct crypto_digest *d, const uint8_t *data, size_t len)
{
	const size_t block = block_bytes(d->hash);
	const size_t room = block - d->buffered;
	const size_t n = len < room ? len : room;

	memcpy(d->buffer + d->buffered, data, n);
	d->buffered += n;
	if (d->buffered == block) {
		take_blocks(d, d->buffer, 1);
		d->buffered = 0;
	}
	return n;
}

void crypto_digest_update(struct crypto_digest *d, const void *data, size_t len)
{
	const size_t block = block_bytes(d->hash);
	const uint8_t *p = data;

	if (len == 0)
		return;
	d->bytes += len;
	if (d->buffered != 0) {
		const size_t n = fill_buffer(d, p, len);

		p += n;
		len -= n;
	}
	if (len >= block) {
		const size_t whole = len / block;

		take_blocks(d, p, whole);
		p += whole * block;
		len -= whole * block;
	}
	if (len != 0)
		(void)fill_buffer(d, p, len); /* less than a block: all of it fits */
}

/* Padding: one bit, zeros, and the length in bits as the last 8 or 16 bytes. */
static void pad(struct crypto_digest *d)
{
	const size_t block = block_bytes(d->hash);
	const size_t length_bytes = block / 8;

	d->buffer[d->buffered++] = 0x80;
	if (d->buffered > block - length_bytes) {
		memset(d->buffer + d->buffered, 0, block - d->buffered);
		take_blocks(d, d->buffer, 1);
		d->buffered = 0;
	}
	memset(d->buffer + d->buffered, 0, block - d->buffered);
	lb_put_be64(d->buffer + block - 8, d->bytes << 3);
	if (length_bytes == 16)
		lb_put_be64(d->buffer + block - 16, d->bytes >> 61);
	take_blocks(d, d->buffer, 1);
}

void crypto_digest_final(struct crypto_digest *d, uint8_t out[CRYPTO_MAX_DIGEST_BYTES])
{
	pad(d);
	for (size_t i = 0; i < 8; i++) {
		if (d->hash == CRYPTO_SHA256)
			lb_put_be32(out + 4 * i, d->state.w32[i]);
		else
			lb_put_be64(out + 8 * i, d->state.w64[i]);
	}
}

void crypto_digest_once(enum crypto_hash hash, const void *data, size_t len,
			uint8_t out[CRYPTO_MAX_DIGEST_BYTES])
{
	struct crypto_digest d;

	crypto_digest_init(&d, hash);
	crypto_digest_update(&d, data, len);
	crypto_digest_final(&d, out);
}
