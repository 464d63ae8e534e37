/* The parts of a payload. */
#include "tools/lib/payload_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/image_layout.h"
#include "tools/lib/media_check.h"
#include "tools/lib/partition_read.h"
#include "tools/lib/tool.h"

#define BLOCK          4096u
#define PIECE          ((size_t)1 << 20)
#define MIN_SLOT_BYTES (16 * TOOL_IMAGE_MIB)
#define EFI_BYTES      (64 * TOOL_IMAGE_MIB)
#define STATE_BYTES    (64 * TOOL_IMAGE_MIB)

bool tool_payload_read(const struct tool_payload_part *part, uint64_t offset, void *out,
		       size_t len)
{
	const uint64_t left = offset < part->present ? part->present - offset : 0;
	const size_t there = left < len ? (size_t)left : len;

	memset((uint8_t *)out + there, 0, len - there);
	return there == 0 ||
	       tool_pread(part->fd, part->path, out, there, part->offset + offset);
}

static bool open_part(struct tool_payload_input *in, const char *name, const char *path,
		      struct tool_payload_part **out)
{
	struct tool_payload_part *part = &in->part[in->count];

	*part = (struct tool_payload_part){ .name = name,
					    .fd = open(path, O_RDONLY | O_CLOEXEC),
					    .path = path };
	if (part->fd < 0)
		return tool_error("%s: %s", path, strerror(errno));
	tool_input_add(path);
	in->count++;
	*out = part;
	return true;
}

static bool finish_part(struct tool_payload_part *part, uint64_t present)
{
	part->present = present;
	part->bytes = (present + BLOCK - 1) / BLOCK * BLOCK;
	return part->bytes != 0 ||
	       tool_error("%s: the %s is empty", part->path, part->name);
}

static bool open_file(struct tool_payload_input *in, const char *name, const char *path)
{
	struct tool_payload_part *part = NULL;
	uint64_t bytes;

	return open_part(in, name, path, &part) &&
	       tool_file_bytes(part->fd, path, &bytes) && finish_part(part, bytes);
}

/* --- kernel ------------------------------------------------------------------------- */

/* From a source of at least what its headers say: exactly headers and body. */
static bool load_kernel(struct tool_payload_input *in)
{
	struct tool_payload_part *part = &in->part[0];
	const size_t head = part->present < CRYPTO_HEAD_BYTES ? (size_t)part->present
							      : CRYPTO_HEAD_BYTES;
	const struct crypto_policy anyone = { .mode = CRYPTO_MODE_DEVELOPER,
					      .self_signed_allowed = true };
	struct crypto_headers headers;
	struct lb_verdict why;
	uint8_t *bytes = tool_buffer_grow(&in->kernel, head);

	if (!tool_payload_read(part, 0, bytes, head))
		return false;
	const enum lb_reason reason = crypto_headers_verify(
		&anyone, bytes, head, part->present, &headers, &why);

	if (reason != LB_REASON_OK)
		return tool_error("%s: %s: %s", part->path, lb_reason_text(reason),
				  why.detail);
	uint64_t end = headers.body_offset + headers.body_bytes;

	end = end < CRYPTO_HEAD_BYTES ? CRYPTO_HEAD_BYTES : end;
	if (end > TOOL_FILE_LIMIT)
		return tool_error("%s: a kernel of %llu bytes", part->path,
				  (unsigned long long)end);
	if (end > head &&
	    !tool_payload_read(part, head, tool_buffer_grow(&in->kernel, end - head),
			       (size_t)end - head))
		return false;
	part->present = part->present < end ? part->present : end;
	return finish_part(part, part->present) &&
	       (crypto_headers_verify(&anyone, in->kernel.data, CRYPTO_HEAD_BYTES,
				      UINT64_MAX, &in->headers, &why) == LB_REASON_OK ||
		tool_error("%s: %s", part->path, why.detail));
}

