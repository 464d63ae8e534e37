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
	if (p->room == NULL || p->in == NULL || p->out == NULL)
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

enum update_reason update_perform(struct update_performer *p,
				  const struct update_partition *partition,
				  const struct update_operation *operation,
				  const struct update_sink *sink,
				  struct update_verdict *why)
{
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
