/* DHCP messages. */
#include "net/dhcp.h"

#include <string.h>

#define IP_BYTES      20u
#define UDP_BYTES     8u
#define BOOTP_BYTES   236u
#define OPTIONS_AT    (BOOTP_BYTES + 4u) /* behind the magic number */
#define MAGIC         0x63825363u
#define UDP           17u
#define SERVER_PORT   67u
#define CLIENT_PORT   68u
#define MESSAGE_BYTES 300u /* some servers and relays drop shorter ones */
#define MAX_LEASE_S   (7u * 24 * 3600)
#define DEFAULT_LEASE 3600u

enum {
	OPT_PAD = 0,
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_NAMESERVER = 6,
	OPT_ADDRESS = 50,
	OPT_LEASE = 51,
	OPT_KIND = 53,
	OPT_SERVER = 54,
	OPT_WANTED = 55,
	OPT_MAX_BYTES = 57,
	OPT_END = 255
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

/* Ones' complement sum; of a good header with its own checksum it is 0xffff. */
static uint32_t sum(const uint8_t *p, size_t len, uint32_t start)
{
	uint32_t s = start;

	for (size_t i = 0; i + 1 < len; i += 2)
		s += be16(p + i);
	if (len % 2 != 0)
		s += (uint32_t)p[len - 1] << 8;
	while (s > 0xffff)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* --- making ------------------------------------------------------------------------- */

static uint8_t *add(uint8_t *at, uint8_t option, const uint8_t *value, uint8_t len)
{
	*at++ = option;
	*at++ = len;
	memcpy(at, value, len);
	return at + len;
}

static uint8_t *add32(uint8_t *at, uint8_t option, uint32_t value)
{
	uint8_t bytes[4];

	put32(bytes, value);
	return add(at, option, bytes, sizeof bytes);
}

static void frame(uint8_t *packet, size_t message)
{
	uint8_t *udp = packet + IP_BYTES;
	const size_t udp_bytes = UDP_BYTES + message;

	packet[0] = 0x45;
	put16(packet + 2, (uint32_t)(IP_BYTES + udp_bytes));
	packet[8] = 64; /* hops */
	packet[9] = UDP;
	put32(packet + 16, 0xffffffff);
	put16(udp, CLIENT_PORT);
	put16(udp + 2, SERVER_PORT);
	put16(udp + 4, (uint32_t)udp_bytes);
	/* of the pseudo header: addresses, protocol, length */
	const uint32_t pseudo = sum(packet + 12, 8, UDP + (uint32_t)udp_bytes);
	const uint32_t check = ~sum(udp, udp_bytes, pseudo) & 0xffff;

	put16(udp + 6, check != 0 ? check : 0xffff);
	put16(packet + 10, ~sum(packet, IP_BYTES, 0));
}

size_t dhcp_make(const struct dhcp_client *client, enum dhcp_kind kind,
		 const struct dhcp_lease *offer, uint8_t out[DHCP_FRAME_BYTES])
{
	static const uint8_t wanted[] = { OPT_MASK, OPT_ROUTER, OPT_NAMESERVER,
					  OPT_LEASE };
	const uint8_t kind_byte = (uint8_t)kind;
	uint8_t *m = out + IP_BYTES + UDP_BYTES, *at = m + OPTIONS_AT, max[2];

	memset(out, 0, DHCP_FRAME_BYTES);
	m[0] = 1; /* a request, on Ethernet */
	m[1] = 1;
	m[2] = DHCP_MAC_BYTES;
	put32(m + 4, client->transaction);
	m[10] = 0x80; /* by broadcast: we have no address that could be answered */
	memcpy(m + 28, client->mac, DHCP_MAC_BYTES);
	put32(m + BOOTP_BYTES, MAGIC);
	at = add(at, OPT_KIND, &kind_byte, 1);
	if (kind == DHCP_REQUEST && offer != NULL) {
		at = add32(at, OPT_ADDRESS, offer->address);
		at = add32(at, OPT_SERVER, offer->server);
	}
	put16(max, DHCP_FRAME_BYTES - IP_BYTES - UDP_BYTES);
	at = add(at, OPT_MAX_BYTES, max, sizeof max);
	at = add(at, OPT_WANTED, wanted, sizeof wanted);
	*at++ = OPT_END;
	const size_t used = (size_t)(at - m),
		     message = used > MESSAGE_BYTES ? used : MESSAGE_BYTES;

	frame(out, message);
	return IP_BYTES + UDP_BYTES + message;
}

/* --- judging ------------------------------------------------------------------------ */

/* The message in a packet, NULL when it is none for us. */
static const uint8_t *unframe(const uint8_t *packet, size_t len, size_t *message)
{
	if (len < IP_BYTES || packet[0] >> 4 != 4)
		return NULL;
	const size_t head = (size_t)(packet[0] & 15) * 4, total = be16(packet + 2);

	if (head < IP_BYTES || total < head + UDP_BYTES || total > len ||
	    packet[9] != UDP || (be16(packet + 6) & 0x3fff) != 0 ||
	    sum(packet, head, 0) != 0xffff)
		return NULL;
	const uint8_t *udp = packet + head;
	const size_t udp_bytes = be16(udp + 4);

	if (be16(udp) != SERVER_PORT || be16(udp + 2) != CLIENT_PORT ||
	    udp_bytes < UDP_BYTES || udp_bytes > total - head)
		return NULL;
	*message = udp_bytes - UDP_BYTES;
	return udp + UDP_BYTES;
}

/* What a host may have as its own, or as its neighbour's. */
static bool is_host(uint32_t address)
{
	const uint32_t first = address >> 24;

	return first != 0 && first != 127 && first < 224;
}

static bool take_mask(uint32_t mask, struct dhcp_lease *out)
{
	uint8_t bits = 0;

	while (bits < 32 && (mask & 0x80000000u >> bits) != 0)
		bits++;
	if (bits == 0 || (bits < 32 && (mask << bits) != 0))
		return false;
	out->prefix = bits;
	return true;
}

static void take_nameservers(const uint8_t *value, size_t len, struct dhcp_lease *out)
{
	for (; len >= 4; value += 4, len -= 4)
		if (out->nameserver_count < DHCP_MAX_NAMESERVERS && be32(value) != 0)
			out->nameserver[out->nameserver_count++] = be32(value);
}

/* Options of a wrong length say nothing. */
static void take_option(uint8_t option, const uint8_t *value, size_t len,
			struct dhcp_lease *out)
{
	if (option == OPT_KIND && len == 1)
		out->kind = value[0];
	else if (option == OPT_MASK && len == 4)
		(void)take_mask(be32(value), out); /* else as if not said */
	else if (option == OPT_ROUTER && len >= 4)
		out->gateway = be32(value);
	else if (option == OPT_NAMESERVER)
		take_nameservers(value, len, out);
	else if (option == OPT_LEASE && len == 4)
		out->lease_s = be32(value);
	else if (option == OPT_SERVER && len == 4)
		out->server = be32(value);
}

static bool take_options(const uint8_t *at, size_t len, struct dhcp_lease *out)
{
	while (len > 0 && *at != OPT_END) {
		if (*at == OPT_PAD) {
			at++, len--;
			continue;
		}
		if (len < 2 || at[1] > len - 2)
			return false;
		take_option(at[0], at + 2, at[1], out);
		len -= (size_t)at[1] + 2;
		at += (size_t)at[1] + 2;
	}
	return len > 0;
}

static uint8_t class_of(uint32_t address)
{
	return address >> 31 == 0 ? 8 : address >> 30 == 2 ? 16 : 24;
}

static bool settle(struct dhcp_lease *lease)
{
	if (lease->kind == DHCP_NAK)
		return true;
	if ((lease->kind != DHCP_OFFER && lease->kind != DHCP_ACK) ||
	    !is_host(lease->address))
		return false;
	if (lease->prefix == 0)
		lease->prefix = class_of(lease->address);
	if (!is_host(lease->gateway))
		lease->gateway = 0;
	if (lease->lease_s == 0)
		lease->lease_s = DEFAULT_LEASE;
	if (lease->lease_s < DHCP_MIN_LEASE_S)
		lease->lease_s = DHCP_MIN_LEASE_S;
	if (lease->lease_s > MAX_LEASE_S)
		lease->lease_s = MAX_LEASE_S;
	return true;
}

bool dhcp_parse(const struct dhcp_client *client, const uint8_t *packet, size_t len,
		struct dhcp_lease *out)
{
	struct dhcp_lease lease = { 0 };
	size_t message;
	const uint8_t *m = unframe(packet, len, &message);

	if (m == NULL || message < OPTIONS_AT || m[0] != 2 || m[1] != 1 ||
	    m[2] != DHCP_MAC_BYTES || be32(m + 4) != client->transaction ||
	    memcmp(m + 28, client->mac, DHCP_MAC_BYTES) != 0 ||
	    be32(m + BOOTP_BYTES) != MAGIC)
		return false;
	lease.address = be32(m + 16);
	if (!take_options(m + OPTIONS_AT, message - OPTIONS_AT, &lease) ||
	    !settle(&lease))
		return false;
	*out = lease;
	return true;
}
