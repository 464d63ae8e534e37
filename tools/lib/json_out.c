/* --json output through jansson. */
#include "tools/lib/json_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"

bool tool_json_print(json_t *object)
{
	char *text = json_dumps(object,
				JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);

	json_decref(object);
	if (text == NULL)
		tool_fatal("out of memory");
	/* Everything else that drives a terminal is escaped by now. */
	for (const char *c = text; *c != '\0'; c++)
		fputs(*c == 0x7f ? "\\u007f" : (const char[]){ *c, '\0' }, stdout);
	free(text);
	if (putchar('\n') == EOF || fflush(stdout) != 0)
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

/* A name that is not UTF-8, with its bytes outside ASCII as \xNN: two such names stay
 * two. */
static char *plain_name(const char *name)
{
	char *plain = tool_alloc(4 * strlen(name) + 1);
	char *at = plain;

	for (; *name != '\0'; name++)
		at += (unsigned char)*name < 0x80
			      ? sprintf(at, "%c", *name)
			      : sprintf(at, "\\x%02x", (unsigned char)*name);
	return plain;
}

void tool_json_set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set(object, name, value) != 0) {
		char *plain = plain_name(name);

		if (json_object_set(object, plain, value) != 0)
			tool_fatal("out of memory");
		free(plain);
	}
	json_decref(value);
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
