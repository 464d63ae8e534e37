/* Parts that other pictures are put together from. Each fills most of 160 by 120. */
#include "ui/art/parts.h"

/* This device: a screen that shows the four pictures, the address and the QR code. */
PICTURE(device) = {
	COLOUR(INK), RECT(14, 4, 132, 92, 8), COLOUR(WHITE), RECT(22, 12, 116, 76, 3),
	COLOUR(BLUE), RECT(28, 20, 22, 20, 3), RECT(55, 20, 22, 20, 3), RECT(82, 20, 22, 20, 3),
	RECT(109, 20, 22, 20, 3), RECT(30, 58, 62, 9, 4), COLOUR(INK), RECT(104, 50, 27, 27, 0),
	COLOUR(WHITE), RECT(110, 56, 6, 6, 0), RECT(120, 56, 6, 6, 0), RECT(110, 66, 6, 6, 0),
	COLOUR(INK), RECT(66, 96, 28, 12, 0), RECT(42, 106, 76, 11, 5), END
};

/* Another computer: a laptop with a lit screen. */
PICTURE(laptop) = {
	COLOUR(INK), RECT(26, 10, 108, 80, 8), COLOUR(SKY), RECT(34, 18, 92, 62, 3),
	COLOUR(INK), MOVE(26, 86), LINE(134, 86), LINE(152, 104), QUAD(154, 112, 146, 112),
	LINE(14, 112), QUAD(6, 112, 8, 104), FILL, COLOUR(GREY), RECT(64, 103, 32, 5, 2), END
};

/* A USB stick, its plug to the left. */
PICTURE(stick) = {
	COLOUR(INK), RECT(6, 34, 48, 52, 3), COLOUR(WHITE), RECT(12, 40, 42, 40, 0),
	COLOUR(INK), RECT(22, 46, 12, 10, 0), RECT(22, 64, 12, 10, 0),
	COLOUR(BLUE), RECT(48, 22, 106, 76, 16), COLOUR(WHITE), RECT(126, 50, 14, 20, 7), END
};

/* A memory card. */
PICTURE(card) = {
	COLOUR(BLUE), MOVE(38, 10), QUAD(38, 4, 44, 4), LINE(96, 4), LINE(122, 30), LINE(122, 110),
	QUAD(122, 116, 116, 116), LINE(44, 116), QUAD(38, 116, 38, 110), FILL, COLOUR(WHITE),
	RECT(48, 12, 9, 24, 2), RECT(63, 12, 9, 24, 2), RECT(78, 12, 9, 24, 2),
	RECT(50, 62, 60, 44, 4), END
};

/* A file that was fetched: a sheet with an arrow down. */
PICTURE(file) = {
	COLOUR(INK), MOVE(34, 8), QUAD(34, 2, 40, 2), LINE(94, 2), LINE(126, 34), LINE(126, 112),
	QUAD(126, 118, 120, 118), LINE(40, 118), QUAD(34, 118, 34, 112), FILL, COLOUR(WHITE),
	MOVE(42, 10), LINE(88, 10), LINE(88, 40), LINE(118, 40), LINE(118, 110), LINE(42, 110),
	FILL, COLOUR(BLUE), RECT(73, 48, 14, 28, 0), MOVE(54, 72), LINE(106, 72), LINE(80, 98),
	FILL, END
};

/* To the right. */
PICTURE(arrow) = {
	COLOUR(GREEN), RECT(14, 44, 84, 32, 4), MOVE(86, 12), LINE(148, 60), LINE(86, 108), FILL,
	END
};

PICTURE(cross) = {
	COLOUR(WHITE), DISC(80, 60, 58), COLOUR(RED), DISC(80, 60, 52), COLOUR(WHITE),
	STROKE(14, 60, 40, 100, 80), STROKE(14, 100, 40, 60, 80), END
};

PICTURE(check) = {
	COLOUR(WHITE), DISC(80, 60, 58), COLOUR(GREEN), DISC(80, 60, 52), COLOUR(WHITE),
	STROKE(14, 54, 62, 72, 80), STROKE(14, 72, 80, 106, 42), END
};

PICTURE(question) = {
	COLOUR(WHITE), DISC(80, 60, 58), COLOUR(INK), DISC(80, 60, 52), COLOUR(WHITE),
	ARC(12, 80, 46, 17, 30, 80), STROKE(12, 80, 63, 80, 70), DISC(80, 90, 8), END
};

PICTURE(unequal) = {
	COLOUR(WHITE), DISC(80, 60, 58), COLOUR(RED), DISC(80, 60, 52), COLOUR(WHITE),
	STROKE(12, 54, 47, 106, 47), STROKE(12, 54, 73, 106, 73), STROKE(12, 98, 26, 62, 94), END
};

PICTURE(chip) = {
	COLOUR(INK), RECT(54, 2, 8, 116, 2), RECT(76, 2, 8, 116, 2), RECT(98, 2, 8, 116, 2),
	RECT(22, 34, 116, 8, 2), RECT(22, 56, 116, 8, 2), RECT(22, 78, 116, 8, 2),
	RECT(38, 18, 84, 84, 8), COLOUR(SKY), RECT(50, 30, 60, 60, 3), COLOUR(INK),
	DISC(62, 42, 5), END
};
