/* Performing operations. */
#include "update/perform.h"

#include <string.h>

#include "update/decode.h"

#define LEAST_OUT_BYTES ((size_t)256 << 10) /* zeros are written in such pieces */

enum update_reason update_performer_init(struct update_performer *p,
					 const struct update_payload *payload,
					 struct update_verdict *why)
{
	struct update_memory *memory = payload->memory;

	*p = (struct update_performer){
		.payload = payload,
		.in_bytes = payload->largest_blob + 1,
		.out_bytes = payload->largest_output > LEAST_OUT_BYTES
				     ? payload->largest_output
				     : LEAST_OUT_BYTES,
	};
	p->room = update_alloc(memory, UPDATE_OPERATION_ROOM_BYTES);
	p->in = update_alloc(memory, p->in_bytes);
	p->out = update_alloc(memory, p->out_bytes);
	if (payload->largest_source != 0)
		p->source = update_alloc(memory, payload->largest_source);
	if (p->room == NULL || p->in == NULL || p->out == NULL ||
	    (payload->largest_source != 0 && p->source == NULL))
		return update_verdict_set(why, UPDATE_MEMORY,
					  "operations of %zu bytes from %zu",
					  p->out_bytes, p->in_bytes);
	return UPDATE_OK;
}

void update_performer_free(struct update_performer *p)
{
	if (p->payload == NULL)
		return;
	update_free(p->payload->memory, p->room, UPDATE_OPERATION_ROOM_BYTES);
	update_free(p->payload->memory, p->in, p->in_bytes);
	update_free(p->payload->memory, p->out, p->out_bytes);
	update_free(p->payload->memory, p->source, p->payload->largest_source);
	*p = (struct update_performer){ 0 };
}

static enum update_reason fetch_once(struct update_performer *p,
				     const struct update_partition *partition,
				     const struct update_operation *o,
				     struct update_verdict *why)
{
	const struct lb_source *source = &p->payload->source;
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	const enum lb_status status =
		source->read(source->ctx, o->data_offset, p->in, (size_t)o->data_bytes);

	if (status != LB_OK)
		return update_verdict_set(
			why, UPDATE_READ, "%llu bytes at offset %llu: %s",
			(unsigned long long)o->data_bytes,
			(unsigned long long)o->data_offset, lb_status_name(status));
	crypto_digest_once(CRYPTO_SHA256, p->in, (size_t)o->data_bytes, digest);
	if (memcmp(digest, o->data_sha256, CRYPTO_SHA256_BYTES) != 0)
		return update_verdict_set(
			why, UPDATE_BLOB, "offset %llu, %llu bytes (%s, operation %u)",
			(unsigned long long)o->data_offset,
			(unsigned long long)o->data_bytes, partition->name, o->index);
	return update_verdict_set(why, UPDATE_OK, NULL);
}

enum update_reason update_fetch(struct update_performer *p,
				const struct update_partition *partition,
				const struct update_operation *operation,
				struct update_verdict *why)
{
	if (operation->data_bytes == 0)
		return UPDATE_OK;
	const enum update_reason first = fetch_once(p, partition, operation, why);

	return first == UPDATE_BLOB ? fetch_once(p, partition, operation, why) : first;
}

static enum update_reason write_data(struct update_performer *p,
				     const struct update_operation *o,
				     const struct update_sink *sink,
				     struct update_verdict *why)
{
	const uint8_t *from = p->out;

	for (size_t i = 0; i < o->target_count; i++) {
		const size_t bytes = (size_t)(o->target[i].blocks * UPDATE_BLOCK_BYTES);

		if (sink->write(sink->ctx, o->target[i].block * UPDATE_BLOCK_BYTES, from,
				bytes, why) != UPDATE_OK)
			return why->reason;
		from += bytes;
	}
	return UPDATE_OK;
}

static enum update_reason write_zeros(struct update_performer *p,
				      const struct update_operation *o,
				      const struct update_sink *sink,
				      struct update_verdict *why)
{
	memset(p->out, 0, p->out_bytes);
	for (size_t i = 0; i < o->target_count; i++) {
		uint64_t at = o->target[i].block * UPDATE_BLOCK_BYTES;
		uint64_t left = o->target[i].blocks * UPDATE_BLOCK_BYTES;

		while (left > 0) {
			const size_t n = left < p->out_bytes
						 ? (size_t)left
						 : p->out_bytes / UPDATE_BLOCK_BYTES *
							   UPDATE_BLOCK_BYTES;

			if (sink->write(sink->ctx, at, p->out, n, why) != UPDATE_OK)
				return why->reason;
			at += n;
			left -= n;
		}
	}
	return UPDATE_OK;
}

/* --- source ------------------------------------------------------------------------- */

/* A walk over two lists of extents at once, in pieces that neither cuts. */
struct walk {
	const struct update_extent *extent;
	uint64_t at; /* blocks of it that are done */
};

static uint64_t walk_left(const struct walk *w)
{
	return (w->extent->blocks - w->at) * UPDATE_BLOCK_BYTES;
}

static uint64_t walk_step(struct walk *w, uint64_t bytes)
{
	const uint64_t offset = (w->extent->block + w->at) * UPDATE_BLOCK_BYTES;

	w->at += bytes / UPDATE_BLOCK_BYTES;
	if (w->at == w->extent->blocks)
		*w = (struct walk){ w->extent + 1, 0 };
	return offset;
}

