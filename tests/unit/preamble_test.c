/* Kernel preambles: every check with its reason, signed again behind the signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/preamble.h"
#include "tests/host/vblock.h"

#define BODY_BYTES 8192u
#define LOAD       0x100000u
#define ROOM       2048u /* the preamble with its padding */
#define COVERED    (116u + 256u)

static struct vb_key data, big;
static struct crypto_key data_public;

static int load_keys(void **state)
{
	(void)state;
	vb_key_load(&data, "kernel_data_key", 4, 1);
	vb_key_load(&big, "kernel_subkey", 7, 1);
	return crypto_key_parse(data.packed, data.packed_bytes, 0, &data_public) != LB_OK;
}

static int free_keys(void **state)
{
	(void)state;
	vb_key_free(&data);
	vb_key_free(&big);
	return 0;
}

/* A preamble in memory of exactly its size. */
static uint8_t *make(size_t *len)
{
	const struct vb_recipe recipe = { .data = &data,
					  .flags = 7,
					  .kernel_version = 5,
					  .head_bytes = 112 + 520 + 64 + ROOM,
					  .body_bytes = BODY_BYTES };
	struct vb_image image;
	uint8_t *preamble = malloc(ROOM);

	assert_non_null(preamble);
	vb_make(&image, &recipe);
	memcpy(preamble, image.preamble, ROOM);
	vb_free(&image);
	*len = ROOM;
	return preamble;
}

static enum lb_reason judge(const uint8_t *bytes, size_t len, struct crypto_preamble *out)
{
	struct crypto_preamble scratch = { .bytes = 12345 };
	struct lb_verdict why = { .reason = LB_REASON_NO_DISK };
	const enum lb_reason reason =
		crypto_preamble_verify(bytes, len, &data_public, &scratch, &why);

	assert_int_equal(reason, why.reason);
	if (reason != LB_REASON_OK) {
		assert_true(why.detail[0] != '\0');
		assert_int_equal(scratch.bytes,
				 12345); /* written only when all is well */
	}
	if (out != NULL)
		*out = scratch;
	return reason;
}

static void good(void **state)
{
	struct crypto_preamble p;
	size_t len;
	uint8_t *bytes = make(&len);

	(void)state;
	lb_put_le32(bytes + VB_PR_FLAGS, 2);
	lb_put_le64(bytes + VB_PR_BOOTLOADER, LOAD + 4096);
	lb_put_le32(bytes + VB_PR_BOOTLOADER_BYTES, 4096);
	lb_put_le64(bytes + VB_PR_VMLINUZ, LOAD + 8191);
	lb_put_le32(bytes + VB_PR_VMLINUZ_BYTES, 1);
	vb_sign_preamble(bytes, &data);
	assert_int_equal(judge(bytes, len, &p), LB_REASON_OK);
	assert_int_equal(p.bytes, ROOM);
	assert_int_equal(p.signed_len, COVERED);
	assert_int_equal(p.kernel_version, 5);
	assert_int_equal(p.body_load_address, LOAD);
	assert_int_equal(p.body_bytes, BODY_BYTES);
	assert_ptr_equal(p.body_signature, bytes + 116);
	assert_int_equal(p.body_signature_len, 256);
	assert_int_equal(p.bootloader_address, LOAD + 4096);
	assert_int_equal(p.bootloader_bytes, 4096);
	assert_int_equal(p.vmlinuz_header_address, LOAD + 8191);
	assert_int_equal(p.vmlinuz_header_bytes, 1);
	assert_int_equal(p.flags, 2);
	free(bytes);
}

/* What older headers do not have is 0, even where other bytes lie there. */
static void older_versions(void **state)
{
	struct crypto_preamble p;
	size_t len;
	uint8_t *bytes = make(&len);

	(void)state;
	lb_put_le32(bytes + VB_PR_FLAGS, 3);
	lb_put_le64(bytes + VB_PR_VMLINUZ, LOAD + 1);
	lb_put_le32(bytes + VB_PR_VMLINUZ_BYTES, 2);
	for (uint32_t minor = 0; minor < 5; minor++) {
		lb_put_le32(bytes + VB_PR_MINOR, minor);
		vb_sign_preamble(bytes, &data);
		assert_int_equal(judge(bytes, len, &p), LB_REASON_OK);
		assert_int_equal(p.vmlinuz_header_bytes, minor >= 1 ? 2 : 0);
		assert_int_equal(p.vmlinuz_header_address, minor >= 1 ? LOAD + 1 : 0);
		assert_int_equal(p.flags, minor >= 2 ? 3 : 0);
	}
	free(bytes);
}

