/* What every part of the lifeboat command shares: exit status, messages, memory. */
#ifndef LIFEBOAT_TOOLS_TOOL_H
#define LIFEBOAT_TOOLS_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

/* Exit status of every command (DESIGN 11). */
enum tool_exit {
	TOOL_YES = 0,
	TOOL_NO = 1,       /* a negative answer: would not boot, is not equal */
	TOOL_USAGE = 2,    /* wrong usage, or an input or output error */
	TOOL_INTERNAL = 3, /* our own mistake, or no memory */
};

/** tool_error() - one line on standard error, "lifeboat: " before it. Returns false, so
 * that a check can end in `return tool_error(...)`. */
bool tool_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** tool_refuse() - as tool_error(), where the answer is that a device would refuse it:
 * tool_failed() is TOOL_NO then. */
bool tool_refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** tool_failed() - the exit status of a command that did not do what it was asked for. */
int tool_failed(void);

/** tool_check() - true on LB_OK; else says why host/ could not do it, as tool_error()
 * does. No memory is fatal. */
bool tool_check(enum lb_status status, const struct host_error *err);

/** tool_note() - one line on standard error that is not an error. */
void tool_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** tool_fatal() - message and exit with TOOL_INTERNAL; temporary files are removed. */
_Noreturn void tool_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** tool_alloc() - cleared memory, never NULL (no memory is fatal). Released by free(). */
void *tool_alloc(size_t bytes);
void *tool_realloc(void *memory, size_t bytes);
char *tool_strdup(const char *text);

/** tool_format() - a new string; released by free(). */
char *tool_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** tool_number() - a whole number with optional 0x and suffix K, M, G or T (1024).
 * False when @text is anything else; no message. */
bool tool_number(const char *text, uint64_t *out);

#endif
