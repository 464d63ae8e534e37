/* Starting from media: recovery, and a developer's stick. A table of the same form as the
 * boot flow's, with its own pick, verify, prepare and hand-off; the two never mix. Media
 * are never written, nor are internal disks while this runs.
 *
 * Design: DESIGN 5, 6; STYLE "Boot flow as a table". */
#ifndef LIFEBOAT_BOOT_FLOW_MEDIA_FLOW_H
#define LIFEBOAT_BOOT_FLOW_MEDIA_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "boot/flow/media.h"

struct boot_ctx;

/** boot_media_run() - until an image starts or the flow is left.
 * ctx->media.developer_stick and ctx->policy are set by the caller. */
enum media_end boot_media_run(struct boot_ctx *ctx);

/* The steps that talk to a person: media_wait.c. */
/** boot_media_wait() - shows what there is to show; returns when something changed. */
enum boot_media_wait_result {
	MEDIA_WAIT_CHANGED,
	MEDIA_WAIT_LEFT, /* media.end is set */
} boot_media_wait(struct boot_ctx *ctx);

/* Which media there are: media_list.c. */
/** boot_media_list() - lists the disks into ctx->disks, the media among them first.
 * Returns how many of them are media; 0 also when the disks cannot be listed. */
size_t boot_media_list(struct boot_ctx *ctx);
/** boot_media_changed() - another set of media is there than at the last scan. */
bool boot_media_changed(struct boot_ctx *ctx);

/** boot_media_may_start() - ctx->verified is self-signed with a key that is not enrolled:
 * ask whether to enrol it. True when the image may start now; then boot_confirm() comes
 * to the same from the stored keys and media.consent. */
bool boot_media_may_start(struct boot_ctx *ctx);

#endif
