/* lifeboat keys keyblock: a keyblock from single keys. */
#include <stdio.h>

#include "tools/commands.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/describe.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/keyblock_make.h"
#include "tools/lib/options.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

struct keyblock_options {
	const char *data_key, *sign_key, *algorithm, *flags, *output;
	bool json;
};

static bool signer_algorithm(const struct keyblock_options *o,
			     const struct tool_private_key *signer, uint32_t *out)
{
	const struct tool_algorithm *a =
		o->algorithm != NULL ? tool_algorithm_parse(o->algorithm)
		: signer->algorithm != 0
			? tool_algorithm(signer->algorithm)
			: tool_algorithm_for(
				  (unsigned int)EVP_PKEY_get_bits(signer->pkey),
				  "SHA256");

	if (a == NULL)
		return tool_error("%s: algorithm %u is not accepted", signer->name,
				  signer->algorithm);
	*out = a->number;
	return true;
}

static bool report(const struct keyblock_options *o, const struct tool_buffer *keyblock)
{
	if (!o->json)
		return true;
	json_t *object = tool_describe_keyblock(keyblock->data, keyblock->len);

	tool_json_text(object, "file", o->output);
	return tool_json_print(object);
}

static bool make(const struct keyblock_options *o, uint32_t flags,
		 const struct tool_public_key *data_key)
{
	struct tool_private_key signer = { 0 };
	struct tool_buffer keyblock = { 0 };
	uint32_t algorithm = 0;
	bool good = true;

	if (o->sign_key != NULL)
		good = tool_private_key_load(o->sign_key, &signer) &&
		       signer_algorithm(o, &signer, &algorithm);
	good = good &&
	       tool_keyblock_make(&data_key->bytes, flags,
				  o->sign_key != NULL ? &signer : NULL, algorithm,
				  &keyblock) &&
	       tool_write_file(o->output, keyblock.data, keyblock.len, 0644,
			       HOST_REPLACE) &&
	       report(o, &keyblock);
	tool_private_key_free(&signer);
	tool_buffer_free(&keyblock);
	return good;
}

static int keyblock(const struct keyblock_options *o)
{
	struct tool_public_key data_key;
	uint32_t flags;

	if (!tool_keyblock_flags(o->flags, &flags) ||
	    !tool_public_key_load(o->data_key, &data_key))
		return TOOL_USAGE;
	bool good =
		data_key.bytes.len == CRYPTO_PACKED_KEY_BYTES + data_key.key.data_bytes;

	if (!good)
		tool_error("%s: bytes after the key at offset %u", o->data_key,
			   CRYPTO_PACKED_KEY_BYTES + data_key.key.data_bytes);
	good = good && make(o, flags, &data_key);
	tool_public_key_free(&data_key);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_keys_keyblock(int argc, char **argv)
{
	struct keyblock_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'd', "data-key", &o.data_key, "K.vbpubk",
		  "the key that goes into the keyblock" },
		{ TOOL_OPTION_TEXT, 'k', "sign-key", &o.sign_key, "KEY",
		  "private key that signs it (.vbprivk, PEM or URI); without it\n"
		  "the keyblock is self-signed: developer mode only" },
		{ TOOL_OPTION_TEXT, 'a', "algorithm", &o.algorithm, "NAME",
		  "of --sign-key, where its file does not say (SHA-256)" },
		{ TOOL_OPTION_TEXT, 'f', "flags", &o.flags, "FLAGS",
		  "normal (23), recovery (27) or a number" },
		{ TOOL_OPTION_TEXT, 'o', "output", &o.output, "FILE", "where it goes" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL, "describe it as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat keys keyblock",
		"",
		"Makes a keyblock: a data key, signed, with the modes it is for.",
		options,
		0,
		0,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.data_key == NULL || o.flags == NULL || o.output == NULL)
		return tool_usage_error(&usage,
					"--data-key, --flags and --output are needed");
	return keyblock(&o);
}
