/* A disk in memory that records every write and flush, fails on request, and can show
 * what would be on it after power was cut at any moment. */
#ifndef LIFEBOAT_TESTS_MEM_DISK_H
#define LIFEBOAT_TESTS_MEM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define MEM_DISK_MAX_FAULTS 16u

enum mem_op {
	MEM_READ,
	MEM_WRITE,
	MEM_FLUSH,
};

/* What goes wrong, for accesses that touch [first_lba, last_lba]. */
struct mem_fault {
	enum mem_op op;
	uint64_t first_lba, last_lba; /* not looked at for MEM_FLUSH */
	uint32_t skip;                /* so many accesses still go well */
	uint32_t times;               /* so many fail then; 0: all */
	enum lb_status status;        /* LB_OK: silently - a write is lost, a read has its
	                               * first byte inverted */
	bool partly;                  /* a failing write stores its first half sector */
	bool until_written;           /* MEM_READ: a drive puts another sector in its
	                               * place when it is written */
};

/* One recorded write (data != NULL) or flush that the disk said LB_OK to, or a write
 * that failed partly. */
struct mem_event {
	enum mem_op op;
	uint64_t lba;
	size_t sectors;
	uint8_t *data;
};

struct mem_disk {
	uint32_t sector_bytes;
	uint64_t sectors;
	uint8_t *now; /* what a read sees */
	bool read_only;
	bool removed;
	bool volatile_flush; /* flush says LB_OK and does nothing (USB, facts/uefi 9) */
	uint64_t reads, bytes_read, writes, flushes; /* counted since mem_disk_init() */
	size_t fault_count;
	struct mem_fault faults[MEM_DISK_MAX_FAULTS];
	/* recording */
	bool recording;
	uint8_t *before; /* the disk when recording began */
	struct mem_event *events;
	size_t event_count, event_room;
};

/** mem_disk_init() - a disk full of zeros. Aborts when there is no memory. */
void mem_disk_init(struct mem_disk *disk, uint32_t sector_bytes, uint64_t sectors);
void mem_disk_release(struct mem_disk *disk);

/** mem_disk_resize() - as if copied to a larger or smaller disk; drops the recording. */
void mem_disk_resize(struct mem_disk *disk, uint64_t sectors);

size_t mem_disk_bytes(const struct mem_disk *disk);
uint8_t *mem_disk_sector(struct mem_disk *disk, uint64_t lba);

/* As the pointers of struct platform. */
enum lb_status mem_disk_read(struct mem_disk *disk, uint64_t lba, size_t sectors,
			     void *buf);
enum lb_status mem_disk_write(struct mem_disk *disk, uint64_t lba, size_t sectors,
			      const void *buf);
enum lb_status mem_disk_flush(struct mem_disk *disk);

/** mem_disk_fail() - add a fault. mem_disk_heal() - remove all. */
void mem_disk_fail(struct mem_disk *disk, struct mem_fault fault);
void mem_disk_heal(struct mem_disk *disk);

/** mem_disk_record() - forget older events, begin recording at the present state. */
void mem_disk_record(struct mem_disk *disk);

/* A moment at which power is cut. */
struct mem_cut {
	size_t events;       /* so many recorded events were completed */
	bool torn;           /* the write after them was under way: */
	size_t torn_sectors; /*   so many of its sectors are stored, */
	size_t torn_bytes;   /*   and so many bytes of the next one, */
	bool garbage;        /*   the rest of which is noise (else: old) */
	const bool *lost; /* one for each pending sector: true when it was never stored;
	                      * NULL: none was lost */
};

/** mem_disk_pending() - sectors of the first @events events that no flush has made
 * sure. */
size_t mem_disk_pending(const struct mem_disk *disk, size_t events);

/** mem_disk_after_cut() - the disk's bytes after @cut, into @out (mem_disk_bytes()). */
void mem_disk_after_cut(const struct mem_disk *disk, const struct mem_cut *cut,
			uint8_t *out);

/** mem_disk_each_cut() - call @check with every interesting cut of the recording.
 *
 * After each event; each write torn in each of its first and last two sectors at several
 * byte offsets, the rest old or noise; and with every subset of the pending sectors lost
 * (up to 2^MEM_CUT_SUBSET_BITS, beyond that as many chosen with @seed). Returns how many.
 */
#define MEM_CUT_SUBSET_BITS 8u
size_t mem_disk_each_cut(const struct mem_disk *disk, uint64_t seed,
			 void (*check)(void *ctx, const struct mem_cut *cut,
				       const uint8_t *image),
			 void *ctx);

#endif
