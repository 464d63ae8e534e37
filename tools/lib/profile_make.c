/* Device profiles from ini files. */
#include "tools/lib/profile_make.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "crypto/profile.h"
#include "tools/lib/certificate.h"
#include "tools/lib/file.h"
#include "tools/lib/ini_file.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

static const uint8_t magic[8] = { 'L', 'B', 'P', 'R', 'O', 'F', 0, 1 };

enum value_kind {
	VALUE_TEXT,
	VALUE_PLAIN,  /* text of printable ASCII: shown as it is */
	VALUE_LIST,   /* text that may be repeated */
	VALUE_URL,    /* http or https */
	VALUE_NUMBER, /* u32 */
	VALUE_CHOICE, /* u8 */
	VALUE_LANGUAGE,
	VALUE_KEY, /* path of a .vbpubk */
	VALUE_CA,  /* path of PEM or DER certificates */
};

/* No watchdog that the loader drives counts further: docs/watchdog.md. */
#define WATCHDOG_MAX_S 2047u

/* As much as two lines of the smallest screen hold: what is cut calls nobody. */
#define MAX_SUPPORT 160u

static const char *const developer_mode[] = { "forbidden", "allowed",
					      "allowed-secure-boot", NULL };
static const char *const slot_order[] = { "attempts-first", "priority", NULL };
static const char *const serial_input[] = { "recovery", "full", "none", NULL };
static const char *const keyboard_input[] = { "full", "recovery", "none", NULL };

/* English and what ui/strings has: a loader takes English for any other. */
static const char *const languages[] = { "en", "ar",    "cs", "da",    "de",    "el",
					 "es", "fi",    "fr", "he",    "hi",    "hu",
					 "id", "it",    "ja", "ko",    "nb",    "nl",
					 "pl", "pt-BR", "ro", "ru",    "sv",    "th",
					 "tr", "uk",    "vi", "zh-CN", "zh-TW", NULL };

static const struct profile_field {
	const char *name;
	enum profile_tag tag;
	enum value_kind kind;
	const char *const *choices;
	size_t max; /* of a text, 0: PROFILE_MAX_STRING; of a number, 0: 32 bits */
} fields[] = {
	{ "model", PROFILE_TAG_MODEL, VALUE_TEXT, NULL, 0 },
	{ "hardware-id", PROFILE_TAG_HARDWARE_ID, VALUE_TEXT, NULL, 0 },
	{ "match", PROFILE_TAG_MATCH, VALUE_LIST, NULL, 0 },
	{ "kernel-key", PROFILE_TAG_KERNEL_KEY, VALUE_KEY, NULL, 0 },
	{ "recovery-key", PROFILE_TAG_RECOVERY_KEY, VALUE_KEY, NULL, 0 },
	{ "recovery-url", PROFILE_TAG_RECOVERY_URL, VALUE_URL, NULL, 0 },
	{ "recovery-floor", PROFILE_TAG_RECOVERY_FLOOR, VALUE_NUMBER, NULL, 0 },
	{ "developer-mode", PROFILE_TAG_DEVELOPER_MODE, VALUE_CHOICE, developer_mode, 0 },
	{ "slot-order", PROFILE_TAG_SLOT_ORDER, VALUE_CHOICE, slot_order, 0 },
	{ "internal-disk", PROFILE_TAG_INTERNAL_DISK, VALUE_LIST, NULL, 0 },
	{ "language", PROFILE_TAG_LANGUAGE, VALUE_LANGUAGE, languages, 8 },
	{ "watchdog-s", PROFILE_TAG_WATCHDOG_S, VALUE_NUMBER, NULL, WATCHDOG_MAX_S },
	{ "serial-input", PROFILE_TAG_SERIAL_INPUT, VALUE_CHOICE, serial_input, 0 },
	{ "keyboard-input", PROFILE_TAG_KEYBOARD_INPUT, VALUE_CHOICE, keyboard_input, 0 },
	{ "generation", PROFILE_TAG_GENERATION, VALUE_NUMBER, NULL, 0 },
	{ "update-server", PROFILE_TAG_UPDATE_SERVER, VALUE_URL, NULL, 0 },
	{ "server-ca", PROFILE_TAG_SERVER_CA, VALUE_CA, NULL, 0 },
	{ "media-hint", PROFILE_TAG_MEDIA_HINT, VALUE_TEXT, NULL, 0 },
	{ "support", PROFILE_TAG_SUPPORT, VALUE_PLAIN, NULL, MAX_SUPPORT },
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

const char *tool_profile_choice(unsigned int tag, unsigned int number)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (fields[i].tag == tag)
			for (unsigned int n = 0; fields[i].choices[n] != NULL; n++)
				if (n == number)
					return fields[i].choices[n];
	return NULL;
}

