/* Inside update/: telling how far a job is. */
#ifndef LIFEBOAT_UPDATE_INSTALL_H
#define LIFEBOAT_UPDATE_INSTALL_H

#include "update/apply.h"

/** update_job_tell() - call the job's progress; false, with @why set, when it says
 * stop. */
bool update_job_tell(const struct update_job *job, enum update_stage stage, uint64_t done,
		     uint64_t total, struct update_verdict *why);

#endif
