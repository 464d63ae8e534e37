/* Opening a payload. */
#include "update/payload.h"

#include <string.h>

#include "base/bytes.h"
#include "update/manifest.h"
#include "update/operation.h"
#include "update/recipe.h"
#include "update/wire.h"

#define FIELD_STATEMENT 1000u
#define DECODER_BYTES   ((uint64_t)10 << 20) /* the hungriest: xz with 8 MiB dictionary */
#define FIXED_BYTES     ((uint64_t)1 << 20)  /* heads, rooms, tables */
#define LZMA_BYTES      ((uint64_t)256 << 10) /* a decoder without its dictionary */
#define CHUNK_BYTES     ((size_t)1 << 20)

static enum update_reason read_part(const struct lb_source *source, uint64_t offset,
				    void *out, size_t bytes, struct update_verdict *why)
{
	const enum lb_status status = source->read(source->ctx, offset, out, bytes);

	return status == LB_OK ? UPDATE_OK
			       : update_verdict_set(why, UPDATE_READ,
						    "%zu bytes at offset %llu: %s", bytes,
						    (unsigned long long)offset,
						    lb_status_name(status));
}

/* --- statement ---------------------------------------------------------------------- */

/* The statement is the manifest's first field. @prefix: bytes of tag and length; 0: it is
 * not there. */
static enum update_reason find_statement(const struct lb_source *source,
					 const struct update_header *header,
					 size_t *prefix, size_t *bytes,
					 struct update_verdict *why)
{
	uint8_t head[2 * UPDATE_VARINT_MAX_BYTES];
	const size_t len = header->manifest_bytes < sizeof head
				   ? (size_t)header->manifest_bytes
				   : sizeof head;
	uint64_t tag, size;
	size_t at = 0;

	*prefix = 0;
	if (read_part(source, UPDATE_HEADER_BYTES, head, len, why) != UPDATE_OK)
		return why->reason;
	if (update_varint(head, len, &at, &tag) != LB_OK ||
	    tag != ((uint64_t)FIELD_STATEMENT << 3 | UPDATE_WIRE_BYTES))
		return UPDATE_OK;
	if (update_varint(head, len, &at, &size) != LB_OK ||
	    size > UPDATE_MAX_STATEMENT_BYTES ||
	    !lb_within(at, size, header->manifest_bytes))
		return update_verdict_set(why, UPDATE_STATEMENT,
					  "offset %u: a statement of that size",
					  UPDATE_HEADER_BYTES);
	*prefix = at;
	*bytes = (size_t)size;
	return UPDATE_OK;
}

static enum update_reason judge_statement(struct update_payload *p,
					  const struct update_device *device,
					  struct update_verdict *why)
{
	size_t prefix, bytes;

	if (find_statement(&p->source, &p->header, &prefix, &bytes, why) != UPDATE_OK)
		return why->reason;
	if (prefix == 0)
		return device == NULL
			       ? UPDATE_OK
			       : update_verdict_set(why, UPDATE_NO_STATEMENT,
						    "offset %u: the manifest does not "
						    "begin with one",
						    UPDATE_HEADER_BYTES);
	p->statement_bytes = update_alloc(p->memory, UPDATE_MAX_STATEMENT_BYTES);
	if (p->statement_bytes == NULL)
		return update_verdict_set(why, UPDATE_MEMORY, "for a statement");
	if (read_part(&p->source, UPDATE_HEADER_BYTES + prefix, p->statement_bytes, bytes,
		      why) != UPDATE_OK ||
	    update_statement_parse(p->statement_bytes, bytes, &p->statement, why) !=
		    UPDATE_OK)
		return why->reason;
	return device != NULL ? update_statement_judge(&p->statement, device, p->memory,
						       &p->release, why)
			      : update_statement_read(&p->statement, p->memory,
						      &p->release, why);
}

/* --- manifest ----------------------------------------------------------------------- */

static enum update_reason read_manifest(struct update_payload *p,
					const uint8_t header[UPDATE_HEADER_BYTES],
					struct update_verdict *why)
{
	p->manifest_bytes = UPDATE_HEADER_BYTES + (size_t)p->header.manifest_bytes;
	p->manifest = update_alloc(p->memory, p->manifest_bytes);
	if (p->manifest == NULL)
		return update_verdict_set(why, UPDATE_MEMORY,
					  "%zu bytes for the manifest",
					  p->manifest_bytes);
	memcpy(p->manifest, header, UPDATE_HEADER_BYTES);
	if (read_part(&p->source, UPDATE_HEADER_BYTES, p->manifest + UPDATE_HEADER_BYTES,
		      (size_t)p->header.manifest_bytes, why) != UPDATE_OK)
		return why->reason;
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_once(CRYPTO_SHA256, p->manifest, p->manifest_bytes, digest);
	memcpy(p->id, digest, sizeof p->id);
	return UPDATE_OK;
}

static enum update_reason judge_recipe(struct update_payload *p,
				       struct update_verdict *why)
{
	const size_t bytes = p->header.signature_bytes;
	uint8_t sha512[CRYPTO_MAX_DIGEST_BYTES];
	uint8_t *signatures = update_alloc(p->memory, bytes + 1);

