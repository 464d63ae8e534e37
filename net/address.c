/* Addresses and routes, by the kernel's older calls: few and enough. */
#include "net/address.h"

#include <arpa/inet.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS_TENTATIVE 0x40u
#define ADDRESS_FAILED    0x08u
#define SCOPE_GLOBAL      0x00u

static bool ask(int family, unsigned long what, void *with)
{
	const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	if (fd < 0)
		return false;
	good = ioctl(fd, what, with) == 0;
	(void)close(fd);
	return good;
}

static void name_it(struct ifreq *r, const char *name)
{
	memset(r, 0, sizeof *r);
	snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
}

bool net_interface_up(const char *name)
{
	struct ifreq r;

	name_it(&r, name);
	if (!ask(AF_INET, SIOCGIFFLAGS, &r))
		return false;
	if ((r.ifr_flags & IFF_UP) != 0)
		return true;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP);
	return ask(AF_INET, SIOCSIFFLAGS, &r);
}

static void put_address(struct sockaddr *to, uint32_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(address) };

	memcpy(to, &in, sizeof in);
}

bool net_interface_set4(const char *name, uint32_t address, uint8_t prefix,
			uint32_t gateway)
{
	const uint32_t mask = prefix > 0 ? 0xffffffffu << (32 - prefix) : 0;
	char device[IFNAMSIZ];
	struct ifreq r;
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = device };

	name_it(&r, name);
	snprintf(device, sizeof device, "%s", name);
	put_address(&r.ifr_addr, address);
	if (!ask(AF_INET, SIOCSIFADDR, &r))
		return address == 0;
	if (address == 0)
		return true;
	put_address(&r.ifr_netmask, mask);
	if (!ask(AF_INET, SIOCSIFNETMASK, &r))
		return false;
	if (gateway == 0)
		return true;
	put_address(&route.rt_gateway, gateway);
	put_address(&route.rt_dst, 0);
	put_address(&route.rt_genmask, 0);
	return ask(AF_INET, SIOCADDRT, &route);
}

/* linux/ipv6_route.h and net/route.h have the same names; this is the kernel's. */
struct route6 {
	struct in6_addr dst, src, gateway;
	uint32_t type;
	uint16_t dst_len, src_len;
	uint32_t metric;
	unsigned long info;
	uint32_t flags;
	int index;
};

bool net_interface_add6(int index, const struct net_address *address,
			const struct net_address *gateway)
{
	struct in6_ifreq r = { .ifr6_prefixlen = address->prefix, .ifr6_ifindex = index };
	struct route6 route = { .metric = 1,
				.flags = RTF_UP | RTF_GATEWAY,
				.index = index };

	memcpy(&r.ifr6_addr, address->bytes, 16);
	if (!ask(AF_INET6, SIOCSIFADDR, &r))
		return false;
	memcpy(&route.gateway, gateway->bytes, 16);
	return !gateway->set || ask(AF_INET6, SIOCADDRT, &route);
}

bool net_has_global6(void)
{
	FILE *f = fopen("/proc/net/if_inet6", "re");
	char line[128];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
		/* 32 digits, index, prefix, scope, flags: two digits each */
		unsigned int field[4] = { 0 };
		const char *at = line + strcspn(line, " ");

		for (size_t i = 0; i < 4; i++, at += strcspn(at, " ")) {
			at += strspn(at, " ");
			for (; (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f');
			     at++)
				field[i] = field[i] << 4 |
					   (unsigned int)(*at <= '9' ? *at - '0'
								     : *at - 'a' + 10);
		}
		found = field[2] == SCOPE_GLOBAL &&
			(field[3] & (ADDRESS_TENTATIVE | ADDRESS_FAILED)) == 0;
	}
	if (f != NULL)
		(void)fclose(f);
	return found;
}
