/* Hand-over values. */
#include "recovery/installer/told.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "host/handover.h"

bool told_value(const uint8_t *value, size_t len, char out[TOLD_BYTES])
{
	out[0] = '\0';
	if (value == NULL || len >= TOLD_BYTES)
		return false;
	memcpy(out, value, len);
	out[len] = '\0';
	return true;
}

/* A property ends in a zero. */
static bool get(const char *name, char out[TOLD_BYTES])
{
	struct host_fact fact;

	out[0] = '\0';
	if (host_handover_read("", name, NULL, &fact, NULL) != LB_OK)
		return false;
	const bool good = told_value((const uint8_t *)fact.text, fact.len, out);

	host_fact_free(&fact);
	return good;
}

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Exactly @len bytes. */
static bool parse_hex(const char *text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const int high = nibble(text[2 * i]);
		const int low = high >= 0 ? nibble(text[2 * i + 1]) : -1;

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * len] == ' ' || text[2 * len] == '\0';
}

/* One key's SHA-256. All zeros: no key. */
static bool parse_id(const char *text, uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	return parse_hex(text, id, CRYPTO_KEY_ID_BYTES) &&
	       !lb_all_zero(id, CRYPTO_KEY_ID_BYTES);
}

/* Zeros are a profile without kernel key, on which nothing official starts. */
bool told_keys_parse(const char *text, uint8_t kernel_key[CRYPTO_KEY_ID_BYTES],
		     uint8_t recovery_key[CRYPTO_KEY_ID_BYTES])
{
	const size_t digits = 2 * CRYPTO_KEY_ID_BYTES;

	memset(recovery_key, 0, CRYPTO_KEY_ID_BYTES);
	if (!parse_id(text, kernel_key))
		return false;
	return text[digits] == '\0' ||
	       parse_hex(text + digits + 1, recovery_key, CRYPTO_KEY_ID_BYTES);
}

bool told_developer_parse(const char *text, struct told_developer *out)
{
	struct told_developer developer = { .on = true };

	*out = (struct told_developer){ 0 };
	if (strcmp(text, "off") == 0)
		return true;
	if (strcmp(text, "self-signed") != 0) {
		for (bool more = true; more; text += 2 * CRYPTO_KEY_ID_BYTES + more) {
			if (developer.key_count == CRYPTO_MAX_DEV_KEYS ||
			    !parse_id(text, developer.key[developer.key_count]))
				return false;
			developer.key_count++;
			more = text[2 * CRYPTO_KEY_ID_BYTES] == ' ';
		}
	}
	*out = developer;
	return true;
}

/* The place of the word before @end in @words; -1: it is none of them. */
static int word_of(const char *text, size_t len, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == len && memcmp(text, words[i], len) == 0)
			return (int)i;
	return -1;
}

bool told_input_parse(const char *text, struct told *out)
{
	static const char *const keyboards[] = {
		[PROFILE_KEYBOARD_FULL] = "full",
		[PROFILE_KEYBOARD_RECOVERY] = "recovery",
		[PROFILE_KEYBOARD_NONE] = "none",
	};
	static const char *const serials[] = {
		[PROFILE_SERIAL_RECOVERY] = "recovery",
		[PROFILE_SERIAL_FULL] = "full",
		[PROFILE_SERIAL_NONE] = "none",
	};
	const size_t len = strcspn(text, " ");
	const char *rest = text[len] == ' ' ? text + len + 1 : "";
	const int keyboard =
		word_of(text, len, keyboards, sizeof keyboards / sizeof *keyboards);
	const int serial =
		word_of(rest, strlen(rest), serials, sizeof serials / sizeof *serials);

	out->keyboard = PROFILE_KEYBOARD_NONE;
	out->serial = PROFILE_SERIAL_NONE;
	if (keyboard < 0 || serial < 0)
		return false;
	out->keyboard = (enum profile_keyboard_input)keyboard;
	out->serial = (enum profile_serial_input)serial;
	return true;
}

