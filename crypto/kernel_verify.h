/* The verifier: reads a signed kernel from a source, checks the whole chain, and alone
 * makes the verified_kernel that preparation and hand-off accept. Each byte is read once
 * and hashed once.
 *
 * Design: DESIGN 1 promises 1 and 6, DESIGN 3, DESIGN 5 (flags matrix). */
#ifndef LIFEBOAT_CRYPTO_KERNEL_VERIFY_H
#define LIFEBOAT_CRYPTO_KERNEL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"
#include "base/source.h"
#include "crypto/harden.h"
#include "crypto/keyblock.h"
#include "crypto/preamble.h"

#define CRYPTO_HEAD_BYTES 65536u /* keyblock and preamble lie in here */

enum crypto_mode {
	CRYPTO_MODE_NORMAL,
	CRYPTO_MODE_DEVELOPER,
	CRYPTO_MODE_RECOVERY,
	CRYPTO_MODES
};

/** crypto_mode_name() - "normal", "developer", "recovery"; "unknown" for anything
 * else. */
const char *crypto_mode_name(enum crypto_mode mode);

#define CRYPTO_MAX_DEV_KEYS 4u

/* Who may have signed, and how old it may be. */
struct crypto_policy {
	enum crypto_mode mode;
	/* The kernel key; in recovery the recovery key. data == NULL: no official key is
	 * known (host tools in developer mode). */
	struct crypto_key key;
	/* Hash-only keyblocks; never honoured outside developer mode. */
	bool self_signed_allowed;
	size_t dev_key_count; /* when > 0, self-signed only with one of these data keys */
	uint8_t dev_key_id[CRYPTO_MAX_DEV_KEYS][CRYPTO_KEY_ID_BYTES];
	uint32_t floor; /* lowest combined version that is accepted */
};

/** crypto_flags_allowed() - the flags matrix: does a signed keyblock with @flags count in
 * @mode? */
bool crypto_flags_allowed(enum crypto_mode mode, uint32_t flags);

/* What the signed headers say, once they are verified. */
struct crypto_headers {
	struct crypto_keyblock keyblock;
	struct crypto_preamble preamble;
	bool self_signed;
	uint32_t version;     /* combined: key version << 16 | kernel version */
	uint64_t body_offset; /* in the source */
	uint64_t body_bytes;
	const uint8_t *preamble_bytes; /* first preamble.signed_len bytes are measured */
};

/**
 * crypto_headers_verify() - everything up to the body.
 * @head, @len: the start of the source, at most CRYPTO_HEAD_BYTES; @out points into it
 * @source_bytes: size of the whole source, which body and headers must fit into
 */
enum lb_reason crypto_headers_verify(const struct crypto_policy *policy,
				     const uint8_t *head, size_t len,
				     uint64_t source_bytes, struct crypto_headers *out,
				     struct lb_verdict *why);

/**
 * crypto_source_headers() - read the head of a source and verify it.
 * @head: CRYPTO_HEAD_BYTES of memory; @out points into it
 *
 * The one reader of heads: slots, media and crypto_kernel_verify() refuse in the same
 * words.
 */
enum lb_reason crypto_source_headers(const struct crypto_policy *policy,
				     const struct lb_source *source, uint8_t *head,
				     struct crypto_headers *out, struct lb_verdict *why);

/* A kernel whose whole chain was verified. Only crypto_kernel_verify() makes one. */
struct verified_kernel;

/**
 * crypto_kernel_verify() - read, hash and check a whole signed kernel.
 * @body_limit: the body must lie below this address (PLATFORM_ANY_ADDRESS: anywhere)
 * @out:        on LB_REASON_OK a new object, released by crypto_kernel_free()
 */
enum lb_reason crypto_kernel_verify(const struct platform *plat,
				    const struct crypto_policy *policy,
				    const struct lb_source *source, uint64_t body_limit,
				    struct verified_kernel **out, struct lb_verdict *why);
void crypto_kernel_free(const struct platform *plat, struct verified_kernel *kernel);

/**
 * crypto_kernel_confirm() - everything decided once more, from the bytes that are in
 * memory: keyblock, flags, preamble, version, and the signature of the body's digest.
 * @policy: made again, too; not a copy of the one that crypto_kernel_verify() was given
 * @kernel: NULL is refused
 *
 * Without it no hand-off: it alone writes the proof. Nothing is read from the disk or
 * hashed but the headers.
 */
enum lb_reason crypto_kernel_confirm(const struct crypto_policy *policy,
				     struct verified_kernel *kernel,
				     struct lb_verdict *why);

/** crypto_kernel_proof() - HARDEN_PROOF when @kernel was confirmed; else, also for NULL,
 * not. */
uint64_t crypto_kernel_proof(const struct verified_kernel *kernel);

/** Access to a verified kernel. All pointers live as long as it does. */
const struct crypto_headers *crypto_kernel_headers(const struct verified_kernel *kernel);
/* The verified body, 2 MiB aligned, with @room (may be NULL) bytes of our memory from its
 * start on, body included. Owned by the kernel; preparation may use it up in place. */
uint8_t *crypto_kernel_body(const struct verified_kernel *kernel, size_t *len,
			    size_t *room);
const uint8_t *crypto_kernel_body_digest(const struct verified_kernel *kernel,
					 size_t *len);

#endif
