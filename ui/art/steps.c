/* The sequence of recovery, and the installer's pictures. */
#include "ui/art/parts.h"

/* Not this device: another computer. */
PICTURE(step_computer) = { USE(DEVICE, -4, 52, 47),
			   UPRIGHT(CROSS, 4, 58, 36),
			   USE(LAPTOP, 64, 40, 62),
			   COLOUR(GREEN),
			   ARC(9, 70, 50, 38, 35, 58),
			   MOVE(91, 24),
			   LINE(119, 24),
			   LINE(105, 46),
			   FILL,
			   END };

/* A browser with an address. */
PICTURE(step_address) = {
	COLOUR(INK), RECT(10, 6, 140, 108, 8), COLOUR(WHITE), DISC(22, 17, 4),
	DISC(35, 17, 4), DISC(48, 17, 4), RECT(17, 28, 126, 79, 3), COLOUR(BLUE),
	RECT(24, 36, 112, 30, 15), COLOUR(WHITE), RECT(29, 41, 102, 20, 10),
	USE(GLOBE, 28, 42, 15), COLOUR(INK), RECT(54, 49, 14, 4, 2),
	RECT(72, 49, 26, 4, 2), RECT(102, 49, 18, 4, 2), COLOUR(GREY),
	RECT(26, 76, 70, 6, 3), RECT(26, 90, 50, 6, 3),
	/* the pointer */
	COLOUR(WHITE), MOVE(104, 52), LINE(104, 104), LINE(116, 93), LINE(124, 110),
	LINE(135, 105), LINE(127, 89), LINE(143, 88), FILL, COLOUR(INK), MOVE(108, 62),
	LINE(108, 95), LINE(117, 87), LINE(126, 104), LINE(130, 102), LINE(122, 85),
	LINE(133, 84), FILL, END
};

/* A file goes to a stick or to a card: each at the end of a way of its own, a stroke
 * between them, as people write "or". */
PICTURE(step_write) = { USE(FILE, -24, 26, 58),
			COLOUR(GREEN),
			STROKE(7, 52, 50, 76, 32),
			MOVE(68, 22),
			LINE(90, 22),
			LINE(82, 42),
			FILL,
			STROKE(7, 52, 72, 76, 90),
			MOVE(82, 80),
			LINE(90, 100),
			LINE(68, 100),
			FILL,
			USE(STICK, 96, 2, 40),
			USE(CARD, 90, 70, 42),
			COLOUR(INK),
			STROKE(4, 140, 52, 112, 70),
			END };

/* The stick or the card goes into this device. */
PICTURE(step_insert) = { USE(DEVICE, -12, 26, 64),
			 USE(STICK, 102, 2, 36),
			 USE(CARD, 100, 78, 36),
			 COLOUR(INK),
			 STROKE(4, 152, 48, 138, 72),
			 COLOUR(GREEN),
			 RECT(110, 53, 16, 12, 2),
			 MOVE(114, 43),
			 LINE(114, 75),
			 LINE(92, 59),
			 FILL,
			 END };

/* Then the device starts by itself: its system runs, and no hand is near. */
PICTURE(step_start) = { COLOUR(INK),
			RECT(14, 10, 132, 92, 8),
			COLOUR(SKY),
			RECT(22, 18, 116, 76, 3),
			COLOUR(INK),
			RECT(66, 102, 28, 10, 0),
			RECT(42, 108, 76, 10, 5),
			COLOUR(GREEN),
			ARC(8, 80, 56, 28, 40, 92),
			MOVE(42, 56),
			LINE(64, 56),
			LINE(52, 36),
			FILL,
			UPRIGHT(CHECK, 61, 42, 24),
			END };

PICTURE(install) = { USE(FILE, -12, 14, 50),   USE(ARROW, 50, 34, 21),
		     USE(DEVICE, 80, 16, 50),  COLOUR(GREY),
		     RECT(12, 92, 136, 18, 9), COLOUR(GREEN),
		     RECT(12, 92, 88, 18, 9),  END };

PICTURE(pull) = { USE(DEVICE, -4, 22, 64),
		  UPRIGHT(CHECK, 26, 32, 32),
		  USE(STICK, 112, 42, 30),
		  COLOUR(GREEN),
		  RECT(108, 90, 30, 12, 2),
		  MOVE(134, 80),
		  LINE(134, 112),
		  LINE(156, 96),
		  FILL,
		  END };

/* An empty place for a stick. */
PICTURE(no_stick) = { USE(DEVICE, 0, 22, 64),         COLOUR(INK),
		      ARC(4, 128, 60, 24, 0, 6),      ARC(4, 128, 60, 24, 11, 17),
		      ARC(4, 128, 60, 24, 22, 28),    ARC(4, 128, 60, 24, 33, 39),
		      ARC(4, 128, 60, 24, 44, 50),    ARC(4, 128, 60, 24, 55, 61),
		      UPRIGHT(QUESTION, 112, 48, 20), END };
