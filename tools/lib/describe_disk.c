/* Disks and loaders as names and values. */
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "tools/lib/describe.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/media_found.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/table_words.h"
#include "tools/lib/tool.h"

static void set_guid(json_t *object, const char *name, const uint8_t guid[16])
{
	char text[LB_GUID_TEXT_BYTES];

	lb_format_guid(text, guid);
	tool_json_text(object, name, text);
}

/* One copy's fields as they stand, and what is wrong with them. */
static json_t *describe_copy(struct host_platform *plat, const struct platform_disk *disk,
			     uint64_t lba, const char *status)
{
	json_t *object = json_object();
	char *fault = tool_table_fault(plat, disk, lba);

	tool_json_text(object, "status",
		       status != NULL  ? status
		       : fault != NULL ? "damaged"
				       : "ok");
	if (fault != NULL)
		tool_json_text(object, "fault", fault);
	(void)tool_table_fields(plat, disk, lba, object); /* no header, no fields */
	free(fault);
	return object;
}

static json_t *describe_loaded_copy(struct tool_disk_slots *slots, int index)
{
	const struct gpt_copy *copy = &slots->gpt.copy[index];

	return describe_copy(slots->plat, slots->disk, copy->lba,
			     copy->ignored ? "ignored" : lb_status_name(copy->status));
}

json_t *tool_describe_damaged_disk(struct tool_disk_slots *slots)
{
	const struct platform_disk *disk = slots->disk;
	json_t *object = json_object();

	tool_json_text(object, "kind", "disk with a damaged partition table");
	tool_json_number(object, "sector_bytes", disk->sector_bytes);
	tool_json_number(object, "sectors", disk->sectors);
	tool_json_set(object, "primary",
		      describe_copy(slots->plat, disk, GPT_PRIMARY_LBA, NULL));
	tool_json_set(object, "backup",
		      describe_copy(slots->plat, disk, disk->sectors - 1, NULL));
	return object;
}

