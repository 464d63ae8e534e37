/* Known answers for both digests: by the plain code and by this CPU's instructions. */
#include <string.h>

#include "crypto/digest.h"

/* 200 bytes 0, 1, 2, ...: several blocks and a padding of each kind. Answers by sha256sum
 * and sha512sum. */
#define MESSAGE_BYTES 200u

static const uint8_t sha256_answer[CRYPTO_SHA256_BYTES] = {
	0x19, 0x01, 0xda, 0x1c, 0x9f, 0x69, 0x9b, 0x48, 0xf6, 0xb2, 0x63, 0x6e,
	0x65, 0xcb, 0xf7, 0x3a, 0xbf, 0x99, 0xd0, 0x44, 0x1e, 0xf6, 0x7f, 0x5c,
	0x54, 0x0a, 0x42, 0xf7, 0x05, 0x1d, 0xec, 0x6f,
};

static const uint8_t sha512_answer[CRYPTO_SHA512_BYTES] = {
	0x98, 0x60, 0x58, 0xe9, 0x89, 0x5e, 0x2c, 0x2a, 0xb8, 0xf9, 0xe8, 0xcb,
	0xdf, 0x80, 0x1d, 0xb1, 0x2a, 0x44, 0x84, 0x2a, 0x56, 0xa9, 0x1d, 0x5a,
	0x4e, 0x87, 0xb1, 0xfc, 0x98, 0xb2, 0x93, 0x72, 0x2c, 0x46, 0x64, 0x14,
	0x2e, 0x42, 0xc3, 0xc5, 0x51, 0xff, 0x89, 0x86, 0x46, 0x26, 0x8c, 0xd9,
	0x2b, 0x84, 0xed, 0x23, 0x0b, 0x8c, 0x94, 0xbe, 0xd7, 0x79, 0x8d, 0x4f,
	0x27, 0xcd, 0x74, 0x65,
};

static enum lb_status known_answer(enum crypto_hash hash, enum crypto_engine engine)
{
	const uint8_t *answer = hash == CRYPTO_SHA256 ? sha256_answer : sha512_answer;
	uint8_t message[MESSAGE_BYTES], out[CRYPTO_MAX_DIGEST_BYTES];
	struct crypto_digest d;

	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (uint8_t)i;
	crypto_digest_init_engine(&d, hash, engine);
	crypto_digest_update(&d, message, sizeof message);
	crypto_digest_final(&d, out);
	return memcmp(out, answer, crypto_digest_bytes(hash)) == 0 ? LB_OK : LB_ERR_DIGEST;
}

enum lb_status crypto_self_test(void)
{
	static const struct {
		enum crypto_hash hash;
		enum crypto_engine engine;
	} cases[] = {
		{ CRYPTO_SHA256, CRYPTO_ENGINE_PLAIN },
		{ CRYPTO_SHA256, CRYPTO_ENGINE_CPU },
		{ CRYPTO_SHA512, CRYPTO_ENGINE_PLAIN },
		{ CRYPTO_SHA512, CRYPTO_ENGINE_CPU },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (known_answer(cases[i].hash, cases[i].engine) != LB_OK)
			return LB_ERR_DIGEST;
	return LB_OK;
}
