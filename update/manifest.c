/* Manifests: walked field by field, so that a million operations take no memory. */
#include "update/manifest.h"

#include <string.h>

#include "base/bytes.h"
#include "update/operation.h"
#include "update/payload.pb-c.h"
#include "update/wire.h"

enum {
	FIELD_BLOCK_SIZE = 3, /* of Manifest */
	FIELD_SIGNATURES_OFFSET = 4,
	FIELD_SIGNATURES_SIZE = 5,
	FIELD_MINOR_VERSION = 12,
	FIELD_PARTITIONS = 13,
	FIELD_STATEMENT = 1000,
	FIELD_MEMORY = 1001,
	FIELD_NAME = 1, /* of PartitionUpdate */
	FIELD_OLD_INFO = 6,
	FIELD_NEW_INFO = 7,
};

static enum update_reason bad(struct update_verdict *why, uint64_t offset,
			      const char *problem)
{
	return update_verdict_set(why, UPDATE_MANIFEST, "offset %llu: %s",
				  (unsigned long long)(UPDATE_HEADER_BYTES + offset),
				  problem);
}

/* --- partitions --------------------------------------------------------------------- */

static bool name_good(const struct update_field *f)
{
	if (f->type != UPDATE_WIRE_BYTES || f->bytes == 0 ||
	    f->bytes >= UPDATE_PARTITION_NAME_BYTES || f->data[0] == '.')
		return false;
	for (size_t i = 0; i < f->bytes; i++)
		if (f->data[i] <= ' ' || f->data[i] > '~' || f->data[i] == '/')
			return false;
	return true;
}

static bool take_info(const struct update_field *f, uint64_t *bytes, uint8_t *sha256)
{
	uint8_t room[512] __attribute__((aligned(16)));
	struct update_arena arena;

	update_arena_init(&arena, room, sizeof room);
	const Lbpb__PartitionInfo *info =
		f->type == UPDATE_WIRE_BYTES
			? lbpb__partition_info__unpack(&arena.allocator, f->bytes,
						       f->data)
			: NULL;

	if (info == NULL || info->hash.len != CRYPTO_SHA256_BYTES || info->size == 0 ||
	    info->size > INT64_MAX)
		return false;
	*bytes = info->size;
	memcpy(sha256, info->hash.data, CRYPTO_SHA256_BYTES);
	return true;
}

static enum update_reason take_partition(struct update_payload *payload,
					 const struct update_field *field,
					 struct update_verdict *why)
{
	struct update_partition p = { .message = field->data,
				      .message_bytes = field->bytes };
	struct update_wire w = { .data = field->data, .bytes = field->bytes };
	struct update_field f;
	enum lb_status status;

	if (payload->partition_count == UPDATE_MAX_PARTITIONS)
		return bad(why, field->offset, "too many partitions");
	while ((status = update_wire_next(&w, &f)) == LB_OK) {
		if (f.number == FIELD_NAME && p.name[0] == '\0' && name_good(&f))
			memcpy(p.name, f.data, f.bytes);
		else if (f.number == FIELD_NAME)
			return bad(why, field->offset, "a partition's name");
		else if (f.number == FIELD_OLD_INFO &&
			 !take_info(&f, &p.old_bytes, p.old_sha256))
			return bad(why, field->offset, "an old partition's size or hash");
		else if (f.number == FIELD_NEW_INFO && !take_info(&f, &p.bytes, p.sha256))
			return bad(why, field->offset, "a partition's size or hash");
	}
	if (status != LB_ERR_NOT_FOUND)
		return bad(why, field->offset + w.at, lb_status_name(status));
	p.delta = p.old_bytes != 0;
	if (p.name[0] == '\0' || p.bytes == 0 ||
	    update_payload_partition(payload, p.name) != NULL)
		return bad(why, field->offset,
			   "a partition without name and size of its own");
	payload->partition[payload->partition_count++] = p;
	return UPDATE_OK;
}

/* --- the rest ----------------------------------------------------------------------- */

static enum update_reason take_field(struct update_payload *p,
				     const struct update_field *f,
				     struct update_verdict *why)
{
	switch (f->number) {
	case FIELD_BLOCK_SIZE:
		return f->value == UPDATE_BLOCK_BYTES
			       ? UPDATE_OK
			       : bad(why, f->offset, "block size is not 4096");
	case FIELD_SIGNATURES_OFFSET:
		p->signatures_offset = f->value;
		return UPDATE_OK;
	case FIELD_SIGNATURES_SIZE:
		p->signatures_bytes = f->value;
		return UPDATE_OK;
	case FIELD_MINOR_VERSION:
		p->minor_version = (uint32_t)f->value;
		return f->value <= UINT32_MAX ? UPDATE_OK
					      : bad(why, f->offset, "minor version");
	case FIELD_MEMORY:
		p->memory_bytes = f->value;
		return UPDATE_OK;
	case FIELD_PARTITIONS:
		return f->type == UPDATE_WIRE_BYTES
			       ? take_partition(p, f, why)
			       : bad(why, f->offset, "a partition that is a number");
	case FIELD_STATEMENT:
		return f->offset == 0 ? UPDATE_OK
				      : bad(why, f->offset,
					    "a statement that is not the first field");
	default:
		return UPDATE_OK;
	}
}

