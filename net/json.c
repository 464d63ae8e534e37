/* A cursor over JSON. */
#include "net/json.h"

#include <string.h>

static bool fail(struct net_json *j, const char *wrong)
{
	if (j->wrong == NULL)
		j->wrong = wrong;
	return false;
}

/* The next character that is no space; NUL at the end. */
static char look(struct net_json *j)
{
	while (j->at < j->len && memchr(" \t\r\n", j->text[j->at], 4) != NULL)
		j->at++;
	return j->at < j->len ? j->text[j->at] : '\0';
}

static bool take(struct net_json *j, char c, const char *wrong)
{
	if (j->wrong != NULL || look(j) != c || j->at >= j->len)
		return fail(j, wrong);
	j->at++;
	return true;
}

bool net_json_enter(struct net_json *j, char kind)
{
	return take(j, kind, kind == '{' ? "no object" : "no list");
}

bool net_json_next(struct net_json *j, char kind, bool *first)
{
	const char end = kind == '{' ? '}' : ']';

	if (j->wrong != NULL)
		return false;
	if (look(j) == end && j->at < j->len) {
		j->at++;
		return false;
	}
	if (!*first && !take(j, ',', "no comma and no end"))
		return false;
	*first = false;
	return true;
}

bool net_json_key(struct net_json *j, char *out, size_t size)
{
	return net_json_string(j, out, size) && take(j, ':', "no colon behind a name");
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Behind "\u": only what one byte holds, because what we read is plain. */
static bool take_code(struct net_json *j, char *out)
{
	unsigned int code = 0;

	if (j->len - j->at < 4)
		return fail(j, "a short \\u escape");
	for (int i = 0; i < 4; i++) {
		const int digit = digit_of(j->text[j->at++]);

		if (digit < 0)
			return fail(j, "a malformed \\u escape");
		code = code << 4 | (unsigned int)digit;
	}
	if (code < 0x20 || code > 0x7e)
		return fail(j, "an escaped character that is not plain");
	*out = (char)code;
	return true;
}

/* One character of a string; false at its end as well. */
static bool take_char(struct net_json *j, char *out, bool *end)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (j->at >= j->len)
		return fail(j, "a string without end");
	*out = j->text[j->at++];
	*end = *out == '"';
	if ((unsigned char)*out < 0x20)
		return fail(j, "a control character in a string");
	if (*out != '\\')
		return !*end;
	if (j->at >= j->len)
		return fail(j, "a string without end");
	const char kind = j->text[j->at++];

	if (kind == 'u')
		return take_code(j, out);
	const char *known = kind != '\0' ? strchr(from, kind) : NULL;

	if (known == NULL)
		return fail(j, "an unknown escape");
	*out = to[known - from];
	return true;
}

bool net_json_string(struct net_json *j, char *out, size_t size)
{
	bool end = false;
	size_t n = 0;
	char c;

	if (!take(j, '"', "no string"))
		return false;
	while (take_char(j, &c, &end)) {
		if (out == NULL)
			continue;
		if (n + 1 >= size)
			return fail(j, "a string that is too long");
		out[n++] = c;
	}
	if (out != NULL)
		out[n] = '\0';
	return j->wrong == NULL && end;
}

bool net_json_number(struct net_json *j, uint64_t *out)
{
	uint64_t value = 0;
	size_t digits = 0;

	if (j->wrong != NULL || look(j) < '0')
		return fail(j, "no whole number");
	for (; j->at < j->len && j->text[j->at] >= '0' && j->text[j->at] <= '9';
	     digits++) {
		const uint64_t digit = (uint64_t)(j->text[j->at++] - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return fail(j, "a number that is too large");
		value = value * 10 + digit;
	}
	if (digits == 0 || (j->at < j->len && memchr(".eE+-", j->text[j->at], 5) != NULL))
		return fail(j, "no whole number");
	*out = value;
	return true;
}

/* A number, true, false or null: nobody asked for it, so its shape is all. */
static bool skip_word(struct net_json *j)
{
	const size_t from = j->at;

	while (j->at < j->len && j->text[j->at] != '\0' &&
	       strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", j->text[j->at]) != NULL)
		j->at++;
	return j->at > from || fail(j, "no value");
}

/* Opened lists and objects are kept, not called: the depth is bounded either way. */
bool net_json_skip(struct net_json *j)
{
	char open[NET_JSON_MAX_DEPTH];
	bool first[NET_JSON_MAX_DEPTH];
	size_t depth = 0;

	do {
		const char c = j->wrong == NULL ? look(j) : '\0';

		if (c == '{' || c == '[') {
			if (depth == NET_JSON_MAX_DEPTH)
				return fail(j, "too deep");
			open[depth] = c;
			first[depth++] = true;
			j->at++;
		} else if (c == '"' ? !net_json_string(j, NULL, 0) : !skip_word(j)) {
			return false;
		}
		while (depth > 0 &&
		       !net_json_next(j, open[depth - 1], &first[depth - 1])) {
			if (j->wrong != NULL)
				return false;
			depth--;
		}
		if (depth > 0 && open[depth - 1] == '{' && !net_json_key(j, NULL, 0))
			return false;
	} while (depth > 0);
	return true;
}

bool net_json_end(struct net_json *j)
{
	(void)look(j);
	return j->wrong == NULL && (j->at == j->len || fail(j, "more behind the end"));
}
