/* The signature algorithms by number and name (DESIGN 3): "rsa4096-sha256" is 7. */
#ifndef LIFEBOAT_TOOLS_ALGORITHM_H
#define LIFEBOAT_TOOLS_ALGORITHM_H

#include <stdbool.h>
#include <stdint.h>

struct tool_algorithm {
	uint32_t number; /* vboot's */
	const char *name;
	unsigned int bits;
	const char *hash; /* as OpenSSL calls it */
};

/** tool_algorithm() - by number; NULL when it is none of ours. */
const struct tool_algorithm *tool_algorithm(uint32_t number);

/** tool_algorithm_parse() - by number or name; NULL with a message. */
const struct tool_algorithm *tool_algorithm_parse(const char *text);

/** tool_algorithm_for() - the one with this key size and hash; NULL when there is
 * none. */
const struct tool_algorithm *tool_algorithm_for(unsigned int bits, const char *hash);

#endif
