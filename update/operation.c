/* Operations: unpacked one at a time, and checked. */
#include "update/operation.h"

#include <string.h>

#include "base/bytes.h"
#include "update/payload.pb-c.h"

#define FIELD_OPERATIONS 8u /* of PartitionUpdate */
/* A block may be used in several places. */
#define MOST_SOURCE_BLOCKS (INT64_MAX / UPDATE_BLOCK_BYTES)
#define NO_BLOCK           UINT64_MAX /* update_engine's sparse hole */

static const struct {
	uint32_t type;
	const char *name;
	/* Needs the installed version; has data; can be done here. */
	bool source, data, known;
} types[] = {
	{ UPDATE_REPLACE, "REPLACE", false, true, true },
	{ UPDATE_REPLACE_BZ, "REPLACE_BZ", false, true, true },
	{ UPDATE_SOURCE_COPY, "SOURCE_COPY", true, false, true },
	{ UPDATE_SOURCE_BSDIFF, "SOURCE_BSDIFF", true, true, false },
	{ UPDATE_ZERO, "ZERO", false, false, true },
	{ UPDATE_DISCARD, "DISCARD", false, false, true },
	{ UPDATE_REPLACE_XZ, "REPLACE_XZ", false, true, true },
	{ UPDATE_PUFFDIFF, "PUFFDIFF", true, true, false },
	{ UPDATE_BROTLI_BSDIFF, "BROTLI_BSDIFF", true, true, false },
	{ UPDATE_REPLACE_ZSTD, "REPLACE_ZSTD", false, true, true },
	{ UPDATE_SOURCE_LZMA, "SOURCE_LZMA", true, true, true },
};

#define TYPES (sizeof types / sizeof types[0])

static size_t find(uint32_t type)
{
	size_t i = 0;

	while (i < TYPES && types[i].type != type)
		i++;
	return i;
}

const char *update_operation_name(uint32_t type)
{
	const size_t i = find(type);

	return i < TYPES ? types[i].name : NULL;
}

bool update_operation_full(uint32_t type)
{
	const size_t i = find(type);

	return i < TYPES && !types[i].source;
}

bool update_operation_known(uint32_t type)
{
	const size_t i = find(type);

	return i < TYPES && types[i].known;
}

void update_cursor_init(struct update_cursor *cursor,
			const struct update_payload *payload,
			const struct update_partition *partition, uint8_t *room)
{
	*cursor = (struct update_cursor){
		.payload = payload,
		.partition = partition,
		.wire = { .data = partition->message, .bytes = partition->message_bytes },
		.room = room,
	};
}

static enum update_reason bad(const struct update_cursor *c, const char *problem,
			      uint64_t value, struct update_verdict *why)
{
	return update_verdict_set(why, UPDATE_MANIFEST, "%s operation %u: %s (%llu)",
				  c->partition->name, c->index, problem,
				  (unsigned long long)value);
}

static uint64_t blocks_of(uint64_t bytes)
{
	return bytes / UPDATE_BLOCK_BYTES + (bytes % UPDATE_BLOCK_BYTES != 0);
}

/* Extents of one side of an operation, and what they must lie in. */
struct side {
	Lbpb__Extent **from;
	size_t count;
	uint64_t bytes; /* of the partition */
	uint64_t most;  /* blocks in all */
	const char *outside;
};

/* Into the room behind the message; @bytes becomes their sum. An operation that wrote
 * more than its partition would write blocks twice; nor may the sum of extents wrap. */
static enum update_reason take_extents(const struct update_cursor *c,
				       const struct side *side,
				       struct update_arena *arena,
				       const struct update_extent **out, uint64_t *bytes,
				       struct update_verdict *why)
{
	const uint64_t blocks = blocks_of(side->bytes);
	struct update_extent *e = update_arena_take(arena, (side->count + 1) * sizeof *e);
	uint64_t left = side->most;

	if (e == NULL || side->count == 0)
		return bad(c, "extents", side->count, why);
	for (size_t i = 0; i < side->count; i++) {
		e[i] = (struct update_extent){ side->from[i]->start_block,
					       side->from[i]->num_blocks };
		if (e[i].blocks == 0 || e[i].block == NO_BLOCK ||
		    !lb_within(e[i].block, e[i].blocks, blocks))
			return bad(c, side->outside, e[i].block, why);
		if (e[i].blocks > left)
			return bad(c, "more than all blocks of the partition", side->most,
				   why);
		left -= e[i].blocks;
	}
	*out = e;
	*bytes = (side->most - left) * UPDATE_BLOCK_BYTES;
	return UPDATE_OK;
}

static enum update_reason take_target(const struct update_cursor *c,
				      const Lbpb__InstallOperation *o,
				      struct update_arena *arena,
				      struct update_operation *out,
				      struct update_verdict *why)
{
	const uint64_t bytes = c->partition->bytes;
	const struct side side = { o->dst_extents, o->n_dst_extents, bytes,
				   blocks_of(bytes),
				   "target outside the partition, block" };

