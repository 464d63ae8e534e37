/* Does the signature that a UEFI program carries belong to it? Whether a machine accepts
 * the signer, its db says. Untrusted. */
#ifndef LIFEBOAT_TOOLS_AUTHENTICODE_CHECK_H
#define LIFEBOAT_TOOLS_AUTHENTICODE_CHECK_H

#include "tools/lib/buffer.h"
#include "tools/lib/pe_file.h"

#define TOOL_SIGNER_BYTES 96u

enum tool_pe_signature {
	TOOL_PE_UNSIGNED,
	TOOL_PE_SIGNED,          /* by @signer, and of these bytes */
	TOOL_PE_SIGNED_OTHER,    /* a signature of other bytes: the file was changed */
	TOOL_PE_SIGNATURE_BROKEN /* not readable, or not the signer's */
};

/**
 * tool_pe_signature() - the first signature by SHA-256.
 * @signer: the subject of its certificate, "" where there is none
 */
enum tool_pe_signature tool_pe_signature(const struct tool_buffer *file,
					 const struct tool_pe *pe,
					 char signer[TOOL_SIGNER_BYTES]);

/** tool_pe_signature_words() - "signed for Secure Boot", "not signed". */
const char *tool_pe_signature_words(enum tool_pe_signature signature);

#endif
