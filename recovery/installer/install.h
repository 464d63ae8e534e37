/* Choosing a payload and a disk, and writing the one to the other. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_INSTALL_H
#define LIFEBOAT_RECOVERY_INSTALLER_INSTALL_H

#include "recovery/installer/stick.h"
#include "recovery/installer/talk.h"
#include "recovery/installer/told.h"

struct install {
	struct machine *machine;
	struct talk *talk;
	const struct told *told;
	struct stick *stick;
	struct update_device device;
	struct update_memory memory;
	size_t chosen; /* of the stick's payloads */
	struct lb_source source;
	struct update_payload payload;
	const struct platform_disk *disk;
	struct update_verdict why; /* of what was refused last */
	char failure[192];         /* for people: why it ended */
};

/** install_choose_payload() - the newest of those that this device may have; each refusal
 * is a line of the log, with names and numbers. Leaves it open. */
bool install_choose_payload(struct install *in);

/** install_choose_disk() - the internal disk that has two slots. More than one, or none:
 * false; nothing was written. */
bool install_choose_disk(struct install *in);

/** install_run() - check every byte of the payload, write A and B, each read back, put
 * both on trial. After false with the disk's first write behind it, the next run goes
 * on. */
bool install_run(struct install *in);

/** install_close() - after install_choose_payload(). */
void install_close(struct install *in);

#endif
