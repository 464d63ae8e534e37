/* lifeboat sign: a signed kernel partition. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/partition_make.h"
#include "tools/lib/sign_check.h"
#include "tools/lib/sign_input.h"
#include "tools/lib/sign_root.h"
#include "tools/lib/tool.h"

struct sign_options {
	struct tool_sign_input input;
	struct tool_sign_root root;
	const char *keyblock, *data_key, *key, *output;
	struct tool_optional_number version;
	bool json;
};

/* Everything between input and output; freed together. */
struct sign_job {
	const struct sign_options *o;
	struct tool_keyblock keyblock;
	struct tool_private_key key;
	struct tool_sign_kernel kernel;
	char *cmdline;
	struct tool_body body;
	struct tool_buffer partition;
};

static bool load_keys(struct sign_job *job)
{
	const struct sign_options *o = job->o;

	return tool_keyblock_load(o->keyblock, &job->keyblock) &&
	       tool_private_key_load(o->data_key, &job->key) &&
	       tool_keyblock_belongs(&job->keyblock, o->keyblock, &job->key);
}

static bool make_partition(struct sign_job *job)
{
	const struct sign_options *o = job->o;
	const uint32_t version = o->version.given ? (uint32_t)o->version.value : 1;

	job->kernel.parts.cmdline = job->cmdline;
	return tool_body_make(&job->kernel.parts, &job->body) &&
	       tool_partition_make(&job->keyblock, &job->key, version, &job->body,
				   &job->partition) &&
	       tool_sign_check(&job->partition, &job->keyblock, o->key, &job->kernel,
			       o->output);
}

static bool report(const struct sign_job *job)
{
	const struct sign_options *o = job->o;
	const char *kind = tool_sign_kind_name(job->kernel.kind);
	const char *root = tool_root_words(tool_sign_root_of(&job->kernel, job->cmdline));

	if (!o->json) {
		printf("%s: %s, %zu bytes, kernel version %u, root %s\n", o->output, kind,
		       job->partition.len, o->version.given ? (uint32_t)o->version.value : 1, root);
		return true;
	}
	json_t *object = json_object();

	tool_json_text(object, "file", o->output);
	tool_json_text(object, "kind", kind);
	tool_json_number(object, "bytes", job->partition.len);
	tool_json_number(object, "key_version", job->keyblock.parsed.data_key.version);
	tool_json_number(object, "kernel_version", o->version.given ? o->version.value : 1);
	tool_json_text(object, "command_line", job->cmdline);
	tool_json_text(object, "root", root);
	return tool_json_print(object);
}

static void free_job(struct sign_job *job)
{
	tool_keyblock_free(&job->keyblock);
	tool_private_key_free(&job->key);
	tool_sign_kernel_free(&job->kernel);
	free(job->cmdline);
	tool_body_free(&job->body);
	tool_buffer_free(&job->partition);
}

static int sign(const struct sign_options *o)
{
	struct sign_job job = { .o = o };
	const bool good =
		load_keys(&job) && tool_sign_kernel_load(&o->input, &job.kernel) &&
		tool_sign_cmdline(&o->input, &o->root, &job.kernel, &job.cmdline) &&
		make_partition(&job) &&
		tool_write_file(o->output, job.partition.data, job.partition.len, 0644,
				TOOL_REPLACE) &&
		report(&job);

	free_job(&job);
	return good ? TOOL_YES : TOOL_USAGE;
}

