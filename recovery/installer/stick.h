/* The data partition of a recovery medium, and the payloads on it. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_STICK_H
#define LIFEBOAT_RECOVERY_INSTALLER_STICK_H

#include "host/machine.h"
#include "base/source.h"

#define STICK_MAX_PAYLOADS 32u
#define STICK_NAME_BYTES   128u
#define STICK_MOUNTED      "/stick"

enum stick_kind { STICK_PAYLOADS, STICK_NETWORK, STICK_ANY };

struct stick {
	const struct machine_disk *disk;
	unsigned int partition;
	size_t count;
	char name[STICK_MAX_PAYLOADS][STICK_NAME_BYTES]; /* below the mount point */
};

/**
 * stick_find() - mount the first medium that is of use, read-only.
 *
 * Payloads are files named *.payload in its top folder, any file in payload/ (one in
 * pieces once, without the number), and any in payload/developer/. Other media are left
 * as they were. With STICK_NETWORK one with a network file will do, with STICK_ANY any
 * that `recovery-media make` made. False: there is none now.
 */
bool stick_find(struct machine *m, enum stick_kind kind, struct stick *out);
void stick_leave(struct stick *stick);

/** stick_open() - a payload as a source, whole or in pieces; to be closed by
 * stick_close().
 * @why: NULL, or what is wrong */
bool stick_open(const struct stick *stick, size_t index, struct lb_source *out,
		const char **why);
void stick_close(struct lb_source *source);

#endif
