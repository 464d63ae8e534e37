/* Where an installation writes: two ranges of sectors, and how to reach them. */
#ifndef LIFEBOAT_UPDATE_TARGET_H
#define LIFEBOAT_UPDATE_TARGET_H

#include <stdbool.h>

#include "base/platform.h"
#include "update/origin.h"
#include "update/reason.h"

struct update_area {
	uint64_t first_lba, sectors;
};

/* One slot. Need not be in a table yet: a disk that is being partitioned has none. */
struct update_target {
	const struct platform *plat; /* disks are reached by read, write and flush */
	const struct platform_disk *disk;
	struct update_area kernel, root;
	/* its letter in the disk's table; 0: it is in none, nothing is retired */
	char slot;
};

/** update_target_find() - a slot of the disk's table by its letter. */
enum update_reason update_target_find(const struct platform *plat,
				      const struct platform_disk *disk, char slot,
				      struct update_target *out,
				      struct update_verdict *why);

/** update_target_origin() - a slot as what deltas are applied to; @slot must live on. */
struct update_origin update_target_origin(const struct update_target *slot);

/** update_target_others() - the disk's other slots with a root, which a delta may be
 * from. @out has GPT_MAX_SLOTS. */
enum update_reason update_target_others(const struct update_target *target,
					struct update_target *out, size_t *count,
					struct update_verdict *why);

uint64_t update_area_bytes(const struct update_target *target,
			   const struct update_area *area);

/** update_area_read(), update_area_write() - @offset and @len are multiples of 4096. */
enum update_reason update_area_read(const struct update_target *target,
				    const struct update_area *area, uint64_t offset,
				    void *buf, size_t len, struct update_verdict *why);
enum update_reason update_area_write(const struct update_target *target,
				     const struct update_area *area, uint64_t offset,
				     const void *buf, size_t len,
				     struct update_verdict *why);
enum update_reason update_target_flush(const struct update_target *target,
				       struct update_verdict *why);

/**
 * update_target_retire() - take the slot out of the order: neither bootable nor attempts,
 * stored and read back. Without it a cut between the new headers and the table would
 * start the new system as the proven one it is not. Writes nothing when it is so already.
 */
enum update_reason update_target_retire(const struct update_target *target,
					struct update_verdict *why);

/**
 * update_activate() - the last write: these slots become trying, with highest priority.
 * @letters: "B", or "AB": A goes first
 *
 * Other slots keep their order at every moment; the slots themselves are stored last, the
 * first letter at the very end. Every kernel's headers are in place by then.
 */
enum update_reason update_activate(const struct platform *plat,
				   const struct platform_disk *disk, const char *letters,
				   struct update_verdict *why);

#endif
