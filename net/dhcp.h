/* DHCPv4 messages of a client that wants an address, and the frames they travel in: make
 * and judge. Everything that comes is a stranger's. Pure.
 *
 * Spec: RFC 2131, RFC 2132; RFC 791, RFC 768. */
#ifndef LIFEBOAT_NET_DHCP_H
#define LIFEBOAT_NET_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DHCP_MAC_BYTES       6u
#define DHCP_MAX_NAMESERVERS 3u
#define DHCP_FRAME_BYTES     1500u
#define DHCP_MIN_LEASE_S     60u

enum dhcp_kind {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
};

/* Addresses are as on the wire, in a number of this machine: 192.0.2.7 is 0xc0000207. */
struct dhcp_lease {
	enum dhcp_kind kind; /* OFFER, ACK or NAK; a NAK says no more */
	uint32_t address, server;
	uint8_t prefix;   /* bits; from the address's class when nothing was said */
	uint32_t gateway; /* 0: none */
	uint32_t nameserver[DHCP_MAX_NAMESERVERS];
	size_t nameserver_count;
	uint32_t lease_s; /* at least DHCP_MIN_LEASE_S */
};

struct dhcp_client {
	uint8_t mac[DHCP_MAC_BYTES];
	uint32_t transaction;
};

/**
 * dhcp_make() - an IPv4 packet with DHCP_DISCOVER, or DHCP_REQUEST for what @offer says.
 *
 * Returns its size.
 */
size_t dhcp_make(const struct dhcp_client *client, enum dhcp_kind kind,
		 const struct dhcp_lease *offer, uint8_t out[DHCP_FRAME_BYTES]);

/**
 * dhcp_parse() - an IPv4 packet: is it an answer to @client, and what does it say?
 *
 * False, and nothing was written, for anything else: another transaction, a fragment, an
 * address that no host can have, options that do not end.
 */
bool dhcp_parse(const struct dhcp_client *client, const uint8_t *packet, size_t len,
		struct dhcp_lease *out);

#endif
