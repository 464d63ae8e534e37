/* Making keyblocks: header, data key, SHA-512, signature. */
#include "tools/lib/keyblock_make.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/keyblock.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/tool.h"

enum {
	OFFSET_SIGNATURE = 24,
	OFFSET_HASH = 48,
	OFFSET_FLAGS = 72,
	OFFSET_DATA_KEY = 80,
	HASH_BYTES = 64,
};

/* struct vb2_signature at @at: where the data lies is counted from the struct itself. */
static void put_signature_struct(uint8_t *base, size_t at, size_t data_at,
				 size_t data_bytes, size_t covered)
{
	lb_put_le64(base + at, data_at - at);
	lb_put_le64(base + at + 8, data_bytes);
	lb_put_le64(base + at + 16, covered);
}

static void put_header(uint8_t *b, const struct tool_buffer *data_key, uint32_t flags,
		       size_t sig_bytes)
{
	const size_t key_bytes = data_key->len - CRYPTO_PACKED_KEY_BYTES;
	const size_t covered = CRYPTO_KEYBLOCK_BYTES + key_bytes;

	memcpy(b, "CHROMEOS", 8);
	lb_put_le32(b + 8, 2);
	lb_put_le32(b + 12, 1);
	lb_put_le32(b + 16, (uint32_t)(covered + HASH_BYTES + sig_bytes));
	if (sig_bytes != 0)
		put_signature_struct(b, OFFSET_SIGNATURE, covered + HASH_BYTES, sig_bytes,
				     covered);
	put_signature_struct(b, OFFSET_HASH, covered, HASH_BYTES, covered);
	lb_put_le32(b + OFFSET_FLAGS, flags);
	memcpy(b + OFFSET_DATA_KEY, data_key->data, CRYPTO_PACKED_KEY_BYTES);
	lb_put_le64(b + OFFSET_DATA_KEY, CRYPTO_KEYBLOCK_BYTES - OFFSET_DATA_KEY);
	memcpy(b + CRYPTO_KEYBLOCK_BYTES, data_key->data + CRYPTO_PACKED_KEY_BYTES,
	       key_bytes);
}

bool tool_keyblock_make(const struct tool_buffer *data_key, uint32_t flags,
			const struct tool_private_key *signer, uint32_t algorithm,
			struct tool_buffer *out)
{
	const size_t covered =
		CRYPTO_KEYBLOCK_BYTES + data_key->len - CRYPTO_PACKED_KEY_BYTES;
	const size_t sig_bytes =
		signer != NULL ? (size_t)EVP_PKEY_get_bits(signer->pkey) / 8 : 0;
	uint8_t *b = tool_buffer_grow(out, covered + HASH_BYTES + sig_bytes);
	uint8_t sig[TOOL_MAX_SIGNATURE_BYTES];
	size_t sig_len;

	put_header(b, data_key, flags, sig_bytes);
	if (EVP_Q_digest(NULL, "SHA512", NULL, b, covered, b + covered, NULL) != 1)
		return tool_openssl_error("SHA-512", "keyblock");
	if (signer == NULL)
		return true;
	if (!tool_private_key_sign(signer, algorithm, b, covered, sig, &sig_len))
		return false;
	memcpy(b + covered + HASH_BYTES, sig, sig_len);
	return true;
}

bool tool_keyblock_flags(const char *text, uint32_t *flags)
{
	uint64_t number;

	if (strcmp(text, "normal") == 0)
		*flags = TOOL_FLAGS_NORMAL;
	else if (strcmp(text, "recovery") == 0)
		*flags = TOOL_FLAGS_RECOVERY;
	else if (tool_number(text, &number) && number >= 1 && number <= 63)
		*flags = (uint32_t)number;
	else
		return tool_error(
			"'%s' is no keyblock flags: normal (23), recovery (27) or a "
			"number 1..63",
			text);
	return true;
}
