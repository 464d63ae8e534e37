/* Kernel preambles: check the signature, then decode. */
#include "crypto/preamble.h"

#include <stdbool.h>

#include "base/bytes.h"
#include "crypto/sig.h"

#define MAJOR_VERSION      2u
#define MAX_KERNEL_VERSION 0xffffu
#define MIN_SIGNED_BYTES                                                                 \
	108u /* vboot asks for a firmware preamble's size, of all things */

enum {
	AT_BYTES = 0,
	AT_SIGNATURE = 8,
	AT_MAJOR = 32,
	AT_MINOR = 36,
	AT_KERNEL_VERSION = 40,
	AT_BODY_LOAD = 48,
	AT_BOOTLOADER = 56,
	AT_BOOTLOADER_BYTES = 64,
	AT_BODY_SIGNATURE = 72,
	AT_VMLINUZ = 96, /* since 2.1 */
	AT_VMLINUZ_BYTES = 104,
	AT_FLAGS = 112, /* since 2.2 */
};

_Static_assert(AT_BODY_SIGNATURE + CRYPTO_SIG_BYTES == CRYPTO_PREAMBLE_2_0_BYTES, "2.0");
_Static_assert(AT_FLAGS == CRYPTO_PREAMBLE_2_1_BYTES, "2.1");
_Static_assert(AT_FLAGS + 4 == CRYPTO_PREAMBLE_2_2_BYTES, "2.2");

static uint32_t header_bytes(uint32_t minor)
{
	if (minor == 0)
		return CRYPTO_PREAMBLE_2_0_BYTES;
	return minor == 1 ? CRYPTO_PREAMBLE_2_1_BYTES : CRYPTO_PREAMBLE_2_2_BYTES;
}

/* What can be said before the signature is checked. */
static enum lb_reason check_header(const uint8_t *bytes, size_t len,
				   struct crypto_sig *out, struct lb_verdict *why)
{
	struct crypto_sig sig;

	if (len < CRYPTO_PREAMBLE_2_0_BYTES)
		return lb_verdict_set(why, LB_REASON_PREAMBLE_LAYOUT,
				      "only %zu bytes, a preamble has at least %u", len,
				      CRYPTO_PREAMBLE_2_0_BYTES);

	const uint32_t size = lb_le32(bytes + AT_BYTES);
	const uint32_t major = lb_le32(bytes + AT_MAJOR);
	const uint32_t least = header_bytes(lb_le32(bytes + AT_MINOR));

	if (major != MAJOR_VERSION)
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_VERSION,
			"preamble offset %u: major version %u instead of %u", AT_MAJOR,
			major, MAJOR_VERSION);
	if (size < least || size > len)
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: preamble of %u bytes, not %u to %zu",
			AT_BYTES, size, least, len);
	if (!crypto_sig_parse(bytes, size, AT_SIGNATURE, &sig))
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: signature (at %u, %u bytes) outside "
			"the preamble's %u",
			AT_SIGNATURE, lb_le32(bytes + AT_SIGNATURE),
			lb_le32(bytes + AT_SIGNATURE + 8), size);
	if (sig.data_bytes > size)
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: signature covers %u bytes of %u",
			AT_SIGNATURE + 16, sig.data_bytes, size);
	*out = sig;
	return LB_REASON_OK;
}

static enum lb_reason check_signature(const uint8_t *bytes, const struct crypto_sig *sig,
				      const struct crypto_key *key,
				      struct lb_verdict *why)
{
	switch (crypto_verify_data(key, bytes, sig->data_bytes, bytes + sig->offset,
				   sig->bytes)) {
	case LB_OK:
		return LB_REASON_OK;
	case LB_ERR_NOMEM:
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY,
				      "for the preamble's signature");
	default:
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_SIGNATURE,
			"%u bytes signed, %u-byte signature at preamble offset %u, "
			"%u-byte data key",
			sig->data_bytes, sig->bytes, sig->offset, key->rsa_bytes);
	}
}

/* A piece with an address of its own lies in the body; size 0 means there is none. */
static bool piece_in_body(uint64_t address, uint32_t size, uint64_t body,
			  uint64_t body_bytes)
{
	uint64_t end;

	if (size == 0)
		return true;
	return lb_add(body, body_bytes, &end) && address >= body &&
	       lb_within(address - body, size, body_bytes);
}

