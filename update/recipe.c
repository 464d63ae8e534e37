/* Signatures over a recipe. Read by hand: they come before anything vouches for them. */
#include "update/recipe.h"

#include <string.h>

#include "update/wire.h"

enum {
	FIELD_SIGNATURES = 1, /* of Signatures */
	FIELD_DATA = 2,       /* of Signature */
	FIELD_KEY_ID = 1000,
	FIELD_PUBLIC_KEY = 1001,
};

struct signature {
	const uint8_t *data, *key_id, *key;
	size_t data_bytes, key_id_bytes, key_bytes;
};

static enum lb_status read_signature(const struct update_field *field,
				     struct signature *out)
{
	struct update_wire w = { .data = field->data, .bytes = field->bytes };
	struct update_field f;
	enum lb_status status;

	while ((status = update_wire_next(&w, &f)) == LB_OK) {
		if (f.type != UPDATE_WIRE_BYTES)
			continue;
		if (f.number == FIELD_DATA)
			out->data = f.data, out->data_bytes = f.bytes;
		else if (f.number == FIELD_KEY_ID)
			out->key_id = f.data, out->key_id_bytes = f.bytes;
		else if (f.number == FIELD_PUBLIC_KEY)
			out->key = f.data, out->key_bytes = f.bytes;
	}
	return status == LB_ERR_NOT_FOUND ? LB_OK : status;
}

static bool may_sign(const struct update_release *r, const struct crypto_key *key)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];

	crypto_key_id(key, id);
	for (size_t i = 0; i < r->recipe_key_count; i++)
		if (memcmp(r->recipe_key[i], id, sizeof id) == 0)
			return true;
	return false;
}

static bool right(const struct crypto_key *key, const struct signature *s,
		  const uint8_t *sha256, const uint8_t *sha512)
{
	return crypto_verify_digest(key, key->hash == CRYPTO_SHA512 ? sha512 : sha256,
				    s->data, s->data_bytes) == LB_OK;
}

/* The key that comes with the signature counts if the statement names it. */
static bool right_by_recipe_key(const struct update_release *r, const struct signature *s,
				const uint8_t *sha256, const uint8_t *sha512)
{
	uint8_t packed[CRYPTO_PACKED_KEY_BYTES + 8 + 2 * CRYPTO_MAX_RSA_BYTES]
		__attribute__((aligned(8)));
	struct crypto_key key;

	if (s->key == NULL || s->key_bytes > sizeof packed)
		return false;
	memcpy(packed, s->key, s->key_bytes);
	return crypto_key_parse(packed, s->key_bytes, 0, &key) == LB_OK &&
	       may_sign(r, &key) && right(&key, s, sha256, sha512);
}

enum update_reason update_signed(const struct update_release *release,
				 const uint8_t *message, size_t bytes,
				 const uint8_t sha256[CRYPTO_SHA256_BYTES],
				 const uint8_t sha512[CRYPTO_SHA512_BYTES],
				 struct update_verdict *why)
{
	struct update_wire w = { .data = message, .bytes = bytes };
	struct update_field f;
	unsigned int seen = 0;

	while (update_wire_next(&w, &f) == LB_OK) {
		struct signature s = { 0 };

		if (f.number != FIELD_SIGNATURES || f.type != UPDATE_WIRE_BYTES ||
		    read_signature(&f, &s) != LB_OK || s.data == NULL)
			continue;
		seen++;
		if (right(&release->headers.keyblock.data_key, &s, sha256, sha512) ||
		    right_by_recipe_key(release, &s, sha256, sha512))
			return update_verdict_set(why, UPDATE_OK, NULL);
	}
	return update_verdict_set(why, UPDATE_RECIPE_SIGNATURE,
				  "%u signatures, none by the data key or a recipe key",
				  seen);
}
