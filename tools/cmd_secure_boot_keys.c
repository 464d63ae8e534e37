/* lifeboat secure-boot keys: an owner's PK, KEK and db. */
#include <stdio.h>

#include "tools/commands.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/owner_keys.h"
#include "tools/lib/tool.h"

#define DEFAULT_NAME   "Lifeboat"
#define DEFAULT_BITS   2048u
#define DEFAULT_DAYS   7300u /* 20 years; firmware does not look, other programs may */
#define MAX_DAYS       36500u
#define NAME_MAX_CHARS 48u /* a common name has 64 characters at most */

static int make_keys(const char *folder, const char *name, unsigned bits, unsigned days,
		     bool json)
{
	json_t *files = json_array();
	const bool good = tool_owner_keys_make(folder, name, bits, days, files);

	if (good && !json)
		for (size_t i = 0; i < json_array_size(files); i++)
			puts(json_string_value(json_array_get(files, i)));
	if (!good || !json) {
		json_decref(files);
		return good ? TOOL_YES : TOOL_USAGE;
	}
	json_t *object = json_object();

	tool_json_set(object, "files", files);
	return tool_json_print(object) ? TOOL_YES : TOOL_USAGE;
}

static bool name_is_good(const char *name)
{
	size_t len = 0;

	for (; name[len] != '\0'; len++)
		if (name[len] < ' ' || name[len] > '~')
			return false;
	return len > 0 && len <= NAME_MAX_CHARS;
}

int cmd_secure_boot_keys(int argc, char **argv)
{
	struct tool_optional_number bits = { 0 }, days = { 0 };
	const char *name = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_NUMBER, 0, "bits", &bits, "N",
		  "size of the RSA keys: 2048 (every firmware knows it), 3072 or 4096" },
		{ TOOL_OPTION_TEXT, 'n', "name", &name, "TEXT",
		  "who owns them, for the certificates (Lifeboat)" },
		{ TOOL_OPTION_NUMBER, 0, "days", &days, "N",
		  "how long the certificates are valid (7300)" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "list the files as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat secure-boot keys",
		"DIR",
		"Makes the keys of a machine's owner in DIR. Existing files are never "
		"overwritten.\n"
		"\n"
		"  PK   platform key: says who owns the machine, signs KEK\n"
		"  KEK  exchange key: signs changes of db and dbx\n"
		"  db   signs loaders\n"
		"\n"
		"Each as NAME.key (private, not encrypted, mode 0600), NAME.crt (PEM) "
		"and "
		"NAME.cer (DER).",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (bits.given && bits.value != 2048 && bits.value != 3072 && bits.value != 4096)
		return tool_usage_error(&usage, "--bits is 2048, 3072 or 4096");
	if (days.given && (days.value == 0 || days.value > MAX_DAYS))
		return tool_usage_error(&usage, "--days is 1 to %u", MAX_DAYS);
	if (name == NULL)
		name = DEFAULT_NAME;
	if (!name_is_good(name))
		return tool_usage_error(&usage, "--name has 1 to %u ASCII characters",
					NAME_MAX_CHARS);
	return make_keys(operands[0], name,
			 bits.given ? (unsigned)bits.value : DEFAULT_BITS,
			 days.given ? (unsigned)days.value : DEFAULT_DAYS, json);
}
