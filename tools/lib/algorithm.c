/* Signature algorithms: numbers as vboot's, names our own. */
#include "tools/lib/algorithm.h"

#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"

static const struct tool_algorithm algorithms[] = {
	{ 4, "rsa2048-sha256", 2048, "SHA256" },
	{ 5, "rsa2048-sha512", 2048, "SHA512" },
	{ 7, "rsa4096-sha256", 4096, "SHA256" },
	{ 8, "rsa4096-sha512", 4096, "SHA512" },
	{ 10, "rsa8192-sha256", 8192, "SHA256" },
	{ 11, "rsa8192-sha512", 8192, "SHA512" },
};

#define COUNT (sizeof(algorithms) / sizeof(algorithms[0]))

const struct tool_algorithm *tool_algorithm(uint32_t number)
{
	for (size_t i = 0; i < COUNT; i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

const struct tool_algorithm *tool_algorithm_for(unsigned int bits, const char *hash)
{
	for (size_t i = 0; i < COUNT; i++)
		if (algorithms[i].bits == bits && strcmp(algorithms[i].hash, hash) == 0)
			return &algorithms[i];
	return NULL;
}

const struct tool_algorithm *tool_algorithm_parse(const char *text)
{
	uint64_t number;

	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(algorithms[i].name, text) == 0)
			return &algorithms[i];
	if (tool_number(text, &number) && number <= UINT32_MAX &&
	    tool_algorithm((uint32_t)number))
		return tool_algorithm((uint32_t)number);
	tool_error("'%s' is no algorithm: rsa2048-sha256 (4), rsa2048-sha512 (5), "
		   "rsa4096-sha256 (7), rsa4096-sha512 (8), rsa8192-sha256 (10) or "
		   "rsa8192-sha512 (11)",
		   text);
	return NULL;
}
