/* Cutting a partition into items. A block of the old partition is found by its content,
 * wherever it lies: a match that goes on with the one before is preferred, then one at
 * the same place, then the first there is; so copies stay few and long. */
#include "tools/lib/payload_items.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "tools/lib/payload_blocks.h"
#include "tools/lib/tool.h"

#define BLOCK         UPDATE_BLOCK_BYTES
#define COPY_BYTES    ((uint64_t)16 << 20) /* of one copy: what a cut may cost */
#define PIECE_BYTES   ((size_t)1 << 20)
#define EXTENTS       512u /* of one operation: its message stays under 16 KiB */
#define NOT_CONTINUED UINT64_MAX

/* One item of each kind is open at a time. */
struct maker {
	const struct tool_payload_part *part;
	const struct tool_payload_cut *cut;
	struct tool_payload_items *out;
	struct tool_payload_item open[TOOL_PAYLOAD_KINDS];
};

static bool digest_targets(const struct tool_payload_part *part,
			   const struct tool_payload_item *item, uint8_t *digest)
{
	uint8_t *piece = tool_alloc(PIECE_BYTES);
	struct crypto_digest d;
	bool good = true;

	crypto_digest_init(&d, CRYPTO_SHA256);
	for (size_t i = 0; i < item->target_count; i++) {
		const uint64_t end =
			(item->target[i].block + item->target[i].blocks) * BLOCK;

		for (uint64_t at = item->target[i].block * BLOCK; good && at < end;) {
			const size_t n =
				end - at < PIECE_BYTES ? (size_t)(end - at) : PIECE_BYTES;

			good = tool_payload_read(part, at, piece, n);
			crypto_digest_update(&d, piece, n);
			at += n;
		}
	}
	crypto_digest_final(&d, digest);
	free(piece);
	return good;
}

/* What is copied is what it becomes: source and target have the same hash. */
static bool finish(struct maker *m, enum tool_payload_kind kind)
{
	struct tool_payload_items *out = m->out;
	struct tool_payload_item *item = &m->open[kind];

	if (item->bytes == 0)
		return true;
	if (out->count == out->room) {
		out->room = out->room * 2 + 64;
		out->item = tool_realloc(out->item, out->room * sizeof(*out->item));
	}
	const bool good = kind != TOOL_PAYLOAD_COPY ||
			  digest_targets(m->part, item, item->source_sha256);

	out->item[out->count++] = *item;
	*item = (struct tool_payload_item){ .kind = kind };
	return good;
}

/* One block more at the end of a list of extents; false: it would be another extent. */
static bool lengthen(struct update_extent *list, size_t count, uint64_t block)
{
	if (count == 0 || list[count - 1].block + list[count - 1].blocks != block)
		return false;
	list[count - 1].blocks++;
	return true;
}

static void append(struct update_extent **list, size_t *count, uint64_t block)
{
	if (lengthen(*list, *count, block))
		return;
	if (*list == NULL)
		*list = tool_alloc(EXTENTS * sizeof(**list));
	(*list)[(*count)++] = (struct update_extent){ block, 1 };
}

static bool is_full(const struct maker *m, const struct tool_payload_item *item,
		    uint64_t block)
{
	const uint64_t most =
		item->kind == TOOL_PAYLOAD_DATA ? m->cut->operation_bytes : COPY_BYTES;
	const struct update_extent *last =
		item->target_count != 0 ? &item->target[item->target_count - 1] : NULL;

	return item->bytes + BLOCK > most || item->target_count == EXTENTS ||
	       item->source_count == EXTENTS ||
	       (m->cut->one_extent && last != NULL &&
		last->block + last->blocks != block);
}

static bool add(struct maker *m, enum tool_payload_kind kind, uint64_t block,
		uint64_t source)
{
	struct tool_payload_item *item = &m->open[kind];

	item->kind = kind;
	if (is_full(m, item, block) && !finish(m, kind))
		return false;
	append(&item->target, &item->target_count, block);
	if (kind == TOOL_PAYLOAD_COPY)
		append(&item->source, &item->source_count, source);
	item->bytes += BLOCK;
	return true;
}

/* --- matching ----------------------------------------------------------------------- */

static bool add_block(struct maker *m, const struct tool_payload_blocks *new,
		      const struct tool_payload_blocks *old, uint64_t block,
		      uint64_t *next)
{
	const uint8_t *digest = new->digest[block];
	uint64_t source = NOT_CONTINUED;

	if (*next < old->count && memcmp(old->digest[*next], digest, 32) == 0)
		source = *next;
	else if (memcmp(digest, new->of_zeros, 32) == 0)
		return add(m, TOOL_PAYLOAD_ZEROS, block, 0);
	else if (block < old->count && memcmp(old->digest[block], digest, 32) == 0)
		source = block;
	else
		(void)tool_payload_blocks_find(old, digest, &source);
	*next = source != NOT_CONTINUED ? source + 1 : NOT_CONTINUED;
	return add(m, source != NOT_CONTINUED ? TOOL_PAYLOAD_COPY : TOOL_PAYLOAD_DATA,
		   block, source);
}

static bool match(struct maker *m, const struct tool_payload_blocks *new,
		  const struct tool_payload_blocks *old)
{
	uint64_t next = NOT_CONTINUED;
	bool good = true;

	for (uint64_t i = 0; good && i < new->count; i++)
		good = add_block(m, new, old, i, &next);
	return good;
}

static bool make_delta(struct maker *m, const struct tool_payload_part *old)
{
	struct tool_payload_blocks from = { 0 }, to = { 0 };
	const bool good = tool_payload_blocks_read(m->part, &to) &&
			  tool_payload_blocks_read(old, &from) && match(m, &to, &from);

	memcpy(m->out->sha256, to.sha256, sizeof(m->out->sha256));
	memcpy(m->out->old_sha256, from.sha256, sizeof(m->out->old_sha256));
	tool_payload_blocks_free(&from);
	tool_payload_blocks_free(&to);
	return good;
}

static bool make_full(struct maker *m)
{
	struct tool_payload_item all = { .target_count = 1 };
	struct update_extent extent = { 0, m->part->bytes / BLOCK };
	bool good = true;

	all.target = &extent;
	for (uint64_t i = 0; good && i < extent.blocks; i++)
		good = add(m, TOOL_PAYLOAD_DATA, i, 0);
	return good && digest_targets(m->part, &all, m->out->sha256);
}

bool tool_payload_items_make(const struct tool_payload_part *part,
			     const struct tool_payload_part *old,
			     const struct tool_payload_cut *cut,
			     struct tool_payload_items *out)
{
	struct maker m = { .part = part, .cut = cut, .out = out };

	*out = (struct tool_payload_items){ 0 };
	bool good = old != NULL ? make_delta(&m, old) : make_full(&m);

	for (size_t kind = 0; kind < TOOL_PAYLOAD_KINDS; kind++)
		good = finish(&m, (enum tool_payload_kind)kind) && good;
	return good;
}

void tool_payload_items_free(struct tool_payload_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		free(items->item[i].target);
		free(items->item[i].source);
	}
	free(items->item);
	*items = (struct tool_payload_items){ 0 };
}
