/* lifeboat keys import: from OpenSSL's formats to vboot's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

struct import_options {
	const char *algorithm, *output;
	bool public_only, json;
	struct tool_optional_number version;
};

/* Each name as it is written; with --json all of them at the end. */
static void tell(json_t *files, const char *path)
{
	if (files != NULL)
		tool_json_append(files, tool_json_string(path));
	else
		puts(path);
}

static const struct tool_algorithm *algorithm_of(const struct import_options *o,
						 EVP_PKEY *pkey, const char *name)
{
	if (!tool_key_accepted(pkey, name))
		return NULL;
	if (o->algorithm != NULL)
		return tool_algorithm_parse(o->algorithm);
	return tool_algorithm_for((unsigned int)EVP_PKEY_get_bits(pkey), "SHA256");
}

static bool write_private(EVP_PKEY *pkey, const char *name, uint32_t algorithm,
			  const char *output, json_t *files)
{
	char *path = tool_format("%s.vbprivk", output);
	struct tool_private_key key = { .pkey = pkey, .name = tool_strdup(name) };
	struct tool_buffer bytes = { 0 };
	const bool good =
		tool_private_key_pack(&key, algorithm, &bytes) &&
		tool_write_file(path, bytes.data, bytes.len, 0600, HOST_NEVER_OVERWRITE);

	if (good)
		tell(files, path);
	tool_buffer_free(&bytes);
	free(key.name);
	free(path);
	return good;
}

static bool write_public(EVP_PKEY *pkey, const char *name, uint32_t algorithm,
			 uint32_t version, const char *output, json_t *files)
{
	char *path = tool_format("%s.vbpubk", output);
	struct tool_buffer bytes = { 0 };
	const bool good =
		tool_public_key_pack(pkey, name, algorithm, version, &bytes) &&
		tool_write_file(path, bytes.data, bytes.len, 0644, HOST_NEVER_OVERWRITE);

	if (good)
		tell(files, path);
	tool_buffer_free(&bytes);
	free(path);
	return good;
}

static int import(const struct import_options *o, const char *name)
{
	const uint32_t version = o->version.given ? (uint32_t)o->version.value : 1;
	EVP_PKEY *pkey;
	bool has_private;

	if (!tool_key_load_any(name, &pkey, &has_private))
		return TOOL_USAGE;
	const struct tool_algorithm *a = algorithm_of(o, pkey, name);
	json_t *files = o->json ? json_array() : NULL;
	bool good = a != NULL &&
		    write_public(pkey, name, a->number, version, o->output, files) &&
		    (!has_private || o->public_only ||
		     write_private(pkey, name, a->number, o->output, files));

	EVP_PKEY_free(pkey);
	if (good && o->json) {
		json_t *object = json_object();

		tool_json_set(object, "files", json_incref(files));
		good = tool_json_print(object);
	}
	json_decref(files);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_keys_import(int argc, char **argv)
{
	struct import_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'o', "output", &o.output, "NAME",
		  "writes NAME.vbpubk, and NAME.vbprivk for a private key" },
		{ TOOL_OPTION_TEXT, 'a', "algorithm", &o.algorithm, "NAME",
		  "e.g. rsa4096-sha512 (SHA-256 unless given)" },
		{ TOOL_OPTION_NUMBER, 0, "version", &o.version, "N", "key version (1)" },
		{ TOOL_OPTION_FLAG, 0, "public-only", &o.public_only, NULL,
		  "leave the private part where it is (a token's cannot be read)" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL, "list the files as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat keys import",
		"KEY",
		"Turns an RSA key into vboot's files. KEY is a PEM or DER file (a key or "
		"a certificate), or\n"
		"a URI that OpenSSL opens (pkcs11:... with a provider).",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.output == NULL)
		return tool_usage_error(&usage, "--output is missing");
	if (o.version.value > 0xffff)
		return tool_usage_error(&usage, "key versions are 0 to 65535");
	return import(&o, operands[0]);
}
