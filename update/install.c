/* Writing a slot: first write, operations with a journal, read-back, last write. */
#include "update/install.h"

#include <string.h>

#include "base/bytes.h"
#include "update/journal.h"
#include "update/payload.h"
#include "update/perform.h"

#define HEAD  ((size_t)CRYPTO_HEAD_BYTES)
#define CELL  ((size_t)UPDATE_JOURNAL_CELL_BYTES)
#define BLOCK ((size_t)UPDATE_BLOCK_BYTES)

_Static_assert(UPDATE_JOURNAL_OFFSET + UPDATE_JOURNAL_CELLS * UPDATE_JOURNAL_CELL_BYTES ==
		       CRYPTO_HEAD_BYTES,
	       "the journal ends where the headers' room ends");

struct install {
	struct update_job *job;
	struct update_performer performer;
	uint8_t *head; /* HEAD bytes: what was read of it, zeros, a cell */
	/* in the order in which they are written */
	const struct update_partition *part[2];
	uint64_t operations, bytes; /* of both */
	uint64_t done, done_bytes;  /* performed, also by an earlier run */
	uint64_t sequence;          /* of the newest entry of the journal */
	struct update_verdict *why;
};

static const struct update_area *area_of(const struct install *in,
					 const struct update_partition *partition)
{
	return strcmp(partition->name, "kernel") == 0 ? &in->job->target.kernel
						      : &in->job->target.root;
}

static bool is_kernel(const struct update_partition *partition)
{
	return strcmp(partition->name, "kernel") == 0;
}

/* --- before the first write --------------------------------------------------------- */

static enum update_reason check_fit(const struct install *in)
{
	const struct update_target *t = &in->job->target;

	for (size_t i = 0; i < 2; i++) {
		const struct update_partition *p = in->part[i];
		const uint64_t room = update_area_bytes(t, area_of(in, p));

		if (p->bytes > room)
			return update_verdict_set(in->why, UPDATE_SPACE,
						  "%s: %s of %llu bytes, room for %llu",
						  t->disk->name, p->name,
						  (unsigned long long)p->bytes,
						  (unsigned long long)room);
		if (p->unknown)
			return update_verdict_set(in->why, UPDATE_UNSUPPORTED,
						  "%s has one of type %u", p->name,
						  p->unknown_type);
		if (p->delta && in->job->origin_count == 0)
			return update_verdict_set(
				in->why, UPDATE_SOURCE,
				"%s is a delta, and there is no other slot to read",
				p->name);
	}
	return UPDATE_OK;
}

static enum update_reason check_memory(const struct install *in)
{
	const struct update_memory *memory = in->job->payload->memory;
	const uint64_t needed = update_payload_memory(in->job->payload);

	if (needed <= memory->limit)
		return UPDATE_OK;
	return update_verdict_set(in->why, UPDATE_MEMORY,
				  "it takes %llu bytes, %zu are allowed",
				  (unsigned long long)needed, memory->limit);
}

static enum update_reason prepare(struct install *in)
{
	const struct update_payload *p = in->job->payload;

	if (!p->judged)
		return update_verdict_set(in->why, UPDATE_SIGNATURE,
					  "the payload was not judged");
	in->part[0] = update_payload_partition(p, "kernel");
	in->part[1] = update_payload_partition(p, "root");
	if (in->part[0] == NULL || in->part[1] == NULL)
		return update_verdict_set(in->why, UPDATE_MANIFEST,
					  "no kernel, or no root");
	for (size_t i = 0; i < 2; i++) {
		in->operations += in->part[i]->operations;
		in->bytes += in->part[i]->bytes;
	}
	if (check_fit(in) != UPDATE_OK || check_memory(in) != UPDATE_OK ||
	    update_performer_init(&in->performer, p, in->why) != UPDATE_OK)
		return in->why->reason;
	in->performer.origin = in->job->origin;
	in->performer.origin_count = in->job->origin_count;
	in->head = update_alloc(p->memory, HEAD);
	return in->head != NULL
		       ? UPDATE_OK
		       : update_verdict_set(in->why, UPDATE_MEMORY, "for headers");
}

