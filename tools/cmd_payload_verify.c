/* lifeboat payload verify: would a device install it, and is it whole? */
#include <stdio.h>

#include "tools/commands.h"
#include "tools/lib/fields.h"
#include "tools/lib/json_out.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_trust.h"
#include "tools/lib/payload_write.h"
#include "tools/lib/tool.h"

static struct tool_payload_trust trust; /* large, as the file */
static struct tool_payload_file file;

/* Statement, recipe, signature of the whole, each operation's data; with @unpack also
 * what comes out of them. */
static enum update_reason judge(bool unpack, struct update_verdict *why)
{
	struct update_job job = { .payload = &file.payload };

	if (update_payload_open(&file.source, &trust.device, &file.memory, &file.payload,
				why) != UPDATE_OK)
		return why->reason;
	file.open = true;
	if (update_payload_signed(&file.payload, why) != UPDATE_OK ||
	    update_check(&job, why) != UPDATE_OK)
		return why->reason;
	/* What a delta unpacks to depends on what is installed: apply looks at that. */
	for (size_t i = 0; unpack && i < file.payload.partition_count; i++)
		if (!file.payload.partition[i].delta &&
		    tool_payload_unpack(&file, &file.payload.partition[i], why) !=
			    UPDATE_OK)
			return why->reason;
	return update_verdict_set(why, UPDATE_OK, NULL);
}

static bool report(const struct update_verdict *why, const char *path, bool json)
{
	json_t *object = json_object();

	tool_json_text(object, "file", path);
	tool_json_bool(object, "would_install", why->reason == UPDATE_OK);
	tool_json_text(object, "verdict", update_reason_name(why->reason));
	tool_json_text(object, "words", update_reason_text(why->reason));
	if (json || why->detail[0] != '\0')
		tool_json_text(object, "detail", why->detail);
	if (file.open) {
		tool_json_number(object, "version", file.payload.release.version);
		tool_json_bool(object, "developer", file.payload.release.developer);
	}
	return tool_fields_print(object, json);
}

/* A full disk of this machine's says nothing about the payload; but data that unpack to
 * something else do. */
static bool is_answer(enum update_reason reason)
{
	return reason == UPDATE_RESULT || tool_update_answers(reason);
}

static int verify(const char *path, bool unpack, bool json)
{
	struct update_verdict why;

	if (!tool_payload_trust_load(&trust) || !tool_payload_file_open(path, &file))
		return TOOL_USAGE;
	const enum update_reason reason = judge(unpack, &why);
	const bool good = is_answer(reason) ? report(&why, path, json)
					    : tool_update_error(path, &why);

	tool_payload_file_close(&file);
	tool_payload_trust_free(&trust);
	return !good ? TOOL_USAGE : reason == UPDATE_OK ? TOOL_YES : TOOL_NO;
}

int cmd_payload_verify(int argc, char **argv)
{
	bool json = false, quick = false;
	const struct tool_option options[] = {
		TOOL_PAYLOAD_TRUST_OPTIONS(trust),
		{ TOOL_OPTION_FLAG, 0, "quick", &quick, NULL,
		  "hash the data, do not unpack them" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat payload verify",
		"PAYLOAD",
		"Judges a payload by the device's own code: whose it is, for which "
		"model, whether every\n"
		"byte is what its signer signed, and whether it unpacks to that. "
		"Exit status 1: a device\n"
		"would refuse it.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	return parse != TOOL_PARSE_RUN ? tool_parse_exit(parse)
				       : verify(operands[0], !quick, json);
}
