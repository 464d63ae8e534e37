/* A source that shows how far reading it is: reading.c. */
#ifndef LIFEBOAT_BOOT_FLOW_READING_H
#define LIFEBOAT_BOOT_FLOW_READING_H

#include "base/source.h"

struct boot_ctx;

struct boot_reading {
	struct boot_ctx *ctx;
	struct lb_source inner;
	uint64_t total, done; /* bytes from the start of the source */
	uint64_t began_ms;
	uint64_t shown_ms, said_ms; /* last; 0: not yet */
};

/**
 * boot_reading_open() - @inner, with a screen where reading lasts.
 * @total: how far it will be read
 *
 * @r must outlive the source. Reads what @inner reads, in the same order, in pieces.
 */
struct lb_source boot_reading_open(struct boot_reading *r, struct boot_ctx *ctx,
				   const struct lb_source *inner, uint64_t total);

#endif