bool told_limits_parse(const char *text, struct told_limits *out)
{
	static const char *const modes[] = {
		[PROFILE_DEVELOPER_FORBIDDEN] = "forbidden",
		[PROFILE_DEVELOPER_ALLOWED] = "allowed",
		[PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT] = "allowed-secure-boot",
	};
	const size_t len = strcspn(text, " ");
	const int mode = word_of(text, len, modes, sizeof modes / sizeof *modes);
	struct told_limits limits = { .known = true };
	char *end;

	*out = (struct told_limits){ 0 };
	if (mode < 0 || text[len] != ' ' || text[len + 1] < '0' || text[len + 1] > '9')
		return false;
	errno = 0;
	const unsigned long long floor = strtoull(text + len + 1, &end, 10);

	if (errno != 0 || floor > UINT32_MAX || *end != ' ')
		return false;
	limits.developer_mode = (enum profile_developer_mode)mode;
	limits.recovery_floor = (uint32_t)floor;
	limits.has_ca = strcmp(end + 1, "-") != 0;
	if (limits.has_ca &&
	    (!parse_id(end + 1, limits.ca) || end[1 + 2 * CRYPTO_KEY_ID_BYTES] != '\0'))
		return false;
	*out = limits;
	return true;
}

bool told_disk_parse(const char *text, struct told_disk *out)
{
	struct told_disk disk = { .recorded = true };
	char *end;

	*out = (struct told_disk){ 0 };
	if (text[0] < '0' || text[0] > '9')
		return false; /* "- - PATH": without a history */
	errno = 0;
	disk.boot = strtoull(text, &end, 10);
	if (errno != 0 || *end != ' ' || !parse_hex(end + 1, disk.tag, sizeof disk.tag))
		return false;
	*out = disk;
	return true;
}

/* Two decimal numbers, a space between. */
static bool parse_pair(const char *text, uint32_t *first, uint32_t *second)
{
	unsigned long long value[2];

	for (size_t i = 0; i < 2; i++) {
		char *end;

		errno = 0;
		value[i] = strtoull(text, &end, 10);
		if (errno != 0 || text[0] < '0' || text[0] > '9' ||
		    value[i] > UINT32_MAX || *end != (i == 0 ? ' ' : '\0'))
			return false;
		text = end + 1;
	}
	*first = (uint32_t)value[0];
	*second = (uint32_t)value[1];
	return true;
}

bool told_generation_parse(const char *text, struct told *out)
{
	return parse_pair(text, &out->generation, &out->generation_floor);
}

bool told_floors_parse(const char *text, uint32_t *kernel_floor, uint32_t *recovery_floor)
{
	return parse_pair(text, kernel_floor, recovery_floor);
}

bool told_read(struct told *out, const char **missing)
{
	char text[TOLD_BYTES];

	memset(out, 0, sizeof *out);
	(void)get("HardwareId", out->hardware_id);
	if (get("Language", text))
		snprintf(out->language, sizeof out->language, "%.15s", text);
	if (get("Reason", text))
		out->reason = (uint32_t)strtoul(text, NULL, 10);
	/* Without the word, or with one that is none: nothing but the kernel key's. */
	if (get("Developer", text))
		(void)told_developer_parse(text, &out->developer);
	/* Malformed or missing: then no loader is older than another. */
	if (get("Generation", text))
		(void)told_generation_parse(text, out);
	/* Without it: nobody may answer. */
	(void)get("Input", text);
	(void)told_input_parse(text, out);
	if (get("Limits", text))
		(void)told_limits_parse(text, &out->limits);
	if (get("Disk", text))
		(void)told_disk_parse(text, &out->disk); /* else it is looked for */
	(void)get("Server", out->server);
	*missing = "Model";
	if (!get("Model", out->model) || out->model[0] == '\0')
		return false;
	*missing = "Keys";
	if (!get("Keys", text) ||
	    !told_keys_parse(text, out->kernel_key, out->recovery_key))
		return false;
	*missing = "Floors";
	return get("Floors", text) &&
	       told_floors_parse(text, &out->kernel_floor, &out->recovery_floor);
}

void told_device(const struct told *told, enum platform_cpu cpu,
		 struct update_device *out)
{
	*out = (struct update_device){
		.policy = { .mode = CRYPTO_MODE_NORMAL, .floor = told->kernel_floor },
		.model = told->model,
		.hardware_id = told->hardware_id,
		.cpu = cpu,
	};
	memcpy(out->key_id, told->kernel_key, sizeof out->key_id);
	if (!told->developer.on)
		return;
	out->policy.mode = CRYPTO_MODE_DEVELOPER;
	out->policy.self_signed_allowed = true;
	out->policy.dev_key_count = told->developer.key_count;
	memcpy(out->policy.dev_key_id, told->developer.key,
	       sizeof out->policy.dev_key_id);
}
