/* lifeboat secure-boot revoke: loaders that the firmware is no longer to start. */
#include <string.h>
#include <time.h>

#include "base/format.h"
#include "tools/commands.h"
#include "tools/lib/authenticode.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/owner_keys.h"
#include "tools/lib/tool.h"

#define LOADER_LIMIT ((size_t)64 << 20)

static json_t *describe(const char *name, const uint8_t digest[TOOL_PE_DIGEST_BYTES])
{
	json_t *object = json_object();
	char hex[2 * TOOL_PE_DIGEST_BYTES + 1];

	lb_format_hex(hex, digest, TOOL_PE_DIGEST_BYTES);
	tool_json_text(object, "file", name);
	tool_json_text(object, "sha256", hex);
	return object;
}

static bool add_digest(const char *name, const uint8_t owner[16], struct tool_buffer *out,
		       json_t *loaders)
{
	struct tool_buffer file = { 0 };
	struct tool_pe pe;
	uint8_t digest[TOOL_PE_DIGEST_BYTES];
	const bool good = tool_read_file(name, LOADER_LIMIT, &file) &&
			  tool_pe_parse(&file, name, &pe) &&
			  tool_pe_digest(&file, name, &pe, digest);

	if (good) {
		tool_list_digest(owner, digest, out);
		tool_json_append(loaders, describe(name, digest));
	}
	tool_buffer_free(&file);
	return good;
}

static bool make_update(const struct tool_owner_keys *keys, char **loaders,
			struct tool_buffer *out, json_t *described)
{
	struct tool_buffer lists = { 0 };
	const struct tool_efi_update update = {
		.variable = TOOL_EFI_DBX,
		.lists = &lists,
		.append = true,
		.time = time(NULL),
		.key = keys->key[TOOL_EFI_KEK],
		.certificate = keys->certificate[TOOL_EFI_KEK],
	};
	bool good = true;

	for (char **loader = loaders; good && *loader != NULL; loader++)
		good = add_digest(*loader, keys->owner, &lists, described);
	good = good && tool_efi_update_sign(&update, out);
	tool_buffer_free(&lists);
	return good;
}

static int revoke(const char *folder, char **loaders, const char *output, bool json)
{
	struct tool_owner_keys keys;
	struct tool_buffer update = { 0 };

	if (!tool_owner_keys_load(folder, 1u << TOOL_EFI_KEK, &keys))
		return TOOL_USAGE;
	json_t *object = json_object(), *described = json_array();
	bool good = make_update(&keys, loaders, &update, described) &&
		    tool_write_file(output, update.data, update.len, 0644, HOST_REPLACE);

	tool_buffer_free(&update);
	tool_owner_keys_free(&keys);
	tool_json_text(object, "file", output);
	tool_json_set(object, "loaders", described);
	if (good && json)
		good = tool_json_print(object);
	else
		json_decref(object);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_secure_boot_revoke(int argc, char **argv)
{
	const char *keys = NULL, *output = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'k', "keys", &keys, "DIR",
		  "the owner's keys: KEK signs the update" },
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "FILE",
		  "where the update goes (dbx.auth)" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "say what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat secure-boot revoke",
		"LOADER...",
		"Makes a signed update of dbx that refuses these loaders, whatever they "
		"are signed with.\n"
		"It is added to what dbx holds.",
		options,
		1,
		TOOL_LIST_MAX,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (keys == NULL || output == NULL)
		return tool_usage_error(&usage, "--%s is missing",
					keys == NULL ? "keys" : "output");
	return revoke(keys, operands, output, json);
}
