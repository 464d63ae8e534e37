/* Packing a partition. One thread reads and hashes, several pack, and what is finished is
 * taken in order, so that the payload is the same whoever was faster. */
#include "tools/lib/payload_spool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "tools/lib/file.h"
#include "tools/lib/payload_similar.h"
#include "tools/lib/tool.h"
#include "update/operation.h"
#include "update/payload.pb-c.h"
#include "update/wire.h"

#define FIELD_OPERATIONS  8u
#define PIECES_PER_THREAD 3u

enum piece_state { EMPTY, FILLED, TAKEN, PACKED };

struct piece {
	enum piece_state state;
	struct tool_payload_item item;
	uint8_t *data;
	struct tool_packed packed;
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES];
};

/* A ring: pieces [first, first + count) are in work. */
struct ring {
	const struct tool_payload_spool *spool;
	const struct tool_payload_similar *similar; /* NULL: nothing to be like */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool ends;
	size_t size, first, count;
	struct piece *piece;
};

static struct piece *piece_in_state(struct ring *r, enum piece_state state)
{
	for (size_t i = 0; i < r->count; i++) {
		struct piece *p = &r->piece[(r->first + i) % r->size];

		if (p->state == state)
			return p;
	}
	return NULL;
}

/* Against what is most like it of what is installed, else by itself. */
static void pack_piece(const struct ring *r, struct piece *p)
{
	if (r->similar != NULL)
		tool_payload_similar_pack(r->similar, p->data, &p->item, &p->packed);
	if (p->packed.type != UPDATE_SOURCE_LZMA)
		tool_pack(&r->spool->choice, p->data, (size_t)p->item.bytes, &p->packed);
}

