/* lifeboat keys new: a full set of keys and keyblocks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/keyblock_make.h"
#include "tools/lib/options.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

struct key_options {
	bool dev, json;
	const char *algorithm, *kernel_key, *kernel_data_key, *recovery_key,
		*recovery_data_key;
	struct tool_optional_number key_version, data_key_version;
};

/* One pair of key files. */
struct key_plan {
	const char *name;
	uint32_t algorithm;
	uint32_t version;
	struct tool_private_key key;
	struct tool_buffer public_bytes;
};

enum { SIGNER, DATA, PAIR };

/* A signing key, a data key, and the keyblock that joins them. */
struct set_plan {
	struct key_plan key[PAIR]; /* key[SIGNER].name NULL: self-signed */
	const char *keyblock;
	uint32_t flags;
};

struct made_file {
	char *path;
	struct tool_buffer bytes;
	mode_t mode;
};

#define MAX_FILES 10

struct made_set {
	struct made_file file[MAX_FILES];
	size_t count;
};

static void add_file(struct made_set *set, const char *folder, const char *name,
		     const char *suffix, const struct tool_buffer *bytes, mode_t mode)
{
	if (set->count == MAX_FILES)
		tool_fatal("too many key files");
	struct made_file *file = &set->file[set->count++];

	file->path = tool_format("%s/%s.%s", folder, name, suffix);
	file->mode = mode;
	tool_buffer_append(&file->bytes, bytes->data, bytes->len);
}

static bool make_key(struct key_plan *plan, const char *folder, struct made_set *set)
{
	struct tool_buffer private_bytes = { 0 };
	const bool good =
		tool_private_key_generate(plan->algorithm, &plan->key) &&
		tool_public_key_pack(plan->key.pkey, plan->name, plan->algorithm,
				     plan->version, &plan->public_bytes) &&
		tool_private_key_pack(&plan->key, plan->algorithm, &private_bytes);

	if (good) {
		add_file(set, folder, plan->name, "vbpubk", &plan->public_bytes, 0644);
		add_file(set, folder, plan->name, "vbprivk", &private_bytes, 0600);
	}
	tool_buffer_free(&private_bytes);
	return good;
}

static bool make_set(struct set_plan *plan, const char *folder, struct made_set *set)
{
	struct tool_buffer keyblock = { 0 };
	struct key_plan *signer =
		plan->key[SIGNER].name != NULL ? &plan->key[SIGNER] : NULL;
	const bool good =
		(signer == NULL || make_key(signer, folder, set)) &&
		make_key(&plan->key[DATA], folder, set) &&
		tool_keyblock_make(&plan->key[DATA].public_bytes, plan->flags,
				   signer != NULL ? &signer->key : NULL,
				   signer != NULL ? signer->algorithm : 0, &keyblock);

	if (good)
		add_file(set, folder, plan->keyblock, "keyblock", &keyblock, 0644);
	tool_buffer_free(&keyblock);
	for (size_t i = 0; i < PAIR; i++) {
		tool_private_key_free(&plan->key[i].key);
		tool_buffer_free(&plan->key[i].public_bytes);
	}
	return good;
}

static bool choose(const char *own, const char *all, const char *preset, uint32_t *out)
{
	const char *text = own != NULL ? own : all != NULL ? all : preset;
	const struct tool_algorithm *a = tool_algorithm_parse(text);

	if (a != NULL)
		*out = a->number;
	return a != NULL;
}

/* Presets as ChromeOS has them but for its RSA-8192 recovery keys, which take a minute to
 * make and are no safer in practice; RSA-8192 is one option away. */
static bool plan_sets(const struct key_options *o, struct set_plan set[PAIR],
		      size_t *count)
{
	const uint32_t version =
		o->key_version.given ? (uint32_t)o->key_version.value : 1;
	const uint32_t data_version =
		o->data_key_version.given ? (uint32_t)o->data_key_version.value : 1;

	if (o->dev) {
		set[0] = (struct set_plan){ .keyblock = "developer",
					    .flags = TOOL_FLAGS_NORMAL };
		set[0].key[DATA] = (struct key_plan){ .name = "developer_key",
						      .version = data_version };
		*count = 1;
		return choose(o->kernel_data_key, o->algorithm, "rsa2048-sha256",
			      &set[0].key[DATA].algorithm);
	}
	set[0] = (struct set_plan){ .keyblock = "kernel", .flags = TOOL_FLAGS_NORMAL };
	set[0].key[SIGNER] =
		(struct key_plan){ .name = "kernel_key", .version = version };
	set[0].key[DATA] =
		(struct key_plan){ .name = "kernel_data_key", .version = data_version };
	set[1] = (struct set_plan){ .keyblock = "recovery_kernel",
				    .flags = TOOL_FLAGS_RECOVERY };
	set[1].key[SIGNER] =
		(struct key_plan){ .name = "recovery_key", .version = version };
	set[1].key[DATA] = (struct key_plan){ .name = "recovery_kernel_data_key",
					      .version = data_version };
	*count = 2;
	return choose(o->kernel_key, o->algorithm, "rsa4096-sha256",
		      &set[0].key[SIGNER].algorithm) &&
	       choose(o->kernel_data_key, o->algorithm, "rsa2048-sha256",
		      &set[0].key[DATA].algorithm) &&
	       choose(o->recovery_key, o->algorithm, "rsa4096-sha256",
		      &set[1].key[SIGNER].algorithm) &&
	       choose(o->recovery_data_key, o->algorithm, "rsa4096-sha256",
		      &set[1].key[DATA].algorithm);
}

