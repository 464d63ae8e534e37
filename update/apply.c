/* What surrounds an installation: checking data, extracting, the table at the end. */
#include "update/apply.h"

static enum update_reason check_partition(struct update_job *job,
					  struct update_performer *p,
					  const struct update_partition *partition,
					  uint64_t *done, struct update_verdict *why)
{
	struct update_cursor cursor;
	struct update_operation o;
	bool found = true;

	update_cursor_init(&cursor, job->payload, partition, p->room);
	while (found) {
		if (update_operation_next(&cursor, &o, &found, why) != UPDATE_OK)
			return why->reason;
		if (!found)
			break;
		if (update_fetch(p, partition, &o, why) != UPDATE_OK)
			return why->reason;
		*done += o.data_bytes;
		if (!update_job_tell(job, UPDATE_STAGE_CHECK, *done,
				     job->payload->data_bytes, why))
			return why->reason;
	}
	return UPDATE_OK;
}

enum update_reason update_check(struct update_job *job, struct update_verdict *why)
{
	struct update_performer p;
	uint64_t done = 0;
	enum update_reason reason = update_performer_init(&p, job->payload, why);

	for (size_t i = 0; i < job->payload->partition_count && reason == UPDATE_OK; i++)
		reason =
			check_partition(job, &p, &job->payload->partition[i], &done, why);
	update_performer_free(&p);
	return reason == UPDATE_OK ? update_verdict_set(why, UPDATE_OK, NULL) : reason;
}

/* --- extract ------------------------------------------------------------------------ */

static enum update_reason extract_all(struct update_job *job, struct update_performer *p,
				      const struct update_partition *partition,
				      const struct update_sink *sink,
				      struct update_verdict *why)
{
	struct update_cursor cursor;
	struct update_operation o;
	uint64_t done = 0;
	bool found = true;

	update_cursor_init(&cursor, job->payload, partition, p->room);
	while (found) {
		if (update_operation_next(&cursor, &o, &found, why) != UPDATE_OK)
			return why->reason;
		if (!found)
			break;
		if (update_perform(p, partition, &o, sink, why) != UPDATE_OK)
			return why->reason;
		done += o.target_bytes;
		if (!update_job_tell(job, UPDATE_STAGE_WRITE, done, partition->bytes,
				     why))
			return why->reason;
	}
	return update_verdict_set(why, UPDATE_OK, NULL);
}

enum update_reason update_extract(struct update_job *job,
				  const struct update_partition *partition,
				  const struct update_sink *sink,
				  struct update_verdict *why)
{
	struct update_performer p;
	enum update_reason reason = update_performer_init(&p, job->payload, why);

	p.origin = job->origin;
	p.origin_count = job->origin_count;
	if (reason == UPDATE_OK)
		reason = extract_all(job, &p, partition, sink, why);
	update_performer_free(&p);
	return reason;
}

enum update_reason update_apply(struct update_job *job, struct update_verdict *why)
{
	const char letters[2] = { job->target.slot, '\0' };

	if (update_install(job, why) != UPDATE_OK)
		return why->reason;
	return update_activate(job->target.plat, job->target.disk, letters, why);
}