int cmd_sign(int argc, char **argv)
{
	static struct sign_options o; /* large lists */
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 'k', "kernel", &o.input.kernel, "FILE",
		  "x86 bzImage, or arm64 Image (also gzipped)" },
		{ TOOL_OPTION_LIST, 'i', "initrd", &o.input.initrd, "FILE",
		  "initial RAM disk; several are joined" },
		{ TOOL_OPTION_TEXT, 'c', "cmdline", &o.input.cmdline, "TEXT", "command line" },
		{ TOOL_OPTION_TEXT, 0, "config", &o.input.config, "FILE",
		  "file with the command line" },
		{ TOOL_OPTION_LIST, 0, "dtb", &o.input.trees, "FILE[=BOARD]",
		  "device tree, for the board its root's compatible names first\n"
		  "or for BOARD; one configuration each, the first is the default" },
		{ TOOL_OPTION_LIST, 0, "overlay", &o.input.trees, "FILE",
		  "overlay for the --dtb before it" },
		{ TOOL_OPTION_TEXT, 0, "fit", &o.input.fit, "FILE",
		  "a ready image tree (mkimage's) instead of --kernel" },
		{ TOOL_OPTION_TEXT, 0, "uki", &o.input.uki, "FILE",
		  "a unified kernel image instead of --kernel" },
		{ TOOL_OPTION_TEXT, 0, "kind", &o.input.kind, "KIND",
		  "cros-x86, fit or pe. Without it: fit for arm64 and with\n"
		  "--initrd, --dtb or --fit; pe with --uki; else cros-x86" },
		{ TOOL_OPTION_TEXT, 0, "compress", &o.input.compress, "none|gzip",
		  "arm64 kernel in a FIT (none)" },
		{ TOOL_OPTION_TEXT, 0, "bootloader", &o.input.bootloader, "FILE",
		  "content of the bootloader field, for ChromeOS's tools" },
		{ TOOL_OPTION_TEXT, 'r', "root", &o.root.image, "IMG",
		  "root file system: a dm-verity tree is appended to it (unless\n"
		  "it has one) and its root hash is put on the command line" },
		{ TOOL_OPTION_TEXT, 0, "root-output", &o.root.output, "IMG",
		  "write the root with its tree there, leave --root as it is" },
		{ TOOL_OPTION_TEXT, 0, "salt", &o.root.salt, "HEX",
		  "salt of the tree, up to 256 bytes (made from the content);\n"
		  "'-' for none" },
		{ TOOL_OPTION_FLAG, 0, "no-verity", &o.root.no_verity, NULL,
		  "let the kernel mount a root that nothing verifies" },
		{ TOOL_OPTION_TEXT, 'b', "keyblock", &o.keyblock, "FILE",
		  "keyblock of the data key" },
		{ TOOL_OPTION_TEXT, 'd', "data-key", &o.data_key, "KEY",
		  "private data key: .vbprivk, PEM or an OpenSSL URI (pkcs11:...)" },
		{ TOOL_OPTION_TEXT, 0, "key", &o.key, "K.vbpubk",
		  "the device's key: check the result as that device will" },
		{ TOOL_OPTION_NUMBER, 'v', "version", &o.version, "N", "kernel version (1)" },
		{ TOOL_OPTION_TEXT, 'o', "output", &o.output, "FILE", "where it goes" },
		{ TOOL_OPTION_FLAG, 0, "json", &o.json, NULL, "say what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat sign", "",
		"Makes a signed kernel partition. The result is verified and prepared by the loader's\n"
		"own code before anything is written; what the loader would refuse is not written.",
		options, 0, 0,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (o.keyblock == NULL || o.data_key == NULL || o.output == NULL)
		return tool_usage_error(&usage, "--keyblock, --data-key and --output are needed");
	if ((o.input.kernel != NULL) + (o.input.fit != NULL) + (o.input.uki != NULL) != 1)
		return tool_usage_error(&usage, "one of --kernel, --fit and --uki is needed");
	if (o.input.cmdline != NULL && o.input.config != NULL)
		return tool_usage_error(&usage, "--cmdline and --config exclude each other");
	if (o.root.image == NULL && (o.root.output != NULL || o.root.salt != NULL))
		return tool_usage_error(&usage, "--root-output and --salt need --root");
	if (o.version.value > 0xffff)
		return tool_usage_error(&usage, "kernel versions are 0 to 65535");
	return sign(&o);
}