static bool find_cpu(struct tool_payload_input *in, bool *root_verified)
{
	struct tool_media_kernel kernel = { .path = in->part[0].path,
					    .bytes = in->kernel };

	if (!tool_media_kernel_cpu(&kernel))
		return false;
	in->cpu = kernel.cpu;
	*root_verified = kernel.root_verified;
	return true;
}

/* --- disk image --------------------------------------------------------------------- */

static void place_name(struct tool_payload_input *in, size_t index,
		       const uint16_t name[36])
{
	char *out = in->place_name[index];
	size_t n = 0;

	for (; n < 36 && name[n] != 0; n++)
		out[n] = name[n] > ' ' && name[n] < 0x7f ? (char)name[n] : '?';
	out[n] = '\0';
	if (n == 0)
		snprintf(out, sizeof(in->place_name[index]), "partition");
	in->place[index].name = out;
}

/* The state partition grows: plain Linux data, the largest of them. */
static void choose_growing(struct tool_payload_input *in)
{
	struct update_place *best = NULL;

	for (size_t i = 0; i < in->place_count; i++) {
		struct update_place *p = &in->place[i];

		if (memcmp(p->type, gpt_type_data, 16) == 0 &&
		    (best == NULL || p->bytes > best->bytes))
			best = p;
	}
	if (best != NULL)
		best->grows = true;
}

static int by_place(const void *a, const void *b)
{
	const struct gpt_entry *x = a, *y = b;

	return (x->first_lba > y->first_lba) - (x->first_lba < y->first_lba);
}

/* Numbers stay those of the table; the order becomes that on the disk. */
static bool take_layout(struct tool_payload_input *in, const struct tool_disk_slots *disk)
{
	const uint32_t entries = gpt_header_in_use(&disk->gpt)->entry_count;
	struct gpt_entry found[UPDATE_MAX_PLACES];
	size_t count = 0;

	for (uint32_t i = 0; i < entries && i < 128; i++) {
		struct gpt_entry e;

		if (gpt_entry_get(&disk->gpt, i, &e) != LB_OK || !gpt_entry_used(&e))
			continue;
		if (count == UPDATE_MAX_PLACES)
			return tool_error("%s: more than %u partitions", disk->path,
					  UPDATE_MAX_PLACES);
		e.attributes = i + 1; /* kept over sorting; nobody needs the bits */
		found[count++] = e;
	}
	qsort(found, count, sizeof(found[0]), by_place);
	for (size_t i = 0; i < count; i++) {
		in->place[i] = (struct update_place){
			.number = (uint32_t)found[i].attributes,
			.bytes = (found[i].last_lba - found[i].first_lba + 1) *
				 disk->disk->sector_bytes,
		};
		memcpy(in->place[i].type, found[i].type, 16);
		place_name(in, i, found[i].name);
	}
	in->place_count = count;
	choose_growing(in);
	return true;
}

/* Zeros at the end of a verified root's partition are not part of it: no block behind its
 * tree is read. Where another one ends nobody knows, and what is not written there would
 * stay what the slot held before. */
static bool trim(struct tool_payload_part *part)
{
	uint8_t *piece = tool_alloc(PIECE);
	bool good = true;

	while (good && part->present > 0) {
		const size_t n =
			part->present % PIECE != 0 ? part->present % PIECE : PIECE;
		size_t used = n;

		good = tool_payload_read(part, part->present - n, piece, n);
		while (used > 0 && piece[used - 1] == 0)
			used--;
		part->present -= n - used;
		if (used > 0)
			break;
	}
	free(piece);
	return good && finish_part(part, part->present);
}

static bool open_slot(struct tool_payload_input *in, const struct tool_disk_slots *disk,
		      const struct gpt_slot *slot)
{
	const uint32_t sector = disk->disk->sector_bytes;
	struct tool_payload_part *kernel = NULL, *root = NULL;
	struct gpt_entry entry;

	if (!slot->has_root || gpt_entry_get(&disk->gpt, slot->root, &entry) != LB_OK)
		return tool_error("%s: slot %c has no root partition", disk->path,
				  slot->letter);
	if (!open_part(in, "kernel", disk->path, &kernel) ||
	    !open_part(in, "root", disk->path, &root))
		return false;
	kernel->offset = slot->first_lba * sector;
	kernel->present = slot->sectors * sector;
	root->offset = entry.first_lba * sector;
	return finish_part(root, (entry.last_lba - entry.first_lba + 1) * sector);
}

