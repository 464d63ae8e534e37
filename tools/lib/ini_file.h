/* Ini files: read whole, every value with its line, so that errors can name it. */
#ifndef LIFEBOAT_TOOLS_INI_FILE_H
#define LIFEBOAT_TOOLS_INI_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct tool_ini_item {
	char *section;
	char *name;
	char *value;
	unsigned int line;
};

struct tool_ini {
	char *path;
	bool regular; /* a file, and no pipe */
	size_t count;
	struct tool_ini_item *item;
};

/** tool_ini_load() - syntax by inih, with lines up to 64 KiB; a bad line is named with
 * file and line. A comment begins with '#' or ';' at the beginning of a line or after a
 * blank, but not within double quotes; quotes stay in the value. Blanks around names and
 * values go. */
bool tool_ini_load(const char *path, struct tool_ini *out);
/** tool_ini_folder() - where its relative paths count from; by free(). A pipe lies
 * nowhere: what it says counts from here. */
char *tool_ini_folder(const struct tool_ini *ini);
void tool_ini_free(struct tool_ini *ini);

/** tool_ini_error() - "file:line: message". Returns false. */
bool tool_ini_error(const struct tool_ini *ini, const struct tool_ini_item *item,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
