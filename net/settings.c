/* The network file. */
#include "net/settings.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 512u

static bool is_of(const char *text, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || (c != '\0' && strchr(more, c) != NULL)))
			return false;
	}
	return true;
}

/* "1.2.3.4", "[2001:db8::1]" or a name, then ":443" or nothing. */
static bool is_authority(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t host = colon != NULL ? (size_t)(colon - text) : len;

	if (len > 0 && text[0] == '[') {
		const char *end = memchr(text, ']', len);

		if (end == NULL || end == text + 1 ||
		    !is_of(text + 1, (size_t)(end - text - 1), ":."))
			return false;
		host = (size_t)(end - text) + 1;
	} else if (!is_of(text, host, ".-")) {
		return false;
	}
	if (host == 0 || host > 253)
		return false;
	const size_t port = len - host;

	return port == 0 || (text[host] == ':' && port >= 2 && port <= 6 &&
			     strspn(text + host + 1, "0123456789") >= port - 1);
}

bool net_url_good(const char *url)
{
	static const char *const schemes[] = { "https://", "http://" };

	if (strlen(url) >= NET_URL_BYTES)
		return false;
	for (size_t i = 0; i < 2; i++) {
		const size_t scheme = strlen(schemes[i]);

		if (strncmp(url, schemes[i], scheme) != 0)
			continue;
		const char *host = url + scheme;
		const size_t len = strcspn(host, "/");

		return is_authority(host, len) && strstr(host + len, "/../") == NULL &&
		       is_of(host + len, strlen(host + len), "/._-+~,:@=");
	}
	return false;
}

static bool parse_address(const char *text, bool prefix, bool v6, struct net_address *out)
{
	char host[NET_ADDRESS_BYTES];
	const char *slash = strchr(text, '/');
	const size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct net_address a = { .set = true, .v6 = v6, .prefix = v6 ? 128 : 32 };

	if (len >= sizeof host || (slash != NULL) != prefix || out->set)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, host, a.bytes) != 1)
		return false;
	if (prefix) {
		const size_t digits = strspn(slash + 1, "0123456789");
		const long bits =
			digits > 0 && digits < 4 ? strtol(slash + 1, NULL, 10) : 0;

		if (slash[1 + digits] != '\0' || bits < 1 || bits > a.prefix)
			return false;
		a.prefix = (uint8_t)bits;
	}
	*out = a;
	return true;
}

static bool parse_nameservers(char *text, struct net_settings *s)
{
	char *more = NULL;
	uint8_t bytes[16];

	for (char *word = strtok_r(text, " \t", &more); word != NULL;
	     word = strtok_r(NULL, " \t", &more)) {
		if (s->nameserver_count == NET_MAX_NAMESERVERS ||
		    strlen(word) >= NET_ADDRESS_BYTES ||
		    (inet_pton(AF_INET, word, bytes) != 1 &&
		     inet_pton(AF_INET6, word, bytes) != 1))
			return false;
		snprintf(s->nameserver[s->nameserver_count++], NET_ADDRESS_BYTES, "%s",
			 word);
	}
	return s->nameserver_count > 0;
}

static bool take_url(const char *value, char out[NET_URL_BYTES], const char *scheme)
{
	if (out[0] != '\0' || !net_url_good(value) ||
	    strncmp(value, scheme, strlen(scheme)) != 0)
		return false;
	snprintf(out, NET_URL_BYTES, "%s", value);
	return true;
}

/* NULL, or what is wrong. */
static const char *take(const char *key, char *value, struct net_settings *s)
{
	const bool v6 = strchr(value, ':') != NULL;

	if (strcmp(key, "server") == 0)
		return take_url(value, s->server, "http") ? NULL
							  : "no address of a server";
	if (strcmp(key, "proxy") == 0)
		return take_url(value, s->proxy, "http://") ? NULL
							    : "no address of a proxy";
	if (strcmp(key, "address") == 0)
		return parse_address(value, true, v6, v6 ? &s->address6 : &s->address)
			       ? NULL
			       : "no address with a prefix (192.0.2.7/24), or a second "
				 "one";
	if (strcmp(key, "gateway") == 0)
		return parse_address(value, false, v6, v6 ? &s->gateway6 : &s->gateway)
			       ? NULL
			       : "no address, or a second one";
	if (strcmp(key, "nameserver") == 0)
		return parse_nameservers(value, s) ? NULL : "no addresses, or too many";
	return "no such key";
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text;
}

static const char *parse_line(char *line, struct net_settings *s)
{
	char *text = trim(line), *equals = strchr(text, '=');

	if (text[0] == '\0' || text[0] == '#' || text[0] == ';' ||
	    strcmp(text, "[network]") == 0)
		return NULL;
	if (equals == NULL)
		return "neither KEY = VALUE nor a comment";
	*equals = '\0';
	return take(trim(text), trim(equals + 1), s);
}

bool net_settings_parse(const char *text, size_t len, struct net_settings *out, char *why,
			size_t why_bytes)
{
	struct net_settings s = { 0 };
	unsigned int number = 1;
	char line[LINE_BYTES];

	for (size_t at = 0; at < len; number++) {
		const char *end = memchr(text + at, '\n', len - at);
		const size_t n = end != NULL ? (size_t)(end - text) - at : len - at;
		const char *wrong = "too long, or with a zero byte";

		if (n < sizeof line && memchr(text + at, '\0', n) == NULL) {
			memcpy(line, text + at, n);
			line[n] = '\0';
			wrong = parse_line(line, &s);
		}
		if (wrong != NULL) {
			snprintf(why, why_bytes, "line %u: %s", number, wrong);
			return false;
		}
		at += n + 1;
	}
	*out = s;
	return true;
}
