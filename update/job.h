/* One installation: what of it is to be done, and telling how far it is. */
#ifndef LIFEBOAT_UPDATE_JOB_H
#define LIFEBOAT_UPDATE_JOB_H

#include <stdbool.h>

#include "update/origin.h"
#include "update/payload_parts.h"
#include "update/reason.h"
#include "update/target.h"

#define UPDATE_CHECKPOINT_OPERATIONS                                                     \
	8u /* 16 MiB of a payload as `payload make` makes it */

enum update_stage {
	UPDATE_STAGE_CHECK, /* the payload's data are read and hashed */
	UPDATE_STAGE_WRITE,
	UPDATE_STAGE_READ_BACK,
	UPDATE_STAGE_HEADERS,
	UPDATE_STAGES
};

struct update_progress {
	enum update_stage stage;
	uint64_t done, total; /* bytes of this stage; resumed work counts as done */
};

struct update_job {
	const struct update_payload *payload; /* judged; update_extract() takes any */
	struct update_target target;
	/* What a delta's sources are read from, each asked in turn; none for a full
	 * payload. Never the target. */
	const struct update_origin *origin;
	size_t origin_count;
	/* operations between entries of the journal; 0: the preset */
	uint32_t checkpoint;
	/* Called often; false: stop with UPDATE_CANCELLED. May be NULL. */
	bool (*progress)(void *ctx, const struct update_progress *progress);
	void *progress_ctx;
	bool resumed; /* out: an earlier run was gone on with */
};

/** update_job_tell() - call the job's progress; false, with @why set, when it says
 * stop. */
bool update_job_tell(const struct update_job *job, enum update_stage stage, uint64_t done,
		     uint64_t total, struct update_verdict *why);

#endif
