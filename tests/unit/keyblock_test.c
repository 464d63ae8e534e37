/* Keyblocks: every check with its reason, signed again where the check lies behind the
 * signature; unknown key and damage told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/keyblock.h"
#include "tests/host/vblock.h"

static struct vb_key signer, other, data;
static struct crypto_key signer_public, other_public;

static int load_keys(void **state)
{
	(void)state;
	vb_key_load(&signer, "kernel_subkey", 7, 1);
	vb_key_load(&other, "minios_kernel_data_key", 8, 1);
	vb_key_load(&data, "kernel_data_key", 4, 3);
	assert_int_equal(
		crypto_key_parse(signer.packed, signer.packed_bytes, 0, &signer_public),
		LB_OK);
	assert_int_equal(
		crypto_key_parse(other.packed, other.packed_bytes, 0, &other_public),
		LB_OK);
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	vb_key_free(&signer);
	vb_key_free(&other);
	vb_key_free(&data);
	return 0;
}

/* A keyblock in memory of exactly its size, so that every read beyond is noticed. */
static uint8_t *make(const struct vb_key *by, size_t *len)
{
	const struct vb_recipe recipe = { .signer = by,
					  .data = &data,
					  .flags = 23,
					  .kernel_version = 1,
					  .body_bytes = 64 };
	struct vb_image image;
	uint8_t *keyblock;

	vb_make(&image, &recipe);
	*len = lb_le32(image.bytes + VB_KB_BYTES);
	keyblock = malloc(*len);
	assert_non_null(keyblock);
	memcpy(keyblock, image.bytes, *len);
	vb_free(&image);
	return keyblock;
}

static enum lb_reason judge(const uint8_t *bytes, size_t len,
			    const struct crypto_key *key)
{
	struct crypto_keyblock keyblock;
	struct lb_verdict why = { .reason = LB_REASON_NO_DISK };
	enum lb_reason reason = crypto_keyblock_parse(bytes, len, &keyblock, &why);

	if (reason == LB_REASON_OK)
		reason = crypto_keyblock_verify(&keyblock, key, &why);
	assert_int_equal(reason, why.reason);
	if (reason != LB_REASON_OK)
		assert_true(why.detail[0] != '\0');
	return reason;
}

static void good(void **state)
{
	struct crypto_keyblock keyblock;
	struct lb_verdict why;
	size_t len;
	uint8_t *bytes = make(&signer, &len);

	(void)state;
	assert_int_equal(crypto_keyblock_parse(bytes, len, &keyblock, &why),
			 LB_REASON_OK);
	assert_int_equal(keyblock.bytes, 112 + 520 + 64 + 512);
	assert_int_equal(keyblock.flags, 23);
	assert_true(keyblock.has_signature && keyblock.hash_good);
	assert_int_equal(keyblock.data_key.version, 3);
	assert_int_equal(keyblock.data_key.algorithm, 4);
	assert_ptr_equal(keyblock.data_key.data, bytes + 112);
	assert_int_equal(keyblock.signed_len, 112 + 520);
	assert_int_equal(keyblock.signature_len, 512);
	assert_int_equal(judge(bytes, len, &signer_public), LB_REASON_OK);
	free(bytes);
}

static void packaged(void **state)
{
	static const char *const names[] = { "kernel", "recovery_kernel", "minios_kernel",
					     "installer_kernel", "firmware" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[256];
		uint8_t bytes[8192];
		struct crypto_keyblock keyblock;
		struct lb_verdict why;

		snprintf(path, sizeof path, VB_DEVKEYS "/%s.keyblock", names[i]);
		FILE *f = fopen(path, "rb");

		assert_non_null(f);
		const size_t len = fread(bytes, 1, sizeof bytes, f);

		fclose(f);
		if (crypto_keyblock_parse(bytes, len, &keyblock, &why) != LB_REASON_OK)
			fail_msg("%s: %s", path, why.detail);
		assert_true(keyblock.has_signature && keyblock.hash_good);
		assert_int_equal(keyblock.bytes, len);
	}
}