static void release(struct install *in)
{
	update_free(in->job->payload->memory, in->head, HEAD);
	update_performer_free(&in->performer);
}

/* --- read-back ---------------------------------------------------------------------- */

/* @from: where reading begins; what lies before is as the statement says. */
static enum update_reason digest_area(struct install *in,
				      const struct update_partition *p, uint64_t from,
				      uint64_t *told, uint8_t *digest)
{
	const struct update_area *area = area_of(in, p);
	struct crypto_digest d;

	crypto_digest_init(&d, CRYPTO_SHA256);
	crypto_digest_update(&d, in->job->payload->release.head, (size_t)from);
	*told += from;
	while (from < p->bytes) {
		const size_t room = in->performer.out_bytes / BLOCK * BLOCK;
		const uint64_t left = p->bytes - from;
		const size_t n = left < room ? (size_t)left : room;

		if (update_area_read(&in->job->target, area, from, in->performer.out, n,
				     in->why) != UPDATE_OK)
			return in->why->reason;
		crypto_digest_update(&d, in->performer.out, n);
		from += n;
		*told += n;
		if (!update_job_tell(in->job, UPDATE_STAGE_READ_BACK, *told, in->bytes,
				     in->why))
			return in->why->reason;
	}
	crypto_digest_final(&d, digest);
	return UPDATE_OK;
}

/* Is everything but the kernel's headers what the statement promises? */
static enum update_reason read_back(struct install *in)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	uint64_t told = 0;

	for (size_t i = 0; i < 2; i++) {
		const struct update_partition *p = in->part[i];

		if (digest_area(in, p, is_kernel(p) ? HEAD : 0, &told, digest) !=
		    UPDATE_OK)
			return in->why->reason;
		if (memcmp(digest, p->sha256, CRYPTO_SHA256_BYTES) != 0)
			return update_verdict_set(
				in->why, UPDATE_RESULT, "%s, slot %c: %s of %llu bytes",
				in->job->target.disk->name, in->job->target.slot, p->name,
				(unsigned long long)p->bytes);
	}
	return UPDATE_OK;
}

static enum update_reason read_head(struct install *in)
{
	return update_area_read(&in->job->target, &in->job->target.kernel, 0, in->head,
				HEAD, in->why);
}

static bool head_is_final(const struct install *in)
{
	return memcmp(in->head, in->job->payload->release.head, HEAD) == 0;
}

static enum update_reason holds(struct install *in)
{
	if (read_head(in) != UPDATE_OK)
		return in->why->reason;
	if (!head_is_final(in))
		return update_verdict_set(in->why, UPDATE_RESULT, "other headers");
	return read_back(in);
}

/* --- first write, journal ----------------------------------------------------------- */

static enum update_reason write_head(struct install *in, size_t offset, size_t bytes,
				     const uint8_t *from)
{
	if (update_area_write(&in->job->target, &in->job->target.kernel, offset, from,
			      bytes, in->why) != UPDATE_OK)
		return in->why->reason;
	return update_target_flush(&in->job->target, in->why);
}

/* From here on, until the last write, the slot holds nothing that verifies. */
static enum update_reason first_write(struct install *in)
{
	memset(in->head, 0, HEAD);
	if (write_head(in, 0, HEAD, in->head) != UPDATE_OK || read_head(in) != UPDATE_OK)
		return in->why->reason;
	if (!lb_all_zero(in->head, HEAD))
		return update_verdict_set(
			in->why, UPDATE_RESULT,
			"%s, slot %c: headers that were zeroed are still there",
			in->job->target.disk->name, in->job->target.slot);
	in->done = in->done_bytes = 0;
	return UPDATE_OK;
}

/* The newest entry that is about this payload. */
static bool find_journal(const struct install *in, struct update_journal *out)
{
	bool found = false;

	for (unsigned int i = 0; i < UPDATE_JOURNAL_CELLS; i++) {
		struct update_journal j;

		if (update_journal_parse(in->head + UPDATE_JOURNAL_OFFSET + i * CELL, i,
					 &j) != LB_OK ||
		    memcmp(j.payload, in->job->payload->id, sizeof j.payload) != 0 ||
		    j.operations > in->operations ||
		    (found && j.sequence < out->sequence))
			continue;
		*out = j;
		found = true;
	}
	return found;
}