static void put_item(struct tool_buffer *out, enum profile_tag tag, const void *data,
		     size_t len)
{
	uint8_t *header = tool_buffer_grow(out, 8);

	lb_put_le16(header, (uint16_t)tag);
	lb_put_le32(header + 4, (uint32_t)len);
	tool_buffer_append(out, data, len);
	tool_buffer_align(out, 8);
}

static const struct profile_field *find_field(const char *name)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

static bool put_text(const struct tool_ini *ini, const struct tool_ini_item *item,
		     const struct profile_field *field, struct tool_buffer *out)
{
	const size_t len = strlen(item->value);
	const size_t max = field->max != 0 ? field->max : PROFILE_MAX_STRING;

	if (len == 0)
		return tool_ini_error(ini, item, "%s has no value", item->name);
	if (len > max)
		return tool_ini_error(ini, item, "%s: %zu bytes, at most %zu", item->name,
				      len, max);
	put_item(out, field->tag, item->value, len);
	return true;
}

static bool put_plain(const struct tool_ini *ini, const struct tool_ini_item *item,
		      const struct profile_field *field, struct tool_buffer *out)
{
	for (const char *c = item->value; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return tool_ini_error(ini, item,
					      "%s: '%s' has letters beyond ASCII, which "
					      "cannot be shown on every screen",
					      item->name, item->value);
	return put_text(ini, item, field, out);
}

/* RFC 3986 has more; these are the ones that a person can type and a browser opens. */
static bool is_url(const char *text)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; text[i] != '\0'; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("\"<>\\^`{|}", text[i]))
			return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const size_t len = strlen(schemes[i]);

		if (strncmp(text, schemes[i], len) == 0)
			return isalnum((unsigned char)text[len]) || text[len] == '[';
	}
	return false;
}

static bool put_url(const struct tool_ini *ini, const struct tool_ini_item *item,
		    const struct profile_field *field, struct tool_buffer *out)
{
	if (!is_url(item->value))
		return tool_ini_error(ini, item,
				      "%s: '%s' is no address: https:// or http://, a "
				      "host, and no blanks or letters beyond ASCII",
				      item->name, item->value);
	return put_text(ini, item, field, out);
}

static bool put_number(const struct tool_ini *ini, const struct tool_ini_item *item,
		       const struct profile_field *field, struct tool_buffer *out)
{
	uint8_t bytes[4];
	uint64_t value;

	if (!tool_number(item->value, &value) || value > UINT32_MAX)
		return tool_ini_error(ini, item, "%s: '%s' is not a number of 32 bits",
				      item->name, item->value);
	if (field->max != 0 && value > field->max)
		return tool_ini_error(ini, item, "%s: %s, at most %zu", item->name,
				      item->value, field->max);
	lb_put_le32(bytes, (uint32_t)value);
	put_item(out, field->tag, bytes, sizeof(bytes));
	return true;
}

