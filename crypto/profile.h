/* The device profile: what differs per device model, as found inside the loader.
 *
 * Design: DESIGN 4. Tags: docs/formats/profile.md. */
#ifndef LIFEBOAT_CRYPTO_PROFILE_H
#define LIFEBOAT_CRYPTO_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "crypto/key.h"
#include "base/slot_order.h"

#define PROFILE_SECTION_BYTES 65536u
#define PROFILE_HEADER_BYTES  16u /* magic 8, total size 4, CRC-32 4 */
#define PROFILE_MAX_STRING    255u
#define PROFILE_MAX_LIST      16u

enum profile_tag {
	PROFILE_TAG_NEXT = 0,  /* starts the next profile; no bytes */
	PROFILE_TAG_MODEL = 1, /* strings are UTF-8 without NUL */
	PROFILE_TAG_HARDWARE_ID = 2,
	PROFILE_TAG_MATCH = 3,      /* may be repeated */
	PROFILE_TAG_KERNEL_KEY = 4, /* a .vbpubk file */
	PROFILE_TAG_RECOVERY_KEY = 5,
	PROFILE_TAG_RECOVERY_URL = 6,
	PROFILE_TAG_RECOVERY_FLOOR = 7, /* u32 */
	PROFILE_TAG_DEVELOPER_MODE = 8, /* u8, enum profile_developer_mode */
	PROFILE_TAG_SLOT_ORDER = 9,     /* u8, enum gpt_slot_order */
	PROFILE_TAG_INTERNAL_DISK = 10, /* path prefix; may be repeated */
	PROFILE_TAG_LANGUAGE = 11,      /* at most 8 bytes */
	PROFILE_TAG_WATCHDOG_S = 12,    /* u32 */
	PROFILE_TAG_SERIAL_INPUT = 13,  /* u8, enum profile_serial_input */
	PROFILE_TAG_UPDATE_SERVER = 14,
	PROFILE_TAG_SERVER_CA = 15, /* DER certificate(s) */
	PROFILE_TAG_MEDIA_HINT = 16,
	PROFILE_TAG_KEYBOARD_INPUT = 17, /* u8, enum profile_keyboard_input */
	PROFILE_TAG_GENERATION = 18,     /* u32 */
	PROFILE_TAG_SUPPORT = 19,        /* printable ASCII: whom to call */
	PROFILE_TAG_OPTIONAL = 0x8000,   /* from here on unknown tags are ignored */
};

enum profile_developer_mode {
	PROFILE_DEVELOPER_FORBIDDEN,
	PROFILE_DEVELOPER_ALLOWED,
	PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT,
};

enum profile_serial_input {
	PROFILE_SERIAL_RECOVERY, /* everything but mode changes */
	PROFILE_SERIAL_FULL,
	PROFILE_SERIAL_NONE,
};

enum profile_keyboard_input {
	PROFILE_KEYBOARD_FULL,
	PROFILE_KEYBOARD_RECOVERY, /* everything but mode changes */
	PROFILE_KEYBOARD_NONE,
};

/* A string or blob inside the profile's bytes. */
struct profile_bytes {
	const uint8_t *data; /* NULL when the key is absent */
	uint32_t len;
};

struct profile {
	struct profile_bytes model, hardware_id, recovery_url, update_server, server_ca,
		media_hint, language, support;
	size_t match_count, internal_disk_count;
	struct profile_bytes match[PROFILE_MAX_LIST];
	struct profile_bytes internal_disk[PROFILE_MAX_LIST];
	struct crypto_key kernel_key, recovery_key; /* data == NULL when absent */
	uint32_t recovery_floor;
	uint32_t watchdog_s;
	enum profile_developer_mode developer_mode;
	enum gpt_slot_order slot_order;
	enum profile_serial_input serial_input;
	enum profile_keyboard_input keyboard_input;
	uint32_t generation; /* of the loader: the rollback floor of loaders */
};

/**
 * profile_count() - check a whole profile section and count its profiles.
 * @bytes, @len: the section; all zero means none
 *
 * LB_ERR_NOT_FOUND (all zero), LB_ERR_MAGIC, LB_ERR_CRC, LB_ERR_RANGE (a length),
 * LB_ERR_DUPLICATE, LB_ERR_VERSION (unknown tag below 0x8000), LB_ERR_ALGORITHM (a key).
 * On any error there is no valid profile.
 * @error_offset: where in @bytes; may be NULL
 */
enum lb_status profile_count(const uint8_t *bytes, size_t len, size_t *count,
			     size_t *error_offset);

/** profile_get() - decode profile @index of a section that profile_count() accepted. */
enum lb_status profile_get(const uint8_t *bytes, size_t len, size_t index,
			   struct profile *out);

/**
 * profile_select() - the profile for @machine: the first whose `match` names it, else the
 * first without `match`. LB_ERR_NOT_FOUND when none fits, or profile_count()'s errors.
 */
enum lb_status profile_select(const uint8_t *bytes, size_t len,
			      const struct platform_machine *machine,
			      struct profile *out);

#endif
