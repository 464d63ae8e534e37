/* Hand-over values as a running system finds them. */
#include "base/handover.h"

#include <stdbool.h>

#include "base/bytes.h"

const char *const lb_handover_names[LB_HANDOVER_NAMES] = {
	"Mode",         "Slot",      "Disk",   "Keys",    "Model",
	"HardwareId",   "Developer", "Floors", "Reason",  "Refused",
	"Generation",   "Language",  "Input",  "Limits",  "Server",
	"WatchdogDied", "Start",     "Behind", "Version",
};

void lb_handover_property(const char *name, char out[LB_HANDOVER_PROPERTY_BYTES])
{
	for (size_t i = 0; name[i] != '\0' && i < LB_HANDOVER_NAME_BYTES - 1; i++) {
		const bool upper = name[i] >= 'A' && name[i] <= 'Z';

		if (upper && i > 0)
			*out++ = '-';
		*out++ = upper ? (char)(name[i] - 'A' + 'a') : name[i];
	}
	*out = '\0';
}

const uint8_t *lb_handover_value(const uint8_t *file, size_t len, size_t *bytes)
{
	if (len < LB_HANDOVER_ATTRIBUTE_BYTES || lb_le32(file) != LB_HANDOVER_ATTRIBUTES)
		return NULL;
	*bytes = len - LB_HANDOVER_ATTRIBUTE_BYTES;
	return file + LB_HANDOVER_ATTRIBUTE_BYTES;
}
