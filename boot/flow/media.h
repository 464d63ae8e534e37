/* What the flow knows while it starts from media: boot/flow/media_flow.h. */
#ifndef LIFEBOAT_BOOT_FLOW_MEDIA_H
#define LIFEBOAT_BOOT_FLOW_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/judge/policy.h"
#include "crypto/kernel_verify.h"
#include "recovery/media.h"

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
	MEDIA_END_START,       /* a person: start normally, whatever can be started */
	MEDIA_END_GIVEN_UP,    /* nobody is there any more: start normally */
	MEDIA_END_LAST_RESORT, /* nobody came: try a drained slot again */
	MEDIA_END_BACK,        /* a developer's stick: back to the warning */
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

#endif
