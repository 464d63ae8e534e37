/* The part of stdlib.h that the loader's libraries use. */
#ifndef LIFEBOAT_LIBC_STDLIB_H
#define LIFEBOAT_LIBC_STDLIB_H

#include <stddef.h>

void *calloc(size_t count, size_t size);
void free(void *p);

/* Decimal, octal (0...) and hexadecimal (0x...), without sign; ULONG_MAX when too
 * large. */
unsigned long strtoul(const char *text, char **end, int base);

#endif
