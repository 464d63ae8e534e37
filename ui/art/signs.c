/* Signs: developer mode, keys, and others. */
#include "ui/art/parts.h"

#define SHIELD(m)                                                                        \
	MOVE(80, 2 + m), QUAD(100, 16 + m, 128 - m, 18 + m / 2), LINE(128 - m, 58),      \
		QUAD(126 - m, 98 - m / 2, 80, 118 - m),                                  \
		QUAD(34 + m, 98 - m / 2, 32 + m, 58), LINE(32 + m, 18 + m / 2),          \
		QUAD(60, 16 + m, 80, 2 + m), FILL

/* A terminal and a spanner. */
PICTURE(developer) = { COLOUR(INK), RECT(10, 8, 122, 92, 8), COLOUR(WHITE),
		       STROKE(8, 28, 32, 46, 48), STROKE(8, 46, 48, 28, 64),
		       STROKE(8, 56, 68, 80, 68),
		       /* spanner */
		       STROKE(26, 100, 62, 132, 100), DISC(96, 56, 27), COLOUR(AMBER),
		       STROKE(15, 100, 60, 132, 100), DISC(96, 56, 21), COLOUR(INK),
		       STROKE(15, 74, 34, 92, 52), COLOUR(WHITE), DISC(132, 100, 4),
		       END };

PICTURE(shield) = { COLOUR(INK),
		    SHIELD(0),
		    COLOUR(GREEN),
		    SHIELD(9),
		    COLOUR(WHITE),
		    STROKE(12, 58, 58, 74, 76),
		    STROKE(12, 74, 76, 104, 40),
		    END };

/* A shield with a piece broken out. */
PICTURE(open_shield) = {
	COLOUR(INK),   SHIELD(0),     COLOUR(AMBER), SHIELD(9),    COLOUR(WHITE),
	MOVE(90, -4),  LINE(74, 30),  LINE(92, 48),  LINE(70, 72), LINE(84, 92),
	LINE(76, 124), LINE(88, 124), LINE(100, 92), LINE(84, 72), LINE(108, 46),
	LINE(88, 28),  LINE(104, -4), FILL,          END
};

PICTURE(key) = { COLOUR(INK),
		 DISC(44, 60, 36),
		 RECT(70, 50, 84, 20, 4),
		 RECT(112, 64, 14, 26, 3),
		 RECT(136, 64, 14, 32, 3),
		 COLOUR(AMBER),
		 DISC(44, 60, 28),
		 COLOUR(WHITE),
		 DISC(36, 60, 11),
		 END };

PICTURE(menu) = { COLOUR(INK),
		  RECT(20, 8, 120, 104, 8),
		  COLOUR(WHITE),
		  RECT(28, 16, 104, 88, 3),
		  COLOUR(BLUE),
		  RECT(36, 24, 88, 18, 4),
		  COLOUR(GREY),
		  RECT(36, 50, 88, 18, 4),
		  RECT(36, 76, 88, 18, 4),
		  END };

PICTURE(warning) = { COLOUR(INK),
		     MOVE(70, 8),
		     QUAD(80, -6, 90, 8),
		     LINE(150, 104),
		     QUAD(158, 118, 142, 118),
		     LINE(18, 118),
		     QUAD(2, 118, 10, 104),
		     FILL,
		     COLOUR(AMBER),
		     MOVE(80, 14),
		     LINE(140, 109),
		     LINE(20, 109),
		     FILL,
		     COLOUR(INK),
		     STROKE(13, 80, 46, 80, 74),
		     DISC(80, 94, 8),
		     END };

PICTURE(power) = { COLOUR(INK), ARC(14, 80, 64, 42, 55, 105), STROKE(14, 80, 14, 80, 58),
		   END };

/* A list under a magnifying glass. */
PICTURE(details) = { COLOUR(INK),
		     RECT(22, 4, 88, 112, 8),
		     COLOUR(WHITE),
		     RECT(30, 12, 72, 96, 3),
		     COLOUR(GREY),
		     RECT(38, 24, 56, 7, 3),
		     RECT(38, 42, 56, 7, 3),
		     RECT(38, 60, 40, 7, 3),
		     RECT(38, 78, 34, 7, 3),
		     COLOUR(WHITE),
		     DISC(106, 68, 36),
		     STROKE(22, 126, 90, 146, 110),
		     COLOUR(INK),
		     DISC(106, 68, 30),
		     STROKE(14, 126, 90, 144, 108),
		     COLOUR(SKY),
		     DISC(106, 68, 21),
		     END };

PICTURE(globe) = { COLOUR(BLUE),
		   DISC(80, 60, 58),
		   COLOUR(WHITE),
		   DISC(80, 60, 48),
		   COLOUR(BLUE),
		   MOVE(80, 4),
		   QUAD(48, 4, 48, 60),
		   QUAD(48, 116, 80, 116),
		   QUAD(112, 116, 112, 60),
		   QUAD(112, 4, 80, 4),
		   FILL,
		   COLOUR(WHITE),
		   MOVE(80, 12),
		   QUAD(58, 12, 58, 60),
		   QUAD(58, 108, 80, 108),
		   QUAD(102, 108, 102, 60),
		   QUAD(102, 12, 80, 12),
		   FILL,
		   COLOUR(BLUE),
		   RECT(28, 55, 104, 10, 0),
		   RECT(75, 6, 10, 108, 0),
		   END };
