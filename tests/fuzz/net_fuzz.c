/* Fuzzes what the recovery program reads from strangers on the network, and from a stick
 * about it: DHCP answers, router options, a server's list, the network file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/dhcp.h"
#include "net/offers.h"
#include "net/router.h"
#include "net/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void dhcp(const uint8_t *data, size_t size)
{
	struct dhcp_client client = { .transaction = 0x01020304 };
	struct dhcp_lease lease;
	uint8_t packet[DHCP_FRAME_BYTES];

	memcpy(client.mac, "\x52\x54\0\x12\x34\x56", 6);
	if (!dhcp_parse(&client, data, size, &lease))
		return;
	must(lease.kind == DHCP_NAK || (lease.prefix >= 1 && lease.prefix <= 32));
	must(lease.kind == DHCP_NAK || lease.lease_s >= DHCP_MIN_LEASE_S);
	must(lease.nameserver_count <= DHCP_MAX_NAMESERVERS);
	must(dhcp_make(&client, DHCP_REQUEST, &lease, packet) <= sizeof packet);
}

static void offers(const char *data, size_t size)
{
	struct net_offers o;
	char why[96] = "";

	if (!net_offers_parse(data, size, &o, why, sizeof why)) {
		must(why[0] != '\0');
		return;
	}
	must(o.count <= NET_MAX_OFFERS);
	for (size_t i = 0; i < o.count; i++)
		must(net_path_good(o.offer[i].path) && o.offer[i].bytes > 0);
}

static void settings(const char *data, size_t size)
{
	struct net_settings s;
	char why[96] = "";

	if (!net_settings_parse(data, size, &s, why, sizeof why))
		return;
	must(s.server[0] == '\0' || net_url_good(s.server));
	must(s.nameserver_count <= NET_MAX_NAMESERVERS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES], path[NET_PATH_BYTES];
	size_t count = 0;

	if (size == 0)
		return 0;
	const uint8_t kind = *data++ % 5;

	size--;
	if (kind == 0)
		dhcp(data, size);
	else if (kind == 1)
		offers((const char *)data, size);
	else if (kind == 2)
		settings((const char *)data, size);
	else if (kind == 3 && net_router_options(data, size, list, &count))
		must(count >= 1 && count <= NET_MAX_NAMESERVERS);
	else if (kind == 4 && size < 300) {
		char model[300];

		memcpy(model, data, size);
		model[size] = '\0';
		must(!net_model_path(model, path) || net_path_good(path));
	}
	return 0;
}
