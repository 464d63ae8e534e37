/* What can be wrong with a stick. */
#include "ui/art/parts.h"

PICTURE(bad_stick) = { USE(STICK, 0, 0, 88), UPRIGHT(CROSS, 86, 60, 50), END };

/* What is on it is broken, not the stick: a torn file before it. */
PICTURE(damaged) = { USE(STICK, 26, 10, 84),
		     COLOUR(WHITE),
		     RECT(2, 34, 62, 84, 0),
		     USE(FILE, -22, 42, 66),
		     COLOUR(WHITE),
		     STROKE(6, 44, 42, 30, 62),
		     STROKE(6, 30, 62, 42, 76),
		     STROKE(6, 42, 76, 26, 98),
		     STROKE(6, 26, 98, 34, 122),
		     UPRIGHT(CROSS, 96, 62, 46),
		     END };

PICTURE(unreadable) = { USE(STICK, 0, 0, 88), UPRIGHT(QUESTION, 86, 60, 50), END };

PICTURE(wrong_device) = { USE(STICK, -4, 58, 56), USE(DEVICE, 76, 0, 54),
			  UPRIGHT(UNEQUAL, 44, 36, 40), END };

PICTURE(wrong_cpu) = { USE(STICK, -4, 58, 56), USE(CHIP, 76, 0, 56),
		       UPRIGHT(UNEQUAL, 44, 36, 40), END };

PICTURE(too_old) = { USE(STICK, 0, -8, 70), UPRIGHT(CLOCK_BACK, 48, 28, 80), END };

/* Something else is on it. */
PICTURE(not_recovery) = { USE(STICK, 0, 0, 88),
			  COLOUR(WHITE),
			  RECT(62, 38, 40, 30, 3),
			  COLOUR(INK),
			  DISC(72, 48, 5),
			  MOVE(66, 64),
			  LINE(80, 50),
			  LINE(98, 64),
			  FILL,
			  UPRIGHT(CROSS, 86, 60, 50),
			  END };
