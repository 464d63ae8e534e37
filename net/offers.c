/* The list of a model. */
#include "net/offers.h"

#include <stdio.h>
#include <string.h>

#include "net/json.h"

#define FORMAT "lifeboat-model-1"

static bool is_plain(char c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr(more, c) != NULL);
}

bool net_path_good(const char *path)
{
	size_t part = 0;

	if (path[0] == '\0' || strlen(path) >= NET_PATH_BYTES)
		return false;
	for (const char *at = path;; at++) {
		if (*at != '/' && *at != '\0') {
			if (!is_plain(*at, "._-+%~"))
				return false;
			part++;
			continue;
		}
		const char *from = at - part;

		if (part == 0 || (part == 1 && from[0] == '.') ||
		    (part == 2 && from[0] == '.' && from[1] == '.'))
			return false;
		if (*at == '\0')
			return true;
		part = 0;
	}
}

bool net_model_path(const char *model, char out[NET_PATH_BYTES])
{
	size_t n = 0;

	for (; *model != '\0'; model++) {
		if (n + sizeof "%XX.json" > NET_PATH_BYTES)
			return false;
		if (is_plain(*model, "_-") || (*model == '.' && n > 0))
			out[n++] = *model;
		else
			n += (size_t)snprintf(out + n, NET_PATH_BYTES - n, "%%%02X",
					      (unsigned int)(unsigned char)*model);
	}
	snprintf(out + n, NET_PATH_BYTES - n, ".json");
	return n > 0;
}

static bool parse_member(struct net_json *j, const char *key, struct net_offer *offer)
{
	if (strcmp(key, "path") == 0)
		return net_json_string(j, offer->path, sizeof offer->path);
	if (strcmp(key, "cpu") == 0)
		return net_json_string(j, offer->cpu, sizeof offer->cpu);
	if (strcmp(key, "size") == 0)
		return net_json_number(j, &offer->bytes);
	return net_json_skip(j);
}

static bool parse_offer(struct net_json *j, struct net_offer *offer)
{
	bool first = true;
	char key[64];

	*offer = (struct net_offer){ 0 };
	if (!net_json_enter(j, '{'))
		return false;
	while (net_json_next(j, '{', &first))
		if (!net_json_key(j, key, sizeof key) || !parse_member(j, key, offer))
			return false;
	if (j->wrong == NULL && !net_path_good(offer->path))
		j->wrong = "no path below the server's address";
	else if (j->wrong == NULL &&
		 (offer->bytes == 0 || offer->bytes > NET_MAX_FILE_BYTES))
		j->wrong = "no size";
	return j->wrong == NULL;
}

/* More than there is room for are left out: the first ones count. */
static bool parse_offers(struct net_json *j, struct net_offers *out)
{
	struct net_offer offer;
	bool first = true;

	if (!net_json_enter(j, '['))
		return false;
	while (net_json_next(j, '[', &first)) {
		if (!parse_offer(j, &offer))
			return false;
		if (out->count < NET_MAX_OFFERS)
			out->offer[out->count++] = offer;
	}
	return j->wrong == NULL;
}

static bool parse(struct net_json *j, struct net_offers *out)
{
	bool first = true, known = false, listed = false;
	char key[64], format[32];

	if (!net_json_enter(j, '{'))
		return false;
	while (net_json_next(j, '{', &first)) {
		if (!net_json_key(j, key, sizeof key))
			return false;
		if (strcmp(key, "format") == 0) {
			if (!net_json_string(j, format, sizeof format))
				return false;
			known = strcmp(format, FORMAT) == 0;
		} else if (strcmp(key, "payloads") == 0 && !listed) {
			listed = true;
			if (!parse_offers(j, out))
				return false;
		} else if (!net_json_skip(j)) {
			return false;
		}
	}
	if (j->wrong == NULL && !known)
		j->wrong = "no \"format\": \"" FORMAT "\"";
	return j->wrong == NULL && net_json_end(j);
}

bool net_offers_parse(const char *text, size_t len, struct net_offers *out, char *why,
		      size_t why_bytes)
{
	struct net_offers offers = { .count = 0 };
	struct net_json j = { .text = text, .len = len };

	if (!parse(&j, &offers)) {
		snprintf(why, why_bytes, "byte %zu: %s", j.at, j.wrong);
		return false;
	}
	*out = offers;
	return true;
}
