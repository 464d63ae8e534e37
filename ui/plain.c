/* Every screen as plain English lines: for serial lines, logs and text consoles. */
#include <stdarg.h>

#include "base/format.h"
#include "ui/view.h"

struct out {
	char *text;
	size_t size, used;
};

static void say(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void say(struct out *o, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	o->used += lb_vformat(o->text + o->used, o->size - o->used, fmt, args);
	va_end(args);
}

static void end_line(struct out *o)
{
	/* lb_format escapes line ends: this is the only one that writes them. */
	if (o->used + 1u < o->size) {
		o->text[o->used++] = '\n';
		o->text[o->used] = '\0';
	}
}

static void say_line(struct out *o, const char *text)
{
	if (*text == '\0')
		return;
	say(o, "%s", text);
	end_line(o);
}

static void say_string(struct out *o, enum ui_string string)
{
	say_line(o, ui_text_english(string));
}

static void say_number(struct out *o, enum ui_string string, uint32_t number)
{
	const char *text = ui_text_english(string);
	int before = 0;

	while (text[before] != '\0' && text[before] != '{')
		before++;
	say(o, "%.*s%u%s", before, text, number,
	    text[before] != '\0' ? text + before + 3 : "");
	end_line(o);
}

static void say_pair(struct out *o, enum ui_string name, const char *value)
{
	if (*value == '\0')
		return;
	say(o, "%s: %s", ui_text_english(name), value);
	end_line(o);
}

static void say_address(struct out *o, const struct ui_state *s)
{
	char text[256];

	if (*view_text(s->url) != '\0') {
		say(o, "  %s", s->url);
		end_line(o);
	}
	if (ui_qr_text(s, text, sizeof text) != 0 && s->screen == UI_SCREEN_NO_MEDIA) {
		say(o, "  (with model and code: %s)", text);
		end_line(o);
	}
	say_pair(o, UI_STR_LABEL_MODEL, view_text(s->model));
	say_line(o, view_text(s->support));
}

static void say_reason(struct out *o, const struct ui_state *s)
{
	if (s->reason == LB_REASON_OK)
		return;
	say(o, "%s: E%u, %s: %s", ui_text_english(UI_STR_LABEL_CODE),
	    (unsigned int)s->reason, lb_reason_name(s->reason),
	    lb_reason_text(s->reason));
	end_line(o);
}

static void say_steps(struct out *o, const struct ui_state *s)
{
	static const enum ui_string steps[] = { UI_STR_STEP_COMPUTER, UI_STR_STEP_ADDRESS,
						UI_STR_STEP_WRITE, UI_STR_STEP_INSERT };

	say_string(o, s->asked ? UI_STR_RECOVERY_ASKED : UI_STR_RECOVERY_BROKEN);
	for (uint32_t i = 0; i < 4u; i++) {
		say(o, "%u. %s", i + 1u,
		    ui_text_english(screen_step_string(s, steps[i])));
		end_line(o);
		if (steps[i] == UI_STR_STEP_ADDRESS)
			say_address(o, s);
	}
	say_reason(o, s);
	say_line(o, view_text(s->detail));
	if (s->countdown_s != 0)
		say_number(o, UI_STR_DEV_COUNTDOWN, s->countdown_s);
}

static void say_message(struct out *o, const struct ui_state *s,
			const struct screen *screen)
{
	if ((screen->parts & PART_WHY) != 0) {
		say_string(o, screen_reason_string(s->reason));
		say_reason(o, s);
		say_line(o, view_text(s->detail));
	}
	for (uint32_t i = 0; i < screen_text_count(screen, s); i++)
		say_string(o, screen_text(screen, s, i));
	if ((screen->parts & PART_CHALLENGE) != 0) {
		say(o, "%.*s", (int)UI_CHALLENGE_CHARS, s->challenge);
		end_line(o);
	}
	if ((screen->parts & PART_DIGEST) != 0) {
		char hex[65];

		lb_format_hex(hex, s->digest, sizeof s->digest);
		say_line(o, hex);
	}
	if ((screen->parts & PART_COUNTDOWN) != 0 && s->countdown_s != 0)
		say_number(o, UI_STR_DEV_COUNTDOWN, s->countdown_s);
	if ((screen->parts & PART_DETAIL) != 0)
		say_line(o, view_text(s->detail));
	if ((screen->parts & PART_ADDRESS) != 0)
		say_address(o, s);
	if ((screen->parts & PART_SUPPORT) != 0)
		say_line(o, view_text(s->support));
}

static void say_progress(struct out *o, const struct ui_state *s)
{
	static const enum ui_string stages[] = { UI_STR_STAGE_CHECK, UI_STR_STAGE_WRITE,
						 UI_STR_STAGE_VERIFY };

	say(o, "%s: %u %%",
	    ui_text_english(stages[(uint32_t)s->stage < 3u ? s->stage : 0]),
	    s->permille / 10u);
	end_line(o);
	if (s->minutes != 0)
		say_number(o, UI_STR_MINUTES_LEFT, s->minutes);
}

/* Languages by their codes: these lines are English. */
static void say_languages(struct out *o, const struct ui_state *s,
			  const struct ui_text *text)
{
	const uint32_t count = text != NULL ? ui_text_languages(text) : 1u;
	char code[UI_LANGUAGE_CODE_BYTES];

	for (uint32_t i = 0; i < count; i++) {
		ui_text_code(text, i, code);
		say(o, i == s->selected ? ">%s<" : " %s ", code);
		if (i % 10u == 9u || i + 1u == count)
			end_line(o);
	}
}

static void say_list(struct out *o, const struct ui_state *s, const struct ui_text *text)
{
	if (s->screen == UI_SCREEN_LANGUAGE) {
		say_languages(o, s, text);
		return;
	}
	if (s->screen == UI_SCREEN_INSTALL_DISK) {
		for (uint32_t i = 0; i < s->line_count; i++) {
			say(o, "%c %s", i == s->selected ? '>' : ' ',
			    view_text(s->lines[i]));
			end_line(o);
		}
		return;
	}
	for (uint32_t i = 0; i < screen_menu_items(); i++) {
		say(o, "%c %s", i == s->selected ? '>' : ' ',
		    ui_text_english(screen_menu_item(i)->label));
		end_line(o);
	}
}

static void say_lines(struct out *o, const struct ui_state *s)
{
	const uint32_t page = s->page_lines != 0 ? s->page_lines : 20u;

	for (uint32_t i = 0; i < page && s->lines != NULL && i < s->line_count &&
			     s->first_line < s->line_count - i;
	     i++)
		say_line(o, view_text(s->lines[s->first_line + i]));
}

/* Keys that the screen's own list does not name, and that any terminal has. */
static const char *moving_keys(const struct screen *screen)
{
	if (screen->layout == LAYOUT_LIST)
		return ", + = Down, - = Up";
	return screen->layout == LAYOUT_LINES ? ", Space = Forward, B = Backward" : "";
}

static void say_keys(struct out *o, const struct ui_state *s, const struct ui_text *text,
		     const struct screen *screen)
{
	const char *sep = "Keys: ";

	if (s->no_keys)
		return;
	for (uint32_t i = 0; i < SCREEN_MAX_KEYS && screen->keys[i].cap != NULL; i++) {
		const struct screen_key *key = &screen->keys[i];

		if (key->cap[0] == '\0' || !screen_key_holds(key, s, text))
			continue;
		say(o, "%s%s = %s", sep, key->cap, ui_text_english(key->label));
		sep = ", ";
	}
	if (sep[0] != ',')
		return;
	say(o, "%s", moving_keys(screen));
	end_line(o);
}

size_t ui_plain_text(const struct ui_state *state, const struct ui_text *text, char *out,
		     size_t size)
{
	const struct screen *screen = screen_get(state->screen);
	struct out o = { out, size, 0 };

	if (size == 0)
		return 0;
	out[0] = '\0';
	say_string(&o, screen_title(screen, state));
	if (screen->layout == LAYOUT_STEPS)
		say_steps(&o, state);
	else if (screen->layout == LAYOUT_LIST)
		say_list(&o, state, text);
	else if (screen->layout == LAYOUT_LINES)
		say_lines(&o, state);
	else
		say_message(&o, state, screen);
	if ((screen->parts & PART_PROGRESS) != 0)
		say_progress(&o, state);
	say_keys(&o, state, text, screen);
	return o.used;
}
