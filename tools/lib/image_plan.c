/* Plans of disk images: a table of sections and keys. */
#include "tools/lib/image_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/file.h"
#include "tools/lib/ini_file.h"
#include "tools/lib/tool.h"

enum setting_kind { TEXT, PATH, NUMBER, YES_NO, FLAG, PATHS };

struct setting {
	const char *section, *key;
	enum setting_kind kind;
	void *value;
};

/* Where a value comes from, for messages and paths. */
struct origin {
	const struct tool_ini *ini; /* NULL: the command line */
	const struct tool_ini_item *item;
	const char *folder;
};

#define MAX_SETTINGS 80u

static size_t add_slot(struct tool_image_slot *s, const char *section,
		       struct setting *out)
{
	const struct setting all[] = {
		{ section, "copy", FLAG, &s->copy },
		{ section, "signed", PATH, &s->signed_kernel },
		{ section, "kernel", PATH, &s->sign.input.kernel },
		{ section, "fit", PATH, &s->sign.input.fit },
		{ section, "uki", PATH, &s->sign.input.uki },
		{ section, "initrd", PATHS, &s->sign.input.initrd },
		{ section, "dtb", PATHS, &s->sign.input.trees },
		{ section, "overlay", PATHS, &s->sign.input.trees },
		{ section, "cmdline", TEXT, &s->sign.input.cmdline },
		{ section, "config", PATH, &s->sign.input.config },
		{ section, "kind", TEXT, &s->sign.input.kind },
		{ section, "compress", TEXT, &s->sign.input.compress },
		{ section, "keyblock", PATH, &s->sign.keyblock },
		{ section, "data-key", PATH, &s->sign.data_key },
		{ section, "key", PATH, &s->sign.key },
		{ section, "version", NUMBER, &s->version },
		{ section, "root", PATH, &s->sign.root.image },
		{ section, "root-type", TEXT, &s->root_type },
		{ section, "no-verity", FLAG, &s->sign.root.no_verity },
		{ section, "priority", NUMBER, &s->priority },
		{ section, "remaining-attempts", NUMBER, &s->remaining_attempts },
		{ section, "bootable", YES_NO, &s->bootable },
	};

