/* Every file that the lifeboat command opens, through the parsers of the command itself.
 * The first byte chooses which: keys, keyblocks, kernel partitions, image trees, loaders
 * and other PE files, profiles, signature lists, verity superblocks, ini files, whole
 * disks. What they tell is printed too, to where nobody looks: names must not break the
 * printing. */
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

#include "tools/lib/describe.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/fields.h"
#include "tools/lib/ini_file.h"
#include "tools/lib/pe_file.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/signature_list.h"
#include "tools/lib/verity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MAX_BYTES (1u << 20)

/* Answers are printed to /dev/null, and refusals too; the fuzzer keeps the true ones. */
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
	if (object == NULL)
		return;
	if (!tool_fields_print(json_incref(object), false) ||
	    !tool_fields_print(object, true))
		abort();
}

/* The bytes under a name, as files are opened; *@fd is to be closed. */
static void as_file(const struct tool_buffer *file, int *fd, char path[32])
{
	*fd = memfd_create("input", MFD_CLOEXEC);
	if (*fd < 0 || write(*fd, file->data, file->len) != (ssize_t)file->len)
		abort();
	snprintf(path, 32, "/proc/self/fd/%d", *fd);
}

static void try_lists(const struct tool_buffer *file)
{
	static const uint8_t owner[16] = { 1 };
	struct tool_buffer lists = { 0 };
	char path[32];
	int fd;

	as_file(file, &fd, path);
	if (tool_list_file(owner, path, &lists) && tool_lists_count(&lists) == 0)
		abort();
	tool_buffer_free(&lists);
	close(fd);
}

static void try_ini(const struct tool_buffer *file)
{
	struct tool_ini ini = { 0 };
	char path[32];
	int fd;

	as_file(file, &fd, path);
	if (tool_ini_load(path, &ini)) {
		for (size_t i = 0; i < ini.count; i++)
			if (ini.item[i].name == NULL || ini.item[i].value == NULL)
				abort();
		tool_ini_free(&ini);
	}
	close(fd);
}

static void try_verity(const struct tool_buffer *file)
{
	struct tool_verity verity;
	bool found = false;
	char path[32];
	int fd;

	as_file(file, &fd, path);
	if (tool_verity_find(fd, path, 0, file->len, &found, &verity) && found) {
		if (verity.salt_bytes > sizeof verity.salt ||
		    verity.data_blocks >= verity.total_blocks)
			abort();
		(void)tool_verity_check(fd, path, 0, &verity);
	}
	close(fd);
}

static void try_disk(const struct tool_buffer *file)
{
	struct tool_disk_slots slots;
	char path[32];
	int fd;

	as_file(file, &fd, path);
	if (tool_disk_slots_open_quietly(path, &slots)) {
		print(tool_describe_disk(&slots));
		tool_disk_slots_close(&slots);
	}
	close(fd);
}

static void try_loader(const struct tool_buffer *file)
{
	struct tool_loader loader;

	if (tool_loader_find(file, "input", &loader))
		print(tool_describe_loader(file, "input", &loader));
}

static void try_profile(const struct tool_buffer *file)
{
	json_t *profiles = NULL;

	if (tool_profile_describe(file->data, file->len, "input", 0, &profiles)) {
		json_t *object = json_object();

		json_object_set_new(object, "profile", profiles);
		print(object);
	}
}

static void try_key(const struct tool_buffer *file)
{
	json_t *key = NULL;

	if (tool_describe_key_file(file, "input", &key))
		print(key);
}

static void try_keyblock(const struct tool_buffer *file)
{
	print(tool_describe_keyblock(file->data, file->len));
}

static void try_partition(const struct tool_buffer *file)
{
	print(tool_describe_partition(file->data, file->len));
}

static void try_fit(const struct tool_buffer *file)
{
	print(tool_describe_fit(file->data, file->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const struct tool_buffer *) = {
		try_key,   try_keyblock, try_partition, try_fit, try_loader,
		try_lists, try_profile,  try_verity,    try_ini, try_disk,
	};
	struct tool_buffer file = { 0 };

	if (size < 2 || size > MAX_BYTES)
		return 0;
	tool_buffer_append(&file, data + 1, size - 1);
	tries[data[0] % (sizeof tries / sizeof tries[0])](&file);
	tool_buffer_free(&file);
	return 0;
}
