/* What tool_files_fuzz leaves out of the lifeboat command's parsers. The first byte
 * chooses: damaged partition tables in words, unified kernel images, packed keys in
 * words, kernels as distributions ship them, root trees and roots that a command line
 * names, FAT file systems, signatures of programs, certificates, loaders on a disk, and
 * the ini files of images. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/lib/authenticode_check.h"
#include "tools/lib/body.h"
#include "tools/lib/certificate.h"
#include "tools/lib/describe.h"
#include "tools/lib/disk_loaders.h"
#include "tools/lib/fat_read.h"
#include "tools/lib/fields.h"
#include "tools/lib/image_plan.h"
#include "tools/lib/kernel_file.h"
#include "tools/lib/key_words.h"
#include "tools/lib/panic_check.h"
#include "tools/lib/root_check.h"
#include "tools/lib/root_read.h"
#include "tools/lib/table_words.h"
#include "tools/lib/uki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MAX_BYTES (1u << 20)

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (freopen("/dev/null", "w", stdout) == NULL)
		abort();
	return 0;
}

static void print(json_t *object)
{
	if (object != NULL && !tool_fields_print(object, true))
		abort();
}

static void as_file(const struct tool_buffer *file, int *fd, char path[32])
{
	*fd = memfd_create("input", MFD_CLOEXEC);
	if (*fd < 0 || write(*fd, file->data, file->len) != (ssize_t)file->len)
		abort();
	snprintf(path, 32, "/proc/self/fd/%d", *fd);
}

/* The bytes as a text; by free(). */
static char *as_text(const struct tool_buffer *file)
{
	char *text = malloc(file->len + 1);

	if (text == NULL)
		abort();
	memcpy(text, file->data, file->len);
	text[file->len] = '\0';
	return text;
}

/* --- tables, loaders on disks ------------------------------------------------------- */

static void try_table(const struct tool_buffer *file)
{
	struct tool_disk_slots slots;
	char path[32];
	int fd;

	as_file(file, &fd, path);
	switch (tool_disk_slots_look(path, 0, &slots)) {
	case TOOL_DISK_DAMAGED:
		print(tool_describe_damaged_disk(&slots));
		free(tool_table_words(slots.plat, slots.disk));
		break;
	case TOOL_DISK_GOOD:
		print(tool_describe_disk(&slots));
		break;
	case TOOL_DISK_NONE:
	case TOOL_DISK_UNREADABLE:
		close(fd);
		return;
	}
	tool_disk_slots_close(&slots);
	close(fd);
}

static void try_fat(const struct tool_buffer *file)
{
	struct host_memory memory = { file->data, file->len };
	const struct lb_source source = host_memory_source(&memory);
	struct tool_fat_item item;
	struct tool_fat fat;

	if (!tool_fat_open(&source, &fat))
		return;
	const char *const names[] = { "", "EFI/BOOT/BOOTX64.EFI", "EFI/LIFEBOAT/A.EFI" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct tool_buffer content = { 0 };
		size_t place = 0;

		if (tool_fat_find(&fat, names[i], &item) != TOOL_FAT_FOUND)
			continue;
		const bool folder = item.folder;

		if (tool_fat_read(&fat, &item, MAX_BYTES, &content) && folder)
			while (tool_fat_next(&content, &place, &item))
				if (strlen(item.name) >= sizeof item.name)
					abort();
		if (!folder && content.len > MAX_BYTES)
			abort();
		tool_buffer_free(&content);
	}
}

