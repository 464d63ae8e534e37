/* Installing a payload into a slot: used by everything that ever writes one - updater,
 * recovery program, host tools. Depends on protobuf-c, liblzma and libbz2 (static
 * archives do) and on no operating system: disks are reached through struct platform
 * (read, write, flush, alloc, free), the payload through struct lb_source.
 *
 * How it is used:
 *
 *	struct update_memory memory = { plat, limit };
 *	struct update_device device = { policy, key_id, model, hardware_id, false, cpu };
 *	struct update_payload payload;
 *	struct update_job job = { .payload = &payload };
 *
 *	update_payload_open(&source, &device, &memory, &payload, &why);   nothing written
 *	update_check(&job, &why);                      every byte of data hashed (a stick)
 *	update_target_find(plat, disk, 'B', &job.target, &why);           or by hand
 *	update_install(&job, &why);                    all but the table; may be repeated
 *	update_activate(plat, disk, "B", &why);        trying, as the very last write
 *	update_payload_close(&payload);
 *
 * Order of writes, each step flushed before the next: the kernel partition's first 64 KiB
 * zeroed; the slot retired in the table; operations, with a journal; everything read back
 * and hashed; the kernel's headers; the table. Whenever power goes, the device starts
 * what it started before, and the next run goes on (docs/formats/payload.md).
 *
 * Design: DESIGN 12 "First and last write", "Applied". */
#ifndef LIFEBOAT_UPDATE_APPLY_H
#define LIFEBOAT_UPDATE_APPLY_H

#include "update/install.h"
#include "update/payload.h"
#include "update/perform.h"

/** update_check() - read all data of the payload and compare their hashes. Writes
 * nothing. */
enum update_reason update_check(struct update_job *job, struct update_verdict *why);

/** update_apply() - update_install(), then update_activate() of the target's slot. */
enum update_reason update_apply(struct update_job *job, struct update_verdict *why);

/**
 * update_extract() - one partition's final bytes into @sink, each operation's data
 * hashed; for `firmware`, and for files. Compares the size only: hash what was written
 * against partition->sha256.
 */
enum update_reason update_extract(struct update_job *job,
				  const struct update_partition *partition,
				  const struct update_sink *sink,
				  struct update_verdict *why);

#endif
