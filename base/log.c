/* The log ring. */
#include "base/log.h"

#include <string.h>

#include "base/format.h"

void lb_log_init(struct lb_log *log, const struct platform *plat)
{
	memset(log, 0, sizeof *log);
	log->plat = plat;
}

static void keep(struct lb_log *log, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		log->ring[log->next] = text[i];
		log->next = (log->next + 1) % sizeof log->ring;
	}
	log->used =
		len > sizeof log->ring - log->used ? sizeof log->ring : log->used + len;
}

size_t lb_log_line(char line[LB_LOG_LINE_BYTES], const char *fmt, va_list args)
{
	size_t len = lb_vformat(line, LB_LOG_LINE_BYTES - 1, fmt, args);

	line[len++] = '\n';
	return len;
}

void lb_log(struct lb_log *log, const char *fmt, ...)
{
	char line[LB_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	const size_t len = lb_log_line(line, fmt, args);
	va_end(args);
	keep(log, line, len);
	log->plat->log(log->plat->ctx, line, len);
}

size_t lb_log_copy(const struct lb_log *log, char *out, size_t size)
{
	if (size == 0)
		return 0;
	const size_t len = log->used < size - 1 ? log->used : size - 1;
	size_t from = (log->next + sizeof log->ring - len) % sizeof log->ring;

	for (size_t i = 0; i < len; i++) {
		out[i] = log->ring[from];
		from = (from + 1) % sizeof log->ring;
	}
	out[len] = '\0';
	return len;
}
