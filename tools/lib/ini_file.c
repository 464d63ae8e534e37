/* Ini files by inih, with line numbers. */
#include "tools/lib/ini_file.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/tool.h"

#define LINE_BYTES 65536

/* What inih calls for lines. Only section and name go through its buffer, which holds no
 * more than 200 bytes; a kernel command line is longer, and is kept here. */
struct reader {
	struct tool_ini *ini;
	FILE *file;
	unsigned int line;
	size_t len;
	char text[LINE_BYTES + 1]; /* the line; later its value */
	const char *value;
	const char *wrong; /* with @line: why it is no line */
};

/* Blanks go; false: there is no further line, or it cannot be one. */
static bool read_line(struct reader *r)
{
	int c;

	r->len = 0;
	r->line++;
	while ((c = getc(r->file)) != EOF && c != '\n') {
		if (c == '\0')
			r->wrong = "holds a zero byte: UTF-16? It must be UTF-8";
		else if (r->len == LINE_BYTES)
			r->wrong = "is longer than 65536 bytes";
		if (r->wrong != NULL)
			return false;
		r->text[r->len++] = (char)c;
	}
	while (r->len != 0 && isspace((unsigned char)r->text[r->len - 1]))
		r->len--;
	r->text[r->len] = '\0';
	return c != EOF || r->len != 0;
}

/* One rule for comments: '#' or ';' at the beginning or after a blank, but not within
 * double quotes. */
static void cut_comment(char *text)
{
	bool quoted = false;

	for (size_t i = 0; text[i] != '\0'; i++) {
		quoted ^= text[i] == '"';
		if (quoted || (text[i] != '#' && text[i] != ';') ||
		    (i != 0 && !isspace((unsigned char)text[i - 1])))
			continue;
		while (i != 0 && isspace((unsigned char)text[i - 1]))
			i--;
		text[i] = '\0';
		return;
	}
}

/* The part for inih: all of a line without a value, else "NAME =". */
static char *next_line(char *out, int room, void *stream)
{
	static const char behind_name[] = " =\n";
	struct reader *r = stream;

	if (r->wrong != NULL || !read_line(r))
		return NULL;
	char *start = r->text + strspn(r->text, " \t\r\f\v");

	cut_comment(start);
	const bool section = *start == '[';
	char *sign = section ? NULL : strpbrk(start, "=:");
	size_t len = sign != NULL ? (size_t)(sign - start) : strlen(start);

	r->value = sign != NULL ? sign + 1 + strspn(sign + 1, " \t\r\f\v") : "";
	while (len != 0 && isspace((unsigned char)start[len - 1]))
		len--;
	if (len + sizeof(behind_name) > (size_t)room) {
		r->wrong = "has a longer name than any key or section";
		return NULL;
	}
	memcpy(out, start, len);
	strcpy(out + len, sign != NULL ? behind_name : "\n");
	return out;
}

static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	struct tool_ini *ini = r->ini;

	(void)value;
	ini->item = tool_realloc(ini->item, (ini->count + 1) * sizeof(*ini->item));
	ini->item[ini->count++] = (struct tool_ini_item){
		.section = tool_strdup(section),
		.name = tool_strdup(name),
		.value = tool_strdup(r->value),
		.line = r->line,
	};
	return 1;
}

bool tool_ini_load(const char *path, struct tool_ini *out)
{
	struct reader *r = tool_alloc(sizeof(*r));

	*out = (struct tool_ini){ 0 };
	*r = (struct reader){ .ini = out, .file = fopen(path, "re") };
	if (r->file == NULL) {
		free(r);
		return tool_error("%s: %s", path, strerror(errno));
	}
	struct stat st;

	out->regular = fstat(fileno(r->file), &st) != 0 || S_ISREG(st.st_mode);
	tool_input_add(path);
	out->path = tool_strdup(path);

	/* The reader is both inih's stream and the handler's user data. */
	const int bad_line = ini_parse_stream(next_line, r, take, r);
	bool good = false;

	if (ferror(r->file) != 0)
		tool_error("%s: read error", path);
	else if (r->wrong != NULL)
		tool_error("%s:%u: the line %s", path, r->line, r->wrong);
	else if (bad_line != 0)
		tool_error("%s:%d: neither 'name = value' nor '[section]'", path,
			   bad_line);
	else
		good = true;
	fclose(r->file);
	free(r);
	if (!good)
		tool_ini_free(out);
	return good;
}

char *tool_ini_folder(const struct tool_ini *ini)
{
	return ini->regular ? tool_path_folder(ini->path) : tool_strdup(".");
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
