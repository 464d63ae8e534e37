/* Building a disk image: layout, contents, partition table. */
#include "tools/lib/image_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpt/gpt_slot.h"
#include "tools/lib/file.h"
#include "tools/lib/filesystem.h"
#include "tools/lib/guid.h"
#include "tools/lib/image_check.h"
#include "tools/lib/image_efi.h"
#include "tools/lib/image_layout.h"
#include "tools/lib/image_slot.h"
#include "tools/lib/json_out.h"
#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

#define MIN_SLOT_BYTES (16 * TOOL_IMAGE_MIB)
#define EFI_BYTES      (64 * TOOL_IMAGE_MIB)
#define STATE_BYTES    (64 * TOOL_IMAGE_MIB)
#define HISTORY_MIN    (256u * 1024u)

/* In the order in which they lie on the disk; the numbers follow ChromeOS's habit. */
enum { EFI, KERNEL_A, ROOT_A, KERNEL_B, ROOT_B, HISTORY, STATE, PARTS };

struct job {
	struct tool_image_plan *plan;
	struct tool_slot_content content[TOOL_IMAGE_SLOTS];
	struct tool_image_layout layout;
	char *folder;
	char *seed;
};

static uint64_t chosen(const struct tool_optional_number *number, uint64_t preset)
{
	return number->given ? number->value : preset;
}

/* --- contents ----------------------------------------------------------------------- */

static bool make_contents(struct job *job)
{
	struct tool_image_plan *plan = job->plan;

	if (plan->slot[0].copy)
		return tool_error("[slot-a]: copy is for slot B");
	if (!tool_slot_content_make(&plan->slot[0], "slot A", job->folder,
				    &job->content[0]))
		return false;
	if (!job->content[0].filled)
		return tool_error(
			"slot A: nothing to boot: signed, kernel, fit or uki is needed");
	if (!plan->slot[1].copy)
		return tool_slot_content_make(&plan->slot[1], "slot B", job->folder,
					      &job->content[1]);
	job->content[1].filled = true;
	job->content[1].root_state = job->content[0].root_state;
	job->content[1].root_bytes = job->content[0].root_bytes;
	tool_buffer_append(&job->content[1].kernel, job->content[0].kernel.data,
			   job->content[0].kernel.len);
	if (job->content[0].root != NULL)
		job->content[1].root = tool_strdup(job->content[0].root);
	return true;
}

static void make_seed(struct job *job)
{
	const struct tool_buffer *const kernels[] = { &job->content[0].kernel,
						      &job->content[1].kernel };

	job->seed = tool_image_seed(job->plan->seed, kernels, TOOL_IMAGE_SLOTS);
	job->layout.seed = job->seed;
}

/* --- layout ------------------------------------------------------------------------- */

static uint64_t largest(const struct job *job, bool root)
{
	uint64_t most = 0;

	for (size_t i = 0; i < TOOL_IMAGE_SLOTS; i++) {
		const uint64_t bytes =
			root ? job->content[i].root_bytes : job->content[i].kernel.len;

		most = bytes > most ? bytes : most;
	}
	return most;
}

/* Half as much again leaves room for the next versions. */
static uint64_t with_room(uint64_t bytes)
{
	const uint64_t roomy = tool_image_round(bytes + bytes / 2);

	return roomy > MIN_SLOT_BYTES ? roomy : MIN_SLOT_BYTES;
}

static void set_part(struct job *job, int index, const char *name, uint32_t number,
		     const uint8_t *type, uint64_t bytes)
{
	job->layout.part[index] = (struct tool_image_part){
		.name = name,
		.number = number,
		.type = type,
		.bytes = tool_image_round(bytes),
	};
}

