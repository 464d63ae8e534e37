/* lifeboat/network.ini of a recovery medium: which server, and how to get to it.
 *
 * Untrusted: whoever has the stick writes it. It decides whom this device asks, never
 * what it installs. Format: docs/formats/network.md. Pure. */
#ifndef LIFEBOAT_NET_SETTINGS_H
#define LIFEBOAT_NET_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_SETTINGS_MAX_BYTES 16384u
#define NET_URL_BYTES          256u
#define NET_MAX_NAMESERVERS    3u /* as many as the C library asks */
#define NET_ADDRESS_BYTES      48u

struct net_address {
	bool set, v6;
	uint8_t bytes[16]; /* the first 4 of IPv4 */
	uint8_t prefix;    /* bits */
};

struct net_settings {
	char server[NET_URL_BYTES]; /* "": the profile's */
	char proxy[NET_URL_BYTES];  /* "": none */
	/* By hand; where one is set for a kind, the network is not asked for that kind.
	 */
	struct net_address address, address6, gateway, gateway6;
	char nameserver[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES];
	size_t nameserver_count;
};

/**
 * net_settings_parse() - @text of @len bytes.
 * @why: on false, the line and what is wrong with it
 */
bool net_settings_parse(const char *text, size_t len, struct net_settings *out, char *why,
			size_t why_bytes);

/** net_url_good() - "http://" or "https://", a host, perhaps a port and a path, of
 * printable characters that need no escape; no user, query or fragment. */
bool net_url_good(const char *url);

#endif
