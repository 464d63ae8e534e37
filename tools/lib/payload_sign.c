/* Signatures messages. */
#include "tools/lib/payload_sign.h"

#include <string.h>

#include "crypto/digest.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"
#include "update/payload.pb-c.h"

static struct tool_payload_signer *add(struct tool_payload_signers *signers)
{
	if (signers->count == TOOL_PAYLOAD_MAX_SIGNERS) {
		tool_error("more than %u keys to sign with", TOOL_PAYLOAD_MAX_SIGNERS);
		return NULL;
	}
	return &signers->signer[signers->count++];
}

bool tool_payload_add_data_key(struct tool_payload_signers *signers, const char *private,
			       const char *signer, const struct crypto_key *public)
{
	struct tool_payload_signer *s = add(signers);

	if (s == NULL || !tool_private_key_open(private, signer, public, &s->key))
		return false;
	s->algorithm = public->algorithm;
	crypto_key_id(public, s->id);
	return true;
}

bool tool_payload_add_recipe_key(struct tool_payload_signers *signers,
				 const char *private)
{
	struct tool_payload_signer *s = add(signers);
	struct crypto_key key;

	if (s == NULL || !tool_private_key_load(private, &s->key))
		return false;
	s->algorithm = s->key.algorithm;
	if (s->algorithm == 0)
		s->algorithm =
			tool_algorithm_for((unsigned int)EVP_PKEY_get_bits(s->key.pkey),
					   "SHA256")
				->number;
	if (!tool_public_key_pack(s->key.pkey, private, s->algorithm, 1, &s->packed) ||
	    crypto_key_parse(s->packed.data, s->packed.len, 0, &key) != LB_OK)
		return false;
	crypto_key_id(&key, s->id);
	return true;
}

void tool_payload_signers_free(struct tool_payload_signers *signers)
{
	for (size_t i = 0; i < signers->count; i++) {
		tool_private_key_free(&signers->signer[i].key);
		tool_buffer_free(&signers->signer[i].packed);
	}
	signers->count = 0;
}

static bool sign_one(const struct tool_payload_signer *s, const uint8_t *sha256,
		     const uint8_t *sha512, uint8_t *sig, size_t *len)
{
	enum crypto_hash hash;
	uint32_t rsa_bytes;

	if (crypto_algorithm(s->algorithm, &hash, &rsa_bytes) != LB_OK)
		return tool_error("%s: algorithm %u is refused", s->key.name,
				  s->algorithm);
	*len = rsa_bytes;
	memset(sig, 0, rsa_bytes);
	return sha256 == NULL ||
	       tool_private_key_sign_digest(&s->key, s->algorithm,
					    hash == CRYPTO_SHA512 ? sha512 : sha256, sig,
					    len);
}

bool tool_payload_signatures(const struct tool_payload_signers *signers,
			     const uint8_t *sha256, const uint8_t *sha512,
			     struct tool_buffer *out)
{
	uint8_t sig[TOOL_PAYLOAD_MAX_SIGNERS][TOOL_MAX_SIGNATURE_BYTES];
	Lbpb__Signature one[TOOL_PAYLOAD_MAX_SIGNERS], *list[TOOL_PAYLOAD_MAX_SIGNERS];
	Lbpb__Signatures all = LBPB__SIGNATURES__INIT;

	for (size_t i = 0; i < signers->count; i++) {
		const struct tool_payload_signer *s = &signers->signer[i];
		size_t len;

		if (!sign_one(s, sha256, sha512, sig[i], &len))
			return false;
		one[i] = (Lbpb__Signature)LBPB__SIGNATURE__INIT;
		one[i].has_data = one[i].has_unpadded_signature_size = 1;
		one[i].data = (ProtobufCBinaryData){ len, sig[i] };
		one[i].unpadded_signature_size = (uint32_t)len;
		one[i].has_key_id = 1;
		one[i].key_id = (ProtobufCBinaryData){ sizeof(s->id),
						       (uint8_t *)(uintptr_t)s->id };
		one[i].has_public_key = s->packed.len != 0;
		one[i].public_key =
			(ProtobufCBinaryData){ s->packed.len, s->packed.data };
		list[i] = &one[i];
	}
	all.n_signatures = signers->count;
	all.signatures = list;
	(void)lbpb__signatures__pack(
		&all, tool_buffer_grow(out, lbpb__signatures__get_packed_size(&all)));
	return true;
}