static void signer_told_apart(void **state)
{
	const struct crypto_key none = { .data = NULL };
	size_t len, self_len;
	uint8_t *bytes = make(&signer, &len), *self = make(NULL, &self_len);
	struct crypto_keyblock keyblock;
	struct lb_verdict why;

	(void)state;
	assert_int_equal(judge(bytes, len, &other_public), LB_REASON_KEY_UNKNOWN);
	assert_int_equal(judge(bytes, len, &none), LB_REASON_KEY_UNKNOWN);
	assert_int_equal(judge(self, self_len, &signer_public), LB_REASON_SELF_SIGNED);
	assert_int_equal(judge(self, self_len, &none), LB_REASON_SELF_SIGNED);
	assert_int_equal(crypto_keyblock_parse(self, self_len, &keyblock, &why),
			 LB_REASON_OK);
	assert_false(keyblock.has_signature);
	assert_true(keyblock.hash_good);
	assert_int_equal(keyblock.signature_len, 0);
	assert_int_equal(keyblock.signed_len, 112 + 520);

	/* the flags are covered by both: damage, whoever asks */
	bytes[VB_KB_FLAGS] ^= 8;
	self[VB_KB_FLAGS] ^= 8;
	assert_int_equal(judge(bytes, len, &signer_public), LB_REASON_KEYBLOCK_DAMAGED);
	assert_int_equal(judge(bytes, len, &other_public), LB_REASON_KEYBLOCK_DAMAGED);
	assert_int_equal(judge(self, self_len, &signer_public),
			 LB_REASON_KEYBLOCK_DAMAGED);
	free(bytes);
	free(self);
}

/* The hash does not matter where the signature is right, and the other way round. */
static void signature_or_hash_alone(void **state)
{
	size_t len;
	uint8_t *bytes = make(&signer, &len);
	struct crypto_keyblock keyblock;
	struct lb_verdict why;

	(void)state;
	bytes[112 + 520] ^= 1; /* the hash */
	assert_int_equal(judge(bytes, len, &signer_public), LB_REASON_OK);
	assert_int_equal(judge(bytes, len, &other_public), LB_REASON_KEYBLOCK_DAMAGED);
	assert_int_equal(crypto_keyblock_parse(bytes, len, &keyblock, &why),
			 LB_REASON_OK);
	assert_false(keyblock.hash_good);
	bytes[112 + 520] ^= 1;
	bytes[len - 1] ^= 1; /* the signature */
	assert_int_equal(judge(bytes, len, &signer_public), LB_REASON_KEY_UNKNOWN);
	free(bytes);
}

/* --- one field changed, hash and signature made anew ------------------------------- */

struct change {
	const char *name;
	size_t offset;
	uint32_t value;
	enum lb_reason want;
};

