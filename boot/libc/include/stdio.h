/* Declared for third-party code that is left out at link time; our own text formatting
 * is base/format.h. */
#ifndef LIFEBOAT_LIBC_STDIO_H
#define LIFEBOAT_LIBC_STDIO_H

#include <stddef.h>

typedef struct lb_no_file FILE;

int snprintf(char *buf, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
