/* Progress on a terminal. */
#include "tools/lib/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tools/lib/printable.h"

#define EVERY_MS 200

/* The terminal is one for the whole process, and so is its line. */
static bool shown;
static int64_t last_ms;

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail on Linux */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void tool_progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

void tool_progress(const char *what, uint64_t done, uint64_t total)
{
	const int64_t now = now_ms();

	if (done >= total) {
		tool_progress_clear();
		return;
	}
	if (last_ms == 0)
		last_ms = now; /* what is short says nothing */
	if (now - last_ms < EVERY_MS || isatty(STDERR_FILENO) != 1)
		return;
	last_ms = now;
	shown = true;
	fputs("\r\033[K", stderr);
	(void)tool_print_text(stderr, what);
	fprintf(stderr, ": %u %%", (unsigned int)(done * 100 / total));
	(void)fflush(stderr); /* the next one comes soon */
}