	memcpy(out, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static size_t all_settings(struct tool_image_plan *p, struct setting out[MAX_SETTINGS])
{
	const struct setting all[] = {
		{ "disk", "sector-size", NUMBER, &p->sector_size },
		{ "disk", "size", NUMBER, &p->size },
		{ "disk", "seed", TEXT, &p->seed },
		{ "efi", "size", NUMBER, &p->efi_size },
		{ "efi", "loader", PATHS, &p->loaders },
		{ "efi", "profile", PATH, &p->profile },
		{ "efi", "file", PATHS, &p->efi_files },
		{ "slots", "kernel-size", NUMBER, &p->kernel_size },
		{ "slots", "root-size", NUMBER, &p->root_size },
		{ "state", "size", NUMBER, &p->state_size },
		{ "state", "type", TEXT, &p->state_type },
		{ "history", "size", NUMBER, &p->history_size },
	};
	size_t n = sizeof(all) / sizeof(all[0]);

	memcpy(out, all, sizeof(all));
	n += add_slot(&p->slot[0], "slot-a", out + n);
	n += add_slot(&p->slot[1], "slot-b", out + n);
	return n;
}

static bool complain(const struct origin *from, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool complain(const struct origin *from, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	const int len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		tool_fatal("out of memory");
	if (from->ini != NULL)
		tool_ini_error(from->ini, from->item, "%s", text);
	else
		tool_error("--set: %s", text);
	free(text);
	return false;
}

static const char *keep(struct tool_image_plan *plan, char *text)
{
	plan->text =
		tool_realloc(plan->text, (plan->text_count + 1) * sizeof(*plan->text));
	plan->text[plan->text_count++] = text;
	return text;
}

static bool yes_no(const char *text, bool *out)
{
	*out = strcmp(text, "yes") == 0 || strcmp(text, "1") == 0;
	return *out || strcmp(text, "no") == 0 || strcmp(text, "0") == 0;
}

/* A token's URI is no path. */
static char *resolve(const struct origin *from, const char *value)
{
	if (strncmp(value, "pkcs11:", 7) == 0)
		return tool_strdup(value);
	return tool_path_join(from->folder, value);
}

static bool put(struct tool_image_plan *plan, const struct setting *s, const char *value,
		const struct origin *from)
{
	struct tool_optional_number *number = s->value;
	struct tool_list *list = s->value;
	bool flag;

	switch (s->kind) {
	case TEXT:
		*(const char **)s->value = keep(plan, tool_strdup(value));
		return true;
	case PATH:
		*(const char **)s->value = keep(plan, resolve(from, value));
		return true;
	case PATHS:
		if (list->count == TOOL_LIST_MAX)
			return complain(from, "%s: more than %u", s->key, TOOL_LIST_MAX);
		list->item[list->count].option = s->key;
		list->item[list->count++].value = keep(plan, resolve(from, value));
		return true;
	case NUMBER:
		number->given = tool_number(value, &number->value);
		return number->given ||
		       complain(from, "%s: '%s' is not a number", s->key, value);
	case YES_NO:
	case FLAG:
		break;
	}
	if (!yes_no(value, &flag))
		return complain(from, "%s: '%s' is neither yes nor no", s->key, value);
	if (s->kind == FLAG)
		*(bool *)s->value = flag;
	else
		*number = (struct tool_optional_number){ true, flag };
	return true;
}

static bool put_by_name(struct tool_image_plan *plan, const char *section,
			const char *key, const char *value, const struct origin *from)
{
	struct setting all[MAX_SETTINGS];
	const size_t count = all_settings(plan, all);

	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].section, section) == 0 && strcmp(all[i].key, key) == 0)
			return put(plan, &all[i], value, from);
	return complain(from, "there is no key '%s' in section [%s]", key, section);
}

/* In one file a key that takes one value is given once. */
static bool is_repeated(const struct tool_ini *ini, size_t index,
			const struct origin *from)
{
	static const char *const lists[] = { "loader", "file", "initrd", "dtb",
					     "overlay" };
	const struct tool_ini_item *item = &ini->item[index];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i], item->name) == 0)
			return false;
	for (size_t i = 0; i < index; i++)
		if (strcmp(ini->item[i].section, item->section) == 0 &&
		    strcmp(ini->item[i].name, item->name) == 0)
			return !complain(from, "%s is given in line %u already",
					 item->name, ini->item[i].line);
	return false;
}

bool tool_image_plan_file(struct tool_image_plan *plan, const char *path)
{
	struct tool_ini ini;
	bool good = true;

	if (!tool_ini_load(path, &ini))
		return false;
	char *folder = tool_ini_folder(&ini);

	for (size_t i = 0; good && i < ini.count; i++) {
		const struct tool_ini_item *item = &ini.item[i];
		const struct origin from = { &ini, item, folder };

		good = !is_repeated(&ini, i, &from) &&
		       put_by_name(plan, item->section, item->name, item->value, &from);
	}
	free(folder);
	tool_ini_free(&ini);
	return good;
}

bool tool_image_plan_set(struct tool_image_plan *plan, const char *setting)
{
	const struct origin from = { 0 };
	char *copy = tool_strdup(setting);
	char *equals = strchr(copy, '=');
	char *dot = strchr(copy, '.');
	bool good = equals != NULL && dot != NULL && dot < equals;

	if (good) {
		*equals = *dot = '\0';
		good = put_by_name(plan, copy, dot + 1, equals + 1, &from);
	} else {
		tool_error("--set: '%s' is not SECTION.KEY=VALUE", setting);
	}
	free(copy);
	return good;
}

void tool_image_plan_free(struct tool_image_plan *plan)
{
	for (size_t i = 0; i < plan->text_count; i++)
		free(plan->text[i]);
	free(plan->text);
	*plan = (struct tool_image_plan){ 0 };
}
