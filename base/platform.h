/* The platform: the one way from portable code to the world. One const struct of
 * function pointers plus a context; UEFI (boot/uefi), bare metal (boot/bare) and the
 * host back end of the tests (tests/host) each fill it, and a test may wrap any pointer
 * to inject faults. Every pointer must be set: platform_complete() is asked once at
 * entry.
 *
 * Design: DESIGN 9. */
#ifndef LIFEBOAT_BASE_PLATFORM_H
#define LIFEBOAT_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reason.h"
#include "base/status.h"

#define PLATFORM_MAX_DISKS       32u
#define PLATFORM_DISK_NAME_BYTES 48u
#define PLATFORM_DISK_PATH_BYTES 192u
#define PLATFORM_ANY_ADDRESS     UINT64_MAX

/* How a disk is attached. The role (internal or recovery media) follows from this and
 * the profile, never from a removable bit: boot/judge/disk.h. */
enum platform_attachment {
	PLATFORM_ATTACHED_INTERNAL, /* NVMe, SATA, virtio, eMMC, ... */
	PLATFORM_ATTACHED_USB,      /* anywhere behind a USB bus */
	PLATFORM_ATTACHED_SD_SLOT,  /* a card slot (not eMMC) */
};

struct platform_disk {
	uint32_t id; /* names the disk in calls; never used again in this boot */
	uint32_t sector_bytes; /* as reported: the core checks that it is 512..4096 */
	uint64_t sectors;
	enum platform_attachment attachment;
	bool boot_disk; /* the loader was started from it */
	bool read_only;
	bool removable; /* as reported; for people to read, nothing depends on it */
	char name[PLATFORM_DISK_NAME_BYTES]; /* short, printable: "nvme0", "usb 1-2" */
	/* device path or device-tree path as text; the profile's internal-disk prefixes
	 * match it */
	char path[PLATFORM_DISK_PATH_BYTES];
};

enum platform_cpu {
	PLATFORM_CPU_X86_64,
	PLATFORM_CPU_AARCH64,
};

/* Identity of the machine, as firmware tells it. Strings are "" when unknown. */
#define PLATFORM_MAX_COMPATIBLE 16u
#define PLATFORM_ID_BYTES       64u
#define PLATFORM_MAX_FOREIGN    8u
#define PLATFORM_FOREIGN_BYTES  32u
struct platform_machine {
	enum platform_cpu cpu;
	bool uefi;        /* started by UEFI firmware; else bare metal */
	bool acpi;        /* the firmware describes the machine by ACPI tables */
	bool secure_boot; /* UEFI Secure Boot is enforcing */
	/* nothing ran before the loader that would own the machine: the TPM's platform
	 * hierarchy is the loader's */
	bool first_code;
	bool protected_storage; /* there is storage that the OS cannot write */
	bool media_fixed;       /* media put in after power-on are never seen */
	bool keyboard;          /* there is one, or may be; it may come and go */
	/* Names of ours that somebody else has taken and that cannot be taken back, for
	 * people; grows until the hand-off. */
	size_t foreign_count;
	char foreign[PLATFORM_MAX_FOREIGN][PLATFORM_FOREIGN_BYTES];
	char firmware[PLATFORM_ID_BYTES]; /* who made it and its versions, for people */
	char vendor[PLATFORM_ID_BYTES];   /* SMBIOS system manufacturer */
	char product[PLATFORM_ID_BYTES];  /* SMBIOS product name */
	size_t compatible_count;          /* device tree root, most specific first */
	char compatible[PLATFORM_MAX_COMPATIBLE][PLATFORM_ID_BYTES];
	/* the firmware's own tree, NULL when there is none; */
	const uint8_t *device_tree;
	size_t device_tree_bytes; /* untrusted, stays in place */
	/* The log of a TPM that the loader itself keeps (bare metal), for the kernel's
	 * device tree; NULL when there is none. It grows until the hand-off. */
	const uint8_t *tpm_log;
	size_t tpm_log_bytes;
};

/* Rollback floors as stored on this machine (not those of the profile). Versions are
 * combined: key version << 16 | kernel version. 0 when nothing is stored. */
struct platform_floors {
	uint32_t kernel;
	uint32_t recovery;
	uint32_t loader; /* generation of the loader itself, no version */
};

/* What is kept over power cycles where the OS cannot write it (DESIGN 8). */
#define PLATFORM_LANGUAGE_BYTES 8u
#define PLATFORM_MAX_DEV_KEYS   4u
#define PLATFORM_KEY_ID_BYTES   32u
struct platform_state {
	bool developer; /* developer mode is on */
	char language
		[PLATFORM_LANGUAGE_BYTES]; /* zeros: never chosen; padded with zeros */
	size_t dev_key_count;              /* enrolled developer keys, by their id */
	uint8_t dev_key[PLATFORM_MAX_DEV_KEYS][PLATFORM_KEY_ID_BYTES];
};

