/* What is said to the kernel about an interface. */
#ifndef LIFEBOAT_NET_ADDRESS_H
#define LIFEBOAT_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/settings.h"

/** net_interface_up() - switch it on. */
bool net_interface_up(const char *name);

/** net_interface_set4() - its one IPv4 address; 0: none. @gateway 0: none. */
bool net_interface_set4(const char *name, uint32_t address, uint8_t prefix,
			uint32_t gateway);

/** net_interface_add6() - one more IPv6 address, and a gateway if it is set. */
bool net_interface_add6(int index, const struct net_address *address,
			const struct net_address *gateway);

/** net_has_global6() - some interface has an IPv6 address that reaches further than its
 * link, and may be used. */
bool net_has_global6(void);

#endif
