/* Looking after interfaces. */
#include "net/links.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/router.h"

#define CLASS        "/sys/class/net"
#define FIRST_ASK_MS 1000u
#define LAST_ASK_MS  16000u
#define MAX_PACKETS  16u /* looked at in one go */

static bool read_text(const char *name, const char *what, char *out, size_t size)
{
	char path[128];
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, CLASS "/%s/%s", name, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, out, size - 1);
	(void)close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool exists(const char *name, const char *what)
{
	char path[128];

	snprintf(path, sizeof path, CLASS "/%s/%s", name, what);
	return access(path, F_OK) == 0;
}

static bool read_mac(const char *name, uint8_t mac[DHCP_MAC_BYTES])
{
	char text[32], *at = text;

	if (!read_text(name, "address", text, sizeof text))
		return false;
	for (size_t i = 0; i < DHCP_MAC_BYTES; i++, at++) {
		mac[i] = (uint8_t)strtoul(at, &at, 16);
		if (i + 1 < DHCP_MAC_BYTES && *at != ':')
			return false;
	}
	return true;
}

/* Ethernet on a wire: no wireless, no bridge, no tunnel. */
static bool is_wired(const char *name)
{
	char type[16];

	return read_text(name, "type", type, sizeof type) &&
	       strtoul(type, NULL, 10) == ARPHRD_ETHER && exists(name, "device") &&
	       !exists(name, "wireless") && !exists(name, "phy80211");
}

static bool known(const struct net_links *links, const char *name)
{
	for (size_t i = 0; i < links->count; i++)
		if (strcmp(links->link[i].name, name) == 0)
			return true;
	return false;
}

static void add(struct net_links *links, const char *name)
{
	struct net_link *l = &links->link[links->count];

	*l = (struct net_link){ .socket = -1 };
	snprintf(l->name, sizeof l->name, "%.15s", name);
	l->index = (int)if_nametoindex(l->name);
	if (l->index == 0 || !read_mac(l->name, l->client.mac))
		return;
	links->count++;
	links->changes++;
}

static void close_link(struct net_link *l)
{
	if (l->socket >= 0)
		(void)close(l->socket);
	l->socket = -1;
}

/* One that was pulled leaves its place. */
static void drop_gone(struct net_links *links)
{
	for (size_t i = 0; i < links->count; i++) {
		if (exists(links->link[i].name, "ifindex"))
			continue;
		close_link(&links->link[i]);
		links->link[i--] = links->link[--links->count];
		links->changes++;
	}
}

static void scan(struct net_links *links)
{
	DIR *folder = opendir(CLASS);
	const struct dirent *entry;

	drop_gone(links);
	while (folder != NULL && links->count < NET_MAX_LINKS &&
	       (entry = readdir(folder)) != NULL)
		if (strlen(entry->d_name) < IFNAMSIZ && !known(links, entry->d_name) &&
		    is_wired(entry->d_name))
			add(links, entry->d_name);
	if (folder != NULL)
		(void)closedir(folder);
	if (!links->loopback)
		links->loopback = net_interface_up("lo");
}

/* --- nameservers -------------------------------------------------------------------- */

struct lines {
	char text[1024];
	size_t used;
};

static void add_line(struct lines *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void add_line(struct lines *l, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	const int n = vsnprintf(l->text + l->used, sizeof l->text - l->used, fmt, args);

	va_end(args);
	if (n > 0 && (size_t)n < sizeof l->text - l->used)
		l->used += (size_t)n; /* else it is left out */
}

static void add_leased(struct lines *l, const struct dhcp_lease *lease)
{
	for (size_t i = 0; i < lease->nameserver_count; i++) {
		const uint32_t a = lease->nameserver[i];

		add_line(l, "nameserver %u.%u.%u.%u\n", a >> 24, a >> 16 & 255,
			 a >> 8 & 255, a & 255);
	}
}

static void write_nameservers(const struct net_links *links)
{
	const char *path =
		links->resolv_conf != NULL ? links->resolv_conf : "/etc/resolv.conf";
	struct lines l = { .used = 0 };

	for (size_t i = 0; i < links->settings->nameserver_count; i++)
		add_line(&l, "nameserver %s\n", links->settings->nameserver[i]);
	for (size_t i = 0; i < links->count; i++)
		if (links->link[i].state == NET_LINK_READY)
			add_leased(&l, &links->link[i].lease);
	for (size_t i = 0; i < links->nameserver6_count; i++)
		add_line(&l, "nameserver %s\n", links->nameserver6[i]);
	add_line(&l, "options timeout:3 attempts:2\n");
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return; /* names stay unknown, which the request says */
	(void)!write(fd, l.text, l.used);
	(void)close(fd);
}

/* --- one link ----------------------------------------------------------------------- */

static void changed(struct net_links *links)
{
	links->changes++;
	write_nameservers(links);
}

static bool open_packets(struct net_link *l)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = l->index };

	close_link(l);
	l->socket = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			   htons(ETH_P_IP));
	if (l->socket >= 0 && bind(l->socket, (struct sockaddr *)&at, sizeof at) == 0)
		return true;
	close_link(l);
	return false;
}

