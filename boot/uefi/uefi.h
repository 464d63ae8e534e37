/* The UEFI back end: its state, and what its files offer each other.
 *
 * One static instance (main.c) is the context of struct platform. Physical addresses are
 * pointers here: UEFI maps memory one to one. */
#ifndef LIFEBOAT_BOOT_UEFI_UEFI_H
#define LIFEBOAT_BOOT_UEFI_UEFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "boot/uefi/efi.h"
#include "boot/watchdog/watchdog.h"

#define UEFI_MAX_SERIAL     8u
#define UEFI_IO_CHUNK_BYTES 0x100000u

struct uefi_disk {
	struct platform_disk info;
	EFI_HANDLE handle;
	EFI_BLOCK_IO *io;
	UINT32 media_id;
	bool seen; /* while the list is made */
};

struct uefi_disks {
	struct uefi_disk disk[PLATFORM_MAX_DISKS];
	size_t count;
	uint32_t next_id;
	uint8_t *bounce;    /* UEFI_IO_CHUNK_BYTES, made when first needed */
	EFI_EVENT arrival;  /* with @registration: which handles got BlockIo */
	void *registration; /* since we looked */
};

struct uefi_serial {
	EFI_HANDLE handle;
	SERIAL_IO_INTERFACE *io;
	bool stuck; /* it timed out once: not waited for again */
};

struct uefi_console {
	struct uefi_serial serial[UEFI_MAX_SERIAL];
	size_t serial_count;
	/* No serial line can be told, and the firmware does not say what its console is:
	 * the log goes there. */
	bool takes_log;
};

/* What is on the screen, kept where the log may be written over it. */
struct uefi_picture {
	uint32_t *pixels; /* NULL: not kept */
	uint32_t width, height;
	bool disturbed; /* the log was written since it was drawn last */
};

struct uefi_clock {
	uint64_t ticks_per_ms; /* 0 until first asked */
	uint64_t last_ms;
	uint64_t entry_ticks; /* when the firmware started us */
	bool guarding;        /* the firmware's watchdog runs */
	uint64_t petted_ms;   /* when it was last set back */
};

/* What prepare_start made; one at a time. */
struct uefi_start {
	const struct kernel_layout *layout; /* NULL: nothing is prepared */
	/* EFI stub and UKI */
	EFI_HANDLE own_handle; /* carries a private device path and nothing else */
	EFI_HANDLE image;
	CHAR16 *options;
	size_t options_bytes; /* as allocated */
	EFI_HANDLE initrd_handle;
	uint8_t *tree; /* installed device tree */
	size_t tree_bytes;
	bool tree_installed;
	void *firmware_tree; /* what was installed before */
	/* 64-bit boot protocol */
	uint8_t *scratch;
	size_t scratch_bytes;
};

/* The TPM's protocol, looked for when first asked. */
struct uefi_tpm {
	bool looked;
	struct uefi_tcg2 *tcg2; /* NULL: there is no TPM */
	uint16_t max_command, max_response;
};

/* The machine's hardware watchdogs, in the order in which they are tried. */
#define UEFI_MAX_WATCHDOGS 2u
struct uefi_watchdogs {
	bool looked;
	size_t count;
	struct watchdog found[UEFI_MAX_WATCHDOGS];
	const struct watchdog *armed; /* one of them, or NULL */
};

struct uefi {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *st;
	EFI_BOOT_SERVICES *bs;
	EFI_RUNTIME_SERVICES *rt;
	EFI_LOADED_IMAGE *loaded;
	struct uefi_disks disks;
	struct uefi_console console;
	struct uefi_clock clock;
	struct uefi_start start;
	struct uefi_tpm tpm;
	struct uefi_watchdogs watchdogs;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *screen; /* NULL until open_display found one */
	struct uefi_picture picture;
	struct platform_machine machine;
};

/* --- common: common.c --------------------------------------------------------------- */

/** uefi_status() - the nearest lb_status of a firmware status. */
enum lb_status uefi_status(EFI_STATUS status);
/** uefi_log() - one line of our own to the log, formatted by lb_format(), "\n" added. */
void uefi_log(struct uefi *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** uefi_table() - a configuration table of the firmware, NULL when it is not there. */
void *uefi_table(const struct uefi *u, const EFI_GUID *guid);
/** uefi_protocol() - the first instance of a protocol, NULL when there is none. */
void *uefi_protocol(const struct uefi *u, EFI_GUID guid);
/** uefi_protocol_of() - a protocol of one handle, NULL when it has none. */
void *uefi_protocol_of(const struct uefi *u, EFI_HANDLE handle, EFI_GUID guid);
/** uefi_device_path() - a handle's device path and its bytes; NULL and 0 when none. */
const uint8_t *uefi_device_path(const struct uefi *u, EFI_HANDLE handle, size_t *bytes);
/** uefi_ascii16() - ASCII to UTF-16, with NUL; @out holds strlen + 1 characters. */
void uefi_ascii16(const char *text, CHAR16 *out);

/* --- parts of struct platform; all take the struct uefi as ctx ---------------------- */

void uefi_disks_init(struct uefi *u);
enum lb_status uefi_list_disks(void *ctx, struct platform_disk *out, size_t max,
			       size_t *count);
enum lb_status uefi_connect_all(void *ctx);
enum lb_status uefi_read(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			 void *buf);
enum lb_status uefi_write(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
			  const void *buf);
enum lb_status uefi_flush(void *ctx, uint32_t disk);

void *uefi_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit);
void uefi_free(void *ctx, void *memory, size_t bytes);
/** uefi_alloc_type() - as uefi_alloc, memory of another EFI type. */
void *uefi_alloc_type(struct uefi *u, size_t bytes, size_t align, uint64_t limit,
		      EFI_MEMORY_TYPE type);

