/* The texts of all screens by name: strings.def, translated in ui/strings/LOCALE. */
#ifndef LIFEBOAT_UI_STRINGS_H
#define LIFEBOAT_UI_STRINGS_H

enum ui_string {
#define UI_STRING(id, key) UI_STR_##id,
#include "ui/strings.def"
#undef UI_STRING
	UI_STRING_COUNT
};

#endif