	out->target_count = o->n_dst_extents;
	return take_extents(c, &side, arena, &out->target, &out->target_bytes, why);
}

/* What is copied keeps its size; everything that is used has a hash. */
static enum update_reason take_source(const struct update_cursor *c,
				      const Lbpb__InstallOperation *o,
				      struct update_arena *arena,
				      struct update_operation *out,
				      struct update_verdict *why)
{
	const struct side side = { o->src_extents, o->n_src_extents,
				   c->partition->old_bytes, MOST_SOURCE_BLOCKS,
				   "source outside the old partition, block" };
	const size_t type = find(o->type);

	if (type == TYPES || !types[type].source)
		return UPDATE_OK;
	out->source_count = o->n_src_extents;
	if (take_extents(c, &side, arena, &out->source, &out->source_bytes, why) !=
	    UPDATE_OK)
		return why->reason;
	if (o->src_sha256_hash.len != CRYPTO_SHA256_BYTES)
		return bad(c, "hash of its source has bytes", o->src_sha256_hash.len,
			   why);
	memcpy(out->source_sha256, o->src_sha256_hash.data, CRYPTO_SHA256_BYTES);
	if (o->type == UPDATE_SOURCE_COPY && out->source_bytes != out->target_bytes)
		return bad(c, "copies another size than its target's, bytes",
			   out->source_bytes, why);
	if (types[type].data && out->source_bytes > UPDATE_MAX_SOURCE_BYTES)
		return bad(c, "a source too large to be held, bytes", out->source_bytes,
			   why);
	return UPDATE_OK;
}

static enum update_reason take_data(const struct update_cursor *c,
				    const Lbpb__InstallOperation *o,
				    struct update_operation *out,
				    struct update_verdict *why)
{
	const struct update_payload *p = c->payload;
	const size_t type = find(o->type);

	if (type == TYPES || !types[type].data) {
		out->data_bytes = type == TYPES ? o->data_length : 0;
		return UPDATE_OK;
	}
	if (o->data_length == 0 ||
	    !lb_within(o->data_offset, o->data_length, p->source.bytes - p->blobs_offset))
		return bad(c, "data outside the payload, at", o->data_offset, why);
	if (o->data_sha256_hash.len != CRYPTO_SHA256_BYTES)
		return bad(c, "hash of its data has bytes", o->data_sha256_hash.len, why);
	/* What does not shrink is sent raw, so packed data are never much larger. */
	if (out->target_bytes > UPDATE_MAX_OPERATION_BYTES ||
	    o->data_length > out->target_bytes + UPDATE_BLOCK_BYTES)
		return bad(c, "too large", o->data_length, why);
	out->data_offset = p->blobs_offset + o->data_offset;
	out->data_bytes = o->data_length;
	memcpy(out->data_sha256, o->data_sha256_hash.data, CRYPTO_SHA256_BYTES);
	return UPDATE_OK;
}

static enum update_reason unpack(struct update_cursor *c, const struct update_field *f,
				 struct update_operation *out, struct update_verdict *why)
{
	struct update_arena arena;

	if (f->type != UPDATE_WIRE_BYTES || f->bytes > UPDATE_MAX_OPERATION_MESSAGE_BYTES)
		return bad(c, "message of bytes", f->bytes, why);
	update_arena_init(&arena, c->room, UPDATE_OPERATION_ROOM_BYTES);
	const Lbpb__InstallOperation *o =
		lbpb__install_operation__unpack(&arena.allocator, f->bytes, f->data);

	if (o == NULL)
		return bad(c, "cannot be unpacked, bytes", f->bytes, why);
	*out = (struct update_operation){ .type = o->type, .index = c->index };
	enum update_reason reason = take_target(c, o, &arena, out, why);

	if (reason == UPDATE_OK)
		reason = take_source(c, o, &arena, out, why);
	if (reason == UPDATE_OK)
		reason = take_data(c, o, out, why);
	return reason;
}

enum update_reason update_operation_next(struct update_cursor *cursor,
					 struct update_operation *out, bool *found,
					 struct update_verdict *why)
{
	struct update_field f;
	enum lb_status status;

	*found = false;
	do
		status = update_wire_next(&cursor->wire, &f);
	while (status == LB_OK && f.number != FIELD_OPERATIONS);
	if (status == LB_ERR_NOT_FOUND)
		return update_verdict_set(why, UPDATE_OK, NULL);
	if (status != LB_OK)
		return bad(cursor, lb_status_name(status), cursor->wire.at, why);

	const enum update_reason reason = unpack(cursor, &f, out, why);

	if (reason != UPDATE_OK)
		return reason;
	*found = true;
	cursor->index++;
	return update_verdict_set(why, UPDATE_OK, NULL);
}
