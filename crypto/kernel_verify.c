/* The verifier: headers first, then the body in chunks straight to where it stays; each
 * byte read once and hashed once. The only place that makes a struct verified_kernel. */
#include "crypto/kernel_verify.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"

#define CHUNK_BYTES    ((size_t)1 << 20)
#define BODY_ALIGNMENT ((size_t)2 << 20)
#define LEAST_ROOM                                                                       \
	((uint64_t)64 << 20) /* behind the body, for a kernel to unpack in place */

struct verified_kernel {
	uint8_t head
		[CRYPTO_HEAD_BYTES]; /* first, so that it is page aligned for reading */
	size_t head_bytes;
	uint64_t source_bytes;
	struct crypto_headers headers; /* points into head */
	uint8_t *body;
	size_t room; /* of the allocation, body included */
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	size_t digest_bytes;
	uint64_t proof; /* HARDEN_PROOF ^ mark_of() once it is confirmed */
};

/* Design: DESIGN 5. Where a miniOS bit is given at all, MINIOS0 must be among them. */
bool crypto_flags_allowed(enum crypto_mode mode, uint32_t flags)
{
	static const uint32_t needed[CRYPTO_MODES] = {
		[CRYPTO_MODE_NORMAL] = CRYPTO_FLAG_DEV0 | CRYPTO_FLAG_REC0,
		[CRYPTO_MODE_DEVELOPER] = CRYPTO_FLAG_DEV1 | CRYPTO_FLAG_REC0,
		[CRYPTO_MODE_RECOVERY] = CRYPTO_FLAG_DEV0 | CRYPTO_FLAG_REC1,
	};
	const bool minios = (flags & (CRYPTO_FLAG_MINIOS0 | CRYPTO_FLAG_MINIOS1)) != 0;

	if ((unsigned int)mode >= CRYPTO_MODES)
		return false;
	return (flags & needed[mode]) == needed[mode] &&
	       (!minios || (flags & CRYPTO_FLAG_MINIOS0) != 0);
}

const char *crypto_mode_name(enum crypto_mode mode)
{
	static const char *const names[CRYPTO_MODES] = {
		[CRYPTO_MODE_NORMAL] = "normal",
		[CRYPTO_MODE_DEVELOPER] = "developer",
		[CRYPTO_MODE_RECOVERY] = "recovery",
	};

	return (unsigned int)mode < CRYPTO_MODES ? names[mode] : "unknown";
}

/* Without an official signature: is this what developers sign themselves? */
static bool self_signed_counts(const struct crypto_policy *policy,
			       const struct crypto_keyblock *keyblock)
{
	return policy->mode == CRYPTO_MODE_DEVELOPER && policy->self_signed_allowed &&
	       keyblock->hash_good;
}

static enum lb_reason check_enrolled(const struct crypto_policy *policy,
				     const struct crypto_key *data_key,
				     struct lb_verdict *why)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	char hex[2 * 4 + 1];

	if (policy->dev_key_count == 0)
		return lb_verdict_set(why, LB_REASON_OK, NULL);
	crypto_key_id(data_key, id);
	for (size_t i = 0; i < policy->dev_key_count && i < CRYPTO_MAX_DEV_KEYS; i++)
		if (memcmp(id, policy->dev_key_id[i], sizeof id) == 0)
			return lb_verdict_set(why, LB_REASON_OK, NULL);
	lb_format_hex(hex, id, 4);
	return lb_verdict_set(why, LB_REASON_DEV_KEY_UNKNOWN,
			      "data key %s..., %zu enrolled", hex, policy->dev_key_count);
}

static enum lb_reason check_signer(const struct crypto_policy *policy,
				   const struct crypto_keyblock *keyblock,
				   bool *self_signed, struct lb_verdict *why)
{
	const enum lb_reason reason = crypto_keyblock_verify(keyblock, &policy->key, why);

	*self_signed = false;
	switch (reason) {
	case LB_REASON_OK:
		if (!crypto_flags_allowed(policy->mode, keyblock->flags))
			return lb_verdict_set(
				why, LB_REASON_KEYBLOCK_FLAGS,
				"keyblock offset 72: flags 0x%x are not for %s mode",
				keyblock->flags, crypto_mode_name(policy->mode));
		return LB_REASON_OK;
	case LB_REASON_KEY_UNKNOWN:
	case LB_REASON_SELF_SIGNED:
		if (!self_signed_counts(policy, keyblock))
			return reason;
		*self_signed = true;
		return check_enrolled(policy, &keyblock->data_key, why);
	default:
		return reason;
	}
}

