/* The recovery program's parts together, and what an installation is about. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_PROGRAM_H
#define LIFEBOAT_RECOVERY_INSTALLER_PROGRAM_H

#include "recovery/manufacturing.h"
#include "recovery/installer/layout.h"
#include "recovery/installer/modules.h"
#include "recovery/installer/online_state.h"
#include "recovery/installer/stick.h"
#include "recovery/installer/talk.h"
#include "recovery/installer/told.h"

#define PROGRAM_FAILURE_BYTES 224u
#define PROGRAM_WHAT_BYTES    72u

/* What a disk is to us. */
enum disk_kind {
	DISK_SYSTEM,  /* has slots A and B: state is kept */
	DISK_EMPTY,   /* nothing on it that anybody knows */
	DISK_FOREIGN, /* something else: only when somebody says so */
	DISK_UNFIT,   /* cannot be used, and why */
};

struct disk_choice {
	const struct machine_disk *disk;
	enum disk_kind kind;
	bool named;                    /* by the loader */
	char what[PROGRAM_WHAT_BYTES]; /* is on it, or is wrong with it */
};

struct program {
	struct machine machine;
	struct modules modules;
	struct talk talk;
	struct told told;
	struct stick stick;
	struct online online;
	/* A signed file on the medium has answered all questions beforehand. */
	bool unasked;
	struct rec_manufacturing manufacturing;
	/* payload */
	struct update_device device;
	struct update_memory memory;
	size_t chosen; /* of the stick's payloads, or of the server's */
	struct lb_source source;
	struct update_payload payload;
	/* disk */
	struct disk_choice target;
	struct layout layout; /* for a disk without slots */
	bool state_kept;
	uint8_t *loader;                  /* of the payload; NULL: not in memory */
	size_t loader_room, loader_bytes; /* 0 bytes: none that counts */
	/* how it ended */
	struct update_verdict why;           /* of what was refused last */
	char code[8];                        /* "P38", "I2" */
	char failure[PROGRAM_FAILURE_BYTES]; /* for people: why it ended */
};

/* What is wrong that is no payload's reason. Numbers never change. */
enum program_reason {
	PROGRAM_NOT_TOLD = 1,   /* the loader did not say what this device is */
	PROGRAM_NO_PAYLOAD = 2, /* none on any medium */
	PROGRAM_NO_DISK = 3,    /* none that can be used */
	PROGRAM_REFUSED = 4,    /* a question was answered with no, or wrongly */
	PROGRAM_NO_RANDOM = 5,
	PROGRAM_LOADER = 6,  /* on the EFI system partition */
	PROGRAM_STATE = 7,   /* the state partition */
	PROGRAM_UNASKED = 8, /* manufacturing: not exactly one disk that may be taken */
};

static inline const struct platform *program_platform(const struct program *p)
{
	return &p->machine.platform;
}

/** program_now() - milliseconds. */
uint64_t program_now(const struct program *p);

/** program_fail() - why it ended, in words of our own; always false. */
bool program_fail(struct program *p, enum program_reason reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** program_fail_why() - the same from p->why; @what: in the middle of what. */
bool program_fail_why(struct program *p, const char *what);

/** program_offers(), program_offer_name() - the payloads there are now: a server's, or
 * else the stick's. */
size_t program_offers(const struct program *p);
const char *program_offer_name(const struct program *p, size_t index);

/** setup_start() - file systems, drivers, screen, the loader's words. False: there are
 * no words of the loader, and nothing may be installed. */
bool setup_start(struct program *p);

/** setup_idle() - look after devices that come and go; for struct talk. */
void setup_idle(void *program);

/** choose_payload() - the newest of those that this device may have; each refusal is a
 * line of the log, with names and numbers. Leaves it open, for choose_close(). */
bool choose_payload(struct program *p);
void choose_close(struct program *p);

/** named_disk_is() - the history on @disk, by its table, holds the record that the loader
 * named. */
bool named_disk_is(const struct program *p, const struct platform_disk *disk,
		   const struct gpt *gpt);

/** choose_disk() - the one the loader named, or the only one; or else asks. Waits for
 * disks and answers. */
bool choose_disk(struct program *p);

/** question_ask() - show @screen with a challenge and wait: true when it was typed. It
 * ends when the medium is pulled. */
bool question_ask(struct program *p, enum ui_screen screen, const char *what);

/** question_unanswerable() - no keyboard and no serial line: say so, with the question.
 * Returns when there is one, or when @changed() says that the question is another
 * one. */
void question_unanswerable(struct program *p, const char *what,
			   bool (*changed)(struct program *p));

/** install_run() - check every byte of the payload, and that all of it fits; write
 * loader, A and B, each read back; erase what was agreed to; the table last. After
 * false with the disk's first write behind it, the next run goes on. */
bool install_run(struct program *p);

/** finish_good(), finish_bad() - say it, keep the log, wait for the pull, restart. */
_Noreturn void finish_good(struct program *p);
_Noreturn void finish_bad(struct program *p);

#endif
