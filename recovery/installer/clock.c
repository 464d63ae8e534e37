/* The clock. */
#include "recovery/installer/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/machine.h"

#define BUILT_FILE "/etc/built" /* tools/recovery/make-image */
#define YEAR_S     INT64_C(31557600)

int64_t clock_built(void)
{
	char text[32];

	if (!machine_read_text(BUILT_FILE, text, sizeof text))
		return 0;
	const long long built = strtoll(text, NULL, 10);

	return built > 0 ? built : 0;
}

/* Thirty years: a later time would make every certificate look expired, for good. */
bool clock_believable(int64_t when, int64_t built)
{
	return when > 0 && (when <= built || when - built < 30 * YEAR_S);
}

static void say(char *out, size_t size, int64_t when)
{
	const time_t t = (time_t)when;
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm);
}

bool clock_forward(int64_t when, char *text, size_t size)
{
	const int64_t now = (int64_t)time(NULL);
	const struct timespec to = { .tv_sec = (time_t)when };

	text[0] = '\0';
	if (when <= now || !clock_believable(when, clock_built()) ||
	    clock_settime(CLOCK_REALTIME, &to) != 0)
		return false;
	say(text, size, when);
	return true;
}