static void choose_parts(struct job *job)
{
	const struct tool_image_plan *p = job->plan;
	const uint64_t kernel = chosen(&p->kernel_size, with_room(largest(job, false)));
	const uint64_t root = chosen(&p->root_size, with_room(largest(job, true)));

	set_part(job, EFI, "EFI-SYSTEM", 12, gpt_type_efi,
		 chosen(&p->efi_size, EFI_BYTES));
	set_part(job, KERNEL_A, "KERN-A", 2, gpt_type_kernel, kernel);
	set_part(job, ROOT_A, "ROOT-A", 3, gpt_type_root, root);
	set_part(job, KERNEL_B, "KERN-B", 4, gpt_type_kernel, kernel);
	set_part(job, ROOT_B, "ROOT-B", 5, gpt_type_root, root);
	set_part(job, HISTORY, "HISTORY", 6, gpt_type_history,
		 chosen(&p->history_size, HISTORY_MIN));
	set_part(job, STATE, "STATE", 1, gpt_type_data,
		 chosen(&p->state_size, STATE_BYTES));
}

static bool fits(const struct job *job)
{
	for (size_t i = 0; i < TOOL_IMAGE_SLOTS; i++) {
		const struct tool_image_part *kernel =
			&job->layout.part[i == 0 ? KERNEL_A : KERNEL_B];
		const struct tool_image_part *root =
			&job->layout.part[i == 0 ? ROOT_A : ROOT_B];

		if (job->content[i].kernel.len > kernel->bytes)
			return tool_error("%s: kernel has %zu bytes, the partition %llu",
					  kernel->name, job->content[i].kernel.len,
					  (unsigned long long)kernel->bytes);
		if (job->content[i].root_bytes > root->bytes)
			return tool_error("%s: root has %llu bytes, the partition %llu",
					  root->name,
					  (unsigned long long)job->content[i].root_bytes,
					  (unsigned long long)root->bytes);
	}
	return true;
}

static bool lay_out(struct job *job)
{
	const struct tool_image_plan *p = job->plan;

	job->layout.count = PARTS;
	choose_parts(job);
	/* What is left belongs to the state partition, unless that has a size. */
	return fits(job) && tool_image_place(&job->layout, &p->size,
					     p->state_size.given ? SIZE_MAX : STATE);
}

/* --- attributes --------------------------------------------------------------------- */

static bool slot_attributes(const struct job *job, size_t index, uint64_t *out)
{
	const struct tool_image_slot *s = &job->plan->slot[index];
	const bool filled = job->content[index].filled;
	const uint64_t priority = chosen(&s->priority, !filled ? 0 : index == 0 ? 2 : 1);
	const uint64_t attempts = chosen(&s->remaining_attempts, 0);

	if (priority > GPT_MAX_PRIORITY || attempts > GPT_MAX_ATTEMPTS)
		return tool_error(
			"[slot-%c]: priority and remaining-attempts are 0 to 15",
			'a' + (int)index);
	/* A new image is taken for good unless it says that it wants to be tried. */
	const bool bootable =
		s->bootable.given ? s->bootable.value != 0 : filled && attempts == 0;
	const struct gpt_slot slot = { .priority = (uint8_t)priority,
				       .remaining_attempts = (uint8_t)attempts,
				       .bootable = bootable };

	*out = gpt_slot_encode(&slot);
	return true;
}

static bool write_table(struct job *job)
{
	struct tool_image_part *part = job->layout.part;

	return slot_attributes(job, 0, &part[KERNEL_A].attributes) &&
	       slot_attributes(job, 1, &part[KERNEL_B].attributes) &&
	       tool_image_write_table(&job->layout);
}

/* --- writing ------------------------------------------------------------------------ */

static bool write_slots(const struct job *job)
{
	for (size_t i = 0; i < TOOL_IMAGE_SLOTS; i++) {
		const struct tool_slot_content *c = &job->content[i];
		const int kernel = i == 0 ? KERNEL_A : KERNEL_B;

		if (c->filled &&
		    !tool_pwrite(job->layout.fd, job->layout.path, c->kernel.data,
				 c->kernel.len, job->layout.part[kernel].offset))
			return false;
		if (c->root != NULL &&
		    !tool_image_copy_file(&job->layout, c->root, (size_t)kernel + 1))
			return false;
	}
	return true;
}