static bool put_choice(const struct tool_ini *ini, const struct tool_ini_item *item,
		       const struct profile_field *field, struct tool_buffer *out)
{
	for (uint8_t n = 0; field->choices[n] != NULL; n++)
		if (strcmp(field->choices[n], item->value) == 0) {
			put_item(out, field->tag, &n, 1);
			return true;
		}
	const bool third = field->choices[2] != NULL; /* they have two or three */

	return tool_ini_error(ini, item, "%s: '%s' is not one of its words: %s, %s%s%s",
			      item->name, item->value, field->choices[0],
			      field->choices[1], third ? ", " : "",
			      third ? field->choices[2] : "");
}

/* "pt" will do for "pt-BR", as the loader itself has it. */
static bool is_language(const char *wanted, const char *known)
{
	const size_t len = strlen(wanted);

	return strcmp(wanted, known) == 0 ||
	       (len == 2 && strncmp(wanted, known, len) == 0 && known[len] == '-');
}

static bool put_language(const struct tool_ini *ini, const struct tool_ini_item *item,
			 const struct profile_field *field, struct tool_buffer *out)
{
	struct tool_buffer all = { 0 };

	for (size_t i = 0; field->choices[i] != NULL; i++)
		if (is_language(item->value, field->choices[i]))
			return put_text(ini, item, field, out);
	for (size_t i = 0; field->choices[i] != NULL; i++) {
		tool_buffer_text(&all, i != 0 ? " " : "");
		tool_buffer_text(&all, field->choices[i]);
	}
	(void)tool_buffer_grow(&all, 1); /* its end */
	(void)tool_ini_error(ini, item, "language: no texts for '%s'; there are: %s",
			     item->value, (const char *)all.data);
	tool_buffer_free(&all);
	return false;
}

static bool put_key(const struct tool_ini *ini, const struct tool_ini_item *item,
		    const char *path, enum profile_tag tag, struct tool_buffer *out)
{
	struct tool_public_key key;

	if (!tool_public_key_load(path, &key))
		return tool_ini_error(ini, item, "%s cannot be used", item->name);
	put_item(out, tag, key.bytes.data, key.bytes.len);
	tool_public_key_free(&key);
	return true;
}

static bool put_ca(const struct tool_ini *ini, const struct tool_ini_item *item,
		   const char *path, struct tool_buffer *out)
{
	struct tool_buffer der = { 0 };
	const bool good = tool_certificates_der(path, PROFILE_SECTION_BYTES, &der);

	if (good)
		put_item(out, PROFILE_TAG_SERVER_CA, der.data, der.len);
	tool_buffer_free(&der);
	return good || tool_ini_error(ini, item, "server-ca cannot be used");
}

static bool put_value(const struct tool_ini *ini, const struct tool_ini_item *item,
		      const struct profile_field *field, struct tool_buffer *out)
{
	char *folder, *path;
	bool good;

	switch (field->kind) {
	case VALUE_TEXT:
	case VALUE_LIST:
		return put_text(ini, item, field, out);
	case VALUE_PLAIN:
		return put_plain(ini, item, field, out);
	case VALUE_URL:
		return put_url(ini, item, field, out);
	case VALUE_NUMBER:
		return put_number(ini, item, field, out);
	case VALUE_LANGUAGE:
		return put_language(ini, item, field, out);
	case VALUE_CHOICE:
		return put_choice(ini, item, field, out);
	case VALUE_KEY:
	case VALUE_CA:
		break;
	}
	folder = tool_ini_folder(ini);
	path = tool_path_join(folder, item->value);
	good = field->kind == VALUE_KEY ? put_key(ini, item, path, field->tag, out)
					: put_ca(ini, item, path, out);
	free(folder);
	free(path);
	return good;
}

