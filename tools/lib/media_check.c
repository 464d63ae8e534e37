/* Judging recovery kernels. */
#include "tools/lib/media_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/profile.h"
#include "tools/lib/file.h"
#include "tools/lib/judge.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/tool.h"

#define LOADER_LIMIT ((size_t)64 << 20)

static const enum platform_cpu cpus[] = { PLATFORM_CPU_X86_64, PLATFORM_CPU_AARCH64 };

enum { CPUS = sizeof(cpus) / sizeof(cpus[0]) };

static enum lb_reason judge(struct host_platform *plat, const struct tool_judge *how,
			    const struct tool_media_kernel *kernel,
			    struct tool_judgement *out)
{
	static const uint8_t no_guid[16];
	struct host_memory memory = { kernel->bytes.data, kernel->bytes.len };
	const struct lb_source source = host_memory_source(&memory);

	tool_judge_source(plat, how, &source, no_guid, out);
	return out->verdict.reason;
}

/* --- kernels ------------------------------------------------------------------------ */

/* Whoever signed it: the one CPU that does not say "made for another processor". A FIT
 * that has nothing for an unnamed board still tells by that. */
bool tool_media_kernel_cpu(struct tool_media_kernel *kernel)
{
	const struct tool_judge how = { .policy = { .mode = CRYPTO_MODE_DEVELOPER,
						    .self_signed_allowed = true },
					.any_platform = true };
	struct host_platform *plat = tool_alloc(sizeof(*plat));
	struct tool_judgement told = { 0 };
	enum lb_reason best = LB_REASON_WRONG_CPU;

	tool_platform_init(plat);
	for (int i = 0; i < CPUS && best != LB_REASON_OK; i++) {
		struct tool_judgement j;

		plat->machine.cpu = cpus[i];
		const enum lb_reason reason = judge(plat, &how, kernel, &j);

		if (i > 0 && reason != LB_REASON_OK && best != LB_REASON_WRONG_CPU)
			continue;
		best = reason;
		told = j;
		kernel->cpu = cpus[i];
	}
	host_platform_close(plat);
	free(plat);
	kernel->version = told.version;
	kernel->root_verified = told.root_known && told.root == TOOL_ROOT_VERIFIED;
	if (best == LB_REASON_OK || best == LB_REASON_NO_CONFIGURATION)
		return true;
	if (best == LB_REASON_NOT_A_KERNEL)
		return tool_error("%s: %s%s%s", kernel->path, lb_reason_text(best),
				  told.verdict.detail[0] != '\0' ? ": " : "",
				  told.verdict.detail);
	return tool_refuse("%s: no kernel that a loader would start: %s%s%s",
			   kernel->path, lb_reason_text(best),
			   told.verdict.detail[0] != '\0' ? ": " : "",
			   told.verdict.detail);
}

bool tool_media_kernel_load(const char *path, struct tool_media_kernel *out)
{
	*out = (struct tool_media_kernel){ .path = path };
	return tool_read_file(path, TOOL_FILE_LIMIT, &out->bytes) &&
	       tool_media_kernel_cpu(out);
}

/* --- devices ------------------------------------------------------------------------ */

static struct tool_media_device *add(struct tool_media_devices *devices)
{
	struct tool_media_device *d = NULL;

	if (devices->count == TOOL_MEDIA_MAX_DEVICES)
		tool_error("profiles for more than %u devices", TOOL_MEDIA_MAX_DEVICES);
	else
		d = &devices->device[devices->count++];
	if (d != NULL)
		d->policy.mode = CRYPTO_MODE_RECOVERY;
	return d;
}

bool tool_media_add_key(struct tool_media_devices *devices, const char *path)
{
	struct tool_media_device *d = add(devices);

	if (d == NULL || !tool_public_key_load(path, &devices->key))
		return false;
	d->policy.key = devices->key.key;
	snprintf(d->name, sizeof(d->name), "a device with %.200s", path);
	return true;
}

static void copy_text(char out[TOOL_MEDIA_TEXT_BYTES], const struct profile_bytes *text)
{
	snprintf(out, TOOL_MEDIA_TEXT_BYTES, "%.*s", (int)text->len,
		 text->data != NULL ? (const char *)text->data : "");
}

/* "vendor/product" is SMBIOS, anything else a device tree's compatible. */
static void set_machine(struct platform_machine *machine,
			const struct profile_bytes *match)
{
	char text[TOOL_MEDIA_TEXT_BYTES];

	copy_text(text, match);
	char *slash = strchr(text, '/');

	if (slash == NULL) {
		snprintf(machine->compatible[0], PLATFORM_ID_BYTES, "%.*s",
			 (int)PLATFORM_ID_BYTES - 1, text);
		machine->compatible_count = 1;
		return;
	}
	*slash = '\0';
	snprintf(machine->vendor, PLATFORM_ID_BYTES, "%.*s", (int)PLATFORM_ID_BYTES - 1,
		 text);
	snprintf(machine->product, PLATFORM_ID_BYTES, "%.*s", (int)PLATFORM_ID_BYTES - 1,
		 slash + 1);
}