/* A size that leads out of the head, as opposed to one that leads out of a small
 * source. */
static bool leaves_head(uint32_t size, size_t rest, size_t len)
{
	return len == CRYPTO_HEAD_BYTES && size > rest;
}

static enum lb_reason parse_keyblock(const uint8_t *head, size_t len,
				     struct crypto_keyblock *out, struct lb_verdict *why)
{
	const enum lb_reason reason = crypto_keyblock_parse(head, len, out, why);

	if (reason == LB_REASON_KEYBLOCK_LAYOUT &&
	    leaves_head(lb_le32(head + 16), len, len))
		return lb_verdict_set(why, LB_REASON_HEADERS_TOO_LARGE,
				      "offset 16: keyblock of %u bytes",
				      lb_le32(head + 16));
	return reason;
}

static enum lb_reason verify_preamble(const uint8_t *head, size_t len,
				      const struct crypto_keyblock *keyblock,
				      struct crypto_preamble *out, struct lb_verdict *why)
{
	const uint8_t *bytes = head + keyblock->bytes;
	const size_t rest = len - keyblock->bytes;

	if (rest >= CRYPTO_PREAMBLE_2_0_BYTES && leaves_head(lb_le32(bytes), rest, len))
		return lb_verdict_set(why, LB_REASON_HEADERS_TOO_LARGE,
				      "keyblock of %u, preamble of %u bytes",
				      keyblock->bytes, lb_le32(bytes));
	return crypto_preamble_verify(bytes, rest, &keyblock->data_key, out, why);
}

static enum lb_reason check_version(const struct crypto_policy *policy,
				    const struct crypto_headers *headers,
				    struct lb_verdict *why)
{
	if (!headers->self_signed && headers->version < policy->floor)
		return lb_verdict_set(
			why, LB_REASON_VERSION_TOO_OLD,
			"key %u kernel %u < key %u kernel %u (0x%08x < 0x%08x)",
			LB_VERSION_PARTS(headers->version),
			LB_VERSION_PARTS(policy->floor), headers->version, policy->floor);
	return LB_REASON_OK;
}

enum lb_reason crypto_headers_verify(const struct crypto_policy *policy,
				     const uint8_t *head, size_t len,
				     uint64_t source_bytes, struct crypto_headers *out,
				     struct lb_verdict *why)
{
	struct crypto_headers h = { 0 };
	enum lb_reason reason = parse_keyblock(head, len, &h.keyblock, why);

	if (reason == LB_REASON_OK)
		reason = check_signer(policy, &h.keyblock, &h.self_signed, why);
	if (reason == LB_REASON_OK)
		reason = verify_preamble(head, len, &h.keyblock, &h.preamble, why);
	if (reason != LB_REASON_OK)
		return reason;

	h.version = h.keyblock.data_key.version << 16 | h.preamble.kernel_version;
	h.body_offset = (uint64_t)h.keyblock.bytes + h.preamble.bytes;
	h.body_bytes = h.preamble.body_bytes;
	h.preamble_bytes = head + h.keyblock.bytes;
	reason = check_version(policy, &h, why);
	if (reason != LB_REASON_OK)
		return reason;
	if (!lb_within(h.body_offset, h.body_bytes, source_bytes))
		return lb_verdict_set(
			why, LB_REASON_PARTITION_TOO_SMALL,
			"body of %llu bytes at offset %llu, partition of %llu",
			(unsigned long long)h.body_bytes,
			(unsigned long long)h.body_offset,
			(unsigned long long)source_bytes);

	*out = h;
	return lb_verdict_set(why, LB_REASON_OK, NULL);
}

static enum lb_reason read_failed(enum lb_status status, uint64_t offset, size_t len,
				  struct lb_verdict *why)
{
	const enum lb_reason reason =
		status == LB_ERR_REMOVED ? LB_REASON_DISK_REMOVED : LB_REASON_READ_ERROR;