static enum update_reason walk(struct update_payload *p, struct update_verdict *why)
{
	struct update_wire w = { .data = p->manifest + UPDATE_HEADER_BYTES,
				 .bytes = (size_t)p->header.manifest_bytes };
	struct update_field f;
	enum lb_status status;

	while ((status = update_wire_next(&w, &f)) == LB_OK) {
		if (take_field(p, &f, why) != UPDATE_OK)
			return why->reason;
	}
	if (status != LB_ERR_NOT_FOUND)
		return bad(why, w.at, lb_status_name(status));
	if (!lb_within(p->signatures_offset, p->signatures_bytes,
		       p->source.bytes - p->blobs_offset))
		return update_verdict_set(
			why, UPDATE_MANIFEST,
			"its signatures end at byte %llu, the payload at %llu: cut short",
			(unsigned long long)(p->blobs_offset + p->signatures_offset +
					     p->signatures_bytes),
			(unsigned long long)p->source.bytes);
	return p->partition_count != 0 ? UPDATE_OK : bad(why, 0, "no partition");
}

/* --- operations --------------------------------------------------------------------- */

/* @written: bytes of the partition so far. Every block is written once: whoever may sign
 * a recipe, and no more, must not wear out the medium with it. */
static enum update_reason add_operation(struct update_payload *p,
					struct update_partition *partition,
					const struct update_operation *o,
					uint64_t *written, struct update_verdict *why)
{
	const uint64_t room = partition->bytes + UPDATE_BLOCK_BYTES - 1;

	if (!lb_within(*written, o->target_bytes, room))
		return update_verdict_set(
			why, UPDATE_MANIFEST,
			"%s operation %u: %llu bytes behind %llu, of %llu in all: blocks "
			"are written twice",
			partition->name, o->index, (unsigned long long)o->target_bytes,
			(unsigned long long)*written,
			(unsigned long long)partition->bytes);
	*written += o->target_bytes;
	if (partition->operations == UINT32_MAX || p->operations == UINT32_MAX ||
	    !lb_add(p->output_bytes, o->target_bytes, &p->output_bytes) ||
	    !lb_add(p->data_bytes, o->data_bytes, &p->data_bytes))
		return bad(why, 0, "too many operations");
	partition->operations++;
	p->operations++;
	partition->delta = partition->delta || !update_operation_full(o->type);
	if (!update_operation_known(o->type)) {
		partition->unknown = true;
		partition->unknown_type = o->type;
	}
	if (o->type >= UPDATE_FIRST_OWN_TYPE &&
	    p->minor_version < UPDATE_OWN_MINOR_VERSION)
		return bad(why, 0, "one of our operations below minor version 10");
	if (o->data_bytes != 0 && o->source_bytes > p->largest_source)
		p->largest_source = (size_t)o->source_bytes;
	if (o->data_bytes > p->largest_blob)
		p->largest_blob = (size_t)o->data_bytes;
	if (o->data_bytes != 0 && o->target_bytes > p->largest_output)
		p->largest_output = (size_t)o->target_bytes;
	return UPDATE_OK;
}

static enum update_reason count_operations(struct update_payload *p, uint8_t *room,
					   struct update_verdict *why)
{
	for (size_t i = 0; i < p->partition_count; i++) {
		struct update_cursor cursor;
		struct update_operation o;
		uint64_t written = 0;
		bool found = true;

		update_cursor_init(&cursor, p, &p->partition[i], room);
		while (found) {
			if (update_operation_next(&cursor, &o, &found, why) != UPDATE_OK)
				return why->reason;
			if (found && add_operation(p, &p->partition[i], &o, &written,
						   why) != UPDATE_OK)
				return why->reason;
		}
	}
	return UPDATE_OK;
}

/* --- statement ---------------------------------------------------------------------- */

static enum update_reason compare(const struct update_payload *p,
				  struct update_verdict *why)
{
	for (size_t i = 0; i < p->partition_count; i++) {
		const struct update_partition *partition = &p->partition[i];
		const struct update_content *c =
			update_release_content(&p->release, partition->name);

		if (c == NULL || c->bytes != partition->bytes ||
		    memcmp(c->sha256, partition->sha256, sizeof c->sha256) != 0)
			return update_verdict_set(
				why, UPDATE_DISAGREE,
				"partition %s is not the one the statement names",
				partition->name);
	}
	for (size_t i = 0; i < p->release.content_count; i++)
		if (update_payload_partition(p, p->release.content[i].name) == NULL)
			return update_verdict_set(why, UPDATE_DISAGREE,
						  "partition %s is missing",
						  p->release.content[i].name);
	return UPDATE_OK;
}

enum update_reason update_manifest_read(struct update_payload *payload,
					struct update_verdict *why)
{
	uint8_t *room;
	enum update_reason reason = walk(payload, why);

	if (reason != UPDATE_OK)
		return reason;
	if (payload->judged && compare(payload, why) != UPDATE_OK)
		return why->reason;
	room = update_alloc(payload->memory, UPDATE_OPERATION_ROOM_BYTES);
	if (room == NULL)
		return update_verdict_set(why, UPDATE_MEMORY, "for an operation");
	reason = count_operations(payload, room, why);
	update_free(payload->memory, room, UPDATE_OPERATION_ROOM_BYTES);
	return reason == UPDATE_OK ? update_verdict_set(why, UPDATE_OK, NULL) : reason;
}
