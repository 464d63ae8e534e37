/* What the loader handed over (DESIGN 8): by EFI variables, in the device tree, or on the
 * command line. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_TOLD_H
#define LIFEBOAT_RECOVERY_INSTALLER_TOLD_H

#include "base/handover.h"
#include "boot/history/history_cell.h"
#include "crypto/profile.h"
#include "update/statement.h"

#define TOLD_BYTES LB_HANDOVER_VALUE_BYTES

struct told {
	char model[TOLD_BYTES], hardware_id[TOLD_BYTES], language[16];
	uint32_t reason;
	/* Who may answer questions. Nothing said, or nonsense: nobody. */
	enum profile_keyboard_input keyboard;
	enum profile_serial_input serial;
	/* What a loader that is installed here must not loosen. */
	struct told_limits {
		bool known;
		enum profile_developer_mode developer_mode;
		uint32_t recovery_floor;
		bool has_ca;
		uint8_t ca[CRYPTO_KEY_ID_BYTES]; /* SHA-256 of server-ca */
	} limits;
	uint32_t kernel_floor, recovery_floor;
	uint8_t kernel_key[CRYPTO_KEY_ID_BYTES];
	uint8_t recovery_key[CRYPTO_KEY_ID_BYTES]; /* zeros: none */
	/* Of the loader that runs, and the lowest that the device takes. */
	uint32_t generation, generation_floor;
	struct told_developer {
		bool on; /* it accepts something that the kernel key has not signed */
		size_t key_count; /* 0: whatever is self-signed */
		uint8_t key[CRYPTO_MAX_DEV_KEYS][CRYPTO_KEY_ID_BYTES];
	} developer;
	char server[TOLD_BYTES]; /* the profile's; "": none. Its CA is limits.ca */
	/* The record that this boot has written into the history of the slots' disk. */
	struct told_disk {
		bool recorded;
		uint64_t boot;
		uint8_t tag[HISTORY_TAG_BYTES];
	} disk;
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
bool told_keys_parse(const char *text, uint8_t kernel_key[CRYPTO_KEY_ID_BYTES],
		     uint8_t recovery_key[CRYPTO_KEY_ID_BYTES]);
bool told_floors_parse(const char *text, uint32_t *kernel_floor,
		       uint32_t *recovery_floor);

/** told_generation_parse() - the value of "Generation". Pure. */
bool told_generation_parse(const char *text, struct told *out);

/** told_developer_parse() - the value of "Developer". False, and nothing is accepted, for
 * what is none. Pure. */
bool told_developer_parse(const char *text, struct told_developer *out);

/** told_limits_parse() - the value of "Limits": "DEVELOPER-MODE RECOVERY-FLOOR CA".
 * False, and nothing is known, for what is none. Pure. */
bool told_limits_parse(const char *text, struct told_limits *out);

/** told_input_parse() - the value of "Input": "KEYBOARD SERIAL". False, and nobody may
 * answer, for what is none. Pure. */
bool told_input_parse(const char *text, struct told *out);

/** told_disk_parse() - the value of "Disk". False: it names no record. Pure. */
bool told_disk_parse(const char *text, struct told_disk *out);

#endif