	return lb_verdict_set(why, reason, "%zu bytes at partition offset %llu: %s", len,
			      (unsigned long long)offset, lb_status_name(status));
}

static size_t head_bytes(const struct lb_source *source)
{
	return source->bytes < CRYPTO_HEAD_BYTES ? (size_t)source->bytes
						 : CRYPTO_HEAD_BYTES;
}

enum lb_reason crypto_source_headers(const struct crypto_policy *policy,
				     const struct lb_source *source, uint8_t *head,
				     struct crypto_headers *out, struct lb_verdict *why)
{
	const size_t len = head_bytes(source);
	const enum lb_status status = source->read(source->ctx, 0, head, len);

	if (status != LB_OK)
		return read_failed(status, 0, len, why);
	if (len < CRYPTO_KEYBLOCK_BYTES)
		return lb_verdict_set(why, LB_REASON_PARTITION_TOO_SMALL,
				      "%zu bytes, a keyblock has %u", len,
				      CRYPTO_KEYBLOCK_BYTES);
	return crypto_headers_verify(policy, head, len, source->bytes, out, why);
}

static enum lb_reason read_headers(const struct crypto_policy *policy,
				   const struct lb_source *source,
				   struct verified_kernel *k, struct lb_verdict *why)
{
	k->head_bytes = head_bytes(source);
	k->source_bytes = source->bytes;
	return crypto_source_headers(policy, source, k->head, &k->headers, why);
}

/* As much room behind the body as there is, up to what is wished; at last none. */
static void *alloc_body(const struct platform *plat, uint64_t body_bytes, uint64_t limit,
			size_t *room)
{
	uint64_t extra = body_bytes > LEAST_ROOM / 4 ? 4 * body_bytes : LEAST_ROOM;

	for (;; extra = extra > CHUNK_BYTES ? extra / 2 : 0) {
		uint64_t total;

		if (lb_round_up(body_bytes + extra, LB_PAGE_BYTES, &total) &&
		    total <= SIZE_MAX) {
			void *memory = plat->alloc(plat->ctx, (size_t)total,
						   BODY_ALIGNMENT, limit);

			if (memory != NULL) {
				*room = (size_t)total;
				return memory;
			}
		}
		if (extra == 0)
			return NULL;
	}
}

/* Reads the body from where the head ends, each chunk hashed while it is in the cache. */
static enum lb_reason read_body(const struct lb_source *source, struct verified_kernel *k,
				struct lb_verdict *why)
{
	const uint64_t offset = k->headers.body_offset;
	const size_t len = (size_t)k->headers.body_bytes;
	const size_t in_head = CRYPTO_HEAD_BYTES - (size_t)offset;
	struct crypto_digest d;
	size_t done = len < in_head ? len : in_head;

	memcpy(k->body, k->head + offset, done);
	crypto_digest_init(&d, k->headers.keyblock.data_key.hash);
	crypto_digest_update(&d, k->body, done);
	while (done < len) {
		const size_t n = len - done < CHUNK_BYTES ? len - done : CHUNK_BYTES;
		const enum lb_status status =
			source->read(source->ctx, offset + done, k->body + done, n);

		if (status != LB_OK)
			return read_failed(status, offset + done, n, why);
		crypto_digest_update(&d, k->body + done, n);
		done += n;
	}
	crypto_digest_final(&d, k->digest);
	k->digest_bytes = crypto_digest_bytes(d.hash);
	return LB_REASON_OK;
}

static enum lb_reason check_body(const struct verified_kernel *k,
				 const struct crypto_headers *headers,
				 struct lb_verdict *why)
{
	const struct crypto_preamble *p = &headers->preamble;

	switch (crypto_verify_digest(&headers->keyblock.data_key, k->digest,
				     p->body_signature, p->body_signature_len)) {
	case LB_OK:
		return lb_verdict_set(why, LB_REASON_OK, NULL);
	case LB_ERR_NOMEM:
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY,
				      "for the body's signature");
	default:
		return lb_verdict_set(why, LB_REASON_BODY_DAMAGED,
				      "%llu bytes from partition offset %llu",
				      (unsigned long long)headers->body_bytes,
				      (unsigned long long)headers->body_offset);
	}
}

