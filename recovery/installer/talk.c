/* Screens, lines and keys. */
#include "recovery/installer/talk.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"

#define DAY_MS  86400000u
#define POLL_MS 30u /* keys, in the middle of work */

static const struct platform *platform_of(const struct talk *t)
{
	return t->person.outlet.plat;
}

static uint64_t now(const struct talk *t)
{
	const struct platform *plat = platform_of(t);

	return plat->clock_ms(plat->ctx);
}

static struct profile_bytes bytes_of(const char *text)
{
	if (text == NULL || text[0] == '\0')
		return (struct profile_bytes){ 0 };
	return (struct profile_bytes){ (const uint8_t *)text, (uint32_t)strlen(text) };
}

void talk_open(struct talk *t, const struct platform *plat,
	       const struct talk_words *words)
{
	t->profile = (struct profile){
		.model = bytes_of(words->model),
		.language = bytes_of(words->language),
		.recovery_url = bytes_of(words->url),
		.support = bytes_of(words->support),
		.serial_input =
			words->no_serial ? PROFILE_SERIAL_NONE : PROFILE_SERIAL_FULL,
		.keyboard_input = words->no_keyboard ? PROFILE_KEYBOARD_NONE
						     : PROFILE_KEYBOARD_FULL,
	};
	boot_person_init(&t->person, plat, &t->log, &t->profile, &t->stored);
	t->person.refusal = UI_SCREEN_INSTALL_FAILED;
	t->person.state.detail = t->detail;
}

bool talk_can_answer(const struct talk *t)
{
	const struct platform *plat = platform_of(t);

	return (t->serial && t->profile.serial_input != PROFILE_SERIAL_NONE) ||
	       (plat->machine(plat->ctx)->keyboard &&
		t->profile.keyboard_input != PROFILE_KEYBOARD_NONE);
}

static void redraw(struct talk *t)
{
	const struct platform *plat = platform_of(t);

	t->keyboard = plat->machine(plat->ctx)->keyboard;
	t->person.state.no_keys = !talk_can_answer(t);
	boot_person_redraw(&t->person);
}

void talk_language(struct talk *t, const char *code)
{
	struct boot_person *p = &t->person;
	const struct ui_text *texts = ui_outlet_texts(&p->outlet);

	lb_format(p->language, sizeof p->language, "%s", code);
	if (texts != NULL)
		p->state.language = (uint8_t)ui_text_find(texts, p->language);
	lb_log(&t->log, "screen: language %s", p->language);
	redraw(t);
}

void talk_show(struct talk *t, enum ui_screen screen, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lb_vformat(t->detail, sizeof t->detail, fmt, args);
	va_end(args);
	t->person.state.detail = t->detail;
	t->person.state.screen = screen;
	redraw(t);
}

/* --- keys
 * ----------------------------------------------------------------------------- */

/* The log, newest at the end, where a page is opened. */
static void fill_details(struct talk *t)
{
	uint32_t count = 0;

	(void)lb_log_copy(&t->log, t->text, sizeof t->text);
	for (char *line = t->text; *line != '\0';) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		if (count == TALK_MAX_LINES) {
			memmove(t->line, t->line + 1, (count - 1) * sizeof *t->line);
			count--;
		}
		t->line[count++] = line;
		if (end == NULL)
			break;
		line = end + 1;
	}
	t->person.state.lines = t->line;
	t->person.state.line_count = count;
	t->person.state.first_line = count > 20 ? count - 20 : 0;
}

static void leave_wipe(struct talk *t, const char *what)
{
	lb_log(&t->log, "installer: erasing the saved data: %s", what);
	t->person.state.screen = t->asked_from;
	t->person.state.detail = t->detail;
	redraw(t);
}

/* The question about the saved data lies over whatever is shown; work goes on below
 * it. */
static enum ui_action wipe_action(struct talk *t, enum ui_action action)
{
	if (action == UI_ACTION_WIPE_ASK) {
		t->asked_from = t->person.state.screen;
		t->person.refusal = t->asked_from;
		(void)boot_person_challenge(&t->person, UI_SCREEN_INSTALL_WIPE);
		return UI_ACTION_NONE;
	}
	if (t->person.state.screen != UI_SCREEN_INSTALL_WIPE)
		return action;
	if (action == UI_ACTION_CHALLENGE_WRONG) {
		t->person.state.wipe_offer = boot_person_challenge_wrong(&t->person);
		return UI_ACTION_NONE;
	}
	if (action == UI_ACTION_CONFIRMED) {
		t->wipe = true;
		t->person.state.wipe_offer = false;
		leave_wipe(t, "confirmed");
		return UI_ACTION_NONE;
	}
	if (action == UI_ACTION_CANCEL) {
		leave_wipe(t, "no");
		return UI_ACTION_NONE;
	}
	return action;
}