/** uefi_heap_alloc(), uefi_heap_release() - for lb_heap_init(). */
void *uefi_heap_alloc(void *ctx, size_t bytes);
void uefi_heap_release(void *ctx, void *p, size_t bytes);

uint64_t uefi_clock_ms(void *ctx);
void uefi_sleep_ms(void *ctx, uint32_t ms);
/** uefi_ticks_us() - a value of the CPU's counter as microseconds since the counter's
 * start, which is the machine's reset. */
uint64_t uefi_ticks_us(struct uefi *u, uint64_t ticks);
/** uefi_watchdog_pet() - the firmware's watchdog guards loading: 5 minutes from now. */
void uefi_watchdog_pet(struct uefi *u);
/** uefi_watchdog_off() - does nothing when it is off already: see uefi/watchdog.c. */
void uefi_watchdog_off(struct uefi *u);

enum lb_status uefi_random(void *ctx, uint8_t *out, size_t len);

/** uefi_console_init() - find the serial lines; again after controllers were
 * connected. */
void uefi_console_init(struct uefi *u);
enum lb_status uefi_read_key(void *ctx, struct platform_key *out);
void uefi_write_log(void *ctx, const char *text, size_t len);
void uefi_show_text(void *ctx, const char *text);

/** uefi_asks_for_recovery() - a boot entry's load options are exactly the one word, with
 * or without a NUL behind it. Pure. */
bool uefi_asks_for_recovery(const uint8_t *options, size_t bytes);

void uefi_machine_init(struct uefi *u);
const struct platform_machine *uefi_machine(void *ctx);

enum lb_status uefi_read_floors(void *ctx, struct platform_floors *out);
enum lb_status uefi_raise_floors(void *ctx, const struct platform_floors *floors);
enum lb_status uefi_read_state(void *ctx, struct platform_state *out);
enum lb_status uefi_write_state(void *ctx, const struct platform_state *state);
enum lb_status uefi_take_request(void *ctx, uint8_t *request);

/** uefi_read_protected() - a variable that only loaders write: exactly @bytes bytes, or
 * fewer when @fewer. One with other attributes or size is deleted, logged, not found. */
enum lb_status uefi_read_protected(struct uefi *u, CHAR16 *name, uint8_t *out,
				   size_t bytes, bool fewer, size_t *got);
/** uefi_claim_names() - make those protected variables that are missing, before any OS
 * runs that could take their names; where there is protected storage. */
void uefi_claim_names(struct uefi *u);

#define UEFI_STATE_BYTES   16u
#define UEFI_STATE_VERSION 1u
#define UEFI_SEED_BYTES    32u
extern CHAR16 uefi_state_name[], uefi_dev_keys_name[], uefi_seed_name[];

/** uefi_write_protected() - stores and reads back; no bytes: deletes. */
enum lb_status uefi_write_protected(struct uefi *u, CHAR16 *name, const uint8_t *data,
				    size_t bytes);

enum lb_status uefi_open_display(void *ctx, struct platform_display *out);
/** uefi_picture_mend() - draw again what the log was written over, if it was. */
void uefi_picture_mend(struct uefi *u);
enum lb_status uefi_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			 uint32_t height, const uint32_t *pixels, size_t stride);
enum lb_status uefi_hand_over(void *ctx, const char *name, const char *value);
/** uefi_note_foreign() - a name that is somebody else's and stays so (an authenticated
 * variable, say), for people to read. */
void uefi_note_foreign(struct uefi *u, const char *name);
/** uefi_tell_os() - one volatile variable for the OS; what an OS left under that name,
 * also a non-volatile variable, goes first. No bytes: it is only removed. @name: ASCII,
 * short. */
enum lb_status uefi_tell_os(struct uefi *u, EFI_GUID vendor, const char *name,
			    const void *data, size_t bytes);
/* Hardware watchdogs on PCI; uefi_watchdog_pet() is about the firmware's own. */
enum lb_status uefi_hardware_watchdog_arm(void *ctx, uint32_t seconds);
enum lb_status uefi_hardware_watchdog_died(void *ctx, bool *died);
enum lb_status uefi_crash_dumps(void *ctx, uint32_t *ids, size_t max, size_t *count);
/** uefi_variable_u8() - a one-byte variable of the EFI global GUID; @missing when it is
 * not one. */
uint8_t uefi_variable_u8(const struct uefi *u, const CHAR16 *name, uint8_t missing);

/** uefi_bli_publish() - the Boot Loader Interface's variables, right before the start.
 * @seed: the OS is given a random seed. Failures are logged. */
void uefi_bli_publish(struct uefi *u, bool seed);
/** uefi_bli_selected() - as that, which slot is started: its letter; 0: nothing is
 * said. */
void uefi_bli_selected(struct uefi *u, char letter);

/** uefi_seed_offer() - a random seed for the kernel as a configuration table; true when
 * there is one. Never the same one twice; without a source of randomness there is
 * none. */
bool uefi_seed_offer(struct uefi *u);
/** uefi_tpm() - the TPM's protocol, NULL when there is no TPM that is present. */
struct uefi_tcg2 *uefi_tpm(struct uefi *u);
enum lb_status uefi_tpm_submit(void *ctx, const uint8_t *command, size_t len,
			       uint8_t *response, size_t *response_len);

enum lb_status uefi_measure(void *ctx, uint32_t event_type, const void *data, size_t len,
			    const void *event, size_t event_len);

enum lb_status uefi_prepare_start(void *ctx, const struct prepared_kernel *kernel,
				  struct lb_verdict *why);
void uefi_discard_start(void *ctx);
enum lb_status uefi_start(void *ctx);
void uefi_reset(void *ctx, enum platform_reset how);

#endif
