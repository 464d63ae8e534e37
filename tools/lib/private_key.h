/* Private keys: everything that signs goes through here. A key is named by a file (a
 * vboot .vbprivk, or PEM or DER in any form OpenSSL reads) or by a URI of an OpenSSL
 * store, so that a PKCS#11 provider ("pkcs11:...") works as a file does. */
#ifndef LIFEBOAT_TOOLS_PRIVATE_KEY_H
#define LIFEBOAT_TOOLS_PRIVATE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>

#include "crypto/key.h"
#include "tools/lib/buffer.h"
#include "tools/lib/openssl_error.h"
#include "tools/lib/signer.h"

struct tool_private_key {
	EVP_PKEY *pkey;
	uint32_t algorithm; /* of a .vbprivk; 0 when the file does not say */
	char *name;         /* for messages: file or URI */
	/* A program that signs, instead of pkey; and the public half, to check it by. */
	char *signer;
	const struct crypto_key *public; /* the caller's */
};

/** tool_private_key_load() - from a file or URI. */
bool tool_private_key_load(const char *file_or_uri, struct tool_private_key *out);

/**
 * tool_private_key_open() - the private half of @public.
 * @file_or_uri: as for tool_private_key_load(); with @signer the name that program is
 *               given
 * @signer:      NULL, or a program: it is started with the key's name as its argument,
 *               gets the DigestInfo (RFC 8017, 9.2) on standard input and prints the
 *               signature's bytes. (The same as vboot's external signers.)
 *
 * Every signature is checked against @public.
 */
bool tool_private_key_open(const char *file_or_uri, const char *signer,
			   const struct crypto_key *public, struct tool_private_key *out);

/** tool_private_key_generate() - a new RSA key (e = 65537) for an algorithm. */
bool tool_private_key_generate(uint32_t algorithm, struct tool_private_key *out);

/** tool_key_accepted() - RSA of a size that the loader takes; else a message. */
bool tool_key_accepted(EVP_PKEY *pkey, const char *name);

/** tool_key_load_any() - a public or private key of OpenSSL's formats, or that of a
 * certificate; @has_private says which. */
bool tool_key_load_any(const char *file_or_uri, EVP_PKEY **out, bool *has_private);

/**
 * tool_private_key_sign() - PKCS#1 v1.5 signature of @data with @algorithm.
 * @sig: TOOL_MAX_SIGNATURE_BYTES; @sig_len is the size of the key
 */
bool tool_private_key_sign(const struct tool_private_key *key, uint32_t algorithm,
			   const void *data, size_t len, uint8_t *sig, size_t *sig_len);

/** tool_private_key_sign_digest() - the same of a digest that was made before. */
bool tool_private_key_sign_digest(const struct tool_private_key *key, uint32_t algorithm,
				  const uint8_t *digest, uint8_t *sig, size_t *sig_len);

/** tool_private_key_pack() - the bytes of a .vbprivk file. */
bool tool_private_key_pack(const struct tool_private_key *key, uint32_t algorithm,
			   struct tool_buffer *out);

void tool_private_key_free(struct tool_private_key *key);

#endif
