/* Unified kernel images: whose command line is whose.
 *
 * Spec: UAPI group, "Unified Kernel Image": sections before the first .profile belong to
 * all profiles, those behind one to that profile, where they stand above the common
 * ones. */
#ifndef LIFEBOAT_TOOLS_UKI_H
#define LIFEBOAT_TOOLS_UKI_H

#include <jansson.h>
#include <stdbool.h>

#include "tools/lib/buffer.h"

/**
 * tool_uki_cmdline() - the command line that the image brings for its main profile, as
 * the loader finds it (boot/kernel/pe.h).
 * @out: a new string; NULL when there is none with text in it
 *
 * False with a message when the headers are malformed, or the main profile has two.
 */
bool tool_uki_cmdline(const struct tool_buffer *file, const char *name, char **out);

/** tool_uki_profiles() - an array of the image's profiles, with the command line and the
 * root of each; NULL when there are no .profile sections. */
json_t *tool_uki_profiles(const struct tool_buffer *file);

#endif