	if (signatures == NULL)
		return update_verdict_set(why, UPDATE_MEMORY, "for signatures");
	crypto_digest_once(CRYPTO_SHA512, p->manifest, p->manifest_bytes, sha512);
	if (read_part(&p->source, p->manifest_bytes, signatures, bytes, why) == UPDATE_OK)
		(void)update_signed(&p->release, signatures, bytes, p->id, sha512, why);
	update_free(p->memory, signatures, bytes + 1);
	return why->reason;
}

static enum update_reason open_all(struct update_payload *p,
				   const struct update_device *device,
				   struct update_verdict *why)
{
	uint8_t header[UPDATE_HEADER_BYTES];

	if (p->source.bytes < sizeof header)
		return update_verdict_set(
			why, UPDATE_CONTAINER, "%llu bytes, a header has %u",
			(unsigned long long)p->source.bytes, UPDATE_HEADER_BYTES);
	if (read_part(&p->source, 0, header, sizeof header, why) != UPDATE_OK ||
	    update_header_parse(header, p->source.bytes, &p->header, why) != UPDATE_OK ||
	    judge_statement(p, device, why) != UPDATE_OK ||
	    read_manifest(p, header, why) != UPDATE_OK)
		return why->reason;
	if (device != NULL && judge_recipe(p, why) != UPDATE_OK)
		return why->reason;
	p->judged = device != NULL;
	p->blobs_offset = p->manifest_bytes + p->header.signature_bytes;
	return update_manifest_read(p, why);
}

enum update_reason update_payload_open(const struct lb_source *source,
				       const struct update_device *device,
				       struct update_memory *memory,
				       struct update_payload *out,
				       struct update_verdict *why)
{
	*out = (struct update_payload){ .source = *source, .memory = memory };
	const enum update_reason reason = open_all(out, device, why);

	if (reason != UPDATE_OK)
		update_payload_close(out);
	return reason;
}

void update_payload_close(struct update_payload *payload)
{
	if (payload->memory == NULL)
		return;
	update_release_free(payload->memory, &payload->release);
	update_free(payload->memory, payload->statement_bytes,
		    UPDATE_MAX_STATEMENT_BYTES);
	update_free(payload->memory, payload->manifest, payload->manifest_bytes);
	*payload = (struct update_payload){ 0 };
}

/* --- memory ------------------------------------------------------------------------- */

uint64_t update_memory_needed(const struct update_sizes *s)
{
	/* The source, and the dictionary that begins with it. */
	const uint64_t dictionary = s->largest_source + s->largest_output + LZMA_BYTES;
	const bool held = s->largest_source != 0 && dictionary > DECODER_BYTES;

	return FIXED_BYTES + (held ? dictionary : DECODER_BYTES) + s->largest_source +
	       UPDATE_OPERATION_ROOM_BYTES + UPDATE_MAX_STATEMENT_BYTES + 8 * s->details +
	       s->manifest + s->largest_blob + s->largest_output;
}

uint64_t update_payload_memory(const struct update_payload *p)
{
	const struct update_sizes sizes = {
		.manifest = p->manifest_bytes,
		.statement = p->statement.total_bytes,
		.details = p->statement.details_bytes,
		.largest_blob = p->largest_blob,
		.largest_output = p->largest_output,
		.largest_source = p->largest_source,
	};

	return update_memory_needed(&sizes);
}

/* --- the whole ---------------------------------------------------------------------- */

/* Header, manifest and blobs, without the metadata signatures between them. */
static enum update_reason digest_whole(const struct update_payload *p, uint8_t *chunk,
				       uint8_t *sha256, uint8_t *sha512,
				       struct update_verdict *why)
{
	struct crypto_digest a, b;

	crypto_digest_init(&a, CRYPTO_SHA256);
	crypto_digest_init(&b, CRYPTO_SHA512);
	crypto_digest_update(&a, p->manifest, p->manifest_bytes);
	crypto_digest_update(&b, p->manifest, p->manifest_bytes);
	for (uint64_t done = 0; done < p->signatures_offset;) {
		const uint64_t left = p->signatures_offset - done;
		const size_t n = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;

		if (read_part(&p->source, p->blobs_offset + done, chunk, n, why) !=
		    UPDATE_OK)
			return why->reason;
		crypto_digest_update(&a, chunk, n);
		crypto_digest_update(&b, chunk, n);
		done += n;
	}
	crypto_digest_final(&a, sha256);
	crypto_digest_final(&b, sha512);
	return UPDATE_OK;
}

enum update_reason update_payload_signed(const struct update_payload *payload,
					 struct update_verdict *why)
{
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES], sha512[CRYPTO_MAX_DIGEST_BYTES];
	const size_t bytes = (size_t)payload->signatures_bytes;
	uint8_t *chunk;

	if (payload->signatures_bytes == 0 ||
	    payload->signatures_bytes > UPDATE_MAX_SIGNATURES_BYTES)
		return update_verdict_set(why, UPDATE_RECIPE_SIGNATURE,
					  "the whole payload has no signature");
	chunk = update_alloc(payload->memory, CHUNK_BYTES);
	if (chunk == NULL)
		return update_verdict_set(why, UPDATE_MEMORY, "for a chunk");
	if (digest_whole(payload, chunk, sha256, sha512, why) == UPDATE_OK &&
	    read_part(&payload->source,
		      payload->blobs_offset + payload->signatures_offset, chunk, bytes,
		      why) == UPDATE_OK)
		(void)update_signed(&payload->release, chunk, bytes, sha256, sha512, why);
	update_free(payload->memory, chunk, CHUNK_BYTES);
	return why->reason;
}
