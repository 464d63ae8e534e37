/* Before a signed kernel is written: would the loader start it? */
#ifndef LIFEBOAT_TOOLS_SIGN_CHECK_H
#define LIFEBOAT_TOOLS_SIGN_CHECK_H

#include <stdbool.h>

#include "tools/lib/buffer.h"
#include "tools/lib/partition_make.h"
#include "tools/lib/sign_input.h"

/**
 * tool_sign_check() - verify and prepare a partition by the loader's own code.
 * @key:  the device's .vbpubk; NULL: signer and flags of the keyblock are not judged
 * @name: for messages
 * @stands: after a panic of it the device stands still, unless the profile has a
 *          watchdog; said when all is done: tool_sign_note()
 */
bool tool_sign_check(const struct tool_buffer *partition,
		     const struct tool_keyblock *keyblock, const char *key,
		     const struct tool_sign_kernel *kernel, const char *name,
		     bool *stands);

/** tool_sign_note() - what a person should know of a kernel that was made. */
void tool_sign_note(const char *name, bool stands);

#endif
