/* Signed kernel partitions as files: opened by the core's parsers, for showing and for
 * checks of the tool's own. Whether one would boot is boot/judge/slot_check.h's to
 * say. */
#ifndef LIFEBOAT_TOOLS_PARTITION_READ_H
#define LIFEBOAT_TOOLS_PARTITION_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/reason.h"
#include "crypto/kernel_verify.h"
#include "tools/lib/buffer.h"

struct tool_partition {
	struct crypto_headers headers; /* points into the buffer */
	const uint8_t *body;
	size_t body_bytes;
	size_t config_offset; /* in the body */
	char cmdline[4096];   /* the page's text, "" when it has none */
};

/**
 * tool_partition_read() - headers and command line of a partition in memory.
 *
 * The data key's signature over the preamble is checked, who signed the keyblock is not.
 * Returns LB_REASON_OK or why it is none, with @why filled.
 */
enum lb_reason tool_partition_read(const uint8_t *bytes, size_t len,
				   struct tool_partition *out, struct lb_verdict *why);

#endif
