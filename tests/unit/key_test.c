/* Packed keys and RSA signatures: the packaged keys, and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "base/bytes.h"
#include "crypto/key.h"
#include "tests/host/vblock.h"

static const struct {
	const char *name; /* packaged key of this size */
	uint32_t algorithm;
	enum crypto_hash hash;
	uint32_t rsa_bytes;
} accepted[] = {
	{ "kernel_data_key", 4, CRYPTO_SHA256, 256 },
	{ "kernel_data_key", 5, CRYPTO_SHA512, 256 },
	{ "kernel_subkey", 7, CRYPTO_SHA256, 512 },
	{ "kernel_subkey", 8, CRYPTO_SHA512, 512 },
	{ "recovery_key", 10, CRYPTO_SHA256, 1024 },
	{ "recovery_key", 11, CRYPTO_SHA512, 1024 },
};

#define ACCEPTED (sizeof accepted / sizeof accepted[0])

static void algorithms(void **state)
{
	(void)state;
	for (uint32_t number = 0; number < 300; number++) {
		enum crypto_hash hash;
		uint32_t rsa_bytes;
		size_t row = 0;

		while (row < ACCEPTED && accepted[row].algorithm != number)
			row++;
		if (row == ACCEPTED) {
			assert_int_equal(crypto_algorithm(number, &hash, &rsa_bytes),
					 LB_ERR_ALGORITHM);
			continue;
		}
		assert_int_equal(crypto_algorithm(number, &hash, &rsa_bytes), LB_OK);
		assert_int_equal(hash, accepted[row].hash);
		assert_int_equal(rsa_bytes, accepted[row].rsa_bytes);
	}
}

/* The key that vb_key_load() makes of a private key is the packaged public key. */
static void packaged_public_keys(void **state)
{
	static const struct {
		const char *name;
		uint32_t algorithm;
		uint32_t version;
	} files[] = { { "kernel_subkey", 7, 1 }, { "recovery_key", 11, 1 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char path[256];
		uint8_t file[4096];
		struct vb_key made;
		struct crypto_key key;

		snprintf(path, sizeof path, VB_DEVKEYS "/%s.vbpubk", files[i].name);
		FILE *f = fopen(path, "rb");

		assert_non_null(f);
		const size_t len = fread(file, 1, sizeof file, f);

		fclose(f);
		assert_int_equal(crypto_key_parse(file, len, 0, &key), LB_OK);
		assert_int_equal(key.algorithm, files[i].algorithm);
		assert_int_equal(key.version, files[i].version);
		vb_key_load(&made, files[i].name, files[i].algorithm, files[i].version);
		assert_int_equal(key.data_bytes, made.packed_bytes - 32);
		assert_memory_equal(key.data, made.packed + 32, key.data_bytes);
		vb_key_free(&made);
	}
}

static void key_id_is_sha256_of_the_data(void **state)
{
	struct vb_key made;
	struct crypto_key key;
	uint8_t id[CRYPTO_KEY_ID_BYTES], want[32];

	(void)state;
	vb_key_load(&made, "kernel_data_key", 4, 1);
	assert_int_equal(crypto_key_parse(made.packed, made.packed_bytes, 0, &key),
			 LB_OK);
	crypto_key_id(&key, id);
	SHA256(made.packed + 32, made.packed_bytes - 32, want);
	assert_memory_equal(id, want, sizeof id);
	vb_key_free(&made);
}

/* --- malformed keys --------------------------------------------------------------- */

static void cut_words(uint8_t *key)
{
	lb_put_le32(key + 32, 63);
}
static void wrong_n0inv(uint8_t *key)
{
	lb_put_le32(key + 36, lb_le32(key + 36) + 2);
}
static void even_modulus(uint8_t *key)
{
	key[40] &= 0xfe;
}
static void short_modulus(uint8_t *key)
{
	key[40 + 255] &= 0x7f;
}
static void other_algorithm(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_ALGORITHM, 7);
}
static void rsa1024(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_ALGORITHM, 1);
}
static void sha1(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_ALGORITHM, 3);
}
static void huge_algorithm(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_ALGORITHM, 0xffffffff);
}
static void data_in_header(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_OFFSET, 28);
}
static void data_behind_end(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_OFFSET, 36);
}
static void offset_wraps(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_OFFSET, 0xffffffe0);
}
static void one_byte_less(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_BYTES, 519);
}
static void size_wraps(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_BYTES, 0xffffffff);
}
static void no_data(uint8_t *key)
{
	lb_put_le32(key + VB_KEY_BYTES, 0);
}

