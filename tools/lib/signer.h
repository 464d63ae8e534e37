/* Keys that stay where they are: a program that signs, and PKCS#11 tokens. */
#ifndef LIFEBOAT_TOOLS_SIGNER_H
#define LIFEBOAT_TOOLS_SIGNER_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOOL_MAX_SIGNATURE_BYTES 1024u

/**
 * tool_signer_run() - a signature by a program.
 * @name:   its argument
 * @hash:   "SHA256" or "SHA512", of @digest
 * @sig:    @sig_len bytes, exactly as many as it must print
 */
bool tool_signer_run(const char *program, const char *name, const char *hash,
		     const uint8_t *digest, uint8_t *sig, size_t sig_len);

/** tool_token_key() - a "pkcs11:" URI by OpenSSL's engine (libengine-pkcs11-openssl), for
 * machines that have no PKCS#11 provider. NULL with a message. */
EVP_PKEY *tool_token_key(const char *uri);

#endif
