/* Names and values as indented lines: "kernel_version" becomes "kernel version". */
#include "tools/lib/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/json_out.h"
#include "tools/lib/printable.h"
#include "tools/lib/tool.h"

#define VALUE_COLUMN 28

static void print_value(const json_t *value);
static void print_object(json_t *object, int indent);

static int print_name(const char *name, int indent)
{
	printf("%*s", indent, "");
	char *words = tool_strdup(name);

	for (char *c = words; *c != '\0'; c++)
		if (*c == '_')
			*c = ' ';
	const size_t chars = tool_print_text(stdout, words);

	free(words);
	putchar(':');
	return indent + (int)chars + 1;
}

static void print_value(const json_t *value)
{
	if (json_is_string(value))
		(void)tool_print_text(stdout, json_string_value(value));
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else
		fputs(json_is_true(value)    ? "yes"
		      : json_is_false(value) ? "no"
					     : "-",
		      stdout);
	putchar('\n');
}

static void print_array(const char *name, json_t *array, int indent)
{
	size_t index;
	json_t *item;

	json_array_foreach(array, index, item)
	{
		const int used = print_name(name, indent);

		if (json_is_object(item)) {
			putchar('\n');
			print_object(item, indent + 2);
			continue;
		}
		printf("%*s", used < VALUE_COLUMN ? VALUE_COLUMN - used : 1, "");
		print_value(item);
	}
}

static void print_object(json_t *object, int indent)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		if (json_is_array(value)) {
			print_array(name, value, indent);
			continue;
		}
		const int used = print_name(name, indent);

		if (json_is_object(value)) {
			putchar('\n');
			print_object(value, indent + 2);
			continue;
		}
		printf("%*s", used < VALUE_COLUMN ? VALUE_COLUMN - used : 1, "");
		print_value(value);
	}
}

bool tool_fields_print(json_t *object, bool json)
{
	if (json)
		return tool_json_print(object);
	print_object(object, 0);
	json_decref(object);
	return true;
}
