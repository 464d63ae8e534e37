/* Finding similar data by marks, and LZMA2 with them as preset dictionary. */
#include "tools/lib/payload_similar.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"
#include "update/decode.h"

#define BLOCK        UPDATE_BLOCK_BYTES
#define CHUNK_BYTES  ((size_t)16 << 10) /* a source is made of such */
#define SOURCE_BYTES ((size_t)6 << 20)  /* at most: 384 extents, and what memory allows */
#define WINDOW       32u
#define PRIME        0x08088405u
#define MOST_MARKS   ((uint64_t)4 << 20)
#define LEAST_BITS   6u /* one window of 64 */
#define LEAST_VOTES  2u /* one mark may be chance */
/* The result must be under the size of the data by this factor. */
#define GAIN 2u

typedef void take_mark(void *ctx, uint32_t mark);

/* A hash that rolls over windows of 32 bytes; mixed, so that all bits depend on all. */
static void each_mark(const uint8_t *data, size_t bytes, uint32_t choose, take_mark *take,
		      void *ctx)
{
	uint32_t hash = 0, out = 1;

	for (unsigned int i = 0; i < WINDOW; i++)
		out *= PRIME;
	for (size_t i = 0; i < bytes; i++) {
		hash = hash * PRIME + data[i] + 1;
		if (i >= WINDOW)
			hash -= out * (data[i - WINDOW] + 1u);
		const uint32_t mixed = (hash ^ hash >> 15) * 0x2c1b3c6du;

		if (i + 1 >= WINDOW && (mixed >> 16 & choose) == 0)
			take(ctx, mixed);
	}
}

static size_t slot_of(const struct tool_payload_similar *s, uint32_t mark)
{
	size_t at = (size_t)(mark * 0x9e3779b1u) & (s->slots - 1);

	while (s->in_chunk[at] != 0 && s->mark[at] != mark)
		at = (at + 1) & (s->slots - 1);
	return at;
}

/* --- the old partition -------------------------------------------------------------- */

struct reading {
	struct tool_payload_similar *similar;
	uint32_t chunk;
	size_t count;
};

static void remember(void *ctx, uint32_t mark)
{
	struct reading *r = ctx;
	const size_t at = slot_of(r->similar, mark);

	if (r->similar->in_chunk[at] != 0 || r->count >= r->similar->slots / 2)
		return;
	r->similar->mark[at] = mark;
	r->similar->in_chunk[at] = r->chunk + 1;
	r->count++;
}

