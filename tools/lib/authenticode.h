/* Signatures of UEFI programs, as firmware checks them with Secure Boot.
 *
 * Spec: Microsoft, "Windows Authenticode Portable Executable Signature Format"; UEFI
 * 2.10, 32.2. */
#ifndef LIFEBOAT_TOOLS_AUTHENTICODE_H
#define LIFEBOAT_TOOLS_AUTHENTICODE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/buffer.h"
#include "tools/lib/pe_file.h"

#define TOOL_PE_DIGEST_BYTES 32u

/**
 * tool_pe_digest() - SHA-256 of an image as Secure Boot counts it: without its checksum
 * and signatures.
 *
 * Headers and sections must lie one behind the other, as in every Lifeboat loader; what
 * has gaps is refused, because others would read it another way.
 */
bool tool_pe_digest(const struct tool_buffer *file, const char *name,
		    const struct tool_pe *pe, uint8_t out[TOOL_PE_DIGEST_BYTES]);

/** tool_pe_sign() - append a signature; those that are there stay. */
bool tool_pe_sign(struct tool_buffer *file, const char *name, EVP_PKEY *key,
		  X509 *certificate);

#endif
