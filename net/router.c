/* What routers announce. */
#include "net/router.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_BYTES 4096u
#define MAX_MESSAGES  16u
#define OPTION_RDNSS  25u
#define RDNSS_HEAD    8u /* kind, length in eights, reserved, lifetime */
#define V6_BYTES      16u
#define LINK_LOCAL    0xfe80u

int net_router_open(void)
{
	struct sockaddr_nl at = { .nl_family = AF_NETLINK,
				  .nl_groups = 1u << (RTNLGRP_ND_USEROPT - 1) };
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			      NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* One of the link alone needs the interface's name with it, which we leave out. */
static void take(const uint8_t *option, size_t len,
		 char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES], size_t *count)
{
	for (size_t at = RDNSS_HEAD; at + V6_BYTES <= len; at += V6_BYTES) {
		const uint8_t *a = option + at;

		if (*count == NET_MAX_NAMESERVERS ||
		    (((unsigned int)a[0] << 8 | a[1]) & 0xffc0u) == LINK_LOCAL ||
		    a[0] == 0xff || a[0] == 0)
			continue;
		if (inet_ntop(AF_INET6, a, list[*count], NET_ADDRESS_BYTES) != NULL)
			(*count)++;
	}
}

bool net_router_options(const uint8_t *message, size_t len,
			char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES], size_t *count)
{
	struct nduseroptmsg head;
	size_t found = 0;

	if (len < sizeof head)
		return false;
	memcpy(&head, message, sizeof head);
	message += sizeof head, len -= sizeof head;
	if (head.nduseropt_family != AF_INET6 || head.nduseropt_opts_len > len)
		return false;
	for (len = head.nduseropt_opts_len; len >= RDNSS_HEAD;) {
		const size_t bytes = (size_t)message[1] * 8;

		if (bytes == 0 || bytes > len)
			break;
		if (message[0] == OPTION_RDNSS)
			take(message, bytes, list, &found);
		message += bytes, len -= bytes;
	}
	if (found == 0)
		return false;
	*count = found;
	return true;
}

bool net_router_read(int fd, char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES],
		     size_t *count)
{
	uint8_t bytes[MESSAGE_BYTES];
	struct nlmsghdr head;
	bool any = false;

	for (unsigned int i = 0; fd >= 0 && i < MAX_MESSAGES; i++) {
		const ssize_t n = recv(fd, bytes, sizeof bytes, 0);

		if (n < (ssize_t)sizeof head)
			break;
		memcpy(&head, bytes, sizeof head);
		if (head.nlmsg_type == RTM_NEWNDUSEROPT && head.nlmsg_len <= (size_t)n &&
		    head.nlmsg_len >= NLMSG_HDRLEN &&
		    net_router_options(bytes + NLMSG_HDRLEN,
				       head.nlmsg_len - NLMSG_HDRLEN, list, count))
			any = true;
	}
	return any;
}