static bool write_efi(const struct job *job)
{
	char *file = tool_format("%s/efi", job->folder);
	const bool good =
		tool_image_efi_make(job->plan, file, job->folder,
				    job->layout.part[EFI].bytes,
				    job->layout.disk.sector_bytes,
				    tool_image_serial(&job->layout), "EFI-SYSTEM") &&
		tool_image_copy_file(&job->layout, file, EFI);

	free(file);
	return good;
}

static bool write_state(const struct job *job)
{
	const char *type = job->plan->state_type != NULL ? job->plan->state_type : "ext4";
	uint8_t guid[16];

	if (strcmp(type, "none") == 0)
		return true;
	if (strcmp(type, "ext4") != 0)
		return tool_error("[state] type: '%s' is neither ext4 nor none", type);
	char *file = tool_format("%s/state", job->folder);

	tool_guid_make(job->seed, "state file system", guid);
	const bool good = tool_ext4_make(file, job->layout.part[STATE].bytes, NULL,
					 "STATE", true, guid) &&
			  tool_image_copy_file(&job->layout, file, STATE);

	free(file);
	return good;
}

static bool write_image(struct job *job, const char *output)
{
	struct host_output out;

	if (!tool_output_begin(&out, output, 0644, HOST_REPLACE))
		return false;
	job->layout.fd = out.fd;
	job->layout.path = out.path;
	const uint64_t bytes = job->layout.disk.sectors * job->layout.disk.sector_bytes;
	const bool good = (ftruncate(out.fd, (off_t)bytes) == 0 ||
			   tool_error("%s: %s", output, strerror(errno))) &&
			  write_efi(job) && write_slots(job) && write_state(job) &&
			  write_table(job);

	if (good)
		return tool_output_commit(&out);
	host_output_abort(&out);
	return false;
}

/* --- report ------------------------------------------------------------------------- */

static json_t *describe(const struct job *job, const char *output)
{
	json_t *object = tool_image_describe(&job->layout, output);
	json_t *parts = json_array();

	for (size_t i = 0; i < PARTS; i++) {
		json_t *p = tool_image_describe_part(&job->layout, i);

		if (i == KERNEL_A || i == KERNEL_B) {
			const struct tool_slot_content *c =
				&job->content[i == KERNEL_A ? 0 : 1];

			tool_json_bool(p, "filled", c->filled);
			if (c->filled)
				tool_json_text(p, "root", tool_root_words(c->root_state));
		}
		if (i == ROOT_A || i == ROOT_B) {
			const struct tool_slot_content *c =
				&job->content[i == ROOT_A ? 0 : 1];

			tool_json_bool(p, "filled", c->root != NULL);
			if (c->filled && c->root == NULL)
				tool_json_text(p, "note",
					       "no root was given: the kernel beside it "
					       "must bring its own");
		}
		tool_json_append(parts, p);
	}
	tool_json_set(object, "partition", parts);
	return object;
}

bool tool_image_build(struct tool_image_plan *plan, const char *output, json_t **report)
{
	struct job job = { .plan = plan };

	if (!tool_image_sector_size(&plan->sector_size, &job.layout.disk.sector_bytes))
		return false;
	job.folder = tool_temporary_folder();
	if (job.folder == NULL)
		return false;
	bool good = make_contents(&job);

	if (good) {
		const struct tool_buffer *const kernel[TOOL_IMAGE_SLOTS] = {
			&job.content[0].kernel, &job.content[1].kernel
		};

		make_seed(&job);
		good = lay_out(&job) && write_image(&job, output) &&
		       tool_image_check(plan, kernel);
	}
	if (good && report != NULL)
		*report = describe(&job, output);
	for (size_t i = 0; i < TOOL_IMAGE_SLOTS; i++)
		tool_slot_content_free(&job.content[i]);
	free(job.seed);
	tool_temporary_folder_remove(job.folder);
	return good;
}
