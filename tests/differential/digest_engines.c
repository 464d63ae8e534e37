/* The digest engines of the CPU it runs on, compared with the plain code: every length up
 * to several blocks, at every alignment, and in two pieces. Prints one line for scripts:
 *
 *   sha256 cpu|plain sha512 cpu|plain compared N differ N
 *
 * Needs no library, so that it can be built for another CPU and run under an emulator. */
#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"

#define MESSAGE_BYTES 1500u

static void run(enum crypto_hash hash, enum crypto_engine engine, const uint8_t *data,
		size_t first, size_t len, uint8_t out[CRYPTO_MAX_DIGEST_BYTES])
{
	struct crypto_digest d;

	crypto_digest_init_engine(&d, hash, engine);
	crypto_digest_update(&d, data, first);
	crypto_digest_update(&d, data + first, len - first);
	crypto_digest_final(&d, out);
}

static unsigned int differences(enum crypto_hash hash, const uint8_t *message,
				unsigned int *compared)
{
	unsigned int found = 0;

	for (size_t len = 0; len <= MESSAGE_BYTES; len++) {
		uint8_t plain[CRYPTO_MAX_DIGEST_BYTES], cpu[CRYPTO_MAX_DIGEST_BYTES];
		const uint8_t *data = message + len % 16;

		run(hash, CRYPTO_ENGINE_PLAIN, data, 0, len, plain);
		run(hash, CRYPTO_ENGINE_CPU, data, len / 3, len, cpu);
		found += memcmp(plain, cpu, crypto_digest_bytes(hash)) != 0;
		++*compared;
	}
	return found;
}

static const char *engine_name(enum crypto_hash hash)
{
	return crypto_digest_engine(hash) == CRYPTO_ENGINE_CPU ? "cpu" : "plain";
}

int main(void)
{
	static uint8_t message[MESSAGE_BYTES + 16];
	unsigned int compared = 0, differ = 0;
	uint32_t noise = 7;

	for (size_t i = 0; i < sizeof message; i++) {
		noise = noise * 1664525u + 1013904223u;
		message[i] = (uint8_t)(noise >> 24);
	}
	differ += differences(CRYPTO_SHA256, message, &compared);
	differ += differences(CRYPTO_SHA512, message, &compared);
	printf("sha256 %s sha512 %s compared %u differ %u\n", engine_name(CRYPTO_SHA256),
	       engine_name(CRYPTO_SHA512), compared, differ);
	return differ != 0;
}
