/* Making enrolment sticks. */
#include "tools/lib/enroll_make.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "boot/enroll/bundle.h"
#include "tools/lib/certificate.h"
#include "tools/lib/file.h"
#include "tools/lib/filesystem.h"
#include "tools/lib/image_layout.h"
#include "tools/lib/json_out.h"
#include "tools/lib/owner_keys.h"
#include "tools/lib/pe_file.h"
#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

#define STICK_BYTES    (40 * TOOL_IMAGE_MIB) /* the smallest round size that is a FAT32 */
#define PROGRAM_LIMIT  ((size_t)16 << 20)
#define KEYS_SECTION   ".lbkeys"
#define FILES_OF_KEY   3u
#define MAX_PROGRAMS   2u
#define MAX_FILES      (TOOL_OWNER_KEYS * FILES_OF_KEY + MAX_PROGRAMS + 2)
#define SIGNER_OF(key) ((key) == TOOL_EFI_DB ? TOOL_EFI_KEK : TOOL_EFI_PK)

/* Basic data: what every system shows to people, and firmware boots from as well. */
static const uint8_t type_basic_data[16] = { 0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9,
					     0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6,
					     0xb7, 0x26, 0x99, 0xc7 };

static const char readme[] = "Secure Boot keys, made by lifeboat secure-boot enroll\r\n"
			     "\r\n"
			     "1. Switch Secure Boot to Setup Mode in the firmware's "
			     "settings (clear its keys).\r\n"
			     "2. Start the machine from this stick. It says what it is "
			     "about to do, and asks.\r\n"
			     "\r\n"
			     "Or let the firmware's own key menu read KEYS\\: first db, "
			     "then KEK, last PK; .auth\r\n"
			     "where it takes signed updates, else .esl or .cer.\r\n";

struct job {
	const struct tool_enroll_plan *plan;
	struct tool_owner_keys keys;
	struct tool_buffer list[TOOL_OWNER_KEYS], update[TOOL_OWNER_KEYS];
	struct tool_buffer removal; /* takes PK away again */
	char *folder;               /* temporary */
	struct tool_fat_file file[MAX_FILES];
	size_t file_count;
	struct tool_image_layout layout;
};

/* --- updates ------------------------------------------------------------------------ */

static bool add_lists(struct job *job, enum tool_efi_variable which,
		      const struct tool_list *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (!tool_list_file(job->keys.owner, more->item[i].value,
				    &job->list[which]))
			return false;
	return job->list[which].len <= TOOL_SIGNATURE_LIST_LIMIT ||
	       tool_error("%s: more than %u bytes", tool_efi_variable_name(which),
			  TOOL_SIGNATURE_LIST_LIMIT);
}

static bool sign(struct job *job, enum tool_efi_variable which,
		 const struct tool_buffer *lists, time_t time, struct tool_buffer *out)
{
	const enum tool_efi_variable signer = SIGNER_OF(which);
	const struct tool_efi_update update = {
		.variable = which,
		.lists = lists,
		.time = time,
		.key = job->keys.key[signer],
		.certificate = job->keys.certificate[signer],
	};

	return tool_efi_update_sign(&update, out);
}

/* The removal is a second later: firmware refuses an update that is not newer. */
static bool make_updates(struct job *job)
{
	static const struct tool_buffer nothing;

	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++)
		tool_list_certificate(job->keys.owner, job->keys.certificate[i],
				      &job->list[i]);
	if (!add_lists(job, TOOL_EFI_DB, &job->plan->add_db) ||
	    !add_lists(job, TOOL_EFI_KEK, &job->plan->add_kek))
		return false;
	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++)
		if (!sign(job, i, &job->list[i], job->plan->time, &job->update[i]))
			return false;
	return sign(job, TOOL_EFI_PK, &nothing, job->plan->time + 1, &job->removal);
}

/* --- files -------------------------------------------------------------------------- */

static bool write_update_files(const struct job *job, const char *folder)
{
	bool good = true;

	for (unsigned i = 0; good && i < TOOL_OWNER_KEYS; i++) {
		const char *name = tool_efi_variable_name(i);
		char *list = tool_format("%s/%s.esl", folder, name);
		char *update = tool_format("%s/%s.auth", folder, name);

		good = tool_write_file(list, job->list[i].data, job->list[i].len, 0644,
				       HOST_REPLACE) &&
		       tool_write_file(update, job->update[i].data, job->update[i].len,
				       0644, HOST_REPLACE);
		free(list);
		free(update);
	}
	return good;
}

