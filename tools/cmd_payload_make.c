/* lifeboat payload make: a signed release as one file. */
#include "tools/commands.h"
#include "tools/lib/fields.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_make.h"
#include "tools/lib/tool.h"

static int make(const struct tool_payload_plan *plan, const char *output, bool json)
{
	json_t *report = NULL;

	if (!tool_payload_make(plan, output, &report))
		return TOOL_USAGE;
	return tool_fields_print(report, json) ? TOOL_YES : tool_failed();
}

int cmd_payload_make(int argc, char **argv)
{
	static struct tool_payload_plan p; /* large lists */
	const char *output = NULL;
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_TEXT, 0, "to", &p.source.image, "IMG",
		  "a disk image: kernel, root and layout are taken from it" },
		{ TOOL_OPTION_TEXT, 0, "slot", &p.source.slot, "SLOT",
		  "which slot of the image (A)" },
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &p.source.sector_size, "BYTES",
		  "of the image (else found out)" },
		{ TOOL_OPTION_TEXT, 'k', "kernel", &p.source.kernel, "FILE",
		  "signed kernel partition, as `lifeboat sign` makes it" },
		{ TOOL_OPTION_TEXT, 'r', "root", &p.source.root, "FILE",
		  "root file system, with its dm-verity tree" },
		{ TOOL_OPTION_TEXT, 0, "from", &p.from.image, "IMG",
		  "a delta from what this disk image holds" },
		{ TOOL_OPTION_TEXT, 0, "from-slot", &p.from.slot, "SLOT",
		  "which of its slots (A)" },
		{ TOOL_OPTION_TEXT, 0, "from-kernel", &p.from.kernel, "FILE",
		  "the same as files: the installed kernel partition" },
		{ TOOL_OPTION_TEXT, 0, "from-root", &p.from.root, "FILE", "and root" },
		{ TOOL_OPTION_TEXT, 0, "firmware", &p.source.firmware, "FILE",
		  "a loader, with its profile inside and signed, if it is" },
		{ TOOL_OPTION_TEXT, 'd', "data-key", &p.data_key, "KEY",
		  "private data key of the kernel's keyblock: .vbprivk, PEM or\n"
		  "an OpenSSL URI (pkcs11:...)" },
		{ TOOL_OPTION_TEXT, 0, "signer", &p.signer, "PROGRAM",
		  "a program that holds the data key: started with the --data-key\n"
		  "as its argument, DigestInfo in, signature out" },
		{ TOOL_OPTION_TEXT, 'p', "profile", &p.profile, "P",
		  "profile of the model: kernel key, model and hardware id" },
		{ TOOL_OPTION_TEXT, 0, "key", &p.key, "K.vbpubk",
		  "the devices' kernel key; without it and --profile the payload\n"
		  "is a developer's, for self-signed keyblocks" },
		{ TOOL_OPTION_LIST, 'm', "model", &p.models, "NAME",
		  "model it is for; may be repeated" },
		{ TOOL_OPTION_LIST, 0, "hardware-id", &p.hardware_ids, "ID",
		  "hardware it is for; may be repeated (all of the model)" },
		{ TOOL_OPTION_TEXT, 0, "release", &p.version, "TEXT",
		  "version for people, \"1.1\"" },
		{ TOOL_OPTION_NUMBER, 0, "minimum-version", &p.minimum_version, "N",
		  "combined version that a device must run to update to this" },
		{ TOOL_OPTION_LIST, 0, "title", &p.notes, "LANG=TEXT",
		  "title in a language; may be repeated" },
		{ TOOL_OPTION_LIST, 0, "notes", &p.notes, "LANG=FILE",
		  "release notes in a language; may be repeated" },
		{ TOOL_OPTION_FLAG, 0, "wipes-state", &p.wipes_state, NULL,
		  "installing it empties the state partition" },
		{ TOOL_OPTION_LIST, 0, "recipe-key", &p.recipe_keys, "K.vbpubk",
		  "a key that may sign other lists of operations for this release" },
		{ TOOL_OPTION_LIST, 0, "sign-with", &p.sign_with, "KEY",
		  "another private key that signs this payload; may be repeated" },
		{ TOOL_OPTION_NUMBER, 0, "kernel-size", &p.source.kernel_size, "SIZE",
		  "of the kernel partitions of an empty disk" },
		{ TOOL_OPTION_NUMBER, 0, "root-size", &p.source.root_size, "SIZE",
		  "of its root partitions" },
		{ TOOL_OPTION_NUMBER, 0, "efi-size", &p.source.efi_size, "SIZE",
		  "of its EFI system partition (64M)" },
		{ TOOL_OPTION_NUMBER, 0, "state-size", &p.source.state_size, "SIZE",
		  "the least for its state partition, which grows (64M)" },
		{ TOOL_OPTION_FLAG, 0, "compatible", &p.compatible, NULL,
		  "only kinds of operations that every public reader knows" },
		{ TOOL_OPTION_NUMBER, 0, "operation-size", &p.operation_size, "BYTES",
		  "of what one operation writes (2M)" },
		{ TOOL_OPTION_NUMBER, 0, "level", &p.level, "N",
		  "1 fast to 9 small (9)" },
		{ TOOL_OPTION_NUMBER, 'j', "jobs", &p.threads, "N",
		  "threads; the result is the same (all processors)" },
		{ TOOL_OPTION_TEXT, 'o', "output", &output, "FILE", "where it goes" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "say what was made as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat payload make",
		"",
		"Makes a payload, full or, with --from, a delta: a statement by the "
		"kernel's data key of\n"
		"what the release is, and the operations that write it. It is judged by "
		"the device's own\n"
		"code before it gets its name. The same input gives the same bytes.",
		options,
		0,
		0,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if ((p.source.image != NULL) ==
	    (p.source.kernel != NULL && p.source.root != NULL))
		return tool_usage_error(&usage,
					"either --to, or --kernel and --root are needed");
	if (!tool_sector_bytes_good(&p.source.sector_size))
		return tool_usage_error(&usage, "--sector-size: 512, 1024, 2048 or 4096");
	if ((p.from.image != NULL && p.from.kernel != NULL) ||
	    (p.from.kernel == NULL) != (p.from.root == NULL))
		return tool_usage_error(
			&usage, "either --from, or --from-kernel and --from-root");
	p.from.sector_size = p.source.sector_size;
	if (p.data_key == NULL || output == NULL)
		return tool_usage_error(&usage, "--data-key and --output are needed");
	if (p.minimum_version.value > UINT32_MAX)
		return tool_usage_error(&usage,
					"--minimum-version: 32 bits, key version << 16 | "
					"kernel version");
	return make(&p, output, json);
}
