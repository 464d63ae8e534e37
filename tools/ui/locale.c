/* Files of ui/strings: "key = text" lines, "@property = value", "#" comments. UTF-8. */
#include "tools/ui/mktext.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *const string_keys[UI_STRING_COUNT] = {
#define UI_STRING(id, key) key,
#include "ui/strings.def"
#undef UI_STRING
};

static char *trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len > 0 && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

static void set_property(struct locale *l, const char *where, const char *name,
			 const char *value)
{
	if (strcmp(name, "@direction") == 0 && strcmp(value, "rtl") == 0)
		l->rtl = true;
	else if (strcmp(name, "@break") == 0 && strcmp(value, "words") == 0)
		l->keep_words = true;
	else if (strcmp(name, "@font") == 0 && strlen(value) < sizeof l->font)
		snprintf(l->font, sizeof l->font, "%s", value);
	else if (strcmp(name, "@script") == 0 && strlen(value) == 4)
		snprintf(l->script, sizeof l->script, "%s", value);
	else
		die("%s: bad property %s = %s", where, name, value);
}

static void set_text(struct locale *l, const char *where, const char *key,
		     const char *value)
{
	for (size_t i = 0; i < UI_STRING_COUNT; i++) {
		if (strcmp(string_keys[i], key) != 0)
			continue;
		if (l->text[i] != NULL)
			die("%s: %s is there twice", where, key);
		if (*value == '\0')
			die("%s: %s is empty", where, key);
		l->text[i] = strdup(value);
		return;
	}
	die("%s: unknown key %s", where, key);
}

/* The placeholders must be those of the key's meaning: {n} or none. */
static void check_placeholder(const struct locale *l, size_t i)
{
	const bool wanted = i == UI_STR_DEV_COUNTDOWN || i == UI_STR_MINUTES_LEFT;
	const char *found = strstr(l->text[i], "{n}");

	if ((found != NULL) != wanted ||
	    (found != NULL && strstr(found + 1, "{n}") != NULL))
		die("%s: %s: wrong placeholders", l->code, string_keys[i]);
}

void locale_read(const char *path, const char *code, struct locale *out)
{
	FILE *f = fopen(path, "r");
	char line[2048], where[600];
	unsigned int number = 0;

	if (f == NULL)
		die("%s: cannot be read", path);
	if (strlen(code) >= sizeof out->code)
		die("%s: name too long", path);
	memset(out, 0, sizeof *out);
	snprintf(out->code, sizeof out->code, "%s", code);
	snprintf(out->script, sizeof out->script, "Latn");
	while (fgets(line, sizeof line, f) != NULL) {
		char *text = trim(line), *equals = strchr(text, '=');

		snprintf(where, sizeof where, "%s:%u", path, ++number);
		if (*text == '\0' || *text == '#')
			continue;
		if (equals == NULL)
			die("%s: no '='", where);
		*equals = '\0';
		if (*text == '@')
			set_property(out, where, trim(text), trim(equals + 1));
		else
			set_text(out, where, trim(text), trim(equals + 1));
	}
	fclose(f);
	for (size_t i = 0; i < UI_STRING_COUNT; i++) {
		if (out->text[i] == NULL)
			die("%s: %s is missing", path, string_keys[i]);
		check_placeholder(out, i);
	}
}
