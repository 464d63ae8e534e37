/* Hand-over values. */
#include "recovery/installer/told.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLES                                                                        \
	"/sys/firmware/efi/efivars/Lifeboat%s-782ed91d-b444-4d76-abd7-3374f0779f89"
#define NODE "/proc/device-tree/firmware/lifeboat/%s"

static ssize_t read_file(const char *format, const char *name, char *out, size_t size)
{
	char path[160];

	snprintf(path, sizeof path, format, name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t got = fd >= 0 ? read(fd, out, size) : -1;

	if (fd >= 0)
		(void)close(fd);
	return got;
}

/* A variable begins with four bytes of attributes, a property ends in a zero. */
static bool get(const char *variable, const char *property, char out[TOLD_BYTES])
{
	char raw[TOLD_BYTES + 4];
	ssize_t len = read_file(VARIABLES, variable, raw, sizeof raw);
	const size_t skip = len >= 4 ? 4 : 0;

	if (len < 4)
		len = read_file(NODE, property, raw, TOLD_BYTES);
	out[0] = '\0';
	if (len < 0 || (size_t)len - skip >= TOLD_BYTES)
		return false;
	memcpy(out, raw + skip, (size_t)len - skip);
	out[(size_t)len - skip] = '\0';
	return true;
}

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

bool told_keys_parse(const char *text, uint8_t kernel_key[CRYPTO_KEY_ID_BYTES])
{
	uint8_t any = 0;

	for (size_t i = 0; i < CRYPTO_KEY_ID_BYTES; i++) {
		const int high = nibble(text[2 * i]);
		const int low = high >= 0 ? nibble(text[2 * i + 1]) : -1;

		if (low < 0)
			return false;
		kernel_key[i] = (uint8_t)(high << 4 | low);
		any |= kernel_key[i];
	}
	/* All zeros: a profile without kernel key, on which nothing official starts. */
	return any != 0 && (text[2 * CRYPTO_KEY_ID_BYTES] == ' ' ||
			    text[2 * CRYPTO_KEY_ID_BYTES] == '\0');
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
	(void)get("HardwareId", "hardware-id", out->hardware_id);
	if (get("Language", "language", text))
		snprintf(out->language, sizeof out->language, "%.15s", text);
	if (get("Reason", "reason", text))
		out->reason = (uint32_t)strtoul(text, NULL, 10);
	*missing = "Model";
	if (!get("Model", "model", out->model) || out->model[0] == '\0')
		return false;
	*missing = "Keys";
	if (!get("Keys", "keys", text) || !told_keys_parse(text, out->kernel_key))
		return false;
	*missing = "Floors";
	return get("Floors", "floors", text) &&
	       told_floors_parse(text, &out->kernel_floor);
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
}
