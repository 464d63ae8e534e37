/* Unified kernel images. */
#include "tools/lib/uki.h"

#include <stdlib.h>
#include <string.h>

#include "boot/kernel/pe.h"
#include "tools/lib/json_out.h"
#include "tools/lib/pe_file.h"
#include "tools/lib/root_check.h"
#include "tools/lib/tool.h"

bool tool_uki_cmdline(const struct tool_buffer *file, const char *name, char **out)
{
	struct kernel_pe pe;
	struct lb_verdict why;

	*out = NULL;
	if (kernel_pe_parse(file->data, file->len, &pe, &why) != LB_REASON_OK)
		return tool_error("%s: %s", name, why.detail);
	if (!pe.has_cmdline)
		return true;
	const char *text = (const char *)file->data + pe.cmdline_offset;

	*out = tool_format("%.*s", (int)strnlen(text, pe.cmdline_bytes), text);
	return pe.cmdline_bytes != 0 ||
	       tool_error("%s: two .cmdline sections for its main profile: which one "
			  "counts is nowhere defined; build it with one",
			  name);
}

/* --- profiles ----------------------------------------------------------------------- */

/* "ID=reset" of a .profile section, in the manner of os-release. */
static void set_line(json_t *profile, const char *text, const char *key, const char *name)
{
	const size_t key_len = strlen(key);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, key_len) != 0 || line[key_len] != '=')
			continue;
		const char *value = line + key_len + 1;
		char *copy = tool_format("%.*s", (int)strcspn(value, "\r\n"), value);

		tool_json_text(profile, name, copy);
		free(copy);
		return;
	}
}

static json_t *begin_profile(const char *text, size_t number, const char *common)
{
	json_t *profile = json_object();
	char *chosen = tool_format("by a command line that begins with @%zu", number);

	tool_json_number(profile, "number", number);
	set_line(profile, text, "ID", "id");
	set_line(profile, text, "TITLE", "title");
	tool_json_text(profile, "starts", number == 0 ? "always" : chosen);
	if (common != NULL)
		tool_json_text(profile, "command_line", common);
	free(chosen);
	return profile;
}

static void set_roots(json_t *profiles)
{
	size_t index;
	json_t *profile;

	json_array_foreach(profiles, index, profile)
	{
		const char *line =
			json_string_value(json_object_get(profile, "command_line"));

		if (line != NULL)
			tool_json_text(profile, "root",
				       tool_root_words(tool_root_of(line)));
	}
}

json_t *tool_uki_profiles(const struct tool_buffer *file)
{
	struct tool_pe pe;
	struct tool_pe_section s;
	json_t *profiles = json_array(), *profile = NULL;
	char *common = NULL;

	if (!tool_pe_parse(file, "UKI", &pe))
		pe.section_count = 0;
	for (uint32_t i = 0; i < pe.section_count; i++) {
		if (!tool_pe_section_at(file, &pe, i, &s))
			continue;
		char *text = tool_pe_text_of(file, &s);

		if (strcmp(s.name, ".profile") == 0) {
			profile = begin_profile(text, json_array_size(profiles), common);
			tool_json_append(profiles, profile);
		} else if (strcmp(s.name, ".cmdline") == 0 && profile != NULL) {
			tool_json_text(profile, "command_line", text);
		} else if (strcmp(s.name, ".cmdline") == 0) {
			free(common);
			common = tool_strdup(text);
		}
		free(text);
	}
	free(common);
	set_roots(profiles);
	if (json_array_size(profiles) != 0)
		return profiles;
	json_decref(profiles);
	return NULL;
}
