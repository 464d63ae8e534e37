/* Which disk: the one whose history holds the loader's own record; else the only one
 * with slots; else the only one; else somebody must say. Recovery media never are. */
#include <stdio.h>
#include <string.h>

#include "recovery/installer/disk_rule.h"
#include "recovery/installer/judge_disk.h"
#include "recovery/installer/probe.h"
#include "recovery/installer/program.h"

#define SETTLE_MS  8000u  /* no other disk appeared for so long: that is all of them */
#define MISSING_MS 20000u /* before it is said that there is none; it is waited on */

static bool usable_disk(const struct program *p, const struct machine_disk *d)
{
	return d->disk.attachment == PLATFORM_ATTACHED_INTERNAL && d != p->stick.disk &&
	       machine_disk_present(d);
}

struct found {
	size_t count;
	struct disk_census census;
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
		found.census.named += c->named;
		found.census.systems += c->kind == DISK_SYSTEM;
		found.census.fitting += c->kind != DISK_UNFIT;
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

static bool fits_rule(const struct disk_choice *c, enum disk_rule rule)
{
	if (rule == DISK_RULE_NAMED)
		return c->named;
	return rule == DISK_RULE_SYSTEM ? c->kind == DISK_SYSTEM : c->kind != DISK_UNFIT;
}

/* The only one that the rule means. */
static const struct disk_choice *by_rule(enum disk_rule rule)
{
	for (size_t i = 0; i < found.count; i++)
		if (fits_rule(&found.choice[i], rule))
			return &found.choice[i];
	return NULL;
}

static enum disk_rule rule_now(const struct program *p)
{
	struct disk_census census = found.census;

	census.told = p->told.disk.recorded;
	census.settled = program_now(p) - found.since_ms >= SETTLE_MS;
	return disk_rule(&census);
}

/* --- asking ------------------------------------------------------------------------- */

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
	while (!changed(p) && talk_can_answer(&p->talk) &&
	       machine_disk_present(p->stick.disk)) {
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

/* --- not asking --------------------------------------------------------------------- */

static bool allowed(const struct program *p, const struct disk_choice *c)
{
	return c->kind == DISK_EMPTY ||
	       (p->manufacturing.wipe_any && c->kind != DISK_UNFIT);
}

/* Manufacturing: exactly one disk that the file allows, once all have appeared. */
static enum answer choose_unasked(struct program *p, const struct disk_choice **out)
{
	char what[PROGRAM_WHAT_BYTES + 96] = "";
	size_t count = 0;

	if (found.count == 0 || program_now(p) - found.since_ms < SETTLE_MS)
		return ANSWER_AGAIN;
	for (size_t i = 0; i < found.count; i++) {
		if (!allowed(p, &found.choice[i]))
			continue;
		*out = &found.choice[i];
		count++;
	}
	if (count == 1)
		return ANSWER_YES;
	describe(&found.choice[0], what, sizeof what);
	if (count > 1)
		(void)program_fail(p, PROGRAM_UNASKED,
				   "manufacturing: %zu disks could be taken", count);
	else
		(void)program_fail(p, PROGRAM_UNASKED,
				   "manufacturing: may not be taken: %s", what);
	return ANSWER_NO;
}

/* What lies where the state will be is somebody's, whatever became of the table. */
static bool take_unasked(struct program *p)
{
	const struct update_area *state = &p->layout.state;
	const uint32_t sector = p->target.disk->disk.sector_bytes;
	const bool something = state->sectors != 0 &&
			       probe_area(p->target.disk, state->first_lba * sector,
					  state->sectors * sector) != PROBE_NOTHING;

	if (something && !p->manufacturing.wipe_any)
		return program_fail(p, PROGRAM_UNASKED,
				    "manufacturing: %s has saved data of a device",
				    p->target.disk->disk.name);
	if (something)
		p->target.kind = DISK_FOREIGN;
	return true;
}

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
	/* What was on it before is nobody's that this device knows. */
	if (p->unasked && c->kind == DISK_SYSTEM)
		p->target.kind = DISK_FOREIGN;
	if (p->target.kind == DISK_SYSTEM)
		return true;
	if (!layout_make(&p->payload.release, &c->disk->disk, &p->layout, why,
			 sizeof why))
		return program_fail(p, PROGRAM_NO_DISK, "%s: %s", c->disk->disk.name,
				    why);
	return !p->unasked || take_unasked(p);
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

static enum answer choose(struct program *p, const struct disk_choice **out)
{
	const enum disk_rule rule = rule_now(p);

	if (p->unasked)
		return choose_unasked(p, out);
	if (rule == DISK_RULE_WAIT)
		return ANSWER_AGAIN;
	*out = rule == DISK_RULE_ASK ? ask_which(p) : by_rule(rule);
	if (*out == NULL)
		return ANSWER_AGAIN;
	return agreed(p, *out, rule == DISK_RULE_ASK || rule == DISK_RULE_CONFIRM);
}

bool choose_disk(struct program *p)
{
	const struct disk_choice *choice = NULL;
	bool said = false;

	found = (struct found){ .since_ms = program_now(p) };
	while (machine_disk_present(p->stick.disk)) {
		if (changed(p))
			look(p);
		const enum answer answer = choose(p, &choice);

		if (answer != ANSWER_AGAIN)
			return answer == ANSWER_YES && take(p, choice);
		if (found.census.fitting == 0 && !said &&
		    program_now(p) - found.since_ms >= MISSING_MS) {
			say_none(p);
			said = true;
		}
		(void)talk_wait(&p->talk);
	}
	return program_fail(p, PROGRAM_NO_PAYLOAD, "the medium was pulled");
}
