/* Pictographs: our own vector art, compiled in, drawn at any size.
 *
 * A picture is a list of int16 numbers: operations with their arguments in a space of
 * ART_WIDTH by ART_HEIGHT units, y downwards, angles in 1/64 turns clockwise from the
 * right. For ui/ itself; the pictures are in ui/art. */
#ifndef LIFEBOAT_UI_ART_H
#define LIFEBOAT_UI_ART_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/canvas.h"

#define ART_WIDTH  160
#define ART_HEIGHT 120

enum art_id {
	ART_NONE,
	/* the sequence of recovery */
	ART_STEP_COMPUTER,
	ART_STEP_ADDRESS,
	ART_STEP_WRITE,
	ART_STEP_INSERT,
	ART_STEP_START,
	/* what is wrong with a stick */
	ART_BAD_STICK,
	ART_DAMAGED,
	ART_UNREADABLE,
	ART_WRONG_DEVICE,
	ART_WRONG_CPU,
	ART_TOO_OLD,
	ART_NOT_RECOVERY,
	ART_NO_STICK,
	/* developer mode */
	ART_DEVELOPER,
	ART_OPEN_SHIELD,
	ART_SHIELD,
	ART_KEY,
	/* others */
	ART_MENU,
	ART_WARNING,
	ART_POWER,
	ART_DETAILS,
	ART_GLOBE,
	ART_INSTALL,
	ART_PULL,
	/* parts */
	ART_DEVICE,
	ART_LAPTOP,
	ART_STICK,
	ART_CARD,
	ART_FILE,
	ART_ARROW,
	ART_CROSS,
	ART_CHECK,
	ART_QUESTION,
	ART_UNEQUAL,
	ART_CLOCK_BACK,
	ART_CHIP,
	ART_PHONE,
	ART_COUNT
};

enum art_op {
	ART_OP_END,
	ART_OP_COLOUR,  /* art_colour */
	ART_OP_RECT,    /* x y w h, radius of corners */
	ART_OP_DISC,    /* x y radius */
	ART_OP_STROKE,  /* width x0 y0 x1 y1, round ends */
	ART_OP_ARC,     /* width x y radius from to */
	ART_OP_MOVE,    /* x y */
	ART_OP_LINE,    /* x y */
	ART_OP_QUAD,    /* x y (control) x y */
	ART_OP_FILL,    /* what was moved and lined */
	ART_OP_USE,     /* picture x y percent: mirrored with the whole */
	ART_OP_UPRIGHT, /* the same, never mirrored itself */
};

enum art_colour {
	ART_INK,
	ART_WHITE,
	ART_BLUE,
	ART_SKY,
	ART_GREEN,
	ART_RED,
	ART_AMBER,
	ART_GREY,
	ART_COLOURS
};

#define COLOUR(c)                  ART_OP_COLOUR, ART_##c
#define RECT(x, y, w, h, r)        ART_OP_RECT, x, y, w, h, r
#define DISC(x, y, r)              ART_OP_DISC, x, y, r
#define STROKE(w, x0, y0, x1, y1)  ART_OP_STROKE, w, x0, y0, x1, y1
#define ARC(w, x, y, r, a, b)      ART_OP_ARC, w, x, y, r, a, b
#define MOVE(x, y)                 ART_OP_MOVE, x, y
#define LINE(x, y)                 ART_OP_LINE, x, y
#define QUAD(cx, cy, x, y)         ART_OP_QUAD, cx, cy, x, y
#define FILL                       ART_OP_FILL
#define USE(id, x, y, percent)     ART_OP_USE, ART_##id, x, y, percent
#define UPRIGHT(id, x, y, percent) ART_OP_UPRIGHT, ART_##id, x, y, percent
#define END                        ART_OP_END

/** art_picture() - the numbers of a picture, END last; END alone for ART_NONE and for
 * what is no picture. Compiled in: nothing of it is a stranger's. */
const int16_t *art_picture(enum art_id id);

/**
 * art_draw() - one picture as large as goes into @rect, centred; the rest of @rect stays
 * as it is.
 * @rect:     in pixels; may be empty or lie partly outside: what is not on the canvas is
 *            not drawn
 * @mirrored: left and right change places, but for parts that are USEd UPRIGHT
 *
 * A picture that uses itself, or parts of parts too deep, ends there.
 */
void art_draw(struct canvas *c, enum art_id id, struct canvas_rect rect, bool mirrored);

#endif
