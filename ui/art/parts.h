/* The pictures, by file; ui/art/pictures.c has the table. For ui/art itself. */
#ifndef LIFEBOAT_UI_ART_PARTS_H
#define LIFEBOAT_UI_ART_PARTS_H

#include "ui/art.h"

#define PICTURE(name) const int16_t art_##name[]

extern PICTURE(device);
extern PICTURE(laptop);
extern PICTURE(stick);
extern PICTURE(card);
extern PICTURE(file);
extern PICTURE(arrow);
extern PICTURE(cross);
extern PICTURE(check);
extern PICTURE(question);
extern PICTURE(unequal);
extern PICTURE(clock_back);
extern PICTURE(chip);
extern PICTURE(phone);

extern PICTURE(step_computer);
extern PICTURE(step_address);
extern PICTURE(step_write);
extern PICTURE(step_insert);
extern PICTURE(step_start);
extern PICTURE(install);
extern PICTURE(pull);
extern PICTURE(no_stick);

extern PICTURE(bad_stick);
extern PICTURE(damaged);
extern PICTURE(unreadable);
extern PICTURE(wrong_device);
extern PICTURE(wrong_cpu);
extern PICTURE(too_old);
extern PICTURE(not_recovery);

extern PICTURE(developer);
extern PICTURE(open_shield);
extern PICTURE(shield);
extern PICTURE(key);
extern PICTURE(menu);
extern PICTURE(warning);
extern PICTURE(power);
extern PICTURE(details);
extern PICTURE(globe);

#endif
