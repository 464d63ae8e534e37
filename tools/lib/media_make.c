/* Making recovery media. */
#include "tools/lib/media_make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpt/gpt_table.h"
#include "tools/lib/file.h"
#include "tools/lib/image_efi.h"
#include "tools/lib/image_layout.h"
#include "tools/lib/json_out.h"
#include "tools/lib/media_check.h"
#include "tools/lib/media_data.h"
#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

#define DATA_BYTES (64 * TOOL_IMAGE_MIB)
/* Beside the files: loaders, tables, half-filled clusters, logs that the program
 * leaves. */
#define DATA_ROOM (32 * TOOL_IMAGE_MIB)

/* Basic data: what every system shows to people. An EFI system partition, which firmware
 * would boot from as well, is hidden by some of them. */
static const uint8_t type_basic_data[16] = { 0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9,
					     0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6,
					     0xb7, 0x26, 0x99, 0xc7 };

enum { DATA, KERNELS };

struct job {
	const struct tool_media_plan *plan;
	struct tool_media_kernel kernel[TOOL_MEDIA_MAX_KERNELS];
	size_t kernel_count;
	struct tool_media_devices *devices;
	struct tool_image_layout layout;
	char *identity[TOOL_MEDIA_MAX_KERNELS];
	char *folder;
	char *seed;
	struct tool_media_data data;
};

/* The names are known to the loader: recovery/media.c. */
static const char *kernel_name(enum platform_cpu cpu)
{
	return cpu == PLATFORM_CPU_X86_64 ? "RECOVERY-X86_64" : "RECOVERY-AARCH64";
}

/* --- contents ----------------------------------------------------------------------- */

static bool load_kernels(struct job *job)
{
	const struct tool_list *list = &job->plan->kernels;

	if (list->count > TOOL_MEDIA_MAX_KERNELS)
		return tool_error("more than %u kernels", TOOL_MEDIA_MAX_KERNELS);
	for (size_t i = 0; i < list->count; i++)
		if (!tool_media_kernel_load(list->item[i].value,
					    &job->kernel[job->kernel_count++]))
			return false;
	return true;
}

/* By the key, by the profile that goes into the loaders, else by the profiles that they
 * have already. */
static bool load_devices(struct job *job)
{
	const struct tool_media_plan *p = job->plan;

	if (p->key != NULL && !tool_media_add_key(job->devices, p->key))
		return false;
	if (p->profile != NULL)
		return tool_media_add_profile(job->devices, p->profile);
	for (size_t i = 0; i < p->loaders.count; i++)
		if (!tool_media_add_loader(job->devices, p->loaders.item[i].value))
			return false;
	return true;
}

static void make_seed(struct job *job)
{
	const struct tool_buffer *bytes[TOOL_MEDIA_MAX_KERNELS];

	for (size_t i = 0; i < job->kernel_count; i++)
		bytes[i] = &job->kernel[i].bytes;
	job->seed = tool_image_seed(job->plan->seed, bytes, job->kernel_count);
	job->layout.seed = job->seed;
}

/* --- layout ------------------------------------------------------------------------- */

static uint64_t data_bytes(const struct job *job)
{
	const uint64_t files = job->data.bytes + job->data.bytes / 50 + DATA_ROOM;

	return files > DATA_BYTES ? files : DATA_BYTES;
}

/* Attributes stay zero: a recovery kernel is no slot, whoever looks. */
static bool lay_out(struct job *job)
{
	struct tool_image_layout *l = &job->layout;
	const struct tool_optional_number *data = &job->plan->data_size;

	l->part[DATA] = (struct tool_image_part){
		.name = "RECOVERY-DATA",
		.number = 1,
		.type = type_basic_data,
		.bytes = data->given ? data->value : data_bytes(job),
	};
	for (size_t i = 0; i < job->kernel_count; i++) {
		const char *name = kernel_name(job->kernel[i].cpu);

		job->identity[i] = tool_format("%s %zu", name, i);
		l->part[KERNELS + i] = (struct tool_image_part){
			.name = name,
			.identity = job->identity[i],
			.number = (uint32_t)(2 + i),
			.type = gpt_type_kernel,
			.bytes = job->kernel[i].bytes.len,
		};
	}
	l->count = KERNELS + job->kernel_count;
	/* What is left is for people's files, unless that partition has a size. */
	return tool_image_place(l, &job->plan->size, data->given ? SIZE_MAX : DATA);
}

