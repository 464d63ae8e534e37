/* Which disk: the one whose history holds the loader's own record; else the only one
 * with slots; else the only one; else somebody must say. Recovery media never are. */
#include <stdio.h>
#include <string.h>

#include "recovery/installer/judge_disk.h"
#include "recovery/installer/program.h"

#define SETTLE_MS  8000u  /* no other disk appeared for so long: that is all of them */
#define MISSING_MS 20000u /* before it is said that there is none; it is waited on */

static bool usable_disk(const struct program *p, const struct machine_disk *d)
{
	return d->disk.attachment == PLATFORM_ATTACHED_INTERNAL && d != p->stick.disk &&
	       machine_disk_present(d);
}

struct found {
	size_t count, systems, fitting;
	uint64_t since_ms; /* when the last one came or went */
	struct disk_choice choice[PLATFORM_MAX_DISKS];
};

static struct found found; /* large */

static size_t present(struct program *p)
{
	size_t count = 0;

	machine_scan(&p->machine);
	for (size_t i = 0; i < p->machine.disk_count; i++)
		count += usable_disk(p, &p->machine.disk[i]);
	return count;
}

static bool changed(struct program *p)
{
	return present(p) != found.count;
}

static void look(struct program *p)
{
	found = (struct found){ .since_ms = program_now(p) };
	for (size_t i = 0; i < p->machine.disk_count; i++) {
		struct disk_choice *c = &found.choice[found.count];

		if (!usable_disk(p, &p->machine.disk[i]))
			continue;
		judge_disk(p, &p->machine.disk[i], c);
		lb_log(&p->talk.log, "installer: disk %s, %llu MB: %s",
		       c->disk->disk.name,
		       (unsigned long long)(c->disk->disk.sectors *
					    c->disk->disk.sector_bytes / 1000000),
		       c->what);
		found.count++;
		found.systems += c->kind == DISK_SYSTEM;
		found.fitting += c->kind != DISK_UNFIT;
	}
}

/* "QEMU HARDDISK vda, 8.0 GB, empty" */
static void describe(const struct disk_choice *c, char *out, size_t size)
{
	const uint64_t mb = c->disk->disk.sectors * c->disk->disk.sector_bytes / 1000000;

	if (mb < 1000)
		snprintf(out, size, "%s, %llu MB, %s", c->disk->disk.name,
			 (unsigned long long)mb, c->what);
	else
		snprintf(out, size, "%s, %llu.%llu GB, %s", c->disk->disk.name,
			 (unsigned long long)(mb / 1000),
			 (unsigned long long)(mb / 100 % 10), c->what);
}

static const struct disk_choice *first(bool (*is)(const struct program *,
						  const struct disk_choice *),
				       const struct program *p)
{
	for (size_t i = 0; i < found.count; i++)
		if (is(p, &found.choice[i]))
			return &found.choice[i];
	return NULL;
}

static bool is_system(const struct program *p, const struct disk_choice *c)
{
	(void)p;
	return c->kind == DISK_SYSTEM;
}

static bool is_named(const struct program *p, const struct disk_choice *c)
{
	(void)p;
	return c->named;
}

static bool is_fitting(const struct program *p, const struct disk_choice *c)
{
	(void)p;
	return c->kind != DISK_UNFIT;
}

/* Without asking, or NULL: not (yet). */
static const struct disk_choice *certain(const struct program *p)
{
	const struct disk_choice *named = first(is_named, p);

	if (named != NULL)
		return named;
	/* Another one may be slow, and the right one. */
	if (found.systems == 1 &&
	    (!p->told.disk.recorded || program_now(p) - found.since_ms >= SETTLE_MS))
		return first(is_system, p);
	if (found.systems == 0 && found.fitting == 1 &&
	    program_now(p) - found.since_ms >= SETTLE_MS)
		return first(is_fitting, p);
	return NULL;
}

/* --- asking
 * --------------------------------------------------------------------------- */

static const char *line[PLATFORM_MAX_DISKS];
static char text[PLATFORM_MAX_DISKS][PROGRAM_WHAT_BYTES + 96];

