/* lifeboat sign: a signed kernel partition. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/sign.h"
#include "tools/lib/sign_check.h"
#include "tools/lib/tool.h"

struct sign_options {
	struct tool_sign sign;
	const char *output;
	struct tool_optional_number version;
	bool json;
};

static bool report(const struct sign_options *o, const struct tool_signed *made)
{
	const char *kind = tool_sign_kind_name(made->kind);
	const char *root = made->root == TOOL_ROOT_NONE && !made->has_initrd
				   ? "none (no root= and no --initrd)"
				   : tool_root_words(made->root);

	if (!o->json) {
		printf("%s: %s, %zu bytes, kernel version %u, root %s\n", o->output, kind,
		       made->partition.len, o->sign.version, root);
		return true;
	}
	json_t *object = json_object();

	tool_json_text(object, "file", o->output);
	tool_json_text(object, "kind", kind);
	tool_json_number(object, "bytes", made->partition.len);
	tool_json_number(object, "key_version", made->key_version);
	tool_json_number(object, "kernel_version", o->sign.version);
	tool_json_text(object, "command_line", made->cmdline);
	tool_json_text(object, "root", root);
	return tool_json_print(object);
}

/* The root's image last: it may be the user's own, and must stay as it was until nothing
 * else can fail. */
static bool put(const struct sign_options *o, struct tool_signed *made)
{
	return tool_write_file(o->output, made->partition.data, made->partition.len, 0644,
			       HOST_REPLACE) &&
	       tool_root_commit(&made->root_image) && report(o, made);
}

static int sign(const struct sign_options *o)
{
	struct tool_signed made;
	const bool good = tool_sign_make(&o->sign, o->output, &made) && put(o, &made);

	if (good)
		tool_sign_note(o->output, made.stands);
	tool_signed_free(&made);
	return good ? TOOL_YES : tool_failed();
}

int cmd_sign(int argc, char **argv)
{
	static struct sign_options o; /* large lists */
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'k', "kernel", &o.sign.input.kernel, "FILE",
		  "x86 bzImage, or arm64 Image: plain, .gz, .lz4, .zst, vmlinuz.efi" },
		{ TOOL_OPTION_LIST, 'i', "initrd", &o.sign.input.initrd, "FILE",
		  "initial RAM disk; several are joined" },
		{ TOOL_OPTION_TEXT, 'c', "cmdline", &o.sign.input.cmdline, "TEXT",
		  "command line" },
		{ TOOL_OPTION_TEXT, 0, "config", &o.sign.input.config, "FILE",
		  "file with the command line" },
		{ TOOL_OPTION_LIST, 0, "dtb", &o.sign.input.trees, "FILE[=BOARD]",
		  "device tree, for the board its root's compatible names first\n"
		  "or for BOARD; one configuration each, the first is the default" },
		{ TOOL_OPTION_LIST, 0, "overlay", &o.sign.input.trees, "FILE",
		  "overlay for the --dtb before it" },
		{ TOOL_OPTION_TEXT, 0, "fit", &o.sign.input.fit, "FILE",
		  "a ready image tree (mkimage's) instead of --kernel" },
		{ TOOL_OPTION_TEXT, 0, "uki", &o.sign.input.uki, "FILE",
		  "a unified kernel image instead of --kernel" },
		{ TOOL_OPTION_TEXT, 0, "kind", &o.sign.input.kind, "KIND",
		  "cros-x86, fit or pe. Without it: fit for arm64 and with\n"
		  "--initrd, --dtb or --fit; pe with --uki; else cros-x86" },
		{ TOOL_OPTION_TEXT, 0, "compress", &o.sign.input.compress, "HOW",
		  "none (default), gzip, lz4 or zstd: an arm64 kernel in a FIT" },
		{ TOOL_OPTION_TEXT, 0, "bootloader", &o.sign.input.bootloader, "FILE",
		  "content of the bootloader field, for ChromeOS's tools" },
		{ TOOL_OPTION_TEXT, 'r', "root", &o.sign.root.image, "IMG",
		  "root file system: a dm-verity tree is appended to it (unless\n"
		  "it has one) and its root hash is put on the command line" },
		{ TOOL_OPTION_TEXT, 0, "root-output", &o.sign.root.output, "IMG",
		  "write the root with its tree there, leave --root as it is" },
		{ TOOL_OPTION_TEXT, 0, "salt", &o.sign.root.salt, "HEX",
		  "salt of the tree, up to 256 bytes (made from the content);\n"
		  "'-' for none" },
		{ TOOL_OPTION_FLAG, 0, "no-verity", &o.sign.root.no_verity, NULL,
		  "let the kernel mount a root that nothing verifies" },
		{ TOOL_OPTION_TEXT, 'b', "keyblock", &o.sign.keyblock, "FILE",
		  "keyblock of the data key" },
		{ TOOL_OPTION_TEXT, 'd', "data-key", &o.sign.data_key, "KEY",
		  "private data key: .vbprivk, PEM or an OpenSSL URI (pkcs11:...)" },
		{ TOOL_OPTION_TEXT, 0, "signer", &o.sign.signer, "PROGRAM",
		  "a program that holds the data key: started with the --data-key\n"
		  "as its argument, DigestInfo in, signature out" },
		{ TOOL_OPTION_TEXT, 0, "key", &o.sign.key, "K.vbpubk",
		  "the device's key: check the result as that device will" },
		{ TOOL_OPTION_NUMBER, 'v', "version", &o.version, "N",
		  "kernel version (1)" },
		{ TOOL_OPTION_TEXT, 'o', "output", &o.output, "FILE", "where it goes" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL,
		  "say what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat sign",
		"",
		"Makes a signed kernel partition. The result is verified and prepared by "
		"the loader's\n"
		"own code before anything is written; what the loader would refuse is "
		"not written.",
		options,
		0,
		0,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.sign.keyblock == NULL || o.sign.data_key == NULL || o.output == NULL)
		return tool_usage_error(&usage,
					"--keyblock, --data-key and --output are needed");
	if ((o.sign.input.kernel != NULL) + (o.sign.input.fit != NULL) +
		    (o.sign.input.uki != NULL) !=
	    1)
		return tool_usage_error(&usage,
					"one of --kernel, --fit and --uki is needed");
	if (o.sign.input.cmdline != NULL && o.sign.input.config != NULL)
		return tool_usage_error(&usage,
					"--cmdline and --config exclude each other");
	if (o.sign.root.image == NULL &&
	    (o.sign.root.output != NULL || o.sign.root.salt != NULL))
		return tool_usage_error(&usage, "--root-output and --salt need --root");
	if (o.sign.root.output != NULL && strcmp(o.sign.root.output, o.output) == 0)
		return tool_usage_error(&usage,
					"--output and --root-output are the same file");
	if (o.version.value > 0xffff)
		return tool_usage_error(&usage, "kernel versions are 0 to 65535");
	o.sign.version = o.version.given ? (uint32_t)o.version.value : 1;
	return sign(&o);
}