/* What the OS may ask the next boot for. */
enum {
	PLATFORM_REQUEST_RECOVERY = 1,
};

/* A screen that pixels can be put on. */
struct platform_display {
	uint32_t width, height; /* pixels */
};

struct platform_key {
	uint16_t scan; /* a PLATFORM_KEY_* code, 0 for a character */
	/* the character, lower case when ctrl is set, 0 for a scan code */
	uint16_t unicode;
	bool ctrl;
	bool serial; /* came from a serial line: the profile's serial-input applies */
};

enum {
	PLATFORM_KEY_NONE = 0,
	PLATFORM_KEY_UP = 1,
	PLATFORM_KEY_DOWN = 2,
	PLATFORM_KEY_RIGHT = 3,
	PLATFORM_KEY_LEFT = 4,
	PLATFORM_KEY_HOME = 5,
	PLATFORM_KEY_END = 6,
	PLATFORM_KEY_F1 = 0x0b, /* .. F12 = 0x16 */
	PLATFORM_KEY_F8 = 0x12,
	PLATFORM_KEY_ESC = 0x17,
};

enum platform_reset {
	PLATFORM_RESET_RESTART,
	PLATFORM_RESET_POWER_OFF,
};

/* Made by boot/kernel from a verified kernel only; see boot/kernel/prepared.h. */
struct prepared_kernel;

/* In which order they are called; one thread, and none is called from within another:
 *
 *   - platform_complete() and machine() first; log, clock_ms, alloc, free and reset at
 *     any time.
 *   - watchdog_died once, before the first watchdog_arm.
 *   - read_floors and read_state before raise_floors and write_state; take_request once
 *     a boot.
 *   - list_disks before read, write and flush, which take ids out of the last list; an id
 *     stays its disk's for the whole boot. connect_all when the boot disk was not enough.
 *   - open_display before blit.
 *   - For each start prepare_start; for a slot on trial the charge (write, flush, read);
 *     measure; raise_floors; hand_over for each fact and watchdog_arm; start. Between two
 *     prepare_start, and before the kernel that was prepared is freed, discard_start:
 *     also when start came back. */
struct platform {
	void *ctx; /* handed to every function */

	/* --- disks ------------------------------------------------------------------ */

	/* Lists the disks seen now, the boot disk first, in a stable order; at most @max.
	 * Never a partition of a disk. Fails only with LB_ERR_NOMEM / LB_ERR_IO. */
	enum lb_status (*list_disks)(void *ctx, struct platform_disk *out, size_t max,
				     size_t *count);

	/* Connects the controllers that have not been connected yet. Before this is
	 * called only the boot disk need be listed. May be called any number of times. */
	enum lb_status (*connect_all)(void *ctx);

	/* Whole sectors of one disk; @buf needs no alignment. LB_ERR_IO, LB_ERR_REMOVED,
	 * LB_ERR_TIMEOUT; LB_ERR_RANGE when the sectors are not on the disk. */
	enum lb_status (*read)(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			       void *buf);

	/* As read, plus LB_ERR_READ_ONLY. Not stored before flush says LB_OK. */
	enum lb_status (*write)(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
				const void *buf);
	enum lb_status (*flush)(void *ctx, uint32_t disk);

	/* --- memory ----------------------------------------------------------------- */

	/* @bytes of memory aligned to @align (a power of two; at least 4096 is given),
	 * wholly below @limit (PLATFORM_ANY_ADDRESS: anywhere); not cleared. NULL when
	 * there is none. Remains valid over the hand-off. */
	void *(*alloc)(void *ctx, size_t bytes, size_t align, uint64_t limit);
	void (*free)(void *ctx, void *memory, size_t bytes);

	/* --- time, chance, people --------------------------------------------------- */

	/* Since some moment before entry; never goes back. */
	uint64_t (*clock_ms)(void *ctx);
	void (*sleep_ms)(void *ctx, uint32_t ms);
	/* Fills @out from a real random source or fails with LB_ERR_UNSUPPORTED. */
	enum lb_status (*random)(void *ctx, uint8_t *out, size_t len);
	/* The next key pressed, or LB_ERR_NOT_FOUND at once. */
	enum lb_status (*read_key)(void *ctx, struct platform_key *out);
	/* One piece of the log: to the serial line, never to the screen. Cannot fail. */
	void (*log)(void *ctx, const char *text, size_t len);
	/* Text for the person in front of the machine, on the screen and wherever else
	 * the firmware puts such text - but not where log() has just said it: the caller
	 * logs it first. Plain ASCII, lines end in "\n". */
	void (*show_text)(void *ctx, const char *text);