/* --- writing ------------------------------------------------------------------------ */

static bool write_data(const struct job *job)
{
	const struct tool_image_plan content = { .loaders = job->plan->loaders,
						 .efi_files = job->data.files,
						 .profile = job->plan->profile };
	char *file = tool_format("%s/data", job->folder);
	const bool good =
		tool_image_efi_make(&content, file, job->folder,
				    job->layout.part[DATA].bytes,
				    job->layout.disk.sector_bytes,
				    tool_image_serial(&job->layout), "RECOVERY") &&
		tool_image_copy_file(&job->layout, file, DATA);

	free(file);
	return good;
}

static bool write_kernels(const struct job *job)
{
	for (size_t i = 0; i < job->kernel_count; i++) {
		const struct tool_buffer *bytes = &job->kernel[i].bytes;

		if (!tool_pwrite(job->layout.fd, job->layout.path, bytes->data,
				 bytes->len, job->layout.part[KERNELS + i].offset))
			return false;
	}
	return true;
}

static bool write_image(struct job *job, const char *output)
{
	struct host_output out;
	const uint64_t bytes = job->layout.disk.sectors * job->layout.disk.sector_bytes;

	if (!tool_output_begin(&out, output, 0644, HOST_REPLACE))
		return false;
	job->layout.fd = out.fd;
	job->layout.path = out.path;
	const bool good = (ftruncate(out.fd, (off_t)bytes) == 0 ||
			   tool_error("%s: %s", output, strerror(errno))) &&
			  write_data(job) && write_kernels(job) &&
			  tool_image_write_table(&job->layout);

	if (good)
		return tool_output_commit(&out);
	host_output_abort(&out);
	return false;
}

/* --- report ------------------------------------------------------------------------- */

static json_t *describe_devices(const struct job *job)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < job->devices->count; i++) {
		const struct tool_media_device *d = &job->devices->device[i];
		json_t *object = json_object(), *kernels = json_array();

		for (size_t k = 0; k < job->kernel_count; k++)
			if (d->starts[k])
				tool_json_append(kernels,
						 json_integer((json_int_t)(2 + k)));
		tool_json_text(object, "device", d->name);
		tool_json_set(object, "starts_partition", kernels);
		tool_json_append(devices, object);
	}
	return devices;
}

static json_t *describe(const struct job *job, const char *output)
{
	json_t *object = tool_image_describe(&job->layout, output);
	json_t *parts = json_array();

	for (size_t i = 0; i < job->layout.count; i++) {
		json_t *part = tool_image_describe_part(&job->layout, i);

		if (i >= KERNELS)
			tool_json_number(part, "version",
					 job->kernel[i - KERNELS].version);
		tool_json_append(parts, part);
	}
	tool_json_set(object, "partition", parts);
	tool_json_set(object, "devices", describe_devices(job));
	if (json_array_size(job->data.payloads) != 0)
		tool_json_set(object, "payload", json_incref(job->data.payloads));
	return object;
}

static void release(struct job *job)
{
	for (size_t i = 0; i < TOOL_MEDIA_MAX_KERNELS; i++) {
		tool_buffer_free(&job->kernel[i].bytes);
		free(job->identity[i]);
	}
	tool_media_devices_free(job->devices);
	tool_media_data_free(&job->data);
	free(job->seed);
	tool_temporary_folder_remove(job->folder);
}

bool tool_media_make(const struct tool_media_plan *plan, const char *output,
		     json_t **report)
{
	struct job job = { .plan = plan };

	if (!tool_image_sector_size(&plan->sector_size, &job.layout.disk.sector_bytes))
		return false;
	job.folder = tool_temporary_folder();
	if (job.folder == NULL)
		return false;
	job.devices = tool_alloc(sizeof(*job.devices));
	bool good = load_kernels(&job) && load_devices(&job) &&
		    tool_media_check(job.devices, job.kernel, job.kernel_count) &&
		    tool_media_data_make(plan, job.folder, &job.data);

	if (good) {
		make_seed(&job);
		good = lay_out(&job) && write_image(&job, output);
	}
	if (good)
		*report = describe(&job, output);
	release(&job);
	return good;
}
