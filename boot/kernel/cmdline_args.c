/* Arguments of a command line. */
#include "boot/kernel/cmdline_args.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* From @at to where the argument ends, @limit at the latest, and where its first '=' is
 * (its end: there is none). */
static const char *argument_end(const char *at, const char *limit, const char **equals)
{
	bool quoted = false;

	*equals = NULL;
	for (; at < limit && (quoted || !is_blank(*at)); at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (*at == '=' && *equals == NULL)
			*equals = at;
	}
	if (*equals == NULL)
		*equals = at;
	return at;
}

bool kernel_argument_next(const char **text, struct kernel_argument *out)
{
	return kernel_argument_next_within(text, *text + strlen(*text), out);
}

bool kernel_argument_next_within(const char **text, const char *limit,
				 struct kernel_argument *out)
{
	const char *at = *text, *equals;

	while (at < limit && is_blank(*at))
		at++;
	const char *end = argument_end(at, limit, &equals);
	const bool whole = at < limit && *at == '"';

	*text = end;
	if (at == end)
		return false;
	/* "name=value": the quotes are round all of it, or the last one is missing. */
	at += whole;
	if (whole && end > at && end[-1] == '"')
		end--;
	*out = (struct kernel_argument){ .name = at };
	if (equals >= end) {
		out->name_len = (size_t)(end - at);
		return out->name_len != 2 || memcmp(at, "--", 2) != 0;
	}
	out->name_len = (size_t)(equals - at);
	out->value = equals + 1;
	/* name="value" */
	if (out->value < end && *out->value == '"') {
		out->value++;
		if (end > out->value && end[-1] == '"')
			end--;
	}
	out->value_len = (size_t)(end - out->value);
	return true;
}

static char folded(char c)
{
	return c == '-' ? '_' : c;
}

bool kernel_argument_is(const struct kernel_argument *argument, const char *name)
{
	if (strlen(name) != argument->name_len)
		return false;
	for (size_t i = 0; i < argument->name_len; i++)
		if (folded(argument->name[i]) != folded(name[i]))
			return false;
	return true;
}