	/* The screen, ready to be drawn on and free of console text; LB_ERR_NOT_FOUND
	 * when there is none (then show_text is all there is). May be called again after
	 * a mode change. Nothing is drawn before blit. */
	enum lb_status (*open_display)(void *ctx, struct platform_display *out);
	/* Puts @width x @height pixels (blue, green, red, unused; @stride pixels from
	 * line to line) at (@x, @y). The rectangle lies on the display. */
	enum lb_status (*blit)(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			       uint32_t height, const uint32_t *pixels, size_t stride);

	/* --- identity and state ----------------------------------------------------- */

	const struct platform_machine *(*machine)(void *ctx);
	/* Floors in storage that only loaders can write (the TPM is asked by the core).
	 * LB_ERR_NOT_FOUND: none was ever stored (@out is zero); LB_ERR_UNSUPPORTED:
	 * there is no such storage here; LB_ERR_IO: it cannot be read. */
	enum lb_status (*read_floors)(void *ctx, struct platform_floors *out);
	/* Stores floors; a value lower than the stored one is never written. LB_OK only
	 * when it was read back. */
	enum lb_status (*raise_floors)(void *ctx, const struct platform_floors *floors);
	/* State that only loaders can write. LB_ERR_NOT_FOUND: nothing is stored (@out is
	 * zero); LB_ERR_UNSUPPORTED: there is no such storage here. A store that the OS
	 * could have written is deleted, logged and not found. */
	enum lb_status (*read_state)(void *ctx, struct platform_state *out);
	/* LB_OK only when it was read back equal. */
	enum lb_status (*write_state)(void *ctx, const struct platform_state *state);
	/* The one-shot request of the OS, deleted; counts only when its deletion was read
	 * back. LB_ERR_NOT_FOUND when there is none. */
	enum lb_status (*take_request)(void *ctx, uint8_t *request);
	/* Tells the coming OS one fact (DESIGN 8): @name without prefix, in CamelCase
	 * ("Mode", "HardwareId"); volatile; @value is UTF-8. */
	enum lb_status (*hand_over)(void *ctx, const char *name, const char *value);

	/* --- trust ------------------------------------------------------------------ */

	/* One TPM2 command of @len bytes. *@response_len is the room for the response,
	 * then its bytes, as its header announces them; they are untrusted.
	 * LB_ERR_UNSUPPORTED: there is no TPM; LB_ERR_IO, LB_ERR_TIMEOUT, LB_ERR_RANGE:
	 * there is no response. */
	enum lb_status (*tpm_submit)(void *ctx, const uint8_t *command, size_t len,
				     uint8_t *response, size_t *response_len);
	/* Extends PCR 8, in every active bank, by the digest of @data and logs the event
	 * with the data @event. LB_ERR_UNSUPPORTED: there is no TPM; anything else but
	 * LB_OK: there is one, and it was not measured. */
	enum lb_status (*measure)(void *ctx, uint32_t event_type, const void *data,
				  size_t len, const void *event, size_t event_len);

	/* --- how the boot before ended, and the watchdog ---------------------- */

	/* Lets the hardware watchdog reset the machine in @seconds, never sooner; 0 stops
	 * it again. LB_ERR_NOT_FOUND: there is none that is known; LB_ERR_RANGE: it
	 * cannot count that far; LB_ERR_DENIED, LB_ERR_IO: it cannot be set. */
	enum lb_status (*watchdog_arm)(void *ctx, uint32_t seconds);
	/* Whether a watchdog ended the boot before, by its own status bit, which this
	 * clears. LB_ERR_NOT_FOUND: there is none that is known. */
	enum lb_status (*watchdog_died)(void *ctx, bool *died);
	/* Which crash dumps systems have left where firmware keeps them (Linux:
	 * efi-pstore): an id of each, all different, ascending; at most @max, and
	 * *@count is how many there are. What is in them is not looked at.
	 * LB_ERR_UNSUPPORTED: there is no such place. */
	enum lb_status (*crash_dumps)(void *ctx, uint32_t *ids, size_t max,
				      size_t *count);

	/* --- the end ---------------------------------------------------------------- */

	/* Does everything that can still fail (page tables, firmware's LoadImage, ...)
	 * and keeps it until start or discard. @why may be filled on failure with
	 * LB_REASON_FIRMWARE_REFUSED and the like (struct lb_verdict, reason.h).
	 * LB_OK with LB_REASON_NOT_MEASURED: prepared, but the TPM did not take the
	 * measurement that goes with loading it; whether it may start is the caller's. */
	enum lb_status (*prepare_start)(void *ctx, const struct prepared_kernel *kernel,
					struct lb_verdict *why);
	void (*discard_start)(void *ctx);
	/* Hands the machine over to what prepare_start prepared. Returns only when that
	 * could not be done, or when a `pe` image came back (LB_OK). */
	enum lb_status (*start)(void *ctx);
	void (*reset)(void *ctx, enum platform_reset how);
};

/** platform_complete() - true when every function pointer of @plat is set. */
bool platform_complete(const struct platform *plat);

#endif