static void send_message(struct net_link *l, enum dhcp_kind kind)
{
	uint8_t packet[DHCP_FRAME_BYTES];
	const size_t len = dhcp_make(&l->client, kind, &l->lease, packet);
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = l->index,
				  .sll_halen = DHCP_MAC_BYTES };

	memset(to.sll_addr, 0xff, DHCP_MAC_BYTES);
	/* One that does not get out is sent again. */
	(void)sendto(l->socket, packet, len, 0, (struct sockaddr *)&to, sizeof to);
}

/* A new transaction, from the beginning. */
static void begin(struct net_link *l, uint64_t now_ms)
{
	l->state = NET_LINK_ASKING;
	l->tries = 0;
	l->next_ms = now_ms;
	if (getrandom(&l->client.transaction, sizeof l->client.transaction,
		      GRND_NONBLOCK) < 0)
		l->client.transaction = (uint32_t)now_ms; /* no secret, only a number */
	if (l->socket < 0 && !open_packets(l))
		l->next_ms = now_ms + LAST_ASK_MS;
}

static uint64_t patience(const struct net_link *l)
{
	const uint64_t ms = (uint64_t)FIRST_ASK_MS << (l->tries < 4 ? l->tries : 4);

	return ms < LAST_ASK_MS ? ms : LAST_ASK_MS;
}

static void ask_again(struct net_link *l, uint64_t now_ms)
{
	if (l->socket < 0 && !open_packets(l)) {
		l->next_ms = now_ms + LAST_ASK_MS;
		return;
	}
	if (l->state == NET_LINK_OFFERED && l->tries > 2)
		l->state = NET_LINK_ASKING;
	send_message(l, l->state == NET_LINK_OFFERED ? DHCP_REQUEST : DHCP_DISCOVER);
	l->next_ms = now_ms + patience(l);
	l->tries++;
}

static void take_lease(struct net_links *links, struct net_link *l, uint64_t now_ms)
{
	l->state = NET_LINK_READY;
	l->tries = 0;
	l->next_ms = now_ms + (uint64_t)l->lease.lease_s * 500;
	l->end_ms = now_ms + (uint64_t)l->lease.lease_s * 1000;
	close_link(l);
	if (net_interface_set4(l->name, l->lease.address, l->lease.prefix,
			       l->lease.gateway))
		changed(links);
	else
		begin(l, now_ms);
}

static void take_answer(struct net_links *links, struct net_link *l,
			const struct dhcp_lease *answer, uint64_t now_ms)
{
	if (l->state == NET_LINK_ASKING && answer->kind == DHCP_OFFER) {
		l->state = NET_LINK_OFFERED;
		l->lease = *answer;
		l->tries = 0;
		ask_again(l, now_ms);
	} else if (l->state == NET_LINK_OFFERED && answer->kind == DHCP_ACK) {
		l->lease = *answer;
		take_lease(links, l, now_ms);
	} else if (l->state == NET_LINK_OFFERED && answer->kind == DHCP_NAK) {
		begin(l, now_ms);
	}
}

static void listen_to(struct net_links *links, struct net_link *l, uint64_t now_ms)
{
	uint8_t packet[DHCP_FRAME_BYTES];
	struct dhcp_lease answer;

	for (unsigned int i = 0; l->socket >= 0 && i < MAX_PACKETS; i++) {
		const ssize_t n = recv(l->socket, packet, sizeof packet, MSG_TRUNC);

		if (n <= 0)
			return;
		if ((size_t)n <= sizeof packet &&
		    dhcp_parse(&l->client, packet, (size_t)n, &answer))
			take_answer(links, l, &answer, now_ms);
	}
}

