/* What is known of a server and of the way to it; filled in by online.c. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_ONLINE_STATE_H
#define LIFEBOAT_RECOVERY_INSTALLER_ONLINE_STATE_H

#include "net/fetch.h"
#include "net/links.h"
#include "net/offers.h"

struct online {
	bool known;  /* medium or loader names a server */
	bool chosen; /* payloads are the server's: struct program's source is from here */
	struct net_settings settings;
	struct net_links links;
	bool links_open;
	uint64_t polled_ms;
	uint8_t *ca; /* of the medium, with a NUL behind it */
	struct net_server server;
	struct net_client *client;
	struct net_offers offers;
	const struct net_offer *file; /* that is open */
	struct net_problem why;
};

#endif
