/* Lists to choose from, and pages of lines. */
#include <string.h>

#include "base/format.h"
#include "ui/view.h"

#define TEXT_SIZE 12 /* of lines; 0.6 of it a character wide */
#define LINE_STEP 16
#define LINE_MAX  96u

static void draw_title(const struct view *v, struct canvas_rect units)
{
	const struct view_style title = { 26, 14, LABEL_START, true, UI_INK };

	view_art(v, v->screen->picture, (struct canvas_rect){ units.x, 6, 48, 36 });
	view_string(v, v->screen->title, 0,
		    (struct canvas_rect){ units.x + 60, 6, units.w - 210, 38 }, title);
}

static void draw_entry(const struct view *v, uint32_t entry, struct canvas_rect r)
{
	const bool chosen = entry == v->state->selected;
	const struct view_style style = { 18, 10, LABEL_START, true,
					  chosen ? UI_WHITE : UI_INK };
	const struct canvas_rect inner = { r.x + 10, r.y, r.w - 20, r.h };
	struct label l;

	if (chosen)
		view_fill(v, r, 6, UI_BLUE);
	if (v->state->screen == UI_SCREEN_MENU) {
		view_string(v, screen_menu_item(entry)->label, 0, inner, style);
		return;
	}
	if (v->state->screen == UI_SCREEN_INSTALL_DISK) {
		view_ascii(v, GLYPH_SANS, view_text(v->state->lines[entry]), inner,
			   style);
		return;
	}
	label_string(&l, v->text, entry, UI_STR_LANGUAGE_NAME, 0);
	view_label(v, &l, "language", inner, style);
}

void view_list(const struct view *v, struct canvas_rect units)
{
	const bool languages = v->state->screen == UI_SCREEN_LANGUAGE;
	const uint32_t count = screen_list_items(v->state, v->text);
	const uint32_t columns = languages ? LIST_COLUMNS : 1u,
		       page = columns * LIST_ROWS;
	const uint32_t first = v->state->selected / page * page;
	const int32_t w = units.w / (int32_t)columns,
		      h = (units.h - 12) / (int32_t)LIST_ROWS;
	const int32_t step = h < 44 ? h : 44;

	draw_title(v, units);
	for (uint32_t i = 0; i < page && first + i < count; i++)
		draw_entry(v, first + i,
			   (struct canvas_rect){ units.x + (int32_t)(i / LIST_ROWS) * w,
						 units.y + 12 +
							 (int32_t)(i % LIST_ROWS) * step,
						 w - 8, step - 2 });
}

/* How much of @text goes into a row of @room characters: to the last space, unless that
 * would leave half of the row empty. */
static uint32_t row_length(const char *text, size_t left, uint32_t room)
{
	if (left <= room)
		return (uint32_t)left;
	for (uint32_t n = room; n > room / 2u; n--)
		if (text[n] == ' ')
			return n;
	return room;
}

/* One line of text in as many rows as it needs; false when they do not all fit. */
static bool draw_wrapped(const struct view *v, const char *text, struct canvas_rect units,
			 int32_t *y)
{
	const struct view_style style = { TEXT_SIZE, TEXT_SIZE - 2, LABEL_START, false,
					  UI_INK };
	const uint32_t fits = (uint32_t)(units.w * 10 / (TEXT_SIZE * 6)) - 1u;
	const uint32_t row = fits < LINE_MAX ? fits : LINE_MAX - 1u;
	size_t left;
	int32_t indent = 0;
	bool first = true;

	for (; *text == ' ' && indent < units.w / 2; text++)
		indent += TEXT_SIZE * 6 / 10;
	left = strlen(text);
	do {
		char part[LINE_MAX];
		const uint32_t room =
			row - (uint32_t)(indent * 10 / (TEXT_SIZE * 6)) - 1u;
		const uint32_t n = row_length(text, left, room);

		if (*y + LINE_STEP > units.y + units.h)
			return false;
		lb_format(part, sizeof part, "%.*s", (int)n, text);
		view_ascii(v, GLYPH_MONO, part,
			   (struct canvas_rect){ units.x + indent, *y, units.w - indent,
						 LINE_STEP },
			   style);
		*y += LINE_STEP;
		text += n;
		left -= n;
		for (; *text == ' '; text++)
			left--;
		indent += first ? 2 * TEXT_SIZE : 0;
		first = false;
	} while (left > 0);
	return true;
}

static void draw_position(const struct view *v, uint32_t shown, struct canvas_rect units)
{
	const struct view_style style = { 13, 9, LABEL_END, true, UI_DIM };
	char text[48];

	lb_format(text, sizeof text, "%u-%u / %u", v->state->first_line + (shown != 0),
		  v->state->first_line + shown, v->state->line_count);
	view_ascii(v, GLYPH_SANS, text,
		   (struct canvas_rect){ units.x + units.w - 150, units.y - 6, 150, 18 },
		   style);
}

uint32_t view_lines(const struct view *v, struct canvas_rect units)
{
	const struct ui_state *s = v->state;
	const struct canvas_rect page = { units.x, units.y + 14, units.w, units.h - 14 };
	struct view latin = *v; /* lines are English, whatever the page's language */
	int32_t y = page.y;
	uint32_t shown = 0;

	latin.rtl = false;
	draw_title(v, units);
	for (uint32_t i = s->first_line; i < s->line_count && s->lines != NULL; i++) {
		if (!draw_wrapped(&latin, view_text(s->lines[i]), page, &y))
			break;
		shown++;
	}
	draw_position(v, shown, units);
	return shown;
}
