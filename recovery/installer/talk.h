/* What people see, read and answer: screens, lines on the serial console, keys from
 * keyboards and the serial line. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_TALK_H
#define LIFEBOAT_RECOVERY_INSTALLER_TALK_H

#include "boot/person/person.h"
#include "update/apply.h"

#define TALK_DETAIL_BYTES 256u
#define TALK_MAX_LINES    200u

struct talk {
	struct lb_log log;
	struct boot_person person;
	struct profile profile; /* who the screens speak for */
	struct platform_state stored;
	char detail[TALK_DETAIL_BYTES];
	uint64_t stage_began_ms, polled_ms, said_ms;
	uint32_t shares, share; /* stages of the whole job, and which one this is */
	uint32_t said_percent;
	bool serial;   /* a serial line is read */
	bool keyboard; /* as last drawn */
	bool wipe;     /* erasing the saved data was asked for, and confirmed */
	enum ui_screen asked_from; /* where that question was opened */
	void (*idle)(void *ctx);   /* what else is to be looked after while waiting */
	void *idle_ctx;
	char text[LB_LOG_RING_BYTES + 1]; /* of the details */
	const char *line[TALK_MAX_LINES];
};

/* Who is spoken for; NULL and "" are the same. */
struct talk_words {
	const char *language, *model, *url, *support;
	bool no_keyboard, no_serial; /* they answer nothing */
};

/** talk_open() - screen, texts and keys. @t zeroed but for log, serial and idle. @words
 * must outlive it. */
void talk_open(struct talk *t, const struct platform *plat,
	       const struct talk_words *words);

/** talk_language() - go on in this one, "de"; in English where there is no such. */
void talk_language(struct talk *t, const char *code);

/** talk_show() - a screen with details of its own. */
void talk_show(struct talk *t, enum ui_screen screen, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** talk_poll() - look after keys and devices, without waiting. What moves about in
 * screens, languages, details, and erasing the saved data, is dealt with here. */
enum ui_action talk_poll(struct talk *t);

/** talk_wait() - talk_poll(), and some time. */
enum ui_action talk_wait(struct talk *t);

/** talk_can_answer() - there is a keyboard or a serial line. */
bool talk_can_answer(const struct talk *t);

/** talk_stage() - the next of so many stages begins. */
void talk_stage(struct talk *t, const char *what);

/** talk_progress() - for struct update_job. talk_done() - for work of our own. */
bool talk_progress(void *ctx, const struct update_progress *progress);
void talk_done(struct talk *t, enum ui_stage stage, uint64_t done, uint64_t total);

#endif