static enum lb_reason load_body(const struct platform *plat,
				const struct lb_source *source, uint64_t body_limit,
				struct verified_kernel *k, struct lb_verdict *why)
{
	const uint64_t len = k->headers.body_bytes;
	enum lb_reason reason;

	k->body = alloc_body(plat, len, body_limit, &k->room);
	if (k->body == NULL)
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY,
				      "%llu bytes for the body", (unsigned long long)len);
	reason = read_body(source, k, why);
	if (reason == LB_REASON_OK)
		reason = check_body(k, &k->headers, why);
	if (reason != LB_REASON_OK)
		memset(k->body, 0, (size_t)len); /* nothing unverified stays in memory */
	return reason;
}

enum lb_reason crypto_kernel_verify(const struct platform *plat,
				    const struct crypto_policy *policy,
				    const struct lb_source *source, uint64_t body_limit,
				    struct verified_kernel **out, struct lb_verdict *why)
{
	struct verified_kernel *k =
		plat->alloc(plat->ctx, sizeof *k, LB_PAGE_BYTES, PLATFORM_ANY_ADDRESS);
	enum lb_reason reason;

	*out = NULL;
	if (k == NULL)
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY,
				      "%zu bytes for headers", sizeof *k);
	memset(k, 0, sizeof *k);
	reason = read_headers(policy, source, k, why);
	if (reason == LB_REASON_OK)
		reason = load_body(plat, source, body_limit, k, why);
	if (reason != LB_REASON_OK) {
		crypto_kernel_free(plat, k);
		return reason;
	}
	*out = k;
	return LB_REASON_OK;
}

/* What the proof is bound to: this body, at this place. */
static uint64_t mark_of(const struct verified_kernel *k)
{
	return lb_le64(k->digest) + (uintptr_t)k->body;
}

/* Where the body was read from, and how it was hashed, is what is signed. */
static bool same_body(const struct crypto_headers *a, const struct crypto_headers *b)
{
	return a->body_offset == b->body_offset && a->body_bytes == b->body_bytes &&
	       a->keyblock.data_key.hash == b->keyblock.data_key.hash;
}

enum lb_reason crypto_kernel_confirm(const struct crypto_policy *policy,
				     struct verified_kernel *kernel,
				     struct lb_verdict *why)
{
	struct crypto_headers again = { 0 };

	if (kernel == NULL || kernel->body == NULL || kernel->digest_bytes == 0)
		return lb_verdict_set(why, LB_REASON_READS_DISAGREE, "nothing verified");
	kernel->proof = 0;

	enum lb_reason reason =
		crypto_headers_verify(policy, kernel->head, kernel->head_bytes,
				      kernel->source_bytes, &again, why);

	if (reason == LB_REASON_OK && !same_body(&again, &kernel->headers))
		reason = lb_verdict_set(why, LB_REASON_READS_DISAGREE,
					"headers changed in memory");
	if (reason == LB_REASON_OK)
		reason = check_body(kernel, &again, why);
	if (reason != LB_REASON_OK)
		return reason;
	kernel->headers = again; /* what is used is what was confirmed */
	kernel->proof = HARDEN_PROOF ^ mark_of(kernel);
	return LB_REASON_OK;
}

uint64_t crypto_kernel_proof(const struct verified_kernel *kernel)
{
	return kernel != NULL ? kernel->proof ^ mark_of(kernel) : 0;
}

void crypto_kernel_free(const struct platform *plat, struct verified_kernel *kernel)
{
	if (kernel == NULL)
		return;
	if (kernel->body != NULL)
		plat->free(plat->ctx, kernel->body, kernel->room);
	memset(kernel, 0, sizeof *kernel);
	plat->free(plat->ctx, kernel, sizeof *kernel);
}

const struct crypto_headers *crypto_kernel_headers(const struct verified_kernel *kernel)
{
	return &kernel->headers;
}

uint8_t *crypto_kernel_body(const struct verified_kernel *kernel, size_t *len,
			    size_t *room)
{
	*len = (size_t)kernel->headers.body_bytes;
	if (room != NULL)
		*room = kernel->room;
	return kernel->body;
}

const uint8_t *crypto_kernel_body_digest(const struct verified_kernel *kernel,
					 size_t *len)
{
	*len = kernel->digest_bytes;
	return kernel->digest;
}
