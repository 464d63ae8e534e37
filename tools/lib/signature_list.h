/* The contents of PK, KEK, db and dbx, and signed updates of them.
 *
 * Spec: UEFI 2.10, 32.4.1 (EFI_SIGNATURE_LIST), 8.2.2 (EFI_VARIABLE_AUTHENTICATION_2). */
#ifndef LIFEBOAT_TOOLS_SIGNATURE_LIST_H
#define LIFEBOAT_TOOLS_SIGNATURE_LIST_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "tools/lib/buffer.h"

#define TOOL_SIGNATURE_LIST_LIMIT 60000u /* what fits into an enrolment program */

enum tool_efi_variable {
	TOOL_EFI_PK,
	TOOL_EFI_KEK,
	TOOL_EFI_DB,
	TOOL_EFI_DBX,
	TOOL_EFI_VARIABLES,
};

/** tool_efi_variable_name() - "PK", "KEK", "db", "dbx". */
const char *tool_efi_variable_name(enum tool_efi_variable which);

/** tool_list_certificate() - a list of one certificate. @owner: GUID as on disk */
void tool_list_certificate(const uint8_t owner[16], const X509 *certificate,
			   struct tool_buffer *out);

/** tool_list_digest() - a list of one SHA-256 of an image. */
void tool_list_digest(const uint8_t owner[16], const uint8_t digest[32],
		      struct tool_buffer *out);

/** tool_list_file() - what a file holds: a certificate (PEM, DER) or signature lists. */
bool tool_list_file(const uint8_t owner[16], const char *path, struct tool_buffer *out);

/** tool_lists_count() - signatures in whole lists. */
size_t tool_lists_count(const struct tool_buffer *lists);

/* One update of a variable. */
struct tool_efi_update {
	enum tool_efi_variable variable;
	const struct tool_buffer *lists; /* empty: the variable is taken away */
	bool append;                     /* to what is there, not in its place */
	time_t time;                     /* must be later than the last one's */
	EVP_PKEY *key;                   /* PK signs PK and KEK, KEK signs db and dbx */
	X509 *certificate;
};

/** tool_efi_update_sign() - the bytes that SetVariable takes, appended to @out. */
bool tool_efi_update_sign(const struct tool_efi_update *update, struct tool_buffer *out);

#endif
