/* A payload as a file, or as several that are read as if joined: NAME.000, NAME.001, ...
 *
 * Format: docs/formats/recovery-media.md. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_PIECES_H
#define LIFEBOAT_RECOVERY_INSTALLER_PIECES_H

#include <stdbool.h>

#include "base/source.h"

#define PIECES_MAX          64u
#define PIECES_PATH_BYTES   192u
#define PIECES_NUMBER_BYTES 4u /* ".000" */

/** pieces_name() - "NAME" of "NAME.000"; false for what is no first piece. @first
 * false: any piece. Returns the length in @len. */
bool pieces_name(const char *name, bool first, size_t *len);

/**
 * pieces_open() - @path itself, or else its pieces.
 * @why: on failure, a few words
 *
 * All pieces but the last are equally long, none is empty, none is left out.
 */
bool pieces_open(const char *path, struct lb_source *out, const char **why);
void pieces_close(struct lb_source *source);

#endif
