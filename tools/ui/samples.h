/* Samples: states as real ones would be, for screenshots and for tests of the layout. */
#ifndef LIFEBOAT_TOOLS_UI_SAMPLES_H
#define LIFEBOAT_TOOLS_UI_SAMPLES_H

#include <stddef.h>

#include "ui/ui.h"

struct ui_sample {
	const char *name;
	struct ui_state state;
};

extern const struct ui_sample ui_samples[];
extern const size_t ui_sample_count;

#endif
