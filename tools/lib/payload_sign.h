/* Signatures of a payload: over its metadata, and over all of it. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_SIGN_H
#define LIFEBOAT_TOOLS_PAYLOAD_SIGN_H

#include "crypto/key.h"
#include "tools/lib/options.h"
#include "tools/lib/private_key.h"

#define TOOL_PAYLOAD_MAX_SIGNERS 8u

struct tool_payload_signer {
	struct tool_private_key key;
	uint32_t algorithm;
	/* public half; empty: the data key, which devices have */
	struct tool_buffer packed;
	uint8_t id[CRYPTO_KEY_ID_BYTES];
};

struct tool_payload_signers {
	size_t count;
	struct tool_payload_signer signer[TOOL_PAYLOAD_MAX_SIGNERS];
};

/** tool_payload_add_data_key() - @public: of the keyblock, which @private must belong
 * to. */
bool tool_payload_add_data_key(struct tool_payload_signers *signers, const char *private,
			       const char *signer, const struct crypto_key *public);
/** tool_payload_add_recipe_key() - any private key; its own algorithm, else with
 * SHA-256. */
bool tool_payload_add_recipe_key(struct tool_payload_signers *signers,
				 const char *private);
void tool_payload_signers_free(struct tool_payload_signers *signers);

/** tool_payload_signatures() - a Signatures message. @data == NULL: as large as it will
 * be, with zeros for signatures. */
bool tool_payload_signatures(const struct tool_payload_signers *signers,
			     const uint8_t *sha256, const uint8_t *sha512,
			     struct tool_buffer *out);

#endif
