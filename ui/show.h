/* A screen on a machine: the display and the texts are opened when the first one is
 * shown, each is drawn where there is graphics, and said in plain English lines on the
 * log. For programs that have a struct platform: the loader, the recovery program, tests.
 *
 * Design: DESIGN 6 "Readable at 640x480", 7. */
#ifndef LIFEBOAT_UI_SHOW_H
#define LIFEBOAT_UI_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/platform.h"
#include "ui/ui.h"

#define UI_PLAIN_BYTES 8192u /* a screen in plain lines */

/* Where screens come out. Zeroed but for plat and log, which must outlive it. */
struct ui_outlet {
	const struct platform *plat;
	struct lb_log *log;
	bool opened;   /* display and texts were looked for */
	bool graphics; /* ui can draw; else text only */
	struct ui *ui; /* NULL before opened; without graphics only its texts count */
	uint32_t *pixels;
	size_t pixel_count;
	uint8_t *texts; /* unpacked; NULL: English only */
	struct platform_display display;
	uint32_t left, top; /* of the part that is drawn in; not 0 on huge displays */
	char plain[UI_PLAIN_BYTES];
	uint32_t plain_crc; /* as said last: not said twice */
};

/**
 * ui_outlet_open() - look for the display and the texts, once; later calls do nothing.
 * @language: code of the language wanted
 *
 * Everything that can be missing is: no display, no memory for it, no texts. Plain
 * English on the console needs none of them. Memory is the platform's and stays until the
 * hand-off.
 *
 * True at the first call.
 */
bool ui_outlet_open(struct ui_outlet *out, const char *language);

/** ui_outlet_texts() - for ui_key() and friends; NULL while there are none. */
const struct ui_text *ui_outlet_texts(const struct ui_outlet *out);

/** ui_outlet_show() - draw @state (as ui_show() does), and say it unless it was said
 * last. A display that fails is left for text. Opened before. */
void ui_outlet_show(struct ui_outlet *out, struct ui_state *state);

#endif