/* As the loader will judge it, here, where key and line are known. */
static bool check_item(const struct tool_ini *ini, const struct tool_ini_item *item,
		       const struct tool_buffer *out, size_t from)
{
	struct tool_buffer alone = { 0 };
	size_t count;

	tool_buffer_append(&alone, magic, sizeof(magic));
	tool_buffer_grow(&alone, PROFILE_HEADER_BYTES - sizeof(magic));
	tool_buffer_append(&alone, out->data + from, out->len - from);
	lb_put_le32(alone.data + 8, (uint32_t)alone.len);
	lb_put_le32(alone.data + 12, lb_crc32(0, alone.data, alone.len));
	const enum lb_status status = profile_count(alone.data, alone.len, &count, NULL);

	tool_buffer_free(&alone);
	return status == LB_OK ||
	       tool_ini_error(ini, item, "%s: the loader would refuse '%s': %s",
			      item->name, item->value, lb_status_name(status));
}

static bool put_profile(const struct tool_ini *ini, struct tool_buffer *out)
{
	unsigned int line[FIELD_COUNT] = { 0 };

	for (size_t i = 0; i < ini->count; i++) {
		const struct tool_ini_item *item = &ini->item[i];
		const struct profile_field *field = find_field(item->name);

		if (item->section[0] != '\0' && strcmp(item->section, "profile") != 0)
			return tool_ini_error(ini, item,
					      "[%s] is no section of a profile",
					      item->section);
		if (field == NULL)
			return tool_ini_error(ini, item, "'%s' is no key of a profile",
					      item->name);
		unsigned int *first = &line[field - fields];

		if (*first != 0 && field->kind != VALUE_LIST)
			return tool_ini_error(ini, item, "%s is given in line %u already",
					      item->name, *first);
		*first = item->line;
		const size_t from = out->len;

		if (!put_value(ini, item, field, out) ||
		    !check_item(ini, item, out, from))
			return false;
	}
	if (line[find_field("kernel-key") - fields] == 0)
		return tool_error("%s: kernel-key is missing: nothing would ever boot",
				  ini->path);
	return true;
}

/* One key for both would let whoever signs a release sign recovery media, too, and what
 * is flagged for one mode would be a flag away from the other. */
static bool keys_differ(const struct tool_buffer *profile, size_t index,
			const char *ini_file)
{
	struct profile p;

	if (profile_get(profile->data, profile->len, index, &p) != LB_OK ||
	    p.kernel_key.data == NULL || p.recovery_key.data == NULL ||
	    p.kernel_key.data_bytes != p.recovery_key.data_bytes ||
	    memcmp(p.kernel_key.data, p.recovery_key.data, p.kernel_key.data_bytes) != 0)
		return true;
	return tool_error(
		"%s: recovery-key is the same key as kernel-key: recovery media "
		"need one of their own, see 'lifeboat keys new'",
		ini_file);
}

static bool check(const struct tool_buffer *profile, char *const *ini_files)
{
	size_t count, offset = 0;
	const enum lb_status status =
		profile_count(profile->data, profile->len, &count, &offset);

	if (status != LB_OK)
		return tool_error("profile: offset %zu: the loader would refuse it: %s",
				  offset, lb_status_name(status));
	for (size_t i = 0; i < count; i++)
		if (!keys_differ(profile, i, ini_files[i]))
			return false;
	return true;
}

bool tool_profile_make(char *const *ini_files, size_t count, struct tool_buffer *out)
{
	tool_buffer_append(out, magic, sizeof(magic));
	tool_buffer_grow(out, PROFILE_HEADER_BYTES - sizeof(magic));
	for (size_t i = 0; i < count; i++) {
		struct tool_ini ini;

		if (i != 0)
			put_item(out, PROFILE_TAG_NEXT, NULL, 0);
		if (!tool_ini_load(ini_files[i], &ini))
			return false;
		const bool good = put_profile(&ini, out);

		tool_ini_free(&ini);
		if (!good)
			return false;
	}
	if (out->len > PROFILE_SECTION_BYTES)
		return tool_error("profile: %zu bytes, a loader holds %u", out->len,
				  PROFILE_SECTION_BYTES);
	lb_put_le32(out->data + 8, (uint32_t)out->len);
	lb_put_le32(out->data + 12, lb_crc32(0, out->data, out->len));
	return check(out, ini_files);
}
