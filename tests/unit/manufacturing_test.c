/* Manufacturing files: what their words may be, and whose signatures count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "recovery/manufacturing.h"
#include "tests/host/boot_rig.h"

#define RECOVERY        27u
#define NORMAL          23u
#define SIGNATURE_BYTES 256u /* of the rig's keys */

static const char good_words[] = "# a line\n\nmodel = rig\n model=two \r\nend = off\n";

static void test_words(void **state)
{
	static const struct {
		const char *words;
		bool good, any;
		enum rec_manufacturing_end end;
	} rows[] = {
		{ good_words, true, false, REC_END_OFF },
		{ "model = rig", true, false, REC_END_PULL },
		{ "model = two words\nmodel = rig\nwipe = any\n", true, true, 0 },
		{ "model = rig\nwipe = empty\nend = restart", true, false,
		  REC_END_RESTART },
		{ "", false, false, 0 },
		{ "\n", false, false, 0 },
		{ "model =", false, false, 0 },
		{ "model rig", false, false, 0 },
		{ "model = rig2", false, false, 0 },
		{ "model = ri", false, false, 0 },
		{ "model = RIG", false, false, 0 },
		{ "wipe = any", false, false, 0 },
		{ "model = rig\nwipe = yes", false, false, 0 },
		{ "model = rig\nwipe = any\nwipe = any", false, false, 0 },
		{ "model = rig\nend = off\nend = off", false, false, 0 },
		{ "model = rig\nend = never", false, false, 0 },
		{ "model = rig\nwipe = any\nend = restart", false, false, 0 },
		{ "model = rig\nWipe = any", false, false, 0 },
		{ "= rig", false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rec_manufacturing out = { .wipe_any = true };
		char why[REC_MANUFACTURING_WHY_BYTES] = "";
		const bool good = rec_manufacturing_read(
			rows[i].words, strlen(rows[i].words), "rig", &out, why);

		if (good != rows[i].good ||
		    (good && (out.wipe_any != rows[i].any || out.end != rows[i].end)))
			fail_msg("'%s': %s", rows[i].words, why);
		assert_true(good || why[0] != '\0');
	}
}

/* --- signatures --------------------------------------------------------------------- */

struct file {
	uint8_t *bytes; /* of exactly @len */
	size_t len;
};

static void put(struct file *f, const void *data, size_t len)
{
	f->bytes = realloc(f->bytes, f->len + len);
	memcpy(f->bytes + f->len, data, len);
	f->len += len;
}

/* Made with OpenSSL, as everything that is to be verified. */
static void sign(const struct test_key *key, const struct file *f,
		 uint8_t sig[SIGNATURE_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SIGNATURE_BYTES;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &len, f->bytes, f->len), 1);
	assert_int_equal(len, SIGNATURE_BYTES);
	EVP_MD_CTX_free(ctx);
}

/* A kernel begins with one. */
static void put_keyblock(struct file *f, const struct test_key *root,
			 const struct test_key *data, uint32_t flags)
{
	const struct test_kernel kernel = {
		.signer = root, .data = data, .flags = flags, .version = 1
	};
	struct crypto_keyblock block;
	struct lb_verdict why;
	size_t bytes;
	uint8_t *made = test_kernel_make(&kernel, &bytes);

	assert_int_equal(crypto_keyblock_parse(made, bytes, &block, &why), LB_REASON_OK);
	put(f, made, block.bytes);
	free(made);
}

static struct file make(const struct test_key *root, const struct test_key *data,
			const struct test_key *by, uint32_t flags)
{
	uint8_t frame[REC_MANUFACTURING_FRAME_BYTES] = { 0 }, sig[SIGNATURE_BYTES];
	struct file f = { 0 };

	put(&f, frame, sizeof frame);
	put(&f, root->packed, root->packed_bytes);
	put_keyblock(&f, root, data, flags);
	const struct rec_manufacturing_sizes sizes = {
		(uint32_t)root->packed_bytes,
		(uint32_t)(f.len - sizeof frame - root->packed_bytes),
		sizeof good_words - 1, SIGNATURE_BYTES
	};

	put(&f, good_words, sizeof good_words - 1);
	rec_manufacturing_frame(&sizes, f.bytes);
	sign(by, &f, sig);
	put(&f, sig, sizeof sig);
	return f;
}