/* Before a delta costs the slot what it holds: every source is there. */
static enum update_reason find_sources(struct install *in)
{
	for (size_t i = 0; i < 2; i++) {
		const struct update_partition *p = in->part[i];
		struct update_cursor cursor;
		struct update_operation o;
		bool found = p->delta;

		update_cursor_init(&cursor, in->job->payload, p, in->performer.room);
		while (found) {
			if (update_operation_next(&cursor, &o, &found, in->why) !=
				    UPDATE_OK ||
			    (found && update_source_there(&in->performer, p, &o,
							  in->why) != UPDATE_OK))
				return in->why->reason;
		}
	}
	return UPDATE_OK;
}

/* An interrupted run is gone on with if nothing but its journal is in the headers' room -
 * or if only the headers themselves were missing. What cannot be read there tells of no
 * run. */
static enum update_reason begin(struct install *in)
{
	struct update_journal j = { 0 };

	if (read_head(in) != UPDATE_OK || !find_journal(in, &j) ||
	    (!lb_all_zero(in->head, UPDATE_JOURNAL_OFFSET) &&
	     j.operations != in->operations))
		return find_sources(in) == UPDATE_OK ? first_write(in) : in->why->reason;
	in->job->resumed = true;
	in->done = j.operations;
	in->sequence = j.sequence;
	return UPDATE_OK;
}

/* Everything so far is flushed before the entry that says so is written; the entry itself
 * is made sure by the next flush. */
static enum update_reason checkpoint(struct install *in)
{
	struct update_journal j = { .sequence = in->sequence + 1,
				    .operations = in->done };
	const uint64_t cell = j.sequence % UPDATE_JOURNAL_CELLS;

	if (update_target_flush(&in->job->target, in->why) != UPDATE_OK)
		return in->why->reason;
	memcpy(j.payload, in->job->payload->id, sizeof j.payload);
	update_journal_encode(&j, in->head);
	in->sequence = j.sequence;
	return update_area_write(&in->job->target, &in->job->target.kernel,
				 UPDATE_JOURNAL_OFFSET + cell * CELL, in->head, CELL,
				 in->why);
}

/* --- operations --------------------------------------------------------------------- */

struct slot_sink {
	const struct install *in;
	const struct update_area *area;
	uint64_t keep; /* bytes at the start that are not written now */
};

static enum update_reason write_slot(void *ctx, uint64_t offset, const void *buf,
				     size_t len, struct update_verdict *why)
{
	const struct slot_sink *s = ctx;
	const uint64_t skip = offset < s->keep ? s->keep - offset : 0;

	if (skip >= len)
		return UPDATE_OK;
	return update_area_write(&s->in->job->target, s->area, offset + skip,
				 (const uint8_t *)buf + skip, len - (size_t)skip, why);
}

static enum update_reason perform_one(struct install *in,
				      const struct update_partition *p,
				      const struct update_operation *o,
				      const struct update_sink *sink)
{
	const uint32_t every = in->job->checkpoint != 0 ? in->job->checkpoint
							: UPDATE_CHECKPOINT_OPERATIONS;

	if (update_perform(&in->performer, p, o, sink, in->why) != UPDATE_OK)
		return in->why->reason;
	in->done++;
	if (in->done % every == 0 && in->done != in->operations)
		return checkpoint(in);
	return UPDATE_OK;
}

/* @index: number of the partition's first operation in the whole. */
static enum update_reason perform_partition(struct install *in,
					    const struct update_partition *p,
					    uint64_t index)
{
	struct slot_sink slot = { in, area_of(in, p), is_kernel(p) ? HEAD : 0 };
	const struct update_sink sink = { &slot, write_slot };
	struct update_cursor cursor;
	struct update_operation o;
	bool found = true;

	update_cursor_init(&cursor, in->job->payload, p, in->performer.room);
	for (;; index++) {
		if (update_operation_next(&cursor, &o, &found, in->why) != UPDATE_OK ||
		    !found)
			return in->why->reason;
		in->done_bytes += o.target_bytes;
		if (index < in->done)
			continue;
		if (perform_one(in, p, &o, &sink) != UPDATE_OK ||
		    !update_job_tell(in->job, UPDATE_STAGE_WRITE, in->done_bytes,
				     in->bytes, in->why))
			return in->why->reason;
	}
}