static void prepare(const struct tool_payload_part *old, struct tool_payload_similar *out)
{
	unsigned int bits = LEAST_BITS;

	while (old->bytes >> bits > MOST_MARKS)
		bits++;
	*out = (struct tool_payload_similar){ .old = old,
					      .choose = (1u << bits) - 1,
					      .slots = 1024 };
	out->chunks = (old->bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
	while (out->slots < 4 * (old->bytes >> bits))
		out->slots *= 2;
	out->mark = tool_alloc(out->slots * sizeof(*out->mark));
	out->in_chunk = tool_alloc(out->slots * sizeof(*out->in_chunk));
}

bool tool_payload_similar_read(const struct tool_payload_part *old,
			       struct tool_payload_similar *out)
{
	uint8_t chunk[CHUNK_BYTES];
	struct reading r = { .similar = out };
	bool good = true;

	prepare(old, out);
	for (; good && r.chunk < out->chunks; r.chunk++) {
		good = tool_payload_read(old, r.chunk * CHUNK_BYTES, chunk, CHUNK_BYTES);
		if (good)
			each_mark(chunk, CHUNK_BYTES, out->choose, remember, &r);
	}
	return good;
}

void tool_payload_similar_free(struct tool_payload_similar *similar)
{
	free(similar->mark);
	free(similar->in_chunk);
	*similar = (struct tool_payload_similar){ 0 };
}

/* --- a source ----------------------------------------------------------------------- */

struct vote {
	uint32_t chunk, votes;
};

struct counting {
	const struct tool_payload_similar *similar;
	struct vote *vote; /* one for each chunk */
};

static void count(void *ctx, uint32_t mark)
{
	struct counting *c = ctx;
	const uint32_t chunk = c->similar->in_chunk[slot_of(c->similar, mark)];

	if (chunk != 0)
		c->vote[chunk - 1].votes++;
}

static int by_votes(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;

	if (x->votes != y->votes)
		return x->votes > y->votes ? -1 : 1;
	return (x->chunk > y->chunk) - (x->chunk < y->chunk);
}

static int by_place(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;

	return (x->chunk > y->chunk) - (x->chunk < y->chunk);
}

/* The chunks with most votes, in the order in which they lie. */
static size_t elect(const struct tool_payload_similar *s, const uint8_t *data,
		    size_t bytes, struct vote *vote)
{
	struct counting c = { s, vote };
	size_t chosen = 0;

	for (uint32_t i = 0; i < s->chunks; i++)
		vote[i].chunk = i;
	each_mark(data, bytes, s->choose, count, &c);
	qsort(vote, (size_t)s->chunks, sizeof(*vote), by_votes);
	while (chosen < s->chunks && chosen < SOURCE_BYTES / CHUNK_BYTES &&
	       vote[chosen].votes >= LEAST_VOTES)
		chosen++;
	qsort(vote, chosen, sizeof(*vote), by_place);
	return chosen;
}

/* Extents of the chosen chunks, and their bytes. The last chunk may be a short one. */
static size_t read_source(const struct tool_payload_similar *s, const struct vote *vote,
			  size_t chosen, struct tool_payload_item *item, uint8_t *out)
{
	const uint64_t blocks = s->old->bytes / BLOCK, each = CHUNK_BYTES / BLOCK;
	size_t bytes = 0;

	item->source = tool_alloc((chosen + 1) * sizeof(*item->source));
	item->source_count = 0;
	for (size_t i = 0; i < chosen; i++) {
		const uint64_t first = vote[i].chunk * each;
		const uint64_t n = blocks - first < each ? blocks - first : each;
		struct update_extent *last = &item->source[item->source_count];

		if (!tool_payload_read(s->old, first * BLOCK, out + bytes,
				       (size_t)n * BLOCK))
			return 0;
		bytes += (size_t)n * BLOCK;
		if (item->source_count != 0 && last[-1].block + last[-1].blocks == first)
			last[-1].blocks += n;
		else
			item->source[item->source_count++] =
				(struct update_extent){ first, n };
	}
	return bytes;
}

/* --- packing ------------------------------------------------------------------------ */

/* 0: it does not shrink to @room. */
static size_t encode(const uint8_t *source, size_t source_bytes, const uint8_t *data,
		     size_t bytes, uint8_t *out, size_t room)
{
	lzma_options_lzma options;
	const lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options },
					{ LZMA_VLI_UNKNOWN, NULL } };
	size_t len = 0;

	if (lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME))
		tool_fatal("xz: no preset 9e");
	options.dict_size = update_source_dictionary(source_bytes, bytes);
	options.preset_dict = source;
	options.preset_dict_size = (uint32_t)source_bytes;
	const lzma_ret result =
		lzma_raw_buffer_encode(filters, NULL, data, bytes, out, &len, room);

	if (result != LZMA_OK && result != LZMA_BUF_ERROR)
		tool_fatal("LZMA: error %d", (int)result);
	return result == LZMA_OK ? len : 0;
}

void tool_payload_similar_pack(const struct tool_payload_similar *similar,
			       const uint8_t *data, struct tool_payload_item *item,
			       struct tool_packed *packed)
{
	const size_t bytes = (size_t)item->bytes, room = bytes / GAIN;
	struct vote *vote = tool_alloc((size_t)similar->chunks * sizeof(*vote));
	const size_t chosen = elect(similar, data, bytes, vote);
	uint8_t *source = tool_alloc(chosen * CHUNK_BYTES + 1);
	uint8_t *out = tool_alloc(room);
	const size_t source_bytes = read_source(similar, vote, chosen, item, source);
	const size_t len = source_bytes != 0
				   ? encode(source, source_bytes, data, bytes, out, room)
				   : 0;

	if (len != 0) {
		packed->type = UPDATE_SOURCE_LZMA;
		packed->source_bytes = source_bytes;
		tool_buffer_append(&packed->data, out, len);
		crypto_digest_once(CRYPTO_SHA256, source, source_bytes,
				   item->source_sha256);
	} else {
		free(item->source);
		item->source = NULL;
		item->source_count = 0;
	}
	free(vote);
	free(source);
	free(out);
}
