/* Hand-over values. */
#include "recovery/installer/told.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	uint8_t any = 0;

	if (!parse_hex(text, id, CRYPTO_KEY_ID_BYTES))
		return false;
	for (size_t i = 0; i < CRYPTO_KEY_ID_BYTES; i++)
		any |= id[i];
	return any != 0;
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

void told_input_parse(const char *text, struct told *out)
{
	const char *serial = strchr(text, ' ');

	out->no_keyboard = strncmp(text, "none ", 5) == 0;
	out->no_serial = serial != NULL && strcmp(serial, " none") == 0;
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

bool told_generation_parse(const char *text, struct told *out)
{
	char *end;

	errno = 0;
	const unsigned long own = strtoul(text, &end, 10);

	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != ' ' || end[1] < '0' ||
	    end[1] > '9' || own > UINT32_MAX)
		return false;
	const unsigned long floor = strtoul(end + 1, &end, 10);

	if (errno != 0 || *end != '\0' || floor > UINT32_MAX)
		return false;
	out->generation = (uint32_t)own;
	out->generation_floor = (uint32_t)floor;
	return true;
}

bool told_floors_parse(const char *text, uint32_t *kernel_floor)
{
	char *end;

	errno = 0;
	const unsigned long long value = strtoull(text, &end, 10);

	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != ' ' ||
	    value > UINT32_MAX)
		return false;
	*kernel_floor = (uint32_t)value;
	return true;
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
	if (get("Input", text))
		told_input_parse(text, out);
	if (get("Disk", text))
		(void)told_disk_parse(text, &out->disk); /* else it is looked for */
	*missing = "Model";
	if (!get("Model", out->model) || out->model[0] == '\0')
		return false;
	*missing = "Keys";
	if (!get("Keys", text) ||
	    !told_keys_parse(text, out->kernel_key, out->recovery_key))
		return false;
	*missing = "Floors";
	return get("Floors", text) && told_floors_parse(text, &out->kernel_floor);
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