/* Whoever has the removal can switch the machine's Secure Boot off: not for the stick,
 * and for nobody else to read. */
static bool write_files(const struct job *job)
{
	const char *folder = job->plan->files;

	if (folder == NULL)
		return true;
	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return tool_error("%s: %s", folder, strerror(errno));
	char *removal = tool_format("%s/remove-PK.auth", folder);
	const bool good = write_update_files(job, folder) &&
			  tool_write_file(removal, job->removal.data, job->removal.len,
					  0600, HOST_REPLACE);

	free(removal);
	return good;
}

/* --- programs ----------------------------------------------------------------------- */

static void put_bundle(const struct job *job, uint8_t *section)
{
	static const enum tool_efi_variable order[ENROLL_VARIABLES] = {
		[ENROLL_DB] = TOOL_EFI_DB,
		[ENROLL_KEK] = TOOL_EFI_KEK,
		[ENROLL_PK] = TOOL_EFI_PK,
	};
	uint32_t at = ENROLL_HEADER_BYTES;

	memset(section, 0, ENROLL_SECTION_BYTES);
	memcpy(section, ENROLL_MAGIC, ENROLL_MAGIC_BYTES);
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++) {
		const struct tool_buffer *update = &job->update[order[i]];
		uint8_t *entry = section + ENROLL_AT_TABLE + i * ENROLL_ENTRY_BYTES;

		lb_put_le32(entry, at);
		lb_put_le32(entry + 4, (uint32_t)update->len);
		memcpy(section + at, update->data, update->len);
		at += (uint32_t)update->len;
	}
	lb_put_le32(section + ENROLL_AT_BYTES, at);
	lb_put_le32(section + ENROLL_AT_CRC, lb_crc32(0, section, at));
}

static bool fits(const struct job *job)
{
	size_t bytes = ENROLL_HEADER_BYTES;

	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++)
		bytes += job->update[i].len;
	return bytes <= ENROLL_SECTION_BYTES ||
	       tool_error("the keys have %zu bytes, there is room for %u", bytes,
			  ENROLL_SECTION_BYTES);
}

static bool fill_program(const struct job *job, struct tool_buffer *file,
			 const char *name, const char **target)
{
	struct tool_pe pe;
	struct tool_pe_section section;
	struct enroll_bundle bundle;

	if (!tool_pe_parse(file, name, &pe))
		return false;
	*target = pe.machine == TOOL_PE_X86_64    ? "EFI/BOOT/BOOTX64.EFI"
		  : pe.machine == TOOL_PE_AARCH64 ? "EFI/BOOT/BOOTAA64.EFI"
						  : NULL;
	if (*target == NULL || !tool_pe_section(file, &pe, KEYS_SECTION, &section) ||
	    section.file_bytes < ENROLL_SECTION_BYTES)
		return tool_error("%s: not an enrolment program (no " KEYS_SECTION
				  " section)",
				  name);
	put_bundle(job, file->data + section.file_offset);
	tool_pe_fix_checksum(file, &pe);
	/* The program's own eyes. */
	if (enroll_bundle_parse(file->data + section.file_offset, ENROLL_SECTION_BYTES,
				&bundle) != LB_OK)
		tool_fatal("the keys were put into %s wrongly", name);
	return true;
}

/* --- the stick ---------------------------------------------------------------------- */

static void add_file(struct job *job, char *source, char *target)
{
	job->file[job->file_count++] = (struct tool_fat_file){ source, target };
}

static bool add_program(struct job *job, const char *name)
{
	struct tool_buffer file = { 0 };
	const char *target = NULL;
	bool good = tool_read_file(name, PROGRAM_LIMIT, &file) &&
		    fill_program(job, &file, name, &target);

	for (size_t i = 0; good && i < job->file_count; i++)
		if (strcmp(job->file[i].target, target) == 0)
			good = tool_error("%s: a second program for the same CPU", name);
	if (good) {
		char *made = tool_format("%s/program-%zu", job->folder, job->file_count);

		good = tool_write_file(made, file.data, file.len, 0600, HOST_REPLACE);
		add_file(job, made, tool_strdup(target));
	}
	tool_buffer_free(&file);
	return good;
}

