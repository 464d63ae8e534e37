/* Signed kernel partitions: preamble and signatures. */
#include "tools/lib/partition_make.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/preamble.h"
#include "tools/lib/file.h"
#include "tools/lib/key_words.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

/* Offsets in vb2_kernel_preamble 2.2. */
enum {
	AT_BYTES = 0,
	AT_SIGNATURE = 8,
	AT_MAJOR = 32,
	AT_MINOR = 36,
	AT_KERNEL_VERSION = 40,
	AT_LOAD_ADDRESS = 48,
	AT_BOOTLOADER = 56,
	AT_BOOTLOADER_BYTES = 64,
	AT_BODY_SIGNATURE = 72,
	AT_SETUP = 96,
	AT_SETUP_BYTES = 104,
	AT_FLAGS = 112,
};

bool tool_keyblock_load(const char *path, struct tool_keyblock *out)
{
	struct lb_verdict why;

	*out = (struct tool_keyblock){ 0 };
	if (!tool_read_file(path, TOOL_PARTITION_HEAD_BYTES, &out->bytes))
		return false;
	const enum lb_reason reason = crypto_keyblock_parse(
		out->bytes.data, out->bytes.len, &out->parsed, &why);

	const char *kind = tool_file_kind_words(out->bytes.data, out->bytes.len);

	if (reason == LB_REASON_NOT_A_KERNEL && kind != NULL)
		tool_error("%s: is %s, a keyblock is needed", path, kind);
	else if (reason != LB_REASON_OK)
		tool_error("%s: %s: %s", path, lb_reason_text(reason), why.detail);
	else if (!out->parsed.hash_good)
		tool_error("%s: %s", path, lb_reason_text(LB_REASON_KEYBLOCK_DAMAGED));
	else if (out->parsed.bytes != out->bytes.len)
		tool_error("%s: offset %u: bytes behind the keyblock", path,
			   out->parsed.bytes);
	else
		return true;
	tool_keyblock_free(out);
	return false;
}

void tool_keyblock_free(struct tool_keyblock *keyblock)
{
	tool_buffer_free(&keyblock->bytes);
	*keyblock = (struct tool_keyblock){ 0 };
}

/* The likeliest mistake: the key that signs keyblocks instead of the one inside. */
static bool refuse_signer(const struct tool_keyblock *keyblock, const char *path,
			  const struct tool_private_key *key,
			  const struct tool_buffer *packed)
{
	struct crypto_key given;
	struct lb_verdict why;
	const bool signer =
		crypto_key_parse(packed->data, packed->len, 0, &given) == LB_OK &&
		crypto_keyblock_verify(&keyblock->parsed, &given, &why) == LB_REASON_OK;

	return tool_error("%s: is not the key that %s names%s", key->name, path,
			  signer ? ": it is the one that has signed the keyblock; the "
				   "data key is needed"
				 : "");
}

bool tool_keyblock_belongs(const struct tool_keyblock *keyblock, const char *path,
			   const struct tool_private_key *key)
{
	const struct crypto_key *data_key = &keyblock->parsed.data_key;
	struct tool_buffer packed = { 0 };

	if (key->signer != NULL)
		/* it is asked for no public key; each signature is checked */
		return true;
	bool good = tool_public_key_pack(key->pkey, key->name, data_key->algorithm,
					 data_key->version, &packed);

	if (good && (packed.len - CRYPTO_PACKED_KEY_BYTES != data_key->data_bytes ||
		     memcmp(packed.data + CRYPTO_PACKED_KEY_BYTES, data_key->data,
			    data_key->data_bytes) != 0))
		good = refuse_signer(keyblock, path, key, &packed);
	tool_buffer_free(&packed);
	return good;
}

static void put_preamble(uint8_t *p, size_t preamble_bytes, size_t sig_bytes,
			 uint32_t version, const struct tool_body *body)
{
	const size_t covered = CRYPTO_PREAMBLE_2_2_BYTES + sig_bytes;

	lb_put_le64(p + AT_BYTES, preamble_bytes);
	lb_put_le64(p + AT_SIGNATURE, covered - AT_SIGNATURE);
	lb_put_le64(p + AT_SIGNATURE + 8, sig_bytes);
	lb_put_le64(p + AT_SIGNATURE + 16, covered);
	lb_put_le32(p + AT_MAJOR, 2);
	lb_put_le32(p + AT_MINOR, 2);
	lb_put_le64(p + AT_KERNEL_VERSION, version);
	lb_put_le64(p + AT_LOAD_ADDRESS, body->load_address);
	lb_put_le64(p + AT_BOOTLOADER, body->bootloader_address);
	lb_put_le64(p + AT_BOOTLOADER_BYTES, body->bootloader_bytes);
	lb_put_le64(p + AT_BODY_SIGNATURE, CRYPTO_PREAMBLE_2_2_BYTES - AT_BODY_SIGNATURE);
	lb_put_le64(p + AT_BODY_SIGNATURE + 8, sig_bytes);
	lb_put_le64(p + AT_BODY_SIGNATURE + 16, body->bytes.len);
	lb_put_le64(p + AT_SETUP, body->setup_address);
	lb_put_le64(p + AT_SETUP_BYTES, body->setup_bytes);
	lb_put_le32(p + AT_FLAGS, CRYPTO_IMAGE_CROS);
}

bool tool_partition_make(const struct tool_keyblock *keyblock,
			 const struct tool_private_key *key, uint32_t version,
			 const struct tool_body *body, struct tool_buffer *out)
{
	const struct crypto_key *data_key = &keyblock->parsed.data_key;
	const size_t sig_bytes = data_key->rsa_bytes;
	const size_t covered = CRYPTO_PREAMBLE_2_2_BYTES + sig_bytes;
	uint8_t sig[TOOL_MAX_SIGNATURE_BYTES];
	size_t sig_len;

	if (version > 0xffff)
		return tool_error("kernel version %u is above 65535", version);
	if (!lb_within(keyblock->bytes.len, covered + sig_bytes,
		       TOOL_PARTITION_HEAD_BYTES))
		return tool_error(
			"keyblock of %zu bytes: the preamble's %zu behind it do "
			"not fit in %u",
			keyblock->bytes.len, covered + sig_bytes,
			TOOL_PARTITION_HEAD_BYTES);
	tool_buffer_append(out, keyblock->bytes.data, keyblock->bytes.len);
	uint8_t *p =
		tool_buffer_grow(out, TOOL_PARTITION_HEAD_BYTES - keyblock->bytes.len);

	put_preamble(p, TOOL_PARTITION_HEAD_BYTES - keyblock->bytes.len, sig_bytes,
		     version, body);
	if (!tool_private_key_sign(key, data_key->algorithm, body->bytes.data,
				   body->bytes.len, sig, &sig_len))
		return false;
	memcpy(p + CRYPTO_PREAMBLE_2_2_BYTES, sig, sig_len);
	if (!tool_private_key_sign(key, data_key->algorithm, p, covered, sig, &sig_len))
		return false;
	memcpy(p + covered, sig, sig_len);
	tool_buffer_append(out, body->bytes.data, body->bytes.len);
	return true;
}