static const char *judge(const struct file *f, const uint8_t *id, uint32_t floor)
{
	static char why[REC_MANUFACTURING_WHY_BYTES];
	struct rec_manufacturing_parts parts;
	struct rec_manufacturing out;

	if (!rec_manufacturing_parse(f->bytes, f->len, &parts, why) ||
	    !rec_manufacturing_verify(&parts, id, floor, why) ||
	    !rec_manufacturing_read(parts.text, parts.text_bytes, "rig", &out, why))
		return why;
	return NULL;
}

static void id_of(const struct test_key *key, uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	struct crypto_key parsed;

	assert_int_equal(crypto_key_parse(key->packed, key->packed_bytes, 0, &parsed),
			 LB_OK);
	crypto_key_id(&parsed, id);
}

static void expect(const struct file f, const uint8_t *id, uint32_t floor,
		   const char *want)
{
	const char *why = judge(&f, id, floor);

	if (want == NULL ? why != NULL : why == NULL || strstr(why, want) == NULL)
		fail_msg("'%s', not '%s'", why != NULL ? why : "good",
			 want != NULL ? want : "good");
	free(f.bytes);
}

static void test_whose_signatures_count(void **state)
{
	const struct rig_keys *k = rig_keys();
	uint8_t id[CRYPTO_KEY_ID_BYTES], kernel[CRYPTO_KEY_ID_BYTES];

	(void)state;
	id_of(&k->recovery, id);
	id_of(&k->kernel, kernel);
	expect(make(&k->recovery, &k->data, &k->data, RECOVERY), id, 0, NULL);
	expect(make(&k->recovery, &k->data, &k->data, RECOVERY), id, 1 << 16, NULL);
	expect(make(&k->recovery, &k->data, &k->data, RECOVERY), id, 2 << 16, "older");
	expect(make(&k->recovery, &k->data, &k->data, RECOVERY), kernel, 0,
	       "another recovery key");
	expect(make(&k->kernel, &k->data, &k->data, RECOVERY), id, 0,
	       "another recovery key");
	expect(make(&k->recovery, &k->data, &k->data, NORMAL), id, 0,
	       "none for recovery");
	expect(make(&k->recovery, &k->data, &k->stranger, RECOVERY), id, 0, "not signed");
	expect(make(&k->recovery, &k->data, &k->recovery, RECOVERY), id, 0, "not signed");
}

/* A keyblock that the recovery key has not signed: its own hash is not enough. */
static void test_self_signed(void **state)
{
	const struct rig_keys *k = rig_keys();
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	struct file f = make(&k->recovery, &k->data, &k->data, RECOVERY);

	(void)state;
	id_of(&k->recovery, id);
	f.bytes[REC_MANUFACTURING_FRAME_BYTES + k->recovery.packed_bytes +
		CRYPTO_KEYBLOCK_BYTES + 8] ^= 1;
	expect(f, id, 0, "keyblock");
}

/* No bit of it may be another one, and no byte be missing. */
static void test_damaged_anywhere(void **state)
{
	const struct rig_keys *k = rig_keys();
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	struct file f = make(&k->recovery, &k->data, &k->data, RECOVERY);

	(void)state;
	id_of(&k->recovery, id);
	for (size_t i = 0; i < f.len; i += i < 64 ? 1 : 37) {
		f.bytes[i] ^= 0x10;
		if (judge(&f, id, 0) == NULL)
			fail_msg("offset %zu", i);
		f.bytes[i] ^= 0x10;
	}
	for (size_t n = 0; n < f.len; n += n < 64 ? 1 : 61) {
		struct file cut = { malloc(n > 0 ? n : 1), n };

		memcpy(cut.bytes, f.bytes, n);
		assert_non_null(judge(&cut, id, 0));
		free(cut.bytes);
	}
	expect(f, id, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_whose_signatures_count),
		cmocka_unit_test(test_self_signed),
		cmocka_unit_test(test_damaged_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