static bool add_profile(struct tool_media_devices *devices, const struct profile *p,
			const char *name)
{
	const size_t count = p->match_count > 0 ? p->match_count : 1;

	if (p->recovery_key.data == NULL)
		return tool_error("%s: model %.*s has no recovery-key: it would start no "
				  "recovery media",
				  name, (int)p->model.len,
				  p->model.data != NULL ? (const char *)p->model.data
							: "");
	for (size_t i = 0; i < count; i++) {
		struct tool_media_device *d = add(devices);

		if (d == NULL)
			return false;
		d->policy.key = p->recovery_key;
		d->policy.floor = p->recovery_floor;
		copy_text(d->name, &p->model);
		copy_text(d->hardware_id, &p->hardware_id);
		if (p->match_count > 0)
			set_machine(&d->machine, &p->match[i]);
	}
	return true;
}

static bool is_known(const struct tool_media_devices *devices, const uint8_t *bytes,
		     size_t len)
{
	for (size_t i = 0; i < devices->profiles; i++)
		if (devices->profile[i].len == len &&
		    memcmp(devices->profile[i].data, bytes, len) == 0)
			return true;
	return false;
}

static bool add_bytes(struct tool_media_devices *devices, const uint8_t *bytes,
		      size_t len, const char *name)
{
	struct profile profile;
	size_t count;

	if (profile_count(bytes, len, &count, NULL) != LB_OK)
		return tool_profile_refuse(name, 0, bytes, len);
	if (is_known(devices, bytes, len))
		return true;
	if (devices->profiles == TOOL_MEDIA_MAX_KERNELS)
		return tool_error("%s: more than %u different sets of profiles", name,
				  TOOL_MEDIA_MAX_KERNELS);
	struct tool_buffer *kept = &devices->profile[devices->profiles++];

	tool_buffer_append(kept, bytes, len);
	for (size_t i = 0; i < count; i++)
		if (profile_get(kept->data, kept->len, i, &profile) != LB_OK ||
		    !add_profile(devices, &profile, name))
			return false;
	return true;
}

bool tool_media_add_profile(struct tool_media_devices *devices, const char *path)
{
	struct tool_buffer file = { 0 };
	const bool good = tool_read_file(path, PROFILE_SECTION_BYTES, &file) &&
			  add_bytes(devices, file.data, file.len, path);

	tool_buffer_free(&file);
	return good;
}

bool tool_media_add_loader(struct tool_media_devices *devices, const char *path)
{
	struct tool_buffer file = { 0 };
	struct tool_loader loader;
	bool good = tool_read_file(path, LOADER_LIMIT, &file) &&
		    tool_loader_find(&file, path, &loader);

	if (good && loader.kind == TOOL_LOADER_NONE)
		good = tool_error("%s: not a lifeboat loader", path);
	good = good && add_bytes(devices, file.data + loader.profile_offset,
				 loader.profile_bytes, path);
	tool_buffer_free(&file);
	return good;
}

void tool_media_devices_free(struct tool_media_devices *devices)
{
	for (size_t i = 0; i < devices->profiles; i++)
		tool_buffer_free(&devices->profile[i]);
	tool_public_key_free(&devices->key);
	free(devices);
}

/* --- both --------------------------------------------------------------------------- */

static bool starts(const struct tool_media_device *device,
		   const struct tool_media_kernel *kernel, struct lb_verdict *why)
{
	struct tool_judge how = { .policy = device->policy, .any_platform = true };
	struct host_platform *plat = tool_alloc(sizeof(*plat));
	struct tool_judgement j;

	snprintf(how.hardware_id, sizeof(how.hardware_id), "%s", device->hardware_id);
	tool_platform_init(plat);
	plat->machine = device->machine;
	plat->machine.cpu = kernel->cpu;
	const enum lb_reason reason = judge(plat, &how, kernel, &j);

	host_platform_close(plat);
	free(plat);
	*why = j.verdict;
	return reason == LB_REASON_OK;
}

static bool check_kernel(struct tool_media_devices *devices,
			 const struct tool_media_kernel *kernel, size_t index)
{
	struct lb_verdict why, first = { .reason = LB_REASON_OK };
	bool good = devices->count == 0;

	for (size_t i = 0; i < devices->count; i++) {
		struct tool_media_device *d = &devices->device[i];

		d->starts[index] = starts(d, kernel, &why);
		good = good || d->starts[index];
		if (first.reason == LB_REASON_OK)
			first = why;
	}
	if (good)
		return true;
	return tool_refuse("%s: refused in recovery mode by %s%s: %s%s%s", kernel->path,
			   devices->device[0].name,
			   devices->count > 1 ? " and every other device" : "",
			   lb_reason_text(first.reason),
			   first.detail[0] != '\0' ? ": " : "", first.detail);
}

bool tool_media_check(struct tool_media_devices *devices,
		      const struct tool_media_kernel *kernel, size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (!check_kernel(devices, &kernel[k], k))
			return false;
	for (size_t i = 0; i < devices->count; i++) {
		bool any = false;

		for (size_t k = 0; k < count; k++)
			any = any || devices->device[i].starts[k];
		if (!any)
			tool_note("nothing on this medium starts on %s",
				  devices->device[i].name);
	}
	return true;
}
