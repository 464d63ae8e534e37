/* The platform of bare-metal machines. */
#ifndef LIFEBOAT_BARE_PLATFORM_H
#define LIFEBOAT_BARE_PLATFORM_H

#include "base/platform.h"
#include "boot/bare/board.h"
#include "boot/bare/disks.h"
#include "boot/bare/tpm.h"
#include "boot/kernel/prepare.h"

struct bare_platform {
	struct board board;
	struct bare_disks disks;
	struct bare_tpm tpm;
	const struct kernel_layout *prepared; /* by prepare_start, NULL when nothing is */
};

/** bare_platform_init() - fill @plat and start the TPM; @bare->board was started. */
void bare_platform_init(struct bare_platform *bare, struct platform *plat);

#endif
