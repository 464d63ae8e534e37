/* What the loader handed over (DESIGN 8): by EFI variables, in the device tree, or on the
 * command line. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_TOLD_H
#define LIFEBOAT_RECOVERY_INSTALLER_TOLD_H

#include "base/handover.h"
#include "update/statement.h"

#define TOLD_BYTES LB_HANDOVER_VALUE_BYTES

struct told {
	char model[TOLD_BYTES], hardware_id[TOLD_BYTES], language[16];
	uint32_t reason;
	uint32_t kernel_floor;
	uint8_t kernel_key[CRYPTO_KEY_ID_BYTES];
	struct told_developer {
		bool on; /* it accepts something that the kernel key has not signed */
		size_t key_count; /* 0: whatever is self-signed */
		uint8_t key[CRYPTO_MAX_DEV_KEYS][CRYPTO_KEY_ID_BYTES];
	} developer;
};

/** told_read() - false, with the name of what is missing or malformed, when the loader
 * did not say whom payloads are to be judged for: then nothing may be installed. */
bool told_read(struct told *out, const char **missing);

/** told_device() - whom payloads are judged for; points into @told. */
void told_device(const struct told *told, enum platform_cpu cpu,
		 struct update_device *out);

/** told_value() - one value as text; false when it is NULL or too long. Pure. */
bool told_value(const uint8_t *value, size_t len, char out[TOLD_BYTES]);

/** told_keys_parse(), told_floors_parse() - the values of "Keys" and "Floors". Pure. */
bool told_keys_parse(const char *text, uint8_t kernel_key[CRYPTO_KEY_ID_BYTES]);
bool told_floors_parse(const char *text, uint32_t *kernel_floor);

/** told_developer_parse() - the value of "Developer". False, and nothing is accepted, for
 * what is none. Pure. */
bool told_developer_parse(const char *text, struct told_developer *out);

#endif
