/* Starting from media: recovery, and a developer's stick. A table of the same form as the
 * boot flow's, with its own pick, verify, prepare and hand-off; the two never mix. Media
 * are never written, nor are internal disks while this runs.
 *
 * Design: DESIGN 5, 6; STYLE "Boot flow as a table". */
#ifndef LIFEBOAT_BOOT_FLOW_MEDIA_FLOW_H
#define LIFEBOAT_BOOT_FLOW_MEDIA_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/judge/policy.h"
#include "crypto/kernel_verify.h"
#include "recovery/media.h"

struct boot_ctx;

/* WAIT is 0: a gap in the table leads there, where nothing is started. */
enum media_state {
	MEDIA_WAIT,
	MEDIA_SCAN,
	MEDIA_PICK,
	MEDIA_VERIFY,
	MEDIA_PREPARE,
	MEDIA_MEASURE,
	MEDIA_HANDOFF,
	MEDIA_LEAVE,
	MEDIA_STATES
};

/* Why the media flow was left. */
enum media_end {
	/* nobody asked for recovery: look at the internal disks again */
	MEDIA_END_RESCAN,
	MEDIA_END_START, /* start normally */
	MEDIA_END_BACK,  /* a developer's stick: back to the warning */
};

struct boot_media {
	enum media_state state;
	bool developer_stick; /* Ctrl-U; else recovery */
	struct crypto_policy policy;
	uint8_t *head;                        /* scratch, kept once it was had */
	uint32_t present[PLATFORM_MAX_DISKS]; /* ids of the media of the last scan */
	size_t present_count;
	struct rec_media found;
	size_t next; /* into found.order */
	struct rec_candidate *candidate;
	struct boot_consent consent; /* to the candidate, by the person who was asked */
	uint64_t entered_ms, looked_ms;
	bool screen_stands; /* something was shown in this boot */
	bool was_pulled;    /* while it was read, and nothing was put in since: */
	struct rec_candidate pulled;
	enum media_end end;
};

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
