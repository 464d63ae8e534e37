/* Text that may come from untrusted files, to where a terminal may be. */
#ifndef LIFEBOAT_TOOLS_PRINTABLE_H
#define LIFEBOAT_TOOLS_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/**
 * tool_print_text() - @text so that it cannot drive a terminal or look like something
 * else.
 *
 * As it is: printable ASCII, and characters in UTF-8 that stand for themselves. Every
 * other byte is \xNN: control characters of both kinds (C1 ones are characters too in
 * UTF-8), what turns the direction of text round or cannot be seen, and what is not
 * UTF-8. Returns how many characters were printed.
 */
size_t tool_print_text(FILE *out, const char *text);

#endif