static const struct {
	const char *name;
	void (*change)(uint8_t *key);
	enum lb_status want;
} malformed[] = {
	{ "word count 63", cut_words, LB_ERR_RANGE },
	{ "n0inv wrong", wrong_n0inv, LB_ERR_RANGE },
	{ "even modulus", even_modulus, LB_ERR_RANGE },
	{ "modulus of 2047 bits", short_modulus, LB_ERR_RANGE },
	{ "algorithm of another size", other_algorithm, LB_ERR_RANGE },
	{ "RSA-1024", rsa1024, LB_ERR_ALGORITHM },
	{ "SHA-1", sha1, LB_ERR_ALGORITHM },
	{ "algorithm 2^32-1", huge_algorithm, LB_ERR_ALGORITHM },
	{ "data overlaps the header", data_in_header, LB_ERR_RANGE },
	{ "data leads behind the end", data_behind_end, LB_ERR_RANGE },
	{ "offset wraps", offset_wraps, LB_ERR_RANGE },
	{ "one byte less", one_byte_less, LB_ERR_RANGE },
	{ "size wraps", size_wraps, LB_ERR_RANGE },
	{ "no data", no_data, LB_ERR_RANGE },
};

static void malformed_keys(void **state)
{
	struct vb_key made;

	(void)state;
	vb_key_load(&made, "kernel_data_key", 4, 1);
	for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
		uint8_t *copy = malloc(made.packed_bytes);
		struct crypto_key key = { .version = 77 };

		assert_non_null(copy);
		memcpy(copy, made.packed, made.packed_bytes);
		malformed[i].change(copy);
		const enum lb_status got =
			crypto_key_parse(copy, made.packed_bytes, 0, &key);

		if (got != malformed[i].want || key.version != 77)
			fail_msg("%s: %s", malformed[i].name, lb_status_name(got));
		free(copy);
	}
	vb_key_free(&made);
}

/* Every shorter buffer is refused, and at every offset only the right one is taken. */
static void bounds(void **state)
{
	struct vb_key made;
	uint8_t padded[VB_MAX_PACKED + 64] = { 0 };
	struct crypto_key key;

	(void)state;
	vb_key_load(&made, "kernel_data_key", 4, 1);
	for (size_t len = 0; len < made.packed_bytes; len++) {
		uint8_t *copy = malloc(len + 1); /* so that reading on is an error */

		assert_non_null(copy);
		memcpy(copy, made.packed, len);
		assert_int_equal(crypto_key_parse(copy, len, 0, &key), LB_ERR_RANGE);
		free(copy);
	}
	assert_int_equal(crypto_key_parse(made.packed, made.packed_bytes, SIZE_MAX, &key),
			 LB_ERR_RANGE);
	memcpy(padded + 40, made.packed, made.packed_bytes);
	assert_int_equal(crypto_key_parse(padded, sizeof padded, 40, &key), LB_OK);
	assert_ptr_equal(key.data, padded + 72);
	memmove(padded + 42, padded + 40, made.packed_bytes);
	assert_int_equal(crypto_key_parse(padded, sizeof padded, 42, &key), LB_ERR_RANGE);
	vb_key_free(&made);
}

/* --- signatures ------------------------------------------------------------------- */

static void sign_digest(const struct vb_key *key, const uint8_t *digest, int padding,
			uint8_t *sig)
{
	const EVP_MD *md = key->algorithm % 3 == 1 ? EVP_sha256() : EVP_sha512();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	size_t len = key->rsa_bytes;

	assert_true(ctx != NULL && EVP_PKEY_sign_init(ctx) == 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	assert_int_equal(
		EVP_PKEY_sign(ctx, sig, &len, digest, (size_t)EVP_MD_get_size(md)), 1);
	EVP_PKEY_CTX_free(ctx);
}

static void good_and_flipped_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ACCEPTED; i++) {
		uint8_t digest[64], sig[CRYPTO_MAX_RSA_BYTES + 1];
		struct vb_key made;
		struct crypto_key key;

		vb_key_load(&made, accepted[i].name, accepted[i].algorithm, 1);
		assert_int_equal(
			crypto_key_parse(made.packed, made.packed_bytes, 0, &key), LB_OK);
		for (size_t n = 0; n < sizeof digest; n++)
			digest[n] = (uint8_t)(n * 3 + i);
		sign_digest(&made, digest, RSA_PKCS1_PADDING, sig);
		assert_int_equal(crypto_verify_digest(&key, digest, sig, key.rsa_bytes),
				 LB_OK);
		for (size_t n = 0; n < key.rsa_bytes; n += key.rsa_bytes / 16) {
			sig[n] ^= 0x10;
			assert_int_equal(
				crypto_verify_digest(&key, digest, sig, key.rsa_bytes),
				LB_ERR_SIGNATURE);
			sig[n] ^= 0x10;
		}
		for (size_t n = 0; n < crypto_digest_bytes(key.hash); n++) {
			digest[n] ^= 1;
			assert_int_equal(
				crypto_verify_digest(&key, digest, sig, key.rsa_bytes),
				LB_ERR_SIGNATURE);
			digest[n] ^= 1;
		}
		assert_int_equal(
			crypto_verify_digest(&key, digest, sig, key.rsa_bytes - 1),
			LB_ERR_RANGE);
		assert_int_equal(
			crypto_verify_digest(&key, digest, sig, key.rsa_bytes + 1),
			LB_ERR_RANGE);
		assert_int_equal(crypto_verify_digest(&key, digest, sig, 0),
				 LB_ERR_RANGE);
		vb_key_free(&made);
	}
}