static bool add_keys(struct job *job)
{
	if (!write_update_files(job, job->folder))
		return false;
	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++) {
		const char *name = tool_efi_variable_name(i);

		for (unsigned k = 0; k < FILES_OF_KEY; k++) {
			static const char *const suffix[FILES_OF_KEY] = { "auth", "esl",
									  "cer" };
			const char *from = k < 2 ? job->folder : job->plan->keys;

			add_file(job, tool_format("%s/%s.%s", from, name, suffix[k]),
				 tool_format("KEYS/%s.%s", name, suffix[k]));
		}
	}
	char *text = tool_format("%s/readme", job->folder);

	add_file(job, text, tool_strdup("README.TXT"));
	return tool_write_file(text, readme, sizeof(readme) - 1, 0600, HOST_REPLACE);
}

static bool write_stick(struct job *job)
{
	struct tool_image_layout *l = &job->layout;
	const uint64_t bytes = l->disk.sectors * l->disk.sector_bytes;
	char *fat = tool_format("%s/fat", job->folder);
	struct host_output out;

	if (!tool_output_begin(&out, job->plan->output, 0644, HOST_REPLACE)) {
		free(fat);
		return false;
	}
	l->fd = out.fd;
	l->path = out.path;
	const bool good = (ftruncate(out.fd, (off_t)bytes) == 0 ||
			   tool_error("%s: %s", out.path, strerror(errno))) &&
			  tool_fat_make(fat, l->part[0].bytes, l->disk.sector_bytes,
					tool_image_serial(l), "ENROL-KEYS", job->file,
					job->file_count) &&
			  tool_image_copy_file(l, fat, 0) && tool_image_write_table(l);

	free(fat);
	if (good)
		return tool_output_commit(&out);
	host_output_abort(&out);
	return false;
}

static bool make_stick(struct job *job)
{
	const struct tool_list *programs = &job->plan->programs;
	const struct tool_optional_number none = { 0 };

	if (job->plan->output == NULL)
		return true;
	if (programs->count > MAX_PROGRAMS)
		return tool_error("more than %u programs", MAX_PROGRAMS);
	job->layout.part[0] = (struct tool_image_part){ .name = "ENROL-KEYS",
							.number = 1,
							.type = type_basic_data,
							.bytes = STICK_BYTES };
	job->layout.count = 1;
	if (!fits(job) || !tool_image_sector_size(&none, &job->layout.disk.sector_bytes))
		return false;
	char *seed = tool_certificate_digest(job->keys.certificate[TOOL_EFI_PK]);

	job->layout.seed = seed;
	bool good = tool_image_place(&job->layout, &none, SIZE_MAX);

	for (size_t i = 0; good && i < programs->count; i++)
		good = add_program(job, programs->item[i].value);
	good = good && add_keys(job) && write_stick(job);
	free(seed);
	return good;
}

/* --- report ------------------------------------------------------------------------- */

static json_t *describe(const struct job *job)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++) {
		json_t *key = json_object();
		char *subject = tool_certificate_subject(job->keys.certificate[i]);
		char *digest = tool_certificate_digest(job->keys.certificate[i]);

		tool_json_text(key, "subject", subject);
		tool_json_text(key, "sha256", digest);
		tool_json_number(key, "signatures", tool_lists_count(&job->list[i]));
		tool_json_set(object, tool_efi_variable_name(i), key);
		free(subject);
		free(digest);
	}
	if (job->plan->output != NULL)
		tool_json_text(object, "stick", job->plan->output);
	if (job->plan->files != NULL)
		tool_json_text(object, "files", job->plan->files);
	return object;
}

static void release(struct job *job)
{
	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++) {
		tool_buffer_free(&job->list[i]);
		tool_buffer_free(&job->update[i]);
	}
	for (size_t i = 0; i < job->file_count; i++) {
		free((void *)(uintptr_t)job->file[i].source);
		free((void *)(uintptr_t)job->file[i].target);
	}
	tool_buffer_free(&job->removal);
	tool_owner_keys_free(&job->keys);
	tool_temporary_folder_remove(job->folder);
}

bool tool_enroll_make(const struct tool_enroll_plan *plan, json_t **report)
{
	struct job *job = tool_alloc(sizeof(*job));
	const unsigned needed = 1u << TOOL_EFI_PK | 1u << TOOL_EFI_KEK;

	job->plan = plan;
	job->folder = tool_temporary_folder();
	const bool good = job->folder != NULL &&
			  tool_owner_keys_load(plan->keys, needed, &job->keys) &&
			  make_updates(job) && write_files(job) && make_stick(job);

	if (good)
		*report = describe(job);
	release(job);
	free(job);
	return good;
}
