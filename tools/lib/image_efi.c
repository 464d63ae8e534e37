/* The EFI system partition of an image. */
#include "tools/lib/image_efi.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/profile.h"
#include "tools/lib/file.h"
#include "tools/lib/filesystem.h"
#include "tools/lib/ia32.h"
#include "tools/lib/inputs.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/tool.h"

#define LOADER_LIMIT ((size_t)64 << 20)
#define MAX_FILES    (2 * TOOL_LIST_MAX + 1)

struct file_list {
	size_t count;
	struct tool_fat_file file[MAX_FILES];
};

static void add_file(struct file_list *list, char *source, char *target)
{
	list->file[list->count++] = (struct tool_fat_file){ source, target };
}

static const char *removable_path(uint16_t machine)
{
	return machine == TOOL_PE_X86_64    ? "EFI/BOOT/BOOTX64.EFI"
	       : machine == TOOL_PE_AARCH64 ? "EFI/BOOT/BOOTAA64.EFI"
					    : NULL;
}

static bool install_profile(const char *profile_path, const char *name,
			    struct tool_buffer *file, struct tool_loader *loader)
{
	struct tool_buffer profile = { 0 };
	const bool good = tool_read_file(profile_path, PROFILE_SECTION_BYTES, &profile) &&
			  tool_loader_install(file, name, loader, &profile, false);

	tool_buffer_free(&profile);
	return good;
}

static bool has_profile(const struct tool_buffer *file, const char *name,
			const struct tool_loader *loader)
{
	const uint8_t *bytes = file->data + loader->profile_offset;
	size_t count;

	return profile_count(bytes, loader->profile_bytes, &count, NULL) == LB_OK ||
	       tool_profile_refuse(name, loader->profile_offset, bytes,
				   loader->profile_bytes);
}

static bool add_loader(const struct tool_image_plan *plan, const char *name, size_t index,
		       const char *folder, struct file_list *list)
{
	struct tool_buffer file = { 0 };
	struct tool_loader loader;
	bool good = tool_read_file(name, LOADER_LIMIT, &file) &&
		    tool_loader_find(&file, name, &loader);
	const char *target = good ? removable_path(loader.pe.machine) : NULL;

	if (good && (loader.kind != TOOL_LOADER_UEFI || target == NULL))
		good = tool_error("%s: not a lifeboat loader for UEFI", name);
	if (good && plan->profile != NULL)
		good = install_profile(plan->profile, name, &file, &loader);
	good = good && has_profile(&file, name, &loader);
	for (size_t i = 0; good && i < list->count; i++)
		if (strcmp(list->file[i].target, target) == 0)
			good = tool_error("%s: a second loader for the same CPU", name);
	if (good) {
		char *made = tool_format("%s/loader-%zu", folder, index);

		good = tool_write_file(made, file.data, file.len, 0600, HOST_REPLACE);
		add_file(list, made, tool_strdup(target));
	}
	tool_buffer_free(&file);
	return good;
}

static bool add_other(const char *setting, struct file_list *list)
{
	const char *equals = strrchr(setting, '=');

	if (equals == NULL || equals[1] == '\0' || equals[1] == '/')
		return tool_error("[efi] file: '%s' is not FILE=TARGET", setting);
	/* mcopy would ask on the terminal, with nothing to be seen of the question. */
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->file[i].target, equals + 1) == 0)
			return tool_error("%s: two files of that name", equals + 1);
	char *source = tool_format("%.*s", (int)(equals - setting), setting);

	tool_input_add(source);
	add_file(list, source, tool_strdup(equals + 1));
	return true;
}

static bool lists(const struct file_list *list, const char *target)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->file[i].target, target) == 0)
			return true;
	return false;
}

/* Where the loader for x86_64 is started by its default name, 32-bit firmware finds words
 * - or what the plan has put there. */
static bool add_ia32(const char *folder, struct file_list *list)
{
	static const char target[] = "EFI/BOOT/BOOTIA32.EFI";

	if (!lists(list, removable_path(TOOL_PE_X86_64)) || lists(list, target))
		return true;
	char *made = tool_format("%s/bootia32", folder);

	add_file(list, made, tool_strdup(target));
	return tool_write_file(made, tool_ia32, tool_ia32_bytes, 0600, HOST_REPLACE);
}

bool tool_image_efi_make(const struct tool_image_plan *plan, const char *path,
			 const char *folder, uint64_t bytes, uint32_t sector_bytes,
			 uint32_t serial, const char *label)
{
	struct file_list *list = tool_alloc(sizeof(*list));
	bool good = true;

	for (size_t i = 0; good && i < plan->loaders.count; i++)
		good = add_loader(plan, plan->loaders.item[i].value, i, folder, list);
	for (size_t i = 0; good && i < plan->efi_files.count; i++)
		good = add_other(plan->efi_files.item[i].value, list);
	good = good && add_ia32(folder, list);
	good = good && tool_fat_make(path, bytes, sector_bytes, serial, label, list->file,
				     list->count);
	for (size_t i = 0; i < list->count; i++) {
		free((void *)(uintptr_t)list->file[i].source);
		free((void *)(uintptr_t)list->file[i].target);
	}
	free(list);
	return good;
}