static void decode(const uint8_t *bytes, const struct crypto_sig *sig,
		   const struct crypto_sig *body, struct crypto_preamble *out)
{
	const uint32_t known = header_bytes(lb_le32(bytes + AT_MINOR));
	const bool has_vmlinuz = known >= CRYPTO_PREAMBLE_2_1_BYTES;

	*out = (struct crypto_preamble){
		.bytes = lb_le32(bytes + AT_BYTES),
		.signed_len = sig->data_bytes,
		.kernel_version = lb_le32(bytes + AT_KERNEL_VERSION),
		.body_load_address = lb_le64(bytes + AT_BODY_LOAD),
		.body_bytes = body->data_bytes,
		.body_signature = bytes + body->offset,
		.body_signature_len = body->bytes,
		.bootloader_address = lb_le64(bytes + AT_BOOTLOADER),
		.bootloader_bytes = lb_le32(bytes + AT_BOOTLOADER_BYTES),
		.vmlinuz_header_address = has_vmlinuz ? lb_le64(bytes + AT_VMLINUZ) : 0,
		.vmlinuz_header_bytes =
			has_vmlinuz ? lb_le32(bytes + AT_VMLINUZ_BYTES) : 0,
		.flags = known >= CRYPTO_PREAMBLE_2_2_BYTES ? lb_le32(bytes + AT_FLAGS)
							    : 0,
	};
}

static enum lb_reason check_fields(const struct crypto_preamble *p, uint32_t rsa_bytes,
				   struct lb_verdict *why)
{
	if (p->kernel_version > MAX_KERNEL_VERSION)
		return lb_verdict_set(why, LB_REASON_PREAMBLE_LAYOUT,
				      "preamble offset %u: kernel version %u, at most %u",
				      AT_KERNEL_VERSION, p->kernel_version,
				      MAX_KERNEL_VERSION);
	if (p->body_bytes == 0 || p->body_signature_len != rsa_bytes)
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: %u-byte signature of a body of %llu "
			"bytes",
			AT_BODY_SIGNATURE, p->body_signature_len,
			(unsigned long long)p->body_bytes);
	if (!piece_in_body(p->bootloader_address, p->bootloader_bytes,
			   p->body_load_address, p->body_bytes))
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: bootloader (0x%llx, %u bytes) outside "
			"the body",
			AT_BOOTLOADER, (unsigned long long)p->bootloader_address,
			p->bootloader_bytes);
	if (!piece_in_body(p->vmlinuz_header_address, p->vmlinuz_header_bytes,
			   p->body_load_address, p->body_bytes))
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: vmlinuz header (0x%llx, %u bytes) "
			"outside the body",
			AT_VMLINUZ, (unsigned long long)p->vmlinuz_header_address,
			p->vmlinuz_header_bytes);
	return LB_REASON_OK;
}

/* Enough is signed to hold every field that is used, and the body's signature. */
static enum lb_reason check_cover(const uint8_t *bytes, uint32_t covered,
				  struct crypto_sig *body, struct lb_verdict *why)
{
	const uint32_t header = header_bytes(lb_le32(bytes + AT_MINOR));
	const uint32_t least = header > MIN_SIGNED_BYTES ? header : MIN_SIGNED_BYTES;

	if (covered < least)
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: signature covers %u bytes, not %u",
			AT_SIGNATURE + 16, covered, least);
	if (!crypto_sig_parse(bytes, covered, AT_BODY_SIGNATURE, body))
		return lb_verdict_set(
			why, LB_REASON_PREAMBLE_LAYOUT,
			"preamble offset %u: body signature (at %u, %u bytes) "
			"outside the %u signed bytes",
			AT_BODY_SIGNATURE, lb_le32(bytes + AT_BODY_SIGNATURE),
			lb_le32(bytes + AT_BODY_SIGNATURE + 8), covered);
	return LB_REASON_OK;
}

enum lb_reason crypto_preamble_verify(const uint8_t *bytes, size_t len,
				      const struct crypto_key *key,
				      struct crypto_preamble *out, struct lb_verdict *why)
{
	struct crypto_sig sig = { 0 }, body = { 0 };
	struct crypto_preamble preamble;
	enum lb_reason reason = check_header(bytes, len, &sig, why);

	if (reason == LB_REASON_OK)
		reason = check_signature(bytes, &sig, key, why);
	if (reason == LB_REASON_OK)
		reason = check_cover(bytes, sig.data_bytes, &body, why);
	if (reason != LB_REASON_OK)
		return reason;

	decode(bytes, &sig, &body, &preamble);
	reason = check_fields(&preamble, key->rsa_bytes, why);
	if (reason != LB_REASON_OK)
		return reason;

	*out = preamble;
	return lb_verdict_set(why, LB_REASON_OK, NULL);
}