/* Names are checked before minutes go into making keys, and again when writing. */
static bool names_are_free(const char *folder, const struct set_plan *set, size_t count)
{
	static const char *const suffixes[] = { "vbpubk", "vbprivk", "keyblock" };
	bool is_free = true;

	for (size_t i = 0; i < 3 * 3 * count; i++) {
		const struct set_plan *s = &set[i / 9];
		const char *names[] = { s->key[SIGNER].name, s->key[DATA].name,
					s->keyblock };
		const char *name = names[i % 3];

		if (name == NULL)
			continue;
		char *path = tool_format("%s/%s.%s", folder, name, suffixes[i / 3 % 3]);

		if (access(path, F_OK) == 0)
			is_free = tool_error("%s: exists already, and is not overwritten",
					     path);
		free(path);
	}
	return is_free;
}

/* All or nothing: what was written before a failure is taken away again. */
static bool write_files(const struct made_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct made_file *f = &set->file[i];

		if (tool_write_file(f->path, f->bytes.data, f->bytes.len, f->mode,
				    HOST_NEVER_OVERWRITE))
			continue;
		while (i-- > 0)
			(void)unlink(set->file[i].path); /* the message is out already */
		return false;
	}
	return true;
}

static bool report(const struct made_set *set, bool json)
{
	json_t *files = json ? json_array() : NULL;

	for (size_t i = 0; i < set->count; i++) {
		if (json)
			tool_json_append(files, tool_json_string(set->file[i].path));
		else
			puts(set->file[i].path);
	}
	if (!json)
		return true;
	json_t *object = json_object();

	tool_json_set(object, "files", files);
	return tool_json_print(object);
}

static bool make_folder(const char *folder)
{
	if (mkdir(folder, 0755) == 0 || errno == EEXIST)
		return true;
	return tool_error("%s: %s", folder, strerror(errno));
}

static int new_keys(const struct key_options *options, const char *folder)
{
	struct set_plan plan[PAIR];
	struct made_set set = { 0 };
	size_t count;
	bool good = plan_sets(options, plan, &count) && make_folder(folder) &&
		    names_are_free(folder, plan, count);

	for (size_t i = 0; good && i < count; i++)
		good = make_set(&plan[i], folder, &set);
	good = good && write_files(&set) && report(&set, options->json);
	for (size_t i = 0; i < set.count; i++) {
		free(set.file[i].path);
		tool_buffer_free(&set.file[i].bytes);
	}
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_keys_new(int argc, char **argv)
{
	struct key_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'a', "algorithm", &o.algorithm, "NAME",
		  "for all keys: rsa2048-sha256, rsa2048-sha512, rsa4096-...,\n"
		  "rsa8192-...; or vboot's number" },
		{ TOOL_OPTION_TEXT, 0, "kernel-key", &o.kernel_key, "NAME",
		  "algorithm of the device's kernel key (rsa4096-sha256)" },
		{ TOOL_OPTION_TEXT, 0, "kernel-data-key", &o.kernel_data_key, "NAME",
		  "algorithm of the key that signs kernels (rsa2048-sha256)" },
		{ TOOL_OPTION_TEXT, 0, "recovery-key", &o.recovery_key, "NAME",
		  "algorithm of the device's recovery key (rsa4096-sha256)" },
		{ TOOL_OPTION_TEXT, 0, "recovery-data-key", &o.recovery_data_key, "NAME",
		  "algorithm of the key that signs recovery kernels\n(rsa4096-sha256)" },
		{ TOOL_OPTION_NUMBER, 0, "key-version", &o.key_version, "N",
		  "version of the device's keys (1); nothing depends on it" },
		{ TOOL_OPTION_NUMBER, 0, "data-key-version", &o.data_key_version, "N",
		  "key version of what the data keys sign (1); the upper half of\n"
		  "the version that rollback floors compare" },
		{ TOOL_OPTION_FLAG, 0, "dev", &o.dev, NULL,
		  "a developer's own set: one key and a self-signed keyblock" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL, "list the files as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat keys new",
		"DIR",
		"Makes a full set of keys and keyblocks in DIR. Existing files are never "
		"overwritten.\n"
		"\n"
		"  kernel_key                the device's key, public part in its "
		"profile\n"
		"  kernel_data_key           signs kernels\n"
		"  kernel.keyblock           says so (flags 23)\n"
		"  recovery_key, recovery_kernel_data_key, recovery_kernel.keyblock "
		"(flags 27)\n"
		"                            the same for recovery media",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.key_version.value > 0xffff || o.data_key_version.value > 0xffff)
		return tool_usage_error(&usage, "key versions are 0 to 65535");
	return new_keys(&o, operands[0]);
}
