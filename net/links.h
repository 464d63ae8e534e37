/* Wired interfaces of this machine: brought up, given addresses by DHCP, by router
 * advertisements (the kernel does that) or by hand, and looked after.
 *
 * Never waits: net_links_poll() does what there is to do and returns. */
#ifndef LIFEBOAT_NET_LINKS_H
#define LIFEBOAT_NET_LINKS_H

#include <net/if.h>

#include "net/dhcp.h"
#include "net/reason.h"
#include "net/settings.h"

#define NET_MAX_LINKS 8u

enum net_link_state {
	NET_LINK_DOWN,   /* no cable */
	NET_LINK_ASKING, /* for an address */
	NET_LINK_OFFERED,
	NET_LINK_READY, /* has an IPv4 address */
	NET_LINK_STATIC /* was given one by hand */
};

struct net_link {
	char name[IFNAMSIZ];
	int index;
	int socket; /* of packets; -1: closed */
	enum net_link_state state;
	struct dhcp_client client;
	struct dhcp_lease lease;
	unsigned int tries;
	uint64_t next_ms; /* when to ask again, or to renew */
	uint64_t end_ms;  /* of the lease */
};

struct net_links {
	const struct net_settings *settings;
	const char *resolv_conf; /* NULL: /etc/resolv.conf */
	struct net_link link[NET_MAX_LINKS];
	size_t count;
	bool loopback;
	int router; /* netlink: nameservers of router advertisements; -1: not open */
	char nameserver6[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES];
	size_t nameserver6_count;
	uint32_t changes; /* grows whenever an address or a cable comes or goes */
};

void net_links_open(struct net_links *links, const struct net_settings *settings);
void net_links_close(struct net_links *links);

/** net_links_poll() - look after them; @now_ms never goes back. True: something changed.
 */
bool net_links_poll(struct net_links *links, uint64_t now_ms);

/** net_links_ready() - NET_OK when one has an address that reaches further than the link;
 * or what is missing. */
enum net_reason net_links_ready(const struct net_links *links,
				struct net_problem *problem);

/** net_links_words() - "eth0 192.0.2.7/24 by DHCP", for a log. */
void net_links_words(const struct net_links *links, char *out, size_t size);

#endif