/* NULL: the question has become another one. */
static const struct disk_choice *ask_which(struct program *p)
{
	const struct disk_choice *choice[PLATFORM_MAX_DISKS];
	struct ui_state *s = &p->talk.person.state;
	uint32_t count = 0;
	bool was_away = false;

	for (size_t i = 0; i < found.count; i++) {
		if (found.choice[i].kind == DISK_UNFIT)
			continue;
		describe(&found.choice[i], text[count], sizeof text[count]);
		line[count] = text[count];
		choice[count++] = &found.choice[i];
	}
	question_unanswerable(p, "install on which disk?", changed);
	s->lines = line;
	s->line_count = count;
	while (!changed(p) && talk_can_answer(&p->talk)) {
		const bool away = s->screen == UI_SCREEN_LANGUAGE ||
				  s->screen == UI_SCREEN_LANGUAGE_CONFIRM;

		if (!away && (was_away || s->screen != UI_SCREEN_INSTALL_DISK)) {
			s->selected = 0; /* the list of languages has moved it */
			talk_show(&p->talk, UI_SCREEN_INSTALL_DISK, "%s", "");
		}
		was_away = away;
		if (talk_wait(&p->talk) == UI_ACTION_DISK && s->selected < count)
			return choice[s->selected];
	}
	return NULL;
}

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_AGAIN };

/* What is lost must be agreed to; and one of several is confirmed, whatever is on it. */
static enum answer agreed(struct program *p, const struct disk_choice *c, bool chosen)
{
	char what[PROGRAM_WHAT_BYTES + 112], question[PROGRAM_WHAT_BYTES + 128];
	const bool erase = c->kind == DISK_FOREIGN;

	if (!erase && !chosen)
		return ANSWER_YES;
	describe(c, what, sizeof what);
	snprintf(question, sizeof question, "%s %s?", erase ? "erase" : "install on",
		 what);
	question_unanswerable(p, question, changed);
	if (!talk_can_answer(&p->talk))
		return ANSWER_AGAIN;
	return question_ask(p,
			    erase ? UI_SCREEN_INSTALL_ERASE : UI_SCREEN_INSTALL_CONFIRM,
			    what)
		       ? ANSWER_YES
		       : ANSWER_NO;
}

static bool take(struct program *p, const struct disk_choice *c)
{
	char why[PROGRAM_WHAT_BYTES];

	p->target = *c;
	lb_log(&p->talk.log, "installer: disk %s", c->disk->disk.name);
	return c->kind == DISK_SYSTEM ||
	       layout_make(&p->payload.release, &c->disk->disk, &p->layout, why,
			   sizeof why) ||
	       program_fail(p, PROGRAM_NO_DISK, "%s: %s", c->disk->disk.name, why);
}

/* None that can be used: it is said, and looked for all the same. */
static void say_none(struct program *p)
{
	char what[PROGRAM_WHAT_BYTES + 96] = "there is no internal disk";

	if (found.count > 0)
		describe(&found.choice[0], what, sizeof what);
	lb_log(&p->talk.log, "installer: failed: no disk to install on: %s", what);
	talk_show(&p->talk, UI_SCREEN_INSTALL_FAILED,
		  "I%u: no disk to install on: %s. Nothing was written", PROGRAM_NO_DISK,
		  what);
}

bool choose_disk(struct program *p)
{
	bool said = false;

	found = (struct found){ .since_ms = program_now(p) };
	while (machine_disk_present(p->stick.disk)) {
		if (changed(p))
			look(p);
		const uint64_t quiet = program_now(p) - found.since_ms;
		const struct disk_choice *c = certain(p);
		const bool sure = c != NULL;

		if (!sure && found.fitting > 1 && quiet >= SETTLE_MS)
			c = ask_which(p);
		const enum answer answer = c != NULL ? agreed(p, c, !sure) : ANSWER_AGAIN;

		if (answer != ANSWER_AGAIN)
			return answer == ANSWER_YES && take(p, c);
		if (found.fitting == 0 && quiet >= MISSING_MS && !said) {
			say_none(p);
			said = true;
		}
		(void)talk_wait(&p->talk);
	}
	return program_fail(p, PROGRAM_NO_PAYLOAD, "the medium was pulled");
}
