/* Just enough JSON to read a short list of objects: a cursor over the text, strict,
 * without allocation. Pure. */
#ifndef LIFEBOAT_NET_JSON_H
#define LIFEBOAT_NET_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_JSON_MAX_DEPTH 16u

struct net_json {
	const char *text;
	size_t len, at;
	const char *wrong; /* NULL, or what was found at @at */
};

/** net_json_enter() - '{' or '['. */
bool net_json_enter(struct net_json *j, char kind);

/** net_json_next() - true when there is another member or element before the closing
 * @kind; false at its end, or when something is wrong. @first: none was taken yet. */
bool net_json_next(struct net_json *j, char kind, bool *first);

/** net_json_key() - a member's name, and the colon. */
bool net_json_key(struct net_json *j, char *out, size_t size);

/** net_json_string() - with its escapes resolved; a longer one than @size - 1 bytes, a
 * control character or a NUL is wrong. */
bool net_json_string(struct net_json *j, char *out, size_t size);

/** net_json_number() - a whole number from 0. */
bool net_json_number(struct net_json *j, uint64_t *out);

/** net_json_skip() - any value, to NET_JSON_MAX_DEPTH. */
bool net_json_skip(struct net_json *j);

/** net_json_end() - nothing but space is left. */
bool net_json_end(struct net_json *j);

#endif
