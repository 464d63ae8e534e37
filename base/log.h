/* The log: every line goes to the platform at once and into a ring that later screens,
 * the boot history and the OS can show. */
#ifndef LIFEBOAT_BASE_LOG_H
#define LIFEBOAT_BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"

#define LB_LOG_LINE_BYTES 320u
#define LB_LOG_RING_BYTES 16384u

struct lb_log {
	const struct platform *plat;
	size_t used; /* bytes of the ring that hold text, at most its size */
	size_t next; /* where the next byte goes */
	char ring[LB_LOG_RING_BYTES];
};

/** lb_log_init() - an empty log that writes to @plat, which must outlive it. */
void lb_log_init(struct lb_log *log, const struct platform *plat);

/** lb_log_line() - @fmt as one line of the log, "\n" at its end and no NUL; returns its
 * length. For back ends, which log before there is a struct lb_log. */
size_t lb_log_line(char line[LB_LOG_LINE_BYTES], const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/**
 * lb_log() - one line, formatted by lb_format(), "\n" added; longer lines are cut.
 *
 * By convention a line is "area: words", e.g. "boot: PICK -> VERIFY"; tests match them.
 */
void lb_log(struct lb_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * lb_log_copy() - the newest text of the ring, oldest byte first, NUL-terminated.
 * Returns the length; keeps the end when @size is too small.
 */
size_t lb_log_copy(const struct lb_log *log, char *out, size_t size);

#endif