static void other_padding_and_hash(void **state)
{
	uint8_t digest[64] = { 1, 2, 3 }, sig[256];
	struct vb_key sha256, sha512;
	struct crypto_key key;

	(void)state;
	vb_key_load(&sha256, "kernel_data_key", 4, 1);
	vb_key_load(&sha512, "kernel_data_key", 5, 1);
	assert_int_equal(crypto_key_parse(sha256.packed, sha256.packed_bytes, 0, &key),
			 LB_OK);
	sign_digest(&sha256, digest, RSA_PKCS1_PSS_PADDING, sig);
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	sign_digest(&sha512, digest, RSA_PKCS1_PADDING, sig);
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	vb_key_free(&sha256);
	vb_key_free(&sha512);
}

/* The private key applied to a hand-made encoded message: only the strict one counts. */
static void sign_encoded(const struct vb_key *key, const uint8_t em[256],
			 uint8_t sig[256])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	size_t len = 256;

	assert_true(ctx != NULL && EVP_PKEY_sign_init(ctx) == 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, sig, &len, em, 256), 1);
	EVP_PKEY_CTX_free(ctx);
}

static void encode(uint8_t em[256], const uint8_t digest[32])
{
	static const uint8_t info[19] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
					  0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
					  0x01, 0x05, 0x00, 0x04, 0x20 };

	memset(em, 0xff, 256);
	em[0] = 0;
	em[1] = 1;
	em[256 - 32 - 19 - 1] = 0;
	memcpy(em + 256 - 32 - 19, info, sizeof info);
	memcpy(em + 256 - 32, digest, 32);
}

static enum lb_status judge_encoded(const struct vb_key *made, const uint8_t em[256],
				    const uint8_t digest[32])
{
	struct crypto_key key;
	uint8_t sig[256];

	assert_int_equal(crypto_key_parse(made->packed, made->packed_bytes, 0, &key),
			 LB_OK);
	sign_encoded(made, em, sig);
	return crypto_verify_digest(&key, digest, sig, sizeof sig);
}

static void strict_padding(void **state)
{
	const uint8_t digest[32] = { 9, 8, 7, 6 };
	uint8_t em[256];
	struct vb_key made;

	(void)state;
	vb_key_load(&made, "kernel_data_key", 4, 1);
	encode(em, digest);
	assert_int_equal(judge_encoded(&made, em, digest), LB_OK);

	/* every byte of padding and DigestInfo counts */
	for (size_t i = 0; i < 256 - 32; i += i < 8 || i > 190 ? 1 : 23) {
		encode(em, digest);
		em[i] ^= i == 0 ? 0x01 : 0x11; /* stays below the modulus */
		if (judge_encoded(&made, em, digest) != LB_ERR_SIGNATURE)
			fail_msg("byte %zu of the encoded message does not count", i);
	}

	/* Bleichenbacher 2006: short padding, garbage behind the digest */
	encode(em, digest);
	memmove(em + 10, em + 256 - 32 - 19 - 1, 32 + 19 + 1);
	memset(em + 10 + 52, 0xa5, 256 - 10 - 52);
	assert_int_equal(judge_encoded(&made, em, digest), LB_ERR_SIGNATURE);

	/* without the NULL parameter */
	encode(em, digest);
	memmove(em + 2 + 2, em + 2, 256 - 32 - 19 - 2);
	memcpy(em + 256 - 32 - 17,
	       "\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20",
	       17);
	em[256 - 32 - 18] = 0;
	assert_int_equal(judge_encoded(&made, em, digest), LB_ERR_SIGNATURE);
	vb_key_free(&made);
}

/* 0, 1, n - 1 and numbers not below the modulus are no signatures. */
static void trivial_signatures(void **state)
{
	const uint8_t digest[32] = { 0 };
	uint8_t sig[256] = { 0 };
	struct vb_key made;
	struct crypto_key key;

	(void)state;
	vb_key_load(&made, "kernel_data_key", 4, 1);
	assert_int_equal(crypto_key_parse(made.packed, made.packed_bytes, 0, &key),
			 LB_OK);
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	sig[255] = 1;
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	for (size_t i = 0; i < 256; i++)
		sig[255 - i] = key.data[8 + i];
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	sig[255] = (uint8_t)(sig[255] - 1);
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	memset(sig, 0xff, sizeof sig);
	assert_int_equal(crypto_verify_digest(&key, digest, sig, 256), LB_ERR_SIGNATURE);
	vb_key_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(algorithms),
		cmocka_unit_test(packaged_public_keys),
		cmocka_unit_test(key_id_is_sha256_of_the_data),
		cmocka_unit_test(malformed_keys),
		cmocka_unit_test(bounds),
		cmocka_unit_test(good_and_flipped_signatures),
		cmocka_unit_test(other_padding_and_hash),
		cmocka_unit_test(strict_padding),
		cmocka_unit_test(trivial_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
