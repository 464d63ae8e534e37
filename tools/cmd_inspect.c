/* lifeboat inspect: every field of a file. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/format.h"
#include "tools/commands.h"
#include "tools/lib/describe.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/fields.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/tool.h"
#include "tools/lib/verity.h"

#define FDT_MAGIC_BE 0xd00dfeedu

static json_t *describe_profile(const struct tool_buffer *file, const char *name)
{
	json_t *profiles, *object;

	if (!tool_profile_describe(file->data, file->len, name, 0, &profiles))
		return NULL;
	object = json_object();
	tool_json_text(object, "kind", "profile");
	tool_json_set(object, "profile", profiles);
	return object;
}

static json_t *with_kind(const char *kind, json_t *content)
{
	json_t *object = json_object();

	tool_json_text(object, "kind", kind);
	if (json_object_update(object, content) != 0)
		tool_fatal("out of memory");
	json_decref(content);
	return object;
}

/* What a file's first bytes tell. @out NULL (and true): nothing known. */
static bool describe_file(const struct tool_buffer *file, const char *name, json_t **out)
{
	struct tool_loader loader;

	*out = NULL;
	if (file->len >= 6 && memcmp(file->data, "LBPROF", 6) == 0)
		*out = describe_profile(file, name);
	else if (file->len > 8 && memcmp(file->data, "CHROMEOS", 8) == 0 &&
		 lb_le32(file->data + 16) < file->len)
		*out = with_kind("kernel partition",
				 tool_describe_partition(file->data, file->len));
	else if (file->len >= 4 && lb_be32(file->data) == FDT_MAGIC_BE)
		*out = with_kind("image tree", tool_describe_fit(file->data, file->len));
	else if (!tool_loader_find(file, name, &loader))
		return false;
	else if (loader.kind != TOOL_LOADER_NONE || loader.pe.section_count != 0)
		*out = tool_describe_loader(file, name, &loader);
	else
		return tool_describe_key_file(file, name, out);
	return *out != NULL;
}

/* A root image: only its dm-verity tree can be told. */
static bool describe_root(const char *name, bool *found, json_t **out)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct tool_verity v;
	uint64_t bytes;
	bool good = fd >= 0 && tool_file_bytes(fd, name, &bytes) &&
		    tool_verity_find(fd, name, 0, bytes, found, &v);

	if (good && *found) {
		const bool matches = tool_verity_check(fd, name, 0, &v);
		char hash[2 * TOOL_VERITY_HASH_BYTES + 1] = "";
		char salt[2 * TOOL_VERITY_MAX_SALT + 1];

		if (matches)
			lb_format_hex(hash, v.root_hash, sizeof(v.root_hash));
		lb_format_hex(salt, v.salt, v.salt_bytes);
		*out = json_object();
		tool_json_text(*out, "kind", "root file system with dm-verity tree");
		tool_json_number(*out, "data_blocks", v.data_blocks);
		tool_json_number(*out, "total_blocks", v.total_blocks);
		tool_json_text(*out, "salt", salt);
		tool_json_bool(*out, "tree_matches_data", matches);
		tool_json_text(*out, "root_hash", hash);
	}
	if (fd >= 0)
		close(fd);
	return good;
}

static bool describe(const char *name, json_t **out)
{
	struct tool_disk_slots slots;
	struct tool_buffer file = { 0 };
	bool found = false;

	if (tool_disk_slots_open_quietly(name, &slots)) {
		*out = tool_describe_disk(&slots);
		tool_disk_slots_close(&slots);
		return true;
	}
	bool good = tool_read_file(name, TOOL_FILE_LIMIT, &file) &&
		    describe_file(&file, name, out);

	tool_buffer_free(&file);
	if (good && *out == NULL)
		good = describe_root(name, &found, out) &&
		       (found ||
			tool_error("%s: offset 0: none of the formats known here", name));
	return good;
}

static int inspect(const char *name, bool json)
{
	json_t *object = NULL;

	if (access(name, R_OK) != 0) {
		tool_error("%s: cannot be read", name);
		return TOOL_USAGE;
	}
	return describe(name, &object) && tool_fields_print(object, json) ? TOOL_YES
									  : TOOL_USAGE;
}

int cmd_inspect(int argc, char **argv)
{
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat inspect",
		"FILE",
		"Shows every field of a disk image or device, kernel partition, "
		"keyblock, key, image\n"
		"tree (FIT), loader, profile or root image. What is damaged is told with "
		"its place.\n"
		"Nothing is judged: see lifeboat verify.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	return parse == TOOL_PARSE_RUN ? inspect(operands[0], json)
				       : tool_parse_exit(parse);
}
