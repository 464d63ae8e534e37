/* Ini files by inih, with line numbers. */
#include "tools/lib/ini_file.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"

struct reader {
	struct tool_ini *ini;
	FILE *file;
	unsigned int line;
	unsigned int too_long; /* first line that does not fit into inih's buffer */
	int room;              /* of that buffer */
};

/* inih takes a long line for two; that is an error here. */
static char *next_line(char *out, int room, void *stream)
{
	struct reader *r = stream;
	char *got = fgets(out, room, r->file);

	if (got == NULL)
		return NULL;
	r->line++;
	r->room = room;
	if (strchr(out, '\n') == NULL && !feof(r->file) && r->too_long == 0)
		r->too_long = r->line;
	return got;
}

static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	struct tool_ini *ini = r->ini;

	ini->item = tool_realloc(ini->item, (ini->count + 1) * sizeof(*ini->item));
	ini->item[ini->count++] = (struct tool_ini_item){
		.section = tool_strdup(section),
		.name = tool_strdup(name),
		.value = tool_strdup(value != NULL ? value : ""),
		.line = r->line,
	};
	return 1;
}

bool tool_ini_load(const char *path, struct tool_ini *out)
{
	struct reader r = { .ini = out, .file = fopen(path, "re") };

	*out = (struct tool_ini){ 0 };
	if (r.file == NULL)
		return tool_error("%s: %s", path, strerror(errno));
	out->path = tool_strdup(path);

	/* The reader is both inih's stream and the handler's user data. */
	const int bad_line = ini_parse_stream(next_line, &r, take, &r);
	const bool read_error = ferror(r.file) != 0;

	fclose(r.file);
	if (read_error)
		tool_error("%s: read error", path);
	else if (r.too_long != 0)
		tool_error("%s:%u: line is longer than %d bytes", path, r.too_long,
			   r.room - 2);
	else if (bad_line != 0)
		tool_error("%s:%d: neither 'name = value' nor '[section]'", path,
			   bad_line);
	else
		return true;
	tool_ini_free(out);
	return false;
}

void tool_ini_free(struct tool_ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		free(ini->item[i].section);
		free(ini->item[i].name);
		free(ini->item[i].value);
	}
	free(ini->item);
	free(ini->path);
	*ini = (struct tool_ini){ 0 };
}

bool tool_ini_error(const struct tool_ini *ini, const struct tool_ini_item *item,
		    const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	const int len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		tool_fatal("out of memory");
	tool_error("%s:%u: %s", ini->path, item->line, text);
	free(text);
	return false;
}
