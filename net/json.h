/* Just enough JSON to read a short list of objects: a cursor over the text, strict,
 * without allocation. Pure. */
#ifndef LIFEBOAT_NET_JSON_H
#define LIFEBOAT_NET_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 16u

struct json {
	const char *text;
	size_t len, at;
	const char *wrong; /* NULL, or what was found at @at */
};

/** json_enter() - '{' or '['. */
bool json_enter(struct json *j, char kind);

/** json_next() - true when there is another member or element before the closing @kind;
 * false at its end, or when something is wrong. @first: none was taken yet. */
bool json_next(struct json *j, char kind, bool *first);

/** json_key() - a member's name, and the colon. */
bool json_key(struct json *j, char *out, size_t size);

/** json_string() - with its escapes resolved; a longer one than @size - 1 bytes, a
 * control character or a NUL is wrong. */
bool json_string(struct json *j, char *out, size_t size);

/** json_number() - a whole number from 0. */
bool json_number(struct json *j, uint64_t *out);

/** json_skip() - any value, to JSON_MAX_DEPTH. */
bool json_skip(struct json *j);

/** json_end() - nothing but space is left. */
bool json_end(struct json *j);

#endif
