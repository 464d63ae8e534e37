/* --json output through jansson. */
#include "tools/lib/json_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"

bool tool_json_print(json_t *object)
{
	const int failed =
		json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(object);
	if (failed != 0 || putchar('\n') == EOF || fflush(stdout) != 0)
		return tool_error("standard output: %s", strerror(errno));
	return true;
}

json_t *tool_json_string(const char *value)
{
	json_t *string = json_string(value);

	if (string != NULL)
		return string;
	char *plain = tool_strdup(value);

	for (char *c = plain; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	string = json_string(plain);
	free(plain);
	if (string == NULL)
		tool_fatal("out of memory");
	return string;
}

void tool_json_set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		tool_fatal("out of memory");
}

void tool_json_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		tool_fatal("out of memory");
}

void tool_json_text(json_t *object, const char *name, const char *value)
{
	tool_json_set(object, name, tool_json_string(value));
}

void tool_json_number(json_t *object, const char *name, uint64_t value)
{
	if (value > INT64_MAX) {
		char *text = tool_format("%llu", (unsigned long long)value);

		tool_json_text(object, name, text);
		free(text);
		return;
	}
	tool_json_set(object, name, json_integer((json_int_t)value));
}

void tool_json_bool(json_t *object, const char *name, bool value)
{
	tool_json_set(object, name, json_boolean(value));
}
