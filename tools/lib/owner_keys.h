/* A folder with an owner's Secure Boot keys: for each of PK, KEK and db a private key
 * (NAME.key), its certificate as PEM (NAME.crt) and DER (NAME.cer), and the owner's GUID
 * (owner.guid). */
#ifndef LIFEBOAT_TOOLS_OWNER_KEYS_H
#define LIFEBOAT_TOOLS_OWNER_KEYS_H

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/signature_list.h"

#define TOOL_OWNER_KEYS (TOOL_EFI_DB + 1u) /* PK, KEK, db */

struct tool_owner_keys {
	uint8_t owner[16];
	EVP_PKEY *key[TOOL_OWNER_KEYS]; /* NULL: not loaded */
	X509 *certificate[TOOL_OWNER_KEYS];
};

/** tool_owner_keys_make() - new keys and their files; never overwrites, all or nothing.
 * @name: who owns them, part of the certificates; @files: gets the paths written */
bool tool_owner_keys_make(const char *folder, const char *name, unsigned bits,
			  unsigned days, json_t *files);

/** tool_owner_keys_load() - certificates and GUID, and the keys that @needed (a bit each)
 * names. */
bool tool_owner_keys_load(const char *folder, unsigned needed,
			  struct tool_owner_keys *out);

void tool_owner_keys_free(struct tool_owner_keys *keys);

#endif
