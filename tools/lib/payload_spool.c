/* Packing a partition. One thread reads and hashes, several pack, and what is finished is
 * taken in order, so that the payload is the same whoever was faster. */
#include "tools/lib/payload_spool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "tools/lib/file.h"
#include "tools/lib/tool.h"
#include "update/operation.h"
#include "update/payload.pb-c.h"
#include "update/wire.h"

#define FIELD_OPERATIONS  8u
#define PIECES_PER_THREAD 3u

enum piece_state { EMPTY, FILLED, TAKEN, PACKED };

struct piece {
	enum piece_state state;
	uint64_t offset;
	size_t bytes;
	uint8_t *data;
	struct tool_packed packed;
	uint8_t sha256[CRYPTO_MAX_DIGEST_BYTES];
};

/* A ring: pieces [first, first + count) are in work. */
struct ring {
	const struct tool_payload_spool *spool;
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
		tool_pack(&r->spool->choice, p->data, p->bytes, &p->packed);
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

static void put_operation(const struct tool_payload_spool *spool, const struct piece *p,
			  struct tool_payload_packed *out)
{
	Lbpb__Extent extent = LBPB__EXTENT__INIT, *extents[] = { &extent };
	Lbpb__InstallOperation o = LBPB__INSTALL_OPERATION__INIT;
	struct tool_buffer bytes = { 0 };

	extent.has_start_block = extent.has_num_blocks = 1;
	extent.start_block = p->offset / UPDATE_BLOCK_BYTES;
	extent.num_blocks = p->bytes / UPDATE_BLOCK_BYTES;
	o.type = p->packed.type;
	o.n_dst_extents = 1;
	o.dst_extents = extents;
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
	out->count++;
}

static void note(struct tool_payload_spool *spool, const struct piece *p)
{
	const size_t len = p->packed.data.len;

	spool->own_types = spool->own_types || p->packed.type == UPDATE_REPLACE_ZSTD;
	if (len == 0)
		return;
	if (len > spool->largest_blob)
		spool->largest_blob = len;
	if (p->bytes > spool->largest_output)
		spool->largest_output = p->bytes;
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
	pthread_mutex_lock(&r->lock);
	p->state = EMPTY;
	r->first = (r->first + 1) % r->size;
	r->count--;
	return good;
}

static bool fill(struct ring *r, const struct tool_payload_part *part, uint64_t offset,
		 struct crypto_digest *digest)
{
	struct piece *p = &r->piece[(r->first + r->count) % r->size];
	const uint64_t left = part->bytes - offset;

	p->offset = offset;
	p->bytes = left < r->spool->operation_bytes ? (size_t)left
						    : r->spool->operation_bytes;
	pthread_mutex_unlock(&r->lock);
	const bool good = tool_payload_read(part, offset, p->data, p->bytes);

	if (good)
		crypto_digest_update(digest, p->data, p->bytes);
	pthread_mutex_lock(&r->lock);
	if (!good)
		return false;
	p->state = FILLED;
	r->count++;
	pthread_cond_broadcast(&r->changed);
	return true;
}

static bool feed(struct ring *r, struct tool_payload_spool *spool,
		 const struct tool_payload_part *part, struct tool_payload_packed *out)
{
	struct crypto_digest digest;
	bool good = true;

	crypto_digest_init(&digest, CRYPTO_SHA256);
	pthread_mutex_lock(&r->lock);
	for (uint64_t at = 0; good && at < part->bytes; at += spool->operation_bytes) {
		if (r->count == r->size)
			good = take_oldest(r, spool, out);
		good = good && fill(r, part, at, &digest);
	}
	while (good && r->count != 0)
		good = take_oldest(r, spool, out);
	r->ends = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	crypto_digest_final(&digest, out->sha256);
	return good;
}

bool tool_payload_spool(struct tool_payload_spool *spool,
			const struct tool_payload_part *part,
			struct tool_payload_packed *out)
{
	struct ring ring = { .spool = spool,
			     .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER,
			     .size = (size_t)spool->threads * PIECES_PER_THREAD };
	pthread_t *thread = tool_alloc(spool->threads * sizeof(*thread));

	*out = (struct tool_payload_packed){ 0 };
	ring.piece = tool_alloc(ring.size * sizeof(*ring.piece));
	for (size_t i = 0; i < ring.size; i++)
		ring.piece[i].data = tool_alloc(spool->operation_bytes);
	for (unsigned int i = 0; i < spool->threads; i++)
		if (pthread_create(&thread[i], NULL, pack_pieces, &ring) != 0)
			tool_fatal("no threads");
	const bool good = feed(&ring, spool, part, out);

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