static enum update_reason perform_all(struct install *in)
{
	const bool complete = in->done == in->operations;

	if (perform_partition(in, in->part[0], 0) != UPDATE_OK ||
	    perform_partition(in, in->part[1], in->part[0]->operations) != UPDATE_OK)
		return in->why->reason;
	if (complete)
		return UPDATE_OK;
	if (checkpoint(in) != UPDATE_OK)
		return in->why->reason;
	return update_target_flush(&in->job->target, in->why);
}

/* --- last write --------------------------------------------------------------------- */

/* The journal's room last, so that a cut before it finds how far all was. */
static enum update_reason last_write(struct install *in)
{
	const uint8_t *head = in->job->payload->release.head;

	if (write_head(in, 0, UPDATE_JOURNAL_OFFSET, head) != UPDATE_OK ||
	    write_head(in, UPDATE_JOURNAL_OFFSET, HEAD - UPDATE_JOURNAL_OFFSET,
		       head + UPDATE_JOURNAL_OFFSET) != UPDATE_OK ||
	    read_head(in) != UPDATE_OK)
		return in->why->reason;
	return head_is_final(in) ? UPDATE_OK
				 : update_verdict_set(in->why, UPDATE_RESULT,
						      "%s, slot %c: headers",
						      in->job->target.disk->name,
						      in->job->target.slot);
}

/* A sector that cannot be read - age, or a cut of power in the middle of it - is no
 * reason to leave a slot as it is: a drive mends it when it is written. */
static bool wants_writing(enum update_reason reason)
{
	return reason == UPDATE_RESULT || reason == UPDATE_DISK_READ;
}

static enum update_reason write_all(struct install *in)
{
	if (begin(in) != UPDATE_OK ||
	    update_target_retire(&in->job->target, in->why) != UPDATE_OK ||
	    perform_all(in) != UPDATE_OK)
		return in->why->reason;
	enum update_reason reason = read_back(in);

	/* A journal that promised too much: once more, from the beginning. */
	if (wants_writing(reason) && in->job->resumed) {
		in->job->resumed = false;
		reason = first_write(in);
		if (reason == UPDATE_OK)
			reason = perform_all(in);
		if (reason == UPDATE_OK)
			reason = read_back(in);
	}
	if (reason == UPDATE_RESULT)
		(void)first_write(
			in); /* no entry of the journal may say that it was good */
	if (reason != UPDATE_OK ||
	    !update_job_tell(in->job, UPDATE_STAGE_HEADERS, 0, HEAD, in->why))
		return in->why->reason;
	return last_write(in);
}

enum update_reason update_fits(struct update_job *job, struct update_verdict *why)
{
	struct install in = { .job = job, .why = why };
	const enum update_reason reason = prepare(&in);

	release(&in);
	return reason == UPDATE_OK ? update_verdict_set(why, UPDATE_OK, NULL) : reason;
}

enum update_reason update_install(struct update_job *job, struct update_verdict *why)
{
	struct install in = { .job = job, .why = why };
	enum update_reason reason = prepare(&in);

	job->resumed = false;
	if (reason == UPDATE_OK) {
		reason = holds(&in);
		if (wants_writing(reason))
			reason = write_all(&in);
	}
	release(&in);
	return reason == UPDATE_OK ? update_verdict_set(why, UPDATE_OK, NULL) : reason;
}

enum update_reason update_holds(struct update_job *job, struct update_verdict *why)
{
	struct install in = { .job = job, .why = why };
	enum update_reason reason = prepare(&in);

	if (reason == UPDATE_OK)
		reason = holds(&in);
	release(&in);
	return reason == UPDATE_OK ? update_verdict_set(why, UPDATE_OK, NULL) : reason;
}
