/* Telling how far a job is. */
#include "update/job.h"

bool update_job_tell(const struct update_job *job, enum update_stage stage, uint64_t done,
		     uint64_t total, struct update_verdict *why)
{
	const struct update_progress progress = { stage, done, total };

	if (job->progress == NULL || job->progress(job->progress_ctx, &progress))
		return true;
	(void)update_verdict_set(why, UPDATE_CANCELLED, NULL);
	return false;
}

/* --- check -------------------------------------------------------------------------- */