enum ui_action talk_poll(struct talk *t)
{
	const struct platform *plat = platform_of(t);

	if (t->idle != NULL)
		t->idle(t->idle_ctx);
	const enum ui_action action = boot_person_take(&t->person);

	t->polled_ms = now(t);
	if (plat->machine(plat->ctx)->keyboard != t->keyboard)
		redraw(t);
	if (action == UI_ACTION_DETAILS) {
		fill_details(t);
		redraw(t);
		return UI_ACTION_NONE;
	}
	return wipe_action(t, action);
}

enum ui_action talk_wait(struct talk *t)
{
	const struct platform *plat = platform_of(t);
	const enum ui_action action = talk_poll(t);

	if (action == UI_ACTION_NONE)
		plat->sleep_ms(plat->ctx, BOOT_KEY_POLL_MS);
	return action;
}

/* --- progress
 * ------------------------------------------------------------------------- */

void talk_stage(struct talk *t, const char *what)
{
	t->share++;
	t->stage_began_ms = t->said_ms = now(t);
	t->said_percent = UINT32_MAX;
	lb_log(&t->log, "installer: %s", what);
}

/* Of this stage, from how long it took so far; whole minutes, 0 while nothing can be
 * said. */
static uint32_t minutes_left(const struct talk *t, uint64_t done, uint64_t total)
{
	const uint64_t passed = now(t) - t->stage_began_ms;
	const uint64_t left_kib = (total - done) >> 10;

	/* Nothing is said of what takes days: then the product does not wrap either. */
	if (done == 0 || done > total || passed < 3000 || passed > DAY_MS ||
	    left_kib > UINT32_MAX)
		return 0;
	const uint64_t left = passed * left_kib / ((done >> 10) + 1);
	/* What comes behind the last of them is work that nobody had planned. */
	const uint32_t stages = t->share < t->shares ? t->shares - t->share + 1 : 1;
	const uint64_t minutes = left * stages / 60000 + 1;

	return minutes < 9999 ? (uint32_t)minutes : 0;
}

/* Drawn only where nobody is reading something else. */
static void draw_progress(struct talk *t)
{
	struct ui_state *s = &t->person.state;
	struct ui_outlet *out = &t->person.outlet;

	if (s->screen != UI_SCREEN_PROGRESS)
		return;
	if (out->graphics && ui_show(out->ui, s) != LB_OK)
		out->graphics = false;
	if (now(t) - t->said_ms < 10000)
		return;
	t->said_ms = now(t);
	lb_log(&t->log, "installer: %u %%", s->permille / 10u);
}

void talk_done(struct talk *t, enum ui_stage stage, uint64_t done, uint64_t total)
{
	struct ui_state *s = &t->person.state;
	const uint64_t permille =
		total >> 10 != 0 ? (done >> 10) * 1000 / (total >> 10) : 1000;
	const uint32_t percent = (uint32_t)(permille / 10);

	if (now(t) - t->polled_ms >= POLL_MS)
		(void)talk_poll(t); /* nothing else is asked while work goes on */
	/* Screens cost time: one for each percent is smooth enough. */
	if (percent == t->said_percent && stage == s->stage)
		return;
	t->said_percent = percent;
	s->stage = stage;
	s->permille = (uint32_t)(permille < 1000 ? permille : 1000);
	s->minutes = minutes_left(t, done, total);
	draw_progress(t);
}

bool talk_progress(void *ctx, const struct update_progress *p)
{
	static const enum ui_stage stages[UPDATE_STAGES] = {
		[UPDATE_STAGE_CHECK] = UI_STAGE_CHECK,
		[UPDATE_STAGE_WRITE] = UI_STAGE_WRITE,
		[UPDATE_STAGE_READ_BACK] = UI_STAGE_VERIFY,
		[UPDATE_STAGE_HEADERS] = UI_STAGE_WRITE,
	};

	talk_done(ctx, stages[p->stage], p->done, p->total);
	return true;
}
