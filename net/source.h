/* A file on a server as a source of bytes: fetched in chunks when they are asked for, and
 * kept in as much memory as there is.
 *
 * A payload is read several times - checked, then written to one slot and to the other -
 * and every reading hashes what it reads, so nothing depends on what is kept. With memory
 * for all of it it is fetched once; with less, its beginning is kept and the rest is
 * fetched again. */
#ifndef LIFEBOAT_NET_SOURCE_H
#define LIFEBOAT_NET_SOURCE_H

#include "base/source.h"

#define NET_CHUNK_BYTES ((size_t)2 << 20)
#define NET_MIN_CHUNKS  4u /* that change, where there is no room for all */

/* Fetch exactly @len bytes at @offset, however long it takes; a status that is not LB_OK
 * is what the reader is told. */
typedef enum lb_status net_source_fetch(void *ctx, uint64_t offset, uint8_t *out,
					size_t len);

/**
 * net_source_open() - @bytes of a file.
 * @memory: for chunks; at least NET_MIN_CHUNKS of them, or the whole file
 *
 * LB_ERR_NOMEM, LB_ERR_RANGE (no bytes). To be closed by net_source_close().
 */
enum lb_status net_source_open(uint64_t bytes, uint64_t memory, net_source_fetch *fetch,
			       void *ctx, struct lb_source *out);
void net_source_close(struct lb_source *source);

#endif