struct change {
	const char *name;
	size_t offset;
	uint32_t value;
	enum lb_reason want;
};

static const struct change changes[] = {
	{ "major version 1", VB_PR_MAJOR, 1, LB_REASON_PREAMBLE_VERSION },
	{ "major version 3", VB_PR_MAJOR, 3, LB_REASON_PREAMBLE_VERSION },
	{ "size one more than there is", VB_PR_BYTES, ROOM + 1,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "size 2^32-1", VB_PR_BYTES, UINT32_MAX, LB_REASON_PREAMBLE_LAYOUT },
	{ "size 115", VB_PR_BYTES, 115, LB_REASON_PREAMBLE_LAYOUT },
	{ "size ends in the signature", VB_PR_BYTES, COVERED + 255,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "size without padding", VB_PR_BYTES, COVERED + 256, LB_REASON_OK },
	{ "signature overlaps its structure", VB_PR_SIGNATURE, 23,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "signature outside", VB_PR_SIGNATURE, ROOM - 8 - 255,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "signature offset wraps", VB_PR_SIGNATURE, UINT32_MAX - 7,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "signature of 255 bytes", VB_PR_SIGNATURE + VB_SIG_BYTES, 255,
	  LB_REASON_PREAMBLE_SIGNATURE },
	{ "signature of 512 bytes", VB_PR_SIGNATURE + VB_SIG_BYTES, 512,
	  LB_REASON_PREAMBLE_SIGNATURE },
	{ "signature of no bytes", VB_PR_SIGNATURE + VB_SIG_BYTES, 0,
	  LB_REASON_PREAMBLE_SIGNATURE },
	{ "covers more than the preamble", VB_PR_SIGNATURE + VB_SIG_COVERS, ROOM + 1,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "covers nothing", VB_PR_SIGNATURE + VB_SIG_COVERS, 0,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "covers 107", VB_PR_SIGNATURE + VB_SIG_COVERS, 107, LB_REASON_PREAMBLE_LAYOUT },
	{ "covers all fields but not the flags", VB_PR_SIGNATURE + VB_SIG_COVERS, 115,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "covers half of the body signature", VB_PR_SIGNATURE + VB_SIG_COVERS, 244,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "kernel version 65535", VB_PR_VERSION, 65535, LB_REASON_OK },
	{ "kernel version 65536", VB_PR_VERSION, 65536, LB_REASON_PREAMBLE_LAYOUT },
	{ "body signature overlaps its structure", VB_PR_BODY_SIGNATURE, 23,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "body signature outside what is signed", VB_PR_BODY_SIGNATURE, 116 - 72 + 1,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "body signature offset wraps", VB_PR_BODY_SIGNATURE, UINT32_MAX - 71,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "body signature of 255 bytes", VB_PR_BODY_SIGNATURE + VB_SIG_BYTES, 255,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "body signature of no bytes", VB_PR_BODY_SIGNATURE + VB_SIG_BYTES, 0,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "body of no bytes", VB_PR_BODY_SIGNATURE + VB_SIG_COVERS, 0,
	  LB_REASON_PREAMBLE_LAYOUT },
	{ "body of 2^32-1 bytes", VB_PR_BODY_SIGNATURE + VB_SIG_COVERS, UINT32_MAX,
	  LB_REASON_OK },
	{ "any image type", VB_PR_FLAGS, UINT32_MAX, LB_REASON_OK },
};

static bool can_sign(const uint8_t *bytes, size_t len)
{
	return lb_le32(bytes + VB_PR_SIGNATURE + VB_SIG_BYTES) == 256 &&
	       lb_le32(bytes + VB_PR_SIGNATURE) >= 24 &&
	       lb_within(8 + (uint64_t)lb_le32(bytes + VB_PR_SIGNATURE), 256, len) &&
	       lb_le32(bytes + VB_PR_SIGNATURE + VB_SIG_COVERS) <= len;
}

static void changed_and_signed_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		size_t len;
		uint8_t *bytes = make(&len);

		lb_put_le32(bytes + changes[i].offset, changes[i].value);
		if (can_sign(bytes, len))
			vb_sign_preamble(bytes, &data);
		const enum lb_reason got = judge(bytes, len, NULL);

		if (got != changes[i].want)
			fail_msg("%s: %s", changes[i].name, lb_reason_name(got));
		free(bytes);
	}
}

