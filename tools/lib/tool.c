/* Messages, memory and numbers for the lifeboat command. */
#include "tools/lib/tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/printable.h"
#include "tools/lib/progress.h"

/* One line, whatever stands in names that come out of files. */
static void message(const char *fmt, va_list args)
{
	char *text = NULL;

	tool_progress_clear();
	fputs("lifeboat: ", stderr);
	if (vasprintf(&text, fmt, args) >= 0)
		tool_print_text(stderr, text);
	else
		fputs(fmt, stderr);
	fputc('\n', stderr);
	free(text);
}

bool tool_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(fmt, args);
	va_end(args);
	return false;
}

/* One command a process, and one answer. */
static bool refused;

bool tool_refuse(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(fmt, args);
	va_end(args);
	refused = true;
	return false;
}

int tool_failed(void)
{
	return refused ? TOOL_NO : TOOL_USAGE;
}

bool tool_check(enum lb_status status, const struct host_error *err)
{
	if (status == LB_ERR_NOMEM)
		tool_fatal("%s", err->text);
	return status == LB_OK || tool_error("%s", err->text);
}

void tool_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(fmt, args);
	va_end(args);
}

_Noreturn void tool_fatal(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(fmt, args);
	va_end(args);
	exit(TOOL_INTERNAL);
}

void *tool_alloc(size_t bytes)
{
	void *memory = calloc(1, bytes != 0 ? bytes : 1);

	if (memory == NULL)
		tool_fatal("out of memory (%zu bytes)", bytes);
	return memory;
}

void *tool_realloc(void *memory, size_t bytes)
{
	void *grown = realloc(memory, bytes != 0 ? bytes : 1);

	if (grown == NULL)
		tool_fatal("out of memory (%zu bytes)", bytes);
	return grown;
}

char *tool_strdup(const char *text)
{
	const size_t bytes = strlen(text) + 1;

	return memcpy(tool_alloc(bytes), text, bytes);
}

char *tool_format(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	const int len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		tool_fatal("out of memory");
	return text;
}

static unsigned int suffix_shift(const char *suffix)
{
	static const char letters[] = "KMGT";
	const char *at = suffix[0] != '\0' ? strchr(letters, suffix[0]) : NULL;

	if (at == NULL || suffix[1] != '\0')
		return 0;
	return 10u * ((unsigned int)(at - letters) + 1u);
}

bool tool_number(const char *text, uint64_t *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	errno = 0;
	const unsigned long long value = strtoull(text, &end, hex ? 16 : 10);
	const unsigned int shift = suffix_shift(end);

	if (errno != 0 || end == text || (*end != '\0' && shift == 0) ||
	    value > UINT64_MAX >> shift)
		return false;
	*out = (uint64_t)value << shift;
	return true;
}
