/* X.509 certificates for UEFI Secure Boot, by OpenSSL. */
#ifndef LIFEBOAT_TOOLS_CERTIFICATE_H
#define LIFEBOAT_TOOLS_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "tools/lib/buffer.h"

#define TOOL_CERTIFICATE_LIMIT 65536u

/** tool_certificate_make() - self-signed with SHA-256; @common_name: who it is. */
bool tool_certificate_make(EVP_PKEY *key, const char *common_name, unsigned days,
			   X509 **out);

/** tool_certificate_load() - PEM or DER. */
bool tool_certificate_load(const char *path, X509 **out);

/** tool_certificate_parse() - the same from memory; false without a message when @bytes
 * are something else. */
bool tool_certificate_parse(const struct tool_buffer *bytes, X509 **out);

/** tool_certificate_pack() - as DER or PEM, appended to @out. */
void tool_certificate_der(const X509 *certificate, struct tool_buffer *out);
void tool_certificate_pem(const X509 *certificate, struct tool_buffer *out);

/** tool_certificates_der() - all of a file, PEM or DER, one after another; appended to
 * @out as DER. @max: bytes of DER that make sense. */
bool tool_certificates_der(const char *path, size_t max, struct tool_buffer *out);

/** tool_certificate_fits() - a message unless it belongs to the key. */
bool tool_certificate_fits(const X509 *certificate, const EVP_PKEY *key,
			   const char *certificate_name, const char *key_name);

/** tool_certificate_digest() - SHA-256 of the DER as hex; released by free(). */
char *tool_certificate_digest(const X509 *certificate);

/** tool_certificate_subject() - in one line; released by free(). */
char *tool_certificate_subject(const X509 *certificate);

/** tool_key_pem() - a private key, not encrypted. */
bool tool_key_pem(EVP_PKEY *key, const char *name, struct tool_buffer *out);

/** tool_key_load_private() - from a file or URI, of any kind that OpenSSL knows. */
bool tool_key_load_private(const char *file_or_uri, EVP_PKEY **out);

#endif
