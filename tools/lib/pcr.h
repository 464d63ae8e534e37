/* PCR 8 as a start will leave it, for `lifeboat verify --measurements`: the loader's own
 * measuring code, into hashes instead of a TPM. */
#ifndef LIFEBOAT_TOOLS_PCR_H
#define LIFEBOAT_TOOLS_PCR_H

#include <stdint.h>

#include "boot/judge/measure.h"

#define TOOL_PCR_BANKS      4u
#define TOOL_PCR_MAX_DIGEST 64u

struct tool_pcr {
	uint8_t value[TOOL_PCR_BANKS][TOOL_PCR_MAX_DIGEST];
};

/** tool_pcr_predict() - the PCR's value in every bank, after @measured and nothing
 * else. */
void tool_pcr_predict(const struct boot_measured *measured, struct tool_pcr *out);

/** tool_pcr_bank() - a bank's name ("sha256") and the bytes of its digests. */
const char *tool_pcr_bank(size_t bank, size_t *digest_bytes);

#endif