static bool open_image(const struct tool_payload_source *source,
		       struct tool_payload_input *in)
{
	struct tool_disk_slots disk;

	tool_input_add(source->image);
	if (!tool_disk_slots_open(source->image, false,
				  (uint32_t)source->sector_size.value, &disk))
		return false;
	const struct gpt_slot *slot =
		tool_disk_slots_find(&disk, source->slot != NULL ? source->slot : "A");
	bool good = slot != NULL && take_layout(in, &disk) && open_slot(in, &disk, slot);

	tool_disk_slots_close(&disk);
	if (good)
		in->part[0].path = in->part[1].path = source->image;
	return good;
}

/* --- layout of our own -------------------------------------------------------------- */

static uint64_t chosen(const struct tool_optional_number *number, uint64_t preset)
{
	return tool_image_round(number->given ? number->value : preset);
}

/* Half as much again leaves room for the next versions, as in `lifeboat image`. */
static uint64_t with_room(uint64_t bytes)
{
	const uint64_t roomy = tool_image_round(bytes + bytes / 2);

	return roomy > MIN_SLOT_BYTES ? roomy : MIN_SLOT_BYTES;
}

static bool make_layout(const struct tool_payload_source *source,
			struct tool_payload_input *in)
{
	const uint64_t kernel =
		chosen(&source->kernel_size, with_room(in->part[0].bytes));
	const uint64_t root = chosen(&source->root_size, with_room(in->part[1].bytes));
	const struct {
		const char *name;
		uint32_t number;
		const uint8_t *type;
		uint64_t bytes;
		bool grows;
	} parts[] = {
		{ "EFI-SYSTEM", 12, gpt_type_efi, chosen(&source->efi_size, EFI_BYTES),
		  false },
		{ "KERN-A", 2, gpt_type_kernel, kernel, false },
		{ "ROOT-A", 3, gpt_type_root, root, false },
		{ "KERN-B", 4, gpt_type_kernel, kernel, false },
		{ "ROOT-B", 5, gpt_type_root, root, false },
		{ "HISTORY", 6, gpt_type_history, TOOL_IMAGE_MIB, false },
		{ "STATE", 1, gpt_type_data, chosen(&source->state_size, STATE_BYTES),
		  true },
	};

	if (kernel < in->part[0].bytes || root < in->part[1].bytes)
		return tool_error(
			"--kernel-size or --root-size: too small for the content");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		in->place[i] = (struct update_place){ .number = parts[i].number,
						      .name = parts[i].name,
						      .bytes = parts[i].bytes,
						      .grows = parts[i].grows };
		memcpy(in->place[i].type, parts[i].type, 16);
	}
	in->place_count = sizeof(parts) / sizeof(parts[0]);
	return true;
}

bool tool_payload_input_open(const struct tool_payload_source *source,
			     struct tool_payload_input *out)
{
	bool root_verified = false;

	memset(out, 0, sizeof(*out));
	bool good = source->image != NULL ? open_image(source, out)
					  : open_file(out, "kernel", source->kernel) &&
						    open_file(out, "root", source->root);

	good = good && load_kernel(out) && find_cpu(out, &root_verified) &&
	       (source->image == NULL || !root_verified || trim(&out->part[1])) &&
	       (source->firmware == NULL ||
		open_file(out, "firmware", source->firmware)) &&
	       (source->image != NULL || make_layout(source, out));
	if (!good)
		tool_payload_input_close(out);
	return good;
}

void tool_payload_input_close(struct tool_payload_input *input)
{
	for (size_t i = 0; i < input->count; i++)
		close(input->part[i].fd);
	tool_buffer_free(&input->kernel);
	input->count = 0;
}
