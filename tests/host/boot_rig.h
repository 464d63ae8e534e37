/* A whole machine for tests of the boot flow: a host platform, keys, a profile, disks
 * with signed slots - and what was started. */
#ifndef LIFEBOAT_TESTS_BOOT_RIG_H
#define LIFEBOAT_TESTS_BOOT_RIG_H

#include "boot/flow/boot.h"
#include "crypto/profile.h"
#include "gpt/gpt_slot.h"
#include "tests/host/host_platform.h"
#include "tests/host/signed_kernel.h"

#define RIG_NOTHING 0 /* no kernel has this mark */

/* Made once per program: RSA keys cost time. */
struct rig_keys {
	struct test_key kernel, data, recovery, stranger, developer;
};

struct boot_rig {
	struct host_platform host;
	const struct rig_keys *keys;
	enum gpt_slot_order order;
	enum profile_developer_mode developer; /* of the profile; see rig_profile() */
	enum profile_serial_input serial;
	enum profile_keyboard_input keyboard;
	uint32_t generation;
	uint32_t recovery_floor;
	uint32_t watchdog_s;
	bool recovery_requested; /* by the boot entry that started the loader */
	uint8_t profile[4096];
	size_t profile_bytes;
	int started;        /* mark of the started kernel, RIG_NOTHING when none was */
	char started_slot;  /* its letter, as the platform was told */
	char cmdline[2048]; /* of the started kernel, cut */
	uint32_t guarded_s; /* the watchdog ran for so long at the last start */
};

const struct rig_keys *rig_keys(void); /* the same at every call */

/** rig_init() - a machine without disks, its profile with kernel and recovery key. */
void rig_init(struct boot_rig *rig, enum gpt_slot_order order);
size_t rig_release(struct boot_rig *rig); /* returns leaked bytes, see host_release() */

/** rig_kernel() - a normal signed kernel with @mark and @version, kept until exit. */
const uint8_t *rig_kernel(uint8_t mark, uint16_t version, size_t *bytes);

/** rig_disk() - an internal disk with @count slots. */
struct host_disk *rig_disk(struct boot_rig *rig, enum platform_attachment how,
			   const struct test_slot *slots, size_t count);

/** rig_profile() - make the profile again, after its values in the rig were changed. */
void rig_profile(struct boot_rig *rig);

/** rig_history() - give the first disk, made last, a boot history partition. */
void rig_history(struct boot_rig *rig);

/* What is on a stick; more than one field may be unusual. */
struct rig_image {
	uint8_t mark;     /* of the kernel that starts */
	uint16_t version; /* with key version 1 */
	enum rig_signer {
		RIG_BY_RECOVERY_KEY,
		RIG_BY_KERNEL_KEY,
		RIG_BY_STRANGER,
		RIG_BY_DEVELOPER, /* self-signed, with the key rig_keys()->developer */
	} signer;
	uint32_t flags;   /* 0: recovery (27) with the recovery key, else normal (23) */
	const char *name; /* of the partition; NULL: some letter */
	bool damaged;     /* one bit of its body is flipped */
};

/** rig_image_bytes() - the signed kernel, undamaged; kept until exit. */
const uint8_t *rig_image_bytes(const struct rig_image *image, size_t *out_bytes);

/** rig_stick() - a USB stick with these images. */
struct host_disk *rig_stick(struct boot_rig *rig, const struct rig_image *images,
			    size_t count);

/** rig_boot() - power on and run to an end; rig->started tells what runs.
 * For keys in a boot: rig_power_off(), host_press(), rig_boot_on(). */
enum host_end rig_boot(struct boot_rig *rig);
void rig_power_off(struct boot_rig *rig);
enum host_end rig_boot_on(struct boot_rig *rig);

/** rig_slot() - slot @index as the first disk's GPT says now. */
struct gpt_slot rig_slot(struct boot_rig *rig, size_t disk, size_t index);

#endif
