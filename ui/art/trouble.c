/* What can be wrong with a stick. */
#include "ui/art/parts.h"

PICTURE(bad_stick) = { USE(STICK, 0, 0, 88), UPRIGHT(CROSS, 86, 60, 50), END };

/* A crack goes through it. */
PICTURE(damaged) = { USE(STICK, 0, 0, 100),      COLOUR(WHITE),
		     STROKE(7, 96, 14, 84, 42),  STROKE(7, 84, 42, 102, 58),
		     STROKE(7, 102, 58, 84, 78), STROKE(7, 84, 78, 92, 106),
		     UPRIGHT(CROSS, 96, 66, 44), END };

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