/* The partition types there are words for. */
static const char *type_name(const uint8_t type[16])
{
	static const struct {
		const uint8_t *type;
		const char *name;
	} names[] = {
		{ gpt_type_kernel, "kernel" },        { gpt_type_root, "root" },
		{ gpt_type_efi, "EFI system" },       { gpt_type_data, "Linux data" },
		{ gpt_type_history, "boot history" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memcmp(names[i].type, type, 16) == 0)
			return names[i].name;
	return "other";
}

static void set_name(json_t *object, const struct gpt_entry *entry)
{
	char name[37];
	size_t n = 0;

	for (; n < 36 && entry->name[n] != 0; n++)
		name[n] = entry->name[n] >= 0x20 && entry->name[n] < 0x7f
				  ? (char)entry->name[n]
				  : '?';
	name[n] = '\0';
	tool_json_text(object, "name", name);
}

static void set_slot(json_t *object, const struct gpt_slot *slot)
{
	const char letter[2] = { slot->letter, '\0' };

	tool_json_text(object, "slot", letter);
	tool_json_number(object, "priority", slot->priority);
	tool_json_number(object, "remaining_attempts", slot->remaining_attempts);
	tool_json_bool(object, "bootable", slot->bootable);
}

static void set_kernel(json_t *object, struct tool_disk_slots *slots,
		       const struct gpt_entry *e)
{
	const uint32_t sector_bytes = slots->disk->sector_bytes;
	const uint64_t bytes = (e->last_lba - e->first_lba + 1) * sector_bytes;
	struct tool_buffer content = { 0 };
	const struct host_disk *disk = &slots->plat->disk[slots->disk->id];

	if (bytes > TOOL_FILE_LIMIT) {
		tool_json_text(object, "kernel", "larger than 4 GiB, not read");
		return;
	}
	if (tool_pread(disk->fd, disk->path, tool_buffer_grow(&content, (size_t)bytes),
		       (size_t)bytes, e->first_lba * sector_bytes))
		tool_json_set(object, "kernel",
			      tool_describe_partition(content.data, content.len));
	tool_buffer_free(&content);
}

static json_t *describe_entry(struct tool_disk_slots *slots, uint32_t index,
			      const struct gpt_entry *e, bool media)
{
	json_t *object = json_object();
	char *attributes = tool_format("0x%016llx", (unsigned long long)e->attributes);

	tool_json_number(object, "number", index + 1);
	set_name(object, e);
	tool_json_text(object, "type_name", type_name(e->type));
	set_guid(object, "type", e->type);
	set_guid(object, "guid", e->guid);
	tool_json_number(object, "first_lba", e->first_lba);
	tool_json_number(object, "last_lba", e->last_lba);
	tool_json_text(object, "attributes", attributes);
	free(attributes);
	for (size_t i = 0; i < slots->count; i++)
		if (slots->slot[i].kernel == index) {
			if (!media)
				set_slot(object, &slots->slot[i]);
			set_kernel(object, slots, e);
		}
	return object;
}

json_t *tool_describe_disk(struct tool_disk_slots *slots)
{
	const struct gpt *gpt = &slots->gpt;
	const struct gpt_header *h = &gpt->copy[gpt->in_use].header;
	json_t *object = json_object();
	json_t *partitions = json_array();
	const bool media = tool_media_found(&slots->plat->platform, slots->disk, gpt,
					    slots->slot, slots->count);
	struct gpt_entry entry;

	tool_json_text(object, "kind", media ? "recovery media" : "disk");
	tool_json_number(object, "sector_bytes", gpt->disk.sector_bytes);
	tool_json_number(object, "sectors", gpt->disk.sectors);
	tool_json_set(object, "primary", describe_loaded_copy(slots, GPT_PRIMARY));
	tool_json_set(object, "backup", describe_loaded_copy(slots, GPT_BACKUP));
	tool_json_text(object, "in_use",
		       gpt->in_use == GPT_PRIMARY ? "primary" : "backup");
	tool_json_bool(object, "copies_differ", gpt->copies_differ);
	for (uint32_t i = 0; i < h->entry_count; i++)
		if (gpt_entry_get(gpt, i, &entry) == LB_OK && gpt_entry_used(&entry))
			tool_json_append(partitions,
					 describe_entry(slots, i, &entry, media));
	tool_json_set(object, "partition", partitions);
	return object;
}

/* --- loaders ------------------------------------------------------------------------ */

static json_t *describe_sections(const struct tool_buffer *file, const struct tool_pe *pe)
{
	json_t *array = json_array();
	struct tool_pe_section s;

	for (uint32_t i = 0; i < pe->section_count; i++) {
		json_t *section = json_object();
		const bool inside = tool_pe_section_at(file, pe, i, &s);

		tool_json_text(section, "name", s.name);
		tool_json_number(section, "file_offset", s.file_offset);
		tool_json_number(section, "file_bytes", s.file_bytes);
		tool_json_number(section, "virtual_bytes", s.virtual_bytes);
		if (!inside)
			tool_json_text(section, "error", "leads outside the file");
		tool_json_append(array, section);
	}
	return array;
}

static void set_sbat(json_t *object, const struct tool_buffer *file,
		     const struct tool_pe *pe)
{
	char *sbat = tool_pe_section_text(file, pe, ".sbat");
	json_t *lines = json_array();
	char *rest = NULL;

	if (sbat != NULL)
		for (char *line = strtok_r(sbat, "\n", &rest); line != NULL;
		     line = strtok_r(NULL, "\n", &rest))
			tool_json_append(lines, tool_json_string(line));
	tool_json_set(object, "sbat", lines);
	free(sbat);
}

json_t *tool_describe_loader(const struct tool_buffer *file, const char *name,
			     const struct tool_loader *loader)
{
	json_t *object = json_object();
	json_t *profiles;

	tool_json_text(object, "kind",
		       loader->kind == TOOL_LOADER_BARE   ? "bare-metal loader"
		       : loader->kind == TOOL_LOADER_UEFI ? "UEFI loader"
							  : "PE file");
	if (loader->kind != TOOL_LOADER_BARE) {
		char *machine = tool_format("0x%x", loader->pe.machine);

		tool_json_text(object, "machine", machine);
		free(machine);
		tool_json_number(object, "signature_bytes",
				 loader->pe.certificates_bytes);
		tool_json_set(object, "section", describe_sections(file, &loader->pe));
		set_sbat(object, file, &loader->pe);
	}
	if (loader->kind == TOOL_LOADER_NONE)
		return object;
	tool_json_number(object, "profile_offset", loader->profile_offset);
	if (!tool_profile_describe(file->data + loader->profile_offset,
				   loader->profile_bytes, name, loader->profile_offset,
				   &profiles)) {
		json_decref(object);
		return NULL;
	}
	tool_json_set(object, "profile", profiles);
	return object;
}
