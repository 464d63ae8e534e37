/* Chunks of a file on a server. */
#include "net/source.h"

#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT32_MAX

struct chunks {
	net_source_fetch *fetch;
	void *ctx;
	uint64_t bytes;
	uint32_t count, slots;
	uint32_t used; /* slots that were given out */
	uint32_t next; /* of the last NET_MIN_CHUNKS slots, which are used in turns */
	uint32_t *slot_of, *chunk_in;
	uint8_t **memory; /* a slot's, from when it is first used */
};

static void release(struct chunks *c)
{
	for (uint32_t i = 0; c->memory != NULL && i < c->slots; i++)
		free(c->memory[i]);
	free(c->memory);
	free(c->slot_of);
	free(c->chunk_in);
	free(c);
}

/* A slot for one more chunk: a new one while there are some, then the oldest of the last
 * few, whose chunk is forgotten. */
static uint32_t take_slot(struct chunks *c)
{
	const uint32_t turning = c->slots < NET_MIN_CHUNKS ? c->slots : NET_MIN_CHUNKS;
	uint32_t slot;

	if (c->used < c->slots) {
		slot = c->used;
		if (c->memory[slot] == NULL)
			c->memory[slot] = malloc(NET_CHUNK_BYTES);
		if (c->memory[slot] == NULL)
			return NO_SLOT;
		c->used++;
		return slot;
	}
	slot = c->slots - turning + c->next;
	c->next = (c->next + 1) % turning;
	if (c->chunk_in[slot] != NO_SLOT)
		c->slot_of[c->chunk_in[slot]] = NO_SLOT;
	c->chunk_in[slot] = NO_SLOT;
	return slot;
}

static size_t bytes_of(const struct chunks *c, uint32_t chunk)
{
	const uint64_t left = c->bytes - (uint64_t)chunk * NET_CHUNK_BYTES;

	return left < NET_CHUNK_BYTES ? (size_t)left : NET_CHUNK_BYTES;
}

static enum lb_status hold(struct chunks *c, uint32_t chunk)
{
	if (c->slot_of[chunk] != NO_SLOT)
		return LB_OK;
	const uint32_t slot = take_slot(c);

	if (slot == NO_SLOT)
		return LB_ERR_NOMEM;
	c->chunk_in[slot] = NO_SLOT;
	const enum lb_status status = c->fetch(c->ctx, (uint64_t)chunk * NET_CHUNK_BYTES,
					       c->memory[slot], bytes_of(c, chunk));

	if (status != LB_OK) {
		if (slot + 1 == c->used && c->next == 0)
			c->used--; /* it was new, and is again */
		return status;
	}
	c->slot_of[chunk] = slot;
	c->chunk_in[slot] = chunk;
	return LB_OK;
}

static enum lb_status read_chunks(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct chunks *c = ctx;
	uint8_t *out = buf;

	if (offset > c->bytes || len > c->bytes - offset)
		return LB_ERR_RANGE;
	while (len > 0) {
		const uint32_t chunk = (uint32_t)(offset / NET_CHUNK_BYTES);
		const size_t in = (size_t)(offset % NET_CHUNK_BYTES);
		size_t step = bytes_of(c, chunk) - in;
		const enum lb_status status = hold(c, chunk);

		if (status != LB_OK)
			return status;
		if (step > len)
			step = len;
		memcpy(out, c->memory[c->slot_of[chunk]] + in, step);
		out += step, offset += step, len -= step;
	}
	return LB_OK;
}

enum lb_status net_source_open(uint64_t bytes, uint64_t memory, net_source_fetch *fetch,
			       void *ctx, struct lb_source *out)
{
	const uint64_t count = bytes / NET_CHUNK_BYTES + (bytes % NET_CHUNK_BYTES != 0);
	uint64_t slots = memory / NET_CHUNK_BYTES;

	if (bytes == 0 || count >= NO_SLOT)
		return LB_ERR_RANGE;
	if (slots < NET_MIN_CHUNKS)
		slots = NET_MIN_CHUNKS;
	if (slots > count)
		slots = count;
	struct chunks *c = calloc(1, sizeof *c);

	if (c == NULL)
		return LB_ERR_NOMEM;
	*c = (struct chunks){ .fetch = fetch,
			      .ctx = ctx,
			      .bytes = bytes,
			      .count = (uint32_t)count,
			      .slots = (uint32_t)slots,
			      .slot_of = malloc(count * sizeof(uint32_t)),
			      .chunk_in = malloc(slots * sizeof(uint32_t)),
			      .memory = calloc(slots, sizeof(uint8_t *)) };
	if (c->slot_of == NULL || c->chunk_in == NULL || c->memory == NULL) {
		release(c);
		return LB_ERR_NOMEM;
	}
	memset(c->slot_of, 0xff, count * sizeof(uint32_t));
	memset(c->chunk_in, 0xff, slots * sizeof(uint32_t));
	*out = (struct lb_source){ .ctx = c, .bytes = bytes, .read = read_chunks };
	return LB_OK;
}

void net_source_close(struct lb_source *source)
{
	release(source->ctx);
	*source = (struct lb_source){ 0 };
}