static uint32_t number_of(const struct net_address *a)
{
	return (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 |
	       (uint32_t)a->bytes[2] << 8 | a->bytes[3];
}

static void plugged_in(struct net_links *links, struct net_link *l, uint64_t now_ms)
{
	const struct net_settings *s = links->settings;

	if (s->address6.set)
		(void)net_interface_add6(l->index, &s->address6, &s->gateway6);
	if (!s->address.set) {
		begin(l, now_ms);
		links->changes++;
		return;
	}
	l->state = NET_LINK_STATIC;
	if (net_interface_set4(l->name, number_of(&s->address), s->address.prefix,
			       s->gateway.set ? number_of(&s->gateway) : 0))
		changed(links);
}

static void look_after(struct net_links *links, struct net_link *l, uint64_t now_ms)
{
	char carrier[8] = "";

	(void)net_interface_up(l->name);
	if (!read_text(l->name, "carrier", carrier, sizeof carrier) ||
	    carrier[0] != '1') {
		if (l->state != NET_LINK_DOWN)
			changed(links);
		l->state = NET_LINK_DOWN;
		l->end_ms = 0;
		close_link(l);
		return;
	}
	if (l->state == NET_LINK_DOWN)
		plugged_in(links, l, now_ms);
	listen_to(links, l, now_ms);
	if (l->state != NET_LINK_READY && l->end_ms > 0 && now_ms >= l->end_ms) {
		l->end_ms = 0; /* somebody else may have the address now */
		(void)net_interface_set4(l->name, 0, 0, 0);
		changed(links);
	}
	if (l->state == NET_LINK_STATIC || now_ms < l->next_ms)
		return;
	/* Half of a lease is over: asked for again, from the beginning. The address stays
	 * until the lease ends. */
	if (l->state == NET_LINK_READY)
		begin(l, now_ms);
	ask_again(l, now_ms);
}

/* --- all ---------------------------------------------------------------------------- */

void net_links_open(struct net_links *links, const struct net_settings *settings)
{
	*links = (struct net_links){ .settings = settings };
	links->router = net_router_open();
	write_nameservers(links);
}

void net_links_close(struct net_links *links)
{
	for (size_t i = 0; i < links->count; i++)
		close_link(&links->link[i]);
	if (links->router >= 0)
		(void)close(links->router);
	links->count = 0;
	links->router = -1;
}

bool net_links_poll(struct net_links *links, uint64_t now_ms)
{
	const uint32_t before = links->changes;

	scan(links);
	for (size_t i = 0; i < links->count; i++)
		look_after(links, &links->link[i], now_ms);
	if (net_router_read(links->router, links->nameserver6, &links->nameserver6_count))
		changed(links);
	return links->changes != before;
}

enum net_reason net_links_ready(const struct net_links *links,
				struct net_problem *problem)
{
	bool cable = false;

	for (size_t i = 0; i < links->count; i++) {
		const struct net_link *l = &links->link[i];

		/* While it is renewed, the address is still there. */
		if (l->state == NET_LINK_READY || l->state == NET_LINK_STATIC ||
		    (l->state != NET_LINK_DOWN && l->end_ms > 0))
			return NET_OK;
		cable = cable || l->state != NET_LINK_DOWN;
	}
	if (cable && net_has_global6())
		return NET_OK;
	return net_problem_set(problem,
			       links->count == 0 ? NET_NO_CARD
			       : cable           ? NET_NO_ADDRESS
						 : NET_NO_CABLE,
			       "%zu wired", links->count);
}

void net_links_words(const struct net_links *links, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < links->count && used < size; i++) {
		const struct net_link *l = &links->link[i];
		const uint32_t a = l->state == NET_LINK_STATIC
					   ? number_of(&links->settings->address)
					   : l->lease.address;

		if (l->state != NET_LINK_READY && l->state != NET_LINK_STATIC)
			continue;
		const int n =
			snprintf(out + used, size - used, "%s%s %u.%u.%u.%u %s",
				 used > 0 ? ", " : "", l->name, a >> 24, a >> 16 & 255,
				 a >> 8 & 255, a & 255,
				 l->state == NET_LINK_STATIC ? "by hand" : "by DHCP");

		used += n > 0 ? (size_t)n : 0;
	}
	if (used == 0)
		snprintf(out, size, "%s", net_has_global6() ? "IPv6" : "no address");
}
