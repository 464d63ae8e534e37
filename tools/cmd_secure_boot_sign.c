/* lifeboat secure-boot sign: a loader that Secure Boot starts. */
#include <stdlib.h>

#include "crypto/profile.h"
#include "tools/commands.h"
#include "tools/lib/authenticode.h"
#include "tools/lib/authenticode_check.h"
#include "tools/lib/certificate.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/json_out.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/options.h"
#include "tools/lib/tool.h"

#define LOADER_LIMIT ((size_t)64 << 20)

struct sign_options {
	const char *key, *certificate, *output;
	bool strip, json;
};

/* Signed is signed: a profile put in later breaks the signature, and a program that
 * starts whatever it finds would open every machine with this key. */
static bool check_loader(const struct tool_buffer *file, const char *name,
			 struct tool_loader *loader)
{
	size_t count, offset = 0;

	if (!tool_loader_find(file, name, loader))
		return false;
	if (loader->kind != TOOL_LOADER_UEFI)
		return tool_error(
			"%s: not a lifeboat loader for UEFI; other programs can "
			"be signed with sbsign, but think twice: what starts "
			"anything unsigned makes Secure Boot worthless",
			name);
	char *sbat = tool_pe_section_text(file, &loader->pe, ".sbat");
	const bool has_sbat = sbat != NULL && sbat[0] != '\0';

	free(sbat);
	if (!has_sbat)
		return tool_error("%s: has no SBAT section", name);
	if (profile_count(file->data + loader->profile_offset, loader->profile_bytes,
			  &count, &offset) == LB_OK)
		return true;
	return tool_error(
		"%s: holds no valid profile, it would boot nothing, and one put "
		"in later breaks the signature: first 'lifeboat profile install'",
		name);
}

static bool sign_file(struct tool_buffer *file, const char *name,
		      const struct sign_options *o)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	const bool good =
		tool_key_load_private(o->key, &key) &&
		tool_certificate_load(o->certificate, &certificate) &&
		tool_certificate_fits(certificate, key, o->certificate, o->key) &&
		tool_pe_sign(file, name, key, certificate);

	EVP_PKEY_free(key);
	X509_free(certificate);
	return good;
}

static bool report(const struct sign_options *o, const struct tool_buffer *file)
{
	char signer[TOOL_SIGNER_BYTES];
	struct tool_pe pe;

	if (!o->json)
		return true;
	if (!tool_pe_parse(file, o->output, &pe))
		return false;
	const enum tool_pe_signature signature = tool_pe_signature(file, &pe, signer);
	json_t *object = json_object();

	tool_json_text(object, "file", o->output);
	tool_json_number(object, "bytes", file->len);
	tool_json_bool(object, "signed", signature == TOOL_PE_SIGNED);
	tool_json_text(object, "signer", signer);
	return tool_json_print(object);
}

static int sign(const char *name, const struct sign_options *o)
{
	struct tool_buffer file = { 0 };
	struct tool_loader loader;
	bool good = tool_read_file(name, LOADER_LIMIT, &file) &&
		    check_loader(&file, name, &loader) &&
		    (!o->strip || tool_pe_strip_signature(&file, name, &loader.pe)) &&
		    sign_file(&file, name, o);

	if (good) {
		tool_input_replaceable(name); /* the same loader, signed */
		good = tool_write_file(o->output, file.data, file.len, 0644,
				       HOST_REPLACE) &&
		       report(o, &file);
	}

	tool_buffer_free(&file);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_secure_boot_sign(int argc, char **argv)
{
	struct sign_options o = { 0 };
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'k', "key", &o.key, "KEY",
		  "private key of db: a file, or a URI of an OpenSSL provider" },
		{ TOOL_OPTION_TEXT, 'c', "cert", &o.certificate, "FILE",
		  "its certificate (PEM or DER)" },
		{ TOOL_OPTION_TEXT, 'o', "output", &o.output, "FILE",
		  "where the signed loader goes" },
		{ TOOL_OPTION_FLAG, 0, "strip-signature", &o.strip, NULL,
		  "remove the signatures that are there first" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL,
		  "say what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat secure-boot sign",
		"LOADER",
		"Signs a UEFI loader that holds a profile, so that firmware with Secure "
		"Boot starts it.\n"
		"A signature that is there already stays, so that old and new keys can "
		"both start it.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.key == NULL || o.certificate == NULL || o.output == NULL)
		return tool_usage_error(&usage, "--%s is missing",
					o.key == NULL           ? "key"
					: o.certificate == NULL ? "cert"
								: "output");
	return sign(operands[0], &o);
}