static void try_loaders(const struct tool_buffer *file)
{
	const struct tool_judge judge = { .policy = { .mode = CRYPTO_MODE_DEVELOPER },
					  .any_cpu = true,
					  .any_platform = true };
	struct tool_disk_loaders *loaders = calloc(1, sizeof *loaders);
	struct host_platform *plat = calloc(1, sizeof *plat);
	const struct platform_disk *disk;
	const char *why = NULL;
	char path[32];
	int fd;

	if (loaders == NULL || plat == NULL)
		abort();
	as_file(file, &fd, path);
	tool_platform_init(plat);
	if (tool_platform_open(plat, path, false, 512, &disk)) {
		tool_disk_loaders_judge(plat, &judge, disk, true, loaders);
		tool_disk_loaders_print(loaders);
		json_decref(tool_disk_loaders_describe(loaders));
		if (!tool_disk_loaders_start(loaders, PLATFORM_CPU_X86_64, &why) &&
		    why == NULL)
			abort();
	}
	host_platform_close(plat);
	free(plat);
	free(loaders);
	close(fd);
}

/* --- kernels and programs ----------------------------------------------------------- */

static void try_uki(const struct tool_buffer *file)
{
	char *cmdline = NULL;

	(void)tool_uki_cmdline(file, "input", &cmdline);
	free(cmdline);
	json_decref(tool_uki_profiles(file));
}

static void try_signature(const struct tool_buffer *file)
{
	char signer[TOOL_SIGNER_BYTES];
	struct tool_pe pe;

	if (tool_pe_parse(file, "input", &pe) &&
	    tool_pe_signature(file, &pe, signer) == TOOL_PE_SIGNED &&
	    pe.certificates_bytes == 0)
		abort();
}

static void try_kernel(const struct tool_buffer *file)
{
	struct tool_body_parts parts = { 0 };
	struct tool_buffer copy = { 0 };

	(void)tool_compression(file);
	(void)tool_is_pe(file);
	(void)tool_is_arm64_image(file);
	if (tool_is_bzimage(file) && tool_body_cros_x86(file, "input", &parts) &&
	    parts.kernel_bytes > file->len)
		abort();
	tool_buffer_append(&copy, file->data, file->len);
	if (tool_is_zboot(&copy))
		(void)tool_zboot_unwrap(&copy, "input");
	tool_buffer_free(&copy);
}

/* --- keys and texts ----------------------------------------------------------------- */

static void try_key_words(const struct tool_buffer *file)
{
	struct crypto_key key;
	X509 *certificate = NULL;

	(void)tool_file_kind_words(file->data, file->len);
	if (crypto_key_parse(file->data, file->len, 0, &key) != LB_OK) {
		char *fault = tool_packed_key_fault(file->data, file->len);

		if (fault == NULL || fault[0] == '\0')
			abort();
		free(fault);
	}
	if (tool_certificate_parse(file, &certificate)) {
		free(tool_certificate_subject(certificate));
		free(tool_certificate_digest(certificate));
	}
	X509_free(certificate);
}

static void try_cmdline(const struct tool_buffer *file)
{
	char *text = as_text(file);
	struct tool_verity verity;

	(void)tool_root_words(tool_root_of(text));
	(void)tool_panic_restarts(text);
	if (tool_root_table(text, &verity) &&
	    (verity.salt_bytes > TOOL_VERITY_MAX_SALT || verity.data_blocks == 0 ||
	     verity.data_blocks >= verity.total_blocks))
		abort();
	free(text);
}

static void try_plan(const struct tool_buffer *file)
{
	struct tool_image_plan *plan = calloc(1, sizeof *plan);
	char *text = as_text(file);
	char path[32];
	int fd;

	if (plan == NULL)
		abort();
	as_file(file, &fd, path);
	if (tool_image_plan_file(plan, path))
		(void)tool_image_plan_set(plan, text);
	tool_image_plan_free(plan);
	close(fd);
	free(plan);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const struct tool_buffer *) = {
		try_table,  try_fat,       try_loaders, try_uki,  try_signature,
		try_kernel, try_key_words, try_cmdline, try_plan,
	};
	struct tool_buffer file = { 0 };

	if (size < 2 || size > MAX_BYTES)
		return 0;
	tool_buffer_append(&file, data + 1, size - 1);
	tries[data[0] % (sizeof tries / sizeof tries[0])](&file);
	tool_buffer_free(&file);
	return 0;
}
