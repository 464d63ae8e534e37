/* Nameservers that routers announce (IPv6): the kernel takes addresses and routes itself,
 * and hands on what is for programs.
 *
 * Spec: RFC 8106, rtnetlink RTM_NEWNDUSEROPT. */
#ifndef LIFEBOAT_NET_ROUTER_H
#define LIFEBOAT_NET_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/settings.h"

/** net_router_open() - listen; -1: it cannot be. */
int net_router_open(void);

/** net_router_read() - what came since; true: @list is another one. */
bool net_router_read(int fd, char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES],
		     size_t *count);

/** net_router_options() - one message of the kernel, whose options a router wrote. True:
 * it had nameservers, which are @list now. Pure. */
bool net_router_options(const uint8_t *message, size_t len,
			char list[NET_MAX_NAMESERVERS][NET_ADDRESS_BYTES], size_t *count);

#endif