/* One origin's source: read, hashed and kept in p->source. */
static enum update_reason hold_source(struct update_performer *p,
				      const struct update_origin *origin,
				      const struct update_partition *partition,
				      const struct update_operation *o,
				      struct update_verdict *why)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	size_t at = 0;

	for (size_t i = 0; i < o->source_count; i++) {
		const size_t n = (size_t)(o->source[i].blocks * UPDATE_BLOCK_BYTES);

		if (origin->read(origin->ctx, partition->name,
				 o->source[i].block * UPDATE_BLOCK_BYTES, p->source + at,
				 n, why) != UPDATE_OK)
			return UPDATE_SOURCE;
		at += n;
	}
	crypto_digest_once(CRYPTO_SHA256, p->source, at, digest);
	if (memcmp(digest, o->source_sha256, CRYPTO_SHA256_BYTES) == 0)
		return update_verdict_set(why, UPDATE_OK, NULL);
	return update_verdict_set(why, UPDATE_SOURCE, "it has other bytes there");
}

/* One origin's source: read, hashed and, with @sink, written to where it belongs. What is
 * written before the hash is known is written once more, or the slot stays dead. */
static enum update_reason stream_source(struct update_performer *p,
					const struct update_origin *origin,
					const struct update_partition *partition,
					const struct update_operation *o,
					const struct update_sink *sink,
					struct update_verdict *why)
{
	struct walk from = { o->source, 0 }, to = { o->target, 0 };
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	struct crypto_digest d;

	crypto_digest_init(&d, CRYPTO_SHA256);
	for (uint64_t left = o->source_bytes; left > 0;) {
		uint64_t n = p->out_bytes / UPDATE_BLOCK_BYTES * UPDATE_BLOCK_BYTES;

		n = walk_left(&from) < n ? walk_left(&from) : n;
		if (sink != NULL && walk_left(&to) < n)
			n = walk_left(&to);
		if (origin->read(origin->ctx, partition->name, walk_step(&from, n),
				 p->out, (size_t)n, why) != UPDATE_OK)
			return UPDATE_SOURCE;
		crypto_digest_update(&d, p->out, (size_t)n);
		if (sink != NULL && sink->write(sink->ctx, walk_step(&to, n), p->out,
						(size_t)n, why) != UPDATE_OK)
			return why->reason;
		left -= n;
	}
	crypto_digest_final(&d, digest);
	if (memcmp(digest, o->source_sha256, CRYPTO_SHA256_BYTES) == 0)
		return update_verdict_set(why, UPDATE_OK, NULL);
	return update_verdict_set(why, UPDATE_SOURCE, "it has other bytes there");
}

/* From the first origin that has the right bytes. */
static enum update_reason from_origins(struct update_performer *p,
				       const struct update_partition *partition,
				       const struct update_operation *o,
				       const struct update_sink *sink,
				       struct update_verdict *why)
{
	const bool hold = sink != NULL && o->type != UPDATE_SOURCE_COPY;
	struct update_verdict last = { 0 };

	for (size_t i = 0; i < p->origin_count; i++) {
		const enum update_reason reason =
			hold ? hold_source(p, &p->origin[i], partition, o, &last)
			     : stream_source(p, &p->origin[i], partition, o, sink, &last);

		if (reason == UPDATE_OK)
			return update_verdict_set(why, UPDATE_OK, NULL);
		if (reason != UPDATE_SOURCE) {
			*why = last;
			return reason;
		}
	}
	return update_verdict_set(
		why, UPDATE_SOURCE, "%s operation %u, block %llu of %zu installed: %s",
		partition->name, o->index, (unsigned long long)o->source[0].block,
		p->origin_count, p->origin_count == 0 ? "there is none" : last.detail);
}

enum update_reason update_source_there(struct update_performer *p,
				       const struct update_partition *partition,
				       const struct update_operation *operation,
				       struct update_verdict *why)
{
	if (operation->source_count == 0)
		return update_verdict_set(why, UPDATE_OK, NULL);
	return from_origins(p, partition, operation, NULL, why);
}

static enum update_reason perform_lzma(struct update_performer *p,
				       const struct update_partition *partition,
				       const struct update_operation *o,
				       const struct update_sink *sink,
				       struct update_verdict *why)
{
	if (update_fetch(p, partition, o, why) != UPDATE_OK ||
	    from_origins(p, partition, o, sink, why) != UPDATE_OK ||
	    update_decode_source(p->payload->memory, p->source, (size_t)o->source_bytes,
				 p->in, (size_t)o->data_bytes, p->out,
				 (size_t)o->target_bytes, why) != UPDATE_OK)
		return why->reason;
	return write_data(p, o, sink, why);
}

enum update_reason update_perform(struct update_performer *p,
				  const struct update_partition *partition,
				  const struct update_operation *operation,
				  const struct update_sink *sink,
				  struct update_verdict *why)
{
	if (operation->type == UPDATE_SOURCE_COPY)
		return from_origins(p, partition, operation, sink, why);
	if (operation->type == UPDATE_SOURCE_LZMA)
		return perform_lzma(p, partition, operation, sink, why);
	if (!update_operation_full(operation->type))
		return update_verdict_set(
			why, UPDATE_UNSUPPORTED, "%s operation %u is of type %u",
			partition->name, operation->index, operation->type);
	if (operation->type == UPDATE_ZERO || operation->type == UPDATE_DISCARD)
		return write_zeros(p, operation, sink, why);
	if (update_fetch(p, partition, operation, why) != UPDATE_OK ||
	    update_decode(p->payload->memory, operation->type, p->in,
			  (size_t)operation->data_bytes, p->out,
			  (size_t)operation->target_bytes, why) != UPDATE_OK)
		return why->reason;
	return write_data(p, operation, sink, why);
}
