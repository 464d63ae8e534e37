/* Keys and keyblocks as names and values. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/keyblock.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/describe.h"
#include "tools/lib/json_out.h"
#include "tools/lib/key_words.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

static void set_algorithm(json_t *object, uint32_t number)
{
	const struct tool_algorithm *a = tool_algorithm(number);

	tool_json_number(object, "algorithm", number);
	tool_json_text(object, "algorithm_name",
		       a != NULL ? a->name : tool_algorithm_words(number));
}

json_t *tool_describe_public_key(const struct crypto_key *key)
{
	json_t *object = json_object();
	char id[TOOL_KEY_ID_TEXT_BYTES];

	tool_key_id_text(key, id);
	set_algorithm(object, key->algorithm);
	tool_json_number(object, "version", key->version);
	tool_json_text(object, "sha256", id);
	return object;
}

static void set_flags(json_t *object, uint32_t flags)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{ CRYPTO_FLAG_DEV0, "dev0" },       { CRYPTO_FLAG_DEV1, "dev1" },
		{ CRYPTO_FLAG_REC0, "rec0" },       { CRYPTO_FLAG_REC1, "rec1" },
		{ CRYPTO_FLAG_MINIOS0, "minios0" }, { CRYPTO_FLAG_MINIOS1, "minios1" },
	};
	char text[64] = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((flags & names[i].bit) != 0) {
			if (text[0] != '\0')
				strcat(text, " ");
			strcat(text, names[i].name);
		}
	tool_json_number(object, "flags", flags);
	tool_json_text(object, "flag_names", text);
}

/* The header's fields as they stand. Offsets: vb2_keyblock 2.1. */
static void set_raw_keyblock(json_t *object, const uint8_t *bytes, size_t len)
{
	static const struct {
		const char *name;
		unsigned int at, size;
	} field[] = {
		{ "version_major", 8, 4 },
		{ "version_minor", 12, 4 },
		{ "bytes", 16, 8 },
		{ "signature_offset", 24, 8 },
		{ "signature_bytes", 32, 8 },
		{ "signed_bytes", 40, 8 },
		{ "hash_offset", 48, 8 },
		{ "hash_bytes", 56, 8 },
		{ "hashed_bytes", 64, 8 },
		{ "flags", 72, 8 },
		{ "data_key_offset", 80, 8 },
		{ "data_key_bytes", 88, 8 },
		{ "data_key_algorithm", 96, 8 },
		{ "data_key_version", 104, 8 },
	};

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (field[i].at + field[i].size <= len)
			tool_json_number(object, field[i].name,
					 field[i].size == 4
						 ? lb_le32(bytes + field[i].at)
						 : lb_le64(bytes + field[i].at));
}

json_t *tool_describe_keyblock(const uint8_t *bytes, size_t len)
{
	json_t *object = json_object();
	struct crypto_keyblock k;
	struct lb_verdict why;

	if (crypto_keyblock_parse(bytes, len, &k, &why) != LB_REASON_OK) {
		tool_json_text(object, "error", lb_reason_text(why.reason));
		tool_json_text(object, "detail", why.detail);
		if (len >= 8 && memcmp(bytes, "CHROMEOS", 8) == 0)
			set_raw_keyblock(object, bytes, len);
		return object;
	}
	tool_json_number(object, "bytes", k.bytes);
	tool_json_number(object, "version_major", lb_le32(bytes + 8));
	tool_json_number(object, "version_minor", lb_le32(bytes + 12));
	set_flags(object, k.flags);
	tool_json_bool(object, "hash_good", k.hash_good);
	tool_json_bool(object, "self_signed", !k.has_signature);
	tool_json_number(object, "signed_bytes", k.signed_len);
	tool_json_number(object, "signature_bytes",
			 k.has_signature ? k.signature_len : 0);
	tool_json_set(object, "data_key", tool_describe_public_key(&k.data_key));
	return object;
}

static json_t *describe_private(const char *name)
{
	struct tool_private_key key;
	struct tool_buffer packed = { 0 };
	struct crypto_key public_key;
	json_t *object = NULL;

	if (!tool_private_key_load(name, &key))
		return NULL;
	if (tool_public_key_pack(key.pkey, name, key.algorithm, 0, &packed) &&
	    crypto_key_parse(packed.data, packed.len, 0, &public_key) == LB_OK) {
		char id[TOOL_KEY_ID_TEXT_BYTES];

		object = json_object();
		tool_key_id_text(&public_key, id);
		tool_json_text(object, "kind", "private key");
		set_algorithm(object, key.algorithm);
		tool_json_text(object, "sha256", id);
	}
	tool_buffer_free(&packed);
	tool_private_key_free(&key);
	return object;
}

/* Their first eight bytes tell them apart: an offset of 32, or a small algorithm number
 * with a DER sequence behind it. */
bool tool_describe_key_file(const struct tool_buffer *file, const char *name,
			    json_t **out)
{
	struct crypto_key key;
	const uint64_t first = file->len >= 40 ? lb_le64(file->data) : 0;

	*out = NULL;
	if (file->len >= 8 && memcmp(file->data, "CHROMEOS", 8) == 0) {
		json_t *keyblock = tool_describe_keyblock(file->data, file->len);

		*out = json_object();
		tool_json_text(*out, "kind", "keyblock");
		tool_json_set(*out, "keyblock", keyblock);
		return true;
	}
	if (first == CRYPTO_PACKED_KEY_BYTES) {
		const enum lb_status status =
			crypto_key_parse(file->data, file->len, 0, &key);

		if (status != LB_OK) {
			char *fault = tool_packed_key_fault(file->data, file->len);

			tool_error("%s: %s", name, fault);
			free(fault);
			return false;
		}
		*out = json_object();
		tool_json_text(*out, "kind", "public key");
		tool_json_set(*out, "public_key", tool_describe_public_key(&key));
		return true;
	}
	if (first != 0 && first < 32 && file->data[8] == 0x30) {
		*out = describe_private(name);
		return *out != NULL;
	}
	return true;
}
