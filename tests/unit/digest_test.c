/* Digests: published vectors, every way to cut a message, and all engines against each
 * other and against OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/format.h"
#include "crypto/digest.h"
#include "crypto/self_test.h"

#define MESSAGE_BYTES 1100u

static const enum crypto_hash hashes[] = { CRYPTO_SHA256, CRYPTO_SHA512 };
static const enum crypto_engine engines[] = { CRYPTO_ENGINE_PLAIN, CRYPTO_ENGINE_CPU };

/* FIPS 180-4 examples (NIST, "Secure Hash Standard" example values) and the empty
 * message. */
static const struct {
	const char *name;
	enum crypto_hash hash;
	const char *text;
	size_t repeat;
	const char *want;
} vectors[] = {
	{ "SHA-256, empty", CRYPTO_SHA256, "", 1,
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "SHA-256, abc", CRYPTO_SHA256, "abc", 1,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "SHA-256, 448 bits", CRYPTO_SHA256,
	  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "SHA-256, a million a", CRYPTO_SHA256, "aaaaaaaaaa", 100000,
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ "SHA-512, empty", CRYPTO_SHA512, "", 1,
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
	{ "SHA-512, abc", CRYPTO_SHA512, "abc", 1,
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ "SHA-512, 896 bits", CRYPTO_SHA512,
	  "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  1,
	  "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	  "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909" },
	{ "SHA-512, a million a", CRYPTO_SHA512, "aaaaaaaaaa", 100000,
	  "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	  "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b" },
};

static void published_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		for (size_t e = 0; e < 2; e++) {
			uint8_t out[CRYPTO_MAX_DIGEST_BYTES];
			char hex[2 * CRYPTO_MAX_DIGEST_BYTES + 1];
			struct crypto_digest d;

			crypto_digest_init_engine(&d, vectors[i].hash, engines[e]);
			for (size_t n = 0; n < vectors[i].repeat; n++)
				crypto_digest_update(&d, vectors[i].text,
						     strlen(vectors[i].text));
			crypto_digest_final(&d, out);
			lb_format_hex(hex, out, crypto_digest_bytes(vectors[i].hash));
			if (strcmp(hex, vectors[i].want) != 0)
				fail_msg("%s, engine %zu: %s", vectors[i].name, e, hex);
		}
}

static void fill(uint8_t *message, size_t len)
{
	uint32_t x = 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		message[i] = (uint8_t)(x >> 24);
	}
}

static void openssl_digest(enum crypto_hash hash, const uint8_t *data, size_t len,
			   uint8_t *out)
{
	const EVP_MD *md = hash == CRYPTO_SHA256 ? EVP_sha256() : EVP_sha512();

	assert_int_equal(EVP_Digest(data, len, out, NULL, md, NULL), 1);
}

/* Every length up to several blocks, at every alignment of the data. */
static void every_length(void **state)
{
	uint8_t message[MESSAGE_BYTES + 16], want[64], got[64];

	(void)state;
	fill(message, sizeof message);
	for (size_t h = 0; h < 2; h++)
		for (size_t e = 0; e < 2; e++)
			for (size_t len = 0; len <= MESSAGE_BYTES; len++) {
				const uint8_t *data = message + len % 16;
				struct crypto_digest d;

				openssl_digest(hashes[h], data, len, want);
				crypto_digest_init_engine(&d, hashes[h], engines[e]);
				crypto_digest_update(&d, data, len);
				crypto_digest_final(&d, got);
				if (memcmp(want, got, crypto_digest_bytes(hashes[h])) !=
				    0)
					fail_msg("hash %zu, engine %zu, %zu bytes", h, e,
						 len);
			}
}

/* One message in pieces of every size, and cut in three at every pair of places. */
static void every_chunking(void **state)
{
	uint8_t message[300], want[64], got[64];

	(void)state;
	fill(message, sizeof message);
	for (size_t h = 0; h < 2; h++)
		for (size_t e = 0; e < 2; e++)
			for (size_t step = 1; step <= sizeof message; step++) {
				struct crypto_digest d;

				openssl_digest(hashes[h], message, sizeof message, want);
				crypto_digest_init_engine(&d, hashes[h], engines[e]);
				for (size_t at = 0; at < sizeof message; at += step) {
					const size_t rest = sizeof message - at;

					crypto_digest_update(&d, message + at,
							     rest < step ? rest : step);
				}
				crypto_digest_final(&d, got);
				if (memcmp(want, got, crypto_digest_bytes(hashes[h])) !=
				    0)
					fail_msg("hash %zu, engine %zu, pieces of %zu", h,
						 e, step);
			}
}

static void three_pieces(void **state)
{
	uint8_t message[264], want[64], got[64];

	(void)state;
	fill(message, sizeof message);
	for (size_t h = 0; h < 2; h++) {
		openssl_digest(hashes[h], message, sizeof message, want);
		for (size_t a = 0; a <= sizeof message; a++)
			for (size_t b = a; b <= sizeof message; b += 3) {
				struct crypto_digest d;

				crypto_digest_init(&d, hashes[h]);
				crypto_digest_update(&d, message, a);
				crypto_digest_update(&d, message + a, b - a);
				crypto_digest_update(&d, NULL, 0);
				crypto_digest_update(&d, message + b, sizeof message - b);
				crypto_digest_final(&d, got);
				if (memcmp(want, got, crypto_digest_bytes(hashes[h])) !=
				    0)
					fail_msg("hash %zu, cut at %zu and %zu", h, a, b);
			}
	}
}

/* More than 2^32 bits, so that the length needs its upper half. */
static void long_message(void **state)
{
	static const uint8_t zeros[1 << 20];
	uint8_t out[64], theirs[64];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct crypto_digest d;

	(void)state;
	assert_non_null(ctx);
	assert_int_equal(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL), 1);
	crypto_digest_init(&d, CRYPTO_SHA256);
	for (size_t i = 0; i < 513; i++) {
		crypto_digest_update(&d, zeros, sizeof zeros);
		assert_int_equal(EVP_DigestUpdate(ctx, zeros, sizeof zeros), 1);
	}
	crypto_digest_final(&d, out);
	assert_int_equal(EVP_DigestFinal_ex(ctx, theirs, NULL), 1);
	EVP_MD_CTX_free(ctx);
	assert_memory_equal(out, theirs, 32);
}