/* Bootloader or vmlinuz header: where and how long, in a body of BODY_BYTES at LOAD. */
static const struct {
	const char *name;
	uint64_t address;
	uint32_t bytes;
	enum lb_reason want;
} pieces[] = {
	{ "none, wherever", 0, 0, LB_REASON_OK },
	{ "whole body", LOAD, BODY_BYTES, LB_REASON_OK },
	{ "last byte", LOAD + BODY_BYTES - 1, 1, LB_REASON_OK },
	{ "one byte more", LOAD, BODY_BYTES + 1, LB_REASON_PREAMBLE_LAYOUT },
	{ "behind the end", LOAD + BODY_BYTES, 1, LB_REASON_PREAMBLE_LAYOUT },
	{ "before the start", LOAD - 1, 2, LB_REASON_PREAMBLE_LAYOUT },
	{ "address wraps", UINT64_MAX, 2, LB_REASON_PREAMBLE_LAYOUT },
	{ "size wraps", LOAD + 1, UINT32_MAX, LB_REASON_PREAMBLE_LAYOUT },
};

static void pieces_in_the_body(void **state)
{
	static const size_t fields[][2] = { { VB_PR_BOOTLOADER, VB_PR_BOOTLOADER_BYTES },
					    { VB_PR_VMLINUZ, VB_PR_VMLINUZ_BYTES } };

	(void)state;
	for (size_t f = 0; f < 2; f++)
		for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
			size_t len;
			uint8_t *bytes = make(&len);

			lb_put_le64(bytes + fields[f][0], pieces[i].address);
			lb_put_le32(bytes + fields[f][1], pieces[i].bytes);
			vb_sign_preamble(bytes, &data);
			const enum lb_reason got = judge(bytes, len, NULL);

			if (got != pieces[i].want)
				fail_msg("field %zu, %s: %s", fields[f][0],
					 pieces[i].name, lb_reason_name(got));
			free(bytes);
		}
}

/* A body whose end wraps around holds nothing. */
static void body_wraps(void **state)
{
	size_t len;
	uint8_t *bytes = make(&len);

	(void)state;
	lb_put_le64(bytes + VB_PR_LOAD, UINT64_MAX - 100);
	lb_put_le64(bytes + VB_PR_BOOTLOADER, UINT64_MAX - 50);
	lb_put_le32(bytes + VB_PR_BOOTLOADER_BYTES, 1);
	vb_sign_preamble(bytes, &data);
	assert_int_equal(judge(bytes, len, NULL), LB_REASON_PREAMBLE_LAYOUT);
	free(bytes);
}

static void wrong_key(void **state)
{
	struct crypto_preamble p;
	struct lb_verdict why;
	struct crypto_key key;
	size_t len;
	uint8_t *bytes = make(&len);

	(void)state;
	assert_int_equal(crypto_key_parse(big.packed, big.packed_bytes, 0, &key), LB_OK);
	assert_int_equal(crypto_preamble_verify(bytes, len, &key, &p, &why),
			 LB_REASON_PREAMBLE_SIGNATURE);
	free(bytes);
}

/* Every byte that is signed counts, the signature too; the padding does not. */
static void every_byte(void **state)
{
	size_t len;
	uint8_t *bytes = make(&len);

	(void)state;
	for (size_t at = 0; at < len; at++) {
		bytes[at] ^= (uint8_t)(1u << at % 8);
		const bool accepted = judge(bytes, len, NULL) == LB_REASON_OK;

		bytes[at] ^= (uint8_t)(1u << at % 8);
		if (accepted != (at >= COVERED + 256))
			fail_msg("byte %zu: accepted %d", at, accepted);
	}
	free(bytes);
}

static void every_length(void **state)
{
	size_t len;
	uint8_t *bytes = make(&len);

	(void)state;
	for (size_t n = 0; n < len; n += n < 120 ? 1 : 37) {
		uint8_t *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, bytes, n);
		assert_int_equal(judge(cut, n, NULL), LB_REASON_PREAMBLE_LAYOUT);
		free(cut);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(older_versions),
		cmocka_unit_test(changed_and_signed_again),
		cmocka_unit_test(pieces_in_the_body),
		cmocka_unit_test(body_wraps),
		cmocka_unit_test(wrong_key),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, load_keys, free_keys);
}
