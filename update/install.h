/* Writing a slot, but for the table. Who installs includes update/apply.h. */
#ifndef LIFEBOAT_UPDATE_INSTALL_H
#define LIFEBOAT_UPDATE_INSTALL_H

#include "update/job.h"

/**
 * update_holds() - does the slot hold exactly this payload's kernel and root?
 * UPDATE_OK: yes; UPDATE_RESULT: no; or why it cannot be told.
 */
enum update_reason update_holds(struct update_job *job, struct update_verdict *why);

/**
 * update_fits() - would update_install() refuse it before the first write? Writes
 * nothing: for whoever erases something before.
 */
enum update_reason update_fits(struct update_job *job, struct update_verdict *why);

/**
 * update_install() - everything but the table's last write.
 *
 * Refused before the first write: a payload that was not judged, partitions that are too
 * small (UPDATE_SPACE), too little memory (UPDATE_MEMORY: what update_payload_memory()
 * says is not left in payload->memory), operations that are not known
 * (UPDATE_UNSUPPORTED). A slot that holds it already is left alone. After any error the
 * slot does not verify, and the same call goes on. The running slot is for the caller to
 * refuse.
 */
enum update_reason update_install(struct update_job *job, struct update_verdict *why);

#endif