/* Visible when this machine cannot test its instructions: the others then only compare
 * the plain engine with OpenSSL. */
static void cpu_engine(void **state, enum crypto_hash hash, const char *name)
{
	struct crypto_digest d;

	(void)state;
	crypto_digest_init_engine(&d, hash, CRYPTO_ENGINE_CPU);
	assert_int_equal(d.engine, crypto_digest_engine(hash));
	if (d.engine != CRYPTO_ENGINE_CPU) {
		printf("SKIPPED: this CPU has no instructions for %s\n", name);
		skip();
	}
	crypto_digest_init_engine(&d, hash, CRYPTO_ENGINE_PLAIN);
	assert_int_equal(d.engine, CRYPTO_ENGINE_PLAIN);
}

static void cpu_sha256(void **state)
{
	cpu_engine(state, CRYPTO_SHA256, "SHA-256");
}

static void cpu_sha512(void **state)
{
	cpu_engine(state, CRYPTO_SHA512, "SHA-512");
}

static void self_test(void **state)
{
	(void)state;
	assert_int_equal(crypto_self_test(), LB_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors), cmocka_unit_test(every_length),
		cmocka_unit_test(every_chunking),    cmocka_unit_test(three_pieces),
		cmocka_unit_test(long_message),      cmocka_unit_test(cpu_sha256),
		cmocka_unit_test(cpu_sha512),        cmocka_unit_test(self_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