static const struct change signed_changes[] = {
	{ "magic", 0, 0x4f524842, LB_REASON_NOT_A_KERNEL },
	{ "major version 1", VB_KB_MAJOR, 1, LB_REASON_KEYBLOCK_VERSION },
	{ "major version 3", VB_KB_MAJOR, 3, LB_REASON_KEYBLOCK_VERSION },
	{ "minor version 9", VB_KB_MAJOR + 4, 9, LB_REASON_OK },
	{ "size one more than there is", VB_KB_BYTES, 112 + 520 + 64 + 512 + 1,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "size one less: signature outside", VB_KB_BYTES, 112 + 520 + 64 + 512 - 1,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "size 0", VB_KB_BYTES, 0, LB_REASON_KEYBLOCK_LAYOUT },
	{ "size 2^32-1", VB_KB_BYTES, UINT32_MAX, LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature inside its own structure", VB_KB_SIGNATURE, 23,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature offset wraps", VB_KB_SIGNATURE, UINT32_MAX - 15,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature one byte on", VB_KB_SIGNATURE, 696 - 24 + 1,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature of 2^32-1 bytes", VB_KB_SIGNATURE + VB_SIG_BYTES, UINT32_MAX,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature of 256 bytes", VB_KB_SIGNATURE + VB_SIG_BYTES, 256,
	  LB_REASON_KEY_UNKNOWN },
	{ "signature covers the header only", VB_KB_SIGNATURE + VB_SIG_COVERS, 112,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature covers too little", VB_KB_SIGNATURE + VB_SIG_COVERS, 111,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature covers nothing", VB_KB_SIGNATURE + VB_SIG_COVERS, 0,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature covers all but one byte of the key", VB_KB_SIGNATURE + VB_SIG_COVERS,
	  631, LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature covers more than there is", VB_KB_SIGNATURE + VB_SIG_COVERS, 1209,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature covers the hash, too", VB_KB_SIGNATURE + VB_SIG_COVERS, 696,
	  LB_REASON_OK },
	{ "hash outside: the signature is enough", VB_KB_HASH, 70000, LB_REASON_OK },
	{ "flags", VB_KB_FLAGS, 0xffffffff, LB_REASON_OK },
	{ "key in its own header", VB_KB_KEY + VB_KEY_OFFSET, 31,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "key one byte on", VB_KB_KEY + VB_KEY_OFFSET, 33, LB_REASON_KEYBLOCK_LAYOUT },
	{ "key offset wraps", VB_KB_KEY + VB_KEY_OFFSET, UINT32_MAX - 79,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "key of 2^32-1 bytes", VB_KB_KEY + VB_KEY_BYTES, UINT32_MAX,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "key four bytes less", VB_KB_KEY + VB_KEY_BYTES, 516,
	  LB_REASON_DATA_KEY_LAYOUT },
	{ "key of another size", VB_KB_KEY + VB_KEY_ALGORITHM, 7,
	  LB_REASON_DATA_KEY_LAYOUT },
	{ "RSA-1024", VB_KB_KEY + VB_KEY_ALGORITHM, 1, LB_REASON_ALGORITHM_REFUSED },
	{ "SHA-1", VB_KB_KEY + VB_KEY_ALGORITHM, 3, LB_REASON_ALGORITHM_REFUSED },
	{ "exponent 3", VB_KB_KEY + VB_KEY_ALGORITHM, 13, LB_REASON_ALGORITHM_REFUSED },
	{ "algorithm 2^32-1", VB_KB_KEY + VB_KEY_ALGORITHM, UINT32_MAX,
	  LB_REASON_ALGORITHM_REFUSED },
	{ "key version 65535", VB_KB_KEY + VB_KEY_VERSION, 65535, LB_REASON_OK },
	{ "key version 65536", VB_KB_KEY + VB_KEY_VERSION, 65536, LB_REASON_KEY_VERSION },
	{ "key words", VB_KB_KEY_DATA, 65, LB_REASON_DATA_KEY_LAYOUT },
	{ "key n0inv", VB_KB_KEY_DATA + 4, 7, LB_REASON_DATA_KEY_LAYOUT },
};

/* Where the changed fields still say something sane, so that signing stays in bounds. */
static bool can_sign(const uint8_t *bytes, size_t len, size_t at, size_t size)
{
	return lb_le32(bytes + at + VB_SIG_BYTES) == size && lb_le32(bytes + at) >= 24 &&
	       lb_within((uint64_t)at + lb_le32(bytes + at), size, len) &&
	       lb_le32(bytes + at + VB_SIG_COVERS) <= len;
}

static void changed_and_signed_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof signed_changes / sizeof signed_changes[0]; i++) {
		const struct change *c = &signed_changes[i];
		size_t len;
		uint8_t *bytes = make(&signer, &len);

		lb_put_le32(bytes + c->offset, c->value);
		if (can_sign(bytes, len, VB_KB_SIGNATURE, 512)) {
			if (can_sign(bytes, len, VB_KB_HASH, 64))
				vb_sign_keyblock(bytes, &signer);
			else
				vb_sign_only(bytes, &signer);
		} else if (can_sign(bytes, len, VB_KB_HASH, 64)) {
			vb_sign_keyblock(bytes, NULL);
		}
		const enum lb_reason got = judge(bytes, len, &signer_public);

		if (got != c->want)
			fail_msg("%s: %s", c->name, lb_reason_name(got));
		free(bytes);
	}
}

static const struct change self_signed_changes[] = {
	{ "hash of 63 bytes", VB_KB_HASH + VB_SIG_BYTES, 63, LB_REASON_KEYBLOCK_DAMAGED },
	{ "hash outside", VB_KB_HASH, 112 + 520 + 64 - 48 - 63,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "hash covers the header only", VB_KB_HASH + VB_SIG_COVERS, 112,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "hash covers all but a byte of the key", VB_KB_HASH + VB_SIG_COVERS, 631,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "hash covers more than there is", VB_KB_HASH + VB_SIG_COVERS, 697,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "signature structure not zero", VB_KB_SIGNATURE + 12, 1,
	  LB_REASON_KEYBLOCK_LAYOUT },
	{ "key version 65536", VB_KB_KEY + VB_KEY_VERSION, 65536, LB_REASON_KEY_VERSION },
};