static void *pack_pieces(void *arg)
{
	struct ring *r = arg;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		struct piece *p = piece_in_state(r, FILLED);

		if (p == NULL && r->ends)
			break;
		if (p == NULL) {
			pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		p->state = TAKEN;
		pthread_mutex_unlock(&r->lock);
		pack_piece(r, p);
		if (p->packed.data.len != 0)
			crypto_digest_once(CRYPTO_SHA256, p->packed.data.data,
					   p->packed.data.len, p->sha256);
		pthread_mutex_lock(&r->lock);
		p->state = PACKED;
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

void tool_payload_put_message(struct tool_buffer *out, uint32_t number,
			      const struct tool_buffer *message)
{
	uint8_t prefix[2 * UPDATE_VARINT_MAX_BYTES];
	size_t n = update_wire_put_tag(prefix, number, UPDATE_WIRE_BYTES);

	n += update_wire_put_varint(prefix + n, message->len);
	tool_buffer_append(out, prefix, n);
	tool_buffer_append(out, message->data, message->len);
}

/* Messages of a list of extents: one allocation holds them and the list of pointers. */
static Lbpb__Extent **extent_messages(const struct update_extent *from, size_t count)
{
	Lbpb__Extent **list =
		tool_alloc((count + 1) * (sizeof(Lbpb__Extent *) + sizeof(Lbpb__Extent)));
	Lbpb__Extent *message = (Lbpb__Extent *)(void *)(list + count + 1);

	for (size_t i = 0; i < count; i++) {
		lbpb__extent__init(&message[i]);
		message[i].has_start_block = message[i].has_num_blocks = 1;
		message[i].start_block = from[i].block;
		message[i].num_blocks = from[i].blocks;
		list[i] = &message[i];
	}
	return list;
}

static void put_operation(const struct tool_payload_spool *spool, const struct piece *p,
			  struct tool_payload_packed *out)
{
	const struct tool_payload_item *item = &p->item;
	Lbpb__InstallOperation o = LBPB__INSTALL_OPERATION__INIT;
	struct tool_buffer bytes = { 0 };

	o.type = p->packed.type;
	o.n_dst_extents = item->target_count;
	o.dst_extents = extent_messages(item->target, item->target_count);
	o.n_src_extents = item->source_count;
	o.src_extents = extent_messages(item->source, item->source_count);
	if (item->source_count != 0) {
		o.has_src_sha256_hash = 1;
		o.src_sha256_hash.data = (uint8_t *)(uintptr_t)item->source_sha256;
		o.src_sha256_hash.len = CRYPTO_SHA256_BYTES;
	}
	if (p->packed.data.len != 0) {
		o.has_data_offset = o.has_data_length = o.has_data_sha256_hash = 1;
		o.data_offset = spool->bytes;
		o.data_length = p->packed.data.len;
		o.data_sha256_hash.data = (uint8_t *)(uintptr_t)p->sha256;
		o.data_sha256_hash.len = CRYPTO_SHA256_BYTES;
	}
	(void)lbpb__install_operation__pack(
		&o,
		tool_buffer_grow(&bytes, lbpb__install_operation__get_packed_size(&o)));
	tool_payload_put_message(&out->operations, FIELD_OPERATIONS, &bytes);
	tool_buffer_free(&bytes);
	free(o.dst_extents);
	free(o.src_extents);
	out->count++;
}

static void note(struct tool_payload_spool *spool, const struct piece *p)
{
	const size_t len = p->packed.data.len;

	spool->own_types = spool->own_types || p->packed.type == UPDATE_REPLACE_ZSTD ||
			   p->packed.type == UPDATE_SOURCE_LZMA;
	if (len == 0)
		return;
	if (len > spool->largest_blob)
		spool->largest_blob = len;
	if (p->item.bytes > spool->largest_output)
		spool->largest_output = p->item.bytes;
	if (p->packed.source_bytes > spool->largest_source)
		spool->largest_source = p->packed.source_bytes;
	spool->bytes += len;
}

/* The oldest piece, once it is packed: into operations and spool. */
static bool take_oldest(struct ring *r, struct tool_payload_spool *spool,
			struct tool_payload_packed *out)
{
	struct piece *p = &r->piece[r->first];

	while (p->state != PACKED)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
	put_operation(spool, p, out);
	const bool good = p->packed.data.len == 0 ||
			  tool_pwrite(spool->fd, spool->path, p->packed.data.data,
				      p->packed.data.len, spool->bytes);

	note(spool, p);
	tool_buffer_free(&p->packed.data);
	if (p->item.kind == TOOL_PAYLOAD_DATA)
		free(p->item.source); /* found for this piece; others are the list's */
	pthread_mutex_lock(&r->lock);
	p->state = EMPTY;
	r->first = (r->first + 1) % r->size;
	r->count--;
	return good;
}

static bool read_targets(const struct tool_payload_part *part,
			 const struct tool_payload_item *item, uint8_t *out)
{
	bool good = true;

	for (size_t i = 0; good && i < item->target_count; i++) {
		const size_t n = (size_t)(item->target[i].blocks * UPDATE_BLOCK_BYTES);

		good = tool_payload_read(part, item->target[i].block * UPDATE_BLOCK_BYTES,
					 out, n);
		out += n;
	}
	return good;
}

/* Only data are packed; the rest is what it is. */
static bool fill(struct ring *r, const struct tool_payload_part *part,
		 const struct tool_payload_item *item)
{
	struct piece *p = &r->piece[(r->first + r->count) % r->size];
	const bool data = item->kind == TOOL_PAYLOAD_DATA;

	p->item = *item;
	p->packed = (struct tool_packed){ .type = item->kind == TOOL_PAYLOAD_COPY
							  ? UPDATE_SOURCE_COPY
							  : UPDATE_ZERO };
	pthread_mutex_unlock(&r->lock);
	const bool good = !data || read_targets(part, item, p->data);

	pthread_mutex_lock(&r->lock);
	if (!good)
		return false;
	p->state = data ? FILLED : PACKED;
	r->count++;
	pthread_cond_broadcast(&r->changed);
	return true;
}

static bool feed(struct ring *r, struct tool_payload_spool *spool,
		 const struct tool_payload_part *part,
		 const struct tool_payload_items *items, struct tool_payload_packed *out)
{
	bool good = true;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; good && i < items->count; i++) {
		if (r->count == r->size)
			good = take_oldest(r, spool, out);
		good = good && fill(r, part, &items->item[i]);
	}
	while (good && r->count != 0)
		good = take_oldest(r, spool, out);
	r->ends = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return good;
}

static bool pack_items(struct tool_payload_spool *spool,
		       const struct tool_payload_part *part,
		       const struct tool_payload_items *items,
		       const struct tool_payload_similar *similar,
		       struct tool_payload_packed *out)
{
	struct ring ring = { .spool = spool,
			     .similar = similar,
			     .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER,
			     .size = (size_t)spool->threads * PIECES_PER_THREAD };
	pthread_t *thread = tool_alloc(spool->threads * sizeof(*thread));

	ring.piece = tool_alloc(ring.size * sizeof(*ring.piece));
	for (size_t i = 0; i < ring.size; i++)
		ring.piece[i].data = tool_alloc(spool->cut.operation_bytes);
	for (unsigned int i = 0; i < spool->threads; i++)
		if (pthread_create(&thread[i], NULL, pack_pieces, &ring) != 0)
			tool_fatal("no threads");
	const bool good = feed(&ring, spool, part, items, out);

	for (unsigned int i = 0; i < spool->threads; i++)
		(void)pthread_join(thread[i], NULL); /* ours, and joined once */
	for (size_t i = 0; i < ring.size; i++) {
		tool_buffer_free(&ring.piece[i].packed.data);
		free(ring.piece[i].data);
	}
	free(ring.piece);
	free(thread);
	return good;
}

bool tool_payload_spool(struct tool_payload_spool *spool,
			const struct tool_payload_part *part,
			const struct tool_payload_part *old,
			struct tool_payload_packed *out)
{
	struct tool_payload_items items;

	*out = (struct tool_payload_packed){ 0 };
	struct tool_payload_similar similar = { 0 };
	const bool near = old != NULL && !spool->cut.one_extent;
	const bool good = tool_payload_items_make(part, old, &spool->cut, &items) &&
			  (!near || tool_payload_similar_read(old, &similar)) &&
			  pack_items(spool, part, &items, near ? &similar : NULL, out);

	tool_payload_similar_free(&similar);
	memcpy(out->sha256, items.sha256, sizeof(out->sha256));
	memcpy(out->old_sha256, items.old_sha256, sizeof(out->old_sha256));
	tool_payload_items_free(&items);
	return good;
}