static void self_signed_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof self_signed_changes / sizeof self_signed_changes[0];
	     i++) {
		const struct change *c = &self_signed_changes[i];
		size_t len;
		uint8_t *bytes = make(NULL, &len);

		lb_put_le32(bytes + c->offset, c->value);
		if (can_sign(bytes, len, VB_KB_HASH, 64))
			vb_sign_keyblock(bytes, NULL);
		const enum lb_reason got = judge(bytes, len, &signer_public);

		if (got != c->want)
			fail_msg("%s: %s", c->name, lb_reason_name(got));
		free(bytes);
	}
}

/* The key's signature covers the key, the hash does not: then the hash proves nothing. */
static void hash_covers_less_than_the_signature(void **state)
{
	size_t len;
	uint8_t *bytes = make(&signer, &len);
	struct crypto_keyblock keyblock;
	struct lb_verdict why;

	(void)state;
	lb_put_le32(bytes + VB_KB_HASH + VB_SIG_COVERS, 112);
	vb_sign_keyblock(bytes, &signer);
	assert_int_equal(judge(bytes, len, &signer_public), LB_REASON_OK);
	assert_int_equal(crypto_keyblock_parse(bytes, len, &keyblock, &why),
			 LB_REASON_OK);
	assert_false(keyblock.hash_good);
	assert_int_equal(judge(bytes, len, &other_public), LB_REASON_KEYBLOCK_DAMAGED);
	free(bytes);
}

/* Damage in the data key of a keyblock is damage, not a refused algorithm. */
static void damage_is_not_policy(void **state)
{
	static const size_t offsets[] = { VB_KB_KEY + VB_KEY_ALGORITHM, VB_KB_KEY_DATA,
					  VB_KB_KEY + VB_KEY_VERSION + 2,
					  VB_KB_KEY_DATA + 4 };

	(void)state;
	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
		size_t len;
		uint8_t *bytes = make(&signer, &len);

		bytes[offsets[i]] ^= 0x41;
		assert_int_equal(judge(bytes, len, &signer_public),
				 LB_REASON_KEYBLOCK_DAMAGED);
		free(bytes);
	}
}

/* Each bit of header, key and hash: never accepted, except where only the hash
 * changed. */
static void every_bit(void **state)
{
	size_t len;
	uint8_t *bytes = make(&signer, &len);

	(void)state;
	for (size_t at = 0; at < 112 + 520; at++) {
		const unsigned int bit = (unsigned int)(at * 5 + 1) % 8;

		bytes[at] ^= (uint8_t)(1u << bit);
		if (judge(bytes, len, &signer_public) == LB_REASON_OK)
			fail_msg("bit %u of byte %zu does not count", bit, at);
		bytes[at] ^= (uint8_t)(1u << bit);
	}
	assert_int_equal(judge(bytes, len, &signer_public), LB_REASON_OK);
	free(bytes);
}

static void every_length(void **state)
{
	size_t len;
	uint8_t *bytes = make(&signer, &len);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, bytes, n);
		const enum lb_reason got = judge(cut, n, &signer_public);

		assert_int_equal(got, n < 112 ? LB_REASON_NOT_A_KERNEL
					      : LB_REASON_KEYBLOCK_LAYOUT);
		free(cut);
	}
	free(bytes);
}

static void zeros_and_ones(void **state)
{
	uint8_t bytes[4096];

	(void)state;
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(judge(bytes, sizeof bytes, &signer_public),
			 LB_REASON_NOT_A_KERNEL);
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(judge(bytes, sizeof bytes, &signer_public),
			 LB_REASON_NOT_A_KERNEL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(packaged),
		cmocka_unit_test(signer_told_apart),
		cmocka_unit_test(signature_or_hash_alone),
		cmocka_unit_test(changed_and_signed_again),
		cmocka_unit_test(self_signed_changed),
		cmocka_unit_test(hash_covers_less_than_the_signature),
		cmocka_unit_test(damage_is_not_policy),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_length),
		cmocka_unit_test(zeros_and_ones),
	};

	return cmocka_run_group_tests(tests, load_keys, free_keys);
}
