/* The host back end: struct platform for tests. Disks are in memory, time is counted
 * and never waited for, and everything the core asks or tells is plain data that a test
 * sets before and looks at afterwards. */
#ifndef LIFEBOAT_TESTS_HOST_PLATFORM_H
#define LIFEBOAT_TESTS_HOST_PLATFORM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/handover.h"
#include "base/platform.h"
#include "tests/host/mem_disk.h"

#define HOST_MAX_DISKS       8u
#define HOST_MAX_KEYS        64u
#define HOST_MAX_EVENTS      32u
#define HOST_MAX_DUMPS       40u
#define HOST_EVENT_BYTES     4096u
#define HOST_TEXT_BYTES      (256u * 1024u)
#define HOST_DEFAULT_TIME_MS (10u * 60u * 1000u)

/* How host_run() ended. */
enum host_end {
	HOST_END_RETURNED, /* the function came back */
	HOST_END_STARTED,  /* a prepared kernel runs now */
	HOST_END_RESTART,
	HOST_END_POWER_OFF,
	/* time_limit_ms is over: an endless wait, or a loop that polls */
	HOST_END_TIME_UP,
};

/* What start() does. */
enum host_start {
	HOST_START_GOES,    /* never comes back: host_run() returns HOST_END_STARTED */
	HOST_START_RETURNS, /* LB_OK, as a pe image that came back */
	HOST_START_FAILS,   /* start_status */
};

struct host_disk {
	struct platform_disk info; /* sector_bytes and sectors are taken from mem */
	struct mem_disk mem;
	bool late;         /* listed only after connect_all() */
	uint64_t from_ms;  /* put in at this time */
	uint64_t until_ms; /* pulled out at this time; 0: never */
};

struct host_key {
	uint64_t at_ms; /* not given out before */
	struct platform_key key;
};

/* One event of PCR 8; data and text are cut to what fits. */
struct host_event {
	uint32_t type;
	size_t len, text_len;
	uint8_t data[HOST_EVENT_BYTES];
	char text[HOST_EVENT_BYTES];
};

struct host_block;

struct host_platform {
	struct platform plat; /* hand out &host->plat; a test may replace pointers */

	/* disks */
	size_t disk_count;
	struct host_disk disks[HOST_MAX_DISKS];
	enum lb_status list_status, connect_status;
	uint32_t connects; /* calls of connect_all() */

	/* memory */
	size_t memory_limit; /* alloc() fails beyond so many bytes; default 1 GiB */
	size_t memory_used, memory_peak;
	/* the n-th alloc() from now fails (1: the next); 0: none */
	uint32_t fail_alloc_at;
	struct host_block *blocks;

	/* time, chance, people */
	uint64_t now_ms;
	uint64_t time_limit_ms; /* default HOST_DEFAULT_TIME_MS */
	uint64_t slept_ms;
	enum lb_status random_status;
	uint64_t random_seed; /* the "random" numbers repeat for the same seed */
	size_t key_count, keys_read;
	struct host_key keys[HOST_MAX_KEYS];
	bool echo; /* log and show_text also go to stdout */
	size_t log_len, shown_len;
	char *log;   /* all text logged, NUL-terminated; the end is kept */
	char *shown; /* all text of show_text() */

	/* identity and state */
	struct platform_machine machine;
	struct platform_floors floors;
	bool floors_stored; /* false: read_floors() says LB_ERR_NOT_FOUND */
	enum lb_status read_floors_status, raise_floors_status, hand_over_status;
	uint32_t raises; /* calls of raise_floors() */
	struct lb_handover handed_over;
	struct platform_state state;
	enum lb_status read_state_status, write_state_status; /* default: stored, LB_OK */
	uint32_t state_writes;
	uint8_t request;    /* of the OS; 0: none. Taken once */
	bool request_stays; /* it cannot be deleted */

	/* trust: what answers tpm_submit(); NULL: there is no TPM */
	enum lb_status (*tpm)(void *ctx, const uint8_t *command, size_t len,
			      uint8_t *response, size_t *response_len);
	void *tpm_ctx;
	/* the watchdog: none while watchdog_status is LB_ERR_NOT_FOUND (the default) */
	enum lb_status watchdog_status; /* of arming and asking */
	bool watchdog_bit;              /* its status bit; cleared when asked */
	uint32_t watchdog_s;            /* it runs for so long; 0: it does not run */
	uint32_t watchdog_arms;         /* calls with more than 0 seconds */
	/* crash dumps, ascending: what the system left; kept over host_forget() */
	enum lb_status dump_status;
	size_t dump_count;
	uint32_t dumps[HOST_MAX_DUMPS];

	/* trust: the events of measure(), and how it ends: LB_ERR_UNSUPPORTED (default:
	 * there is no TPM), or from event number measure_fails_at (from 1; 0: none) on by
	 * measure_status, until measure_recovers_at (0: never) */
	bool has_tpm;
	uint32_t measure_fails_at, measure_recovers_at, measures;
	enum lb_status measure_status;
	size_t event_count;
	struct host_event events[HOST_MAX_EVENTS];

	/* the screen: none while width is 0 */
	struct platform_display display;
	uint32_t *pixels; /* the test's own, width x height; may be NULL */
	uint32_t blits;

	/* the end */
	enum lb_status prepare_start_status;
	struct lb_verdict prepare_start_why;    /* handed out by prepare_start */
	const struct prepared_kernel *prepared; /* NULL after discard */
	uint32_t prepares, discards, starts;
	enum host_start start_does;
	enum lb_status start_status;
	void (*on_start)(struct host_platform *host); /* may be NULL: looks at prepared */
	void *test;                                   /* the test's own */
	bool running;                                 /* inside host_run() */
	jmp_buf end;
};

/** host_init() - an x86_64 UEFI machine without disks. Large: allocate it or make it
 * static. */
void host_init(struct host_platform *host);

/** host_release() - frees everything. Returns how many bytes of alloc() were never
 * freed. */
size_t host_release(struct host_platform *host);

/**
 * host_add_disk() - a disk full of zeros, on the machine from the start; the first one is
 * the boot disk. Named "disk0", path "host/disk0", ... The pointer stays valid.
 */
struct host_disk *host_add_disk(struct host_platform *host, enum platform_attachment how,
				uint32_t sector_bytes, uint64_t sectors);

/** host_load_image() - the bytes of a file onto the start of a disk; false when
 * unreadable or too large. */
bool host_load_image(struct host_disk *disk, const char *path);

#define HOST_TYPING_MS 200u /* from key to key, of people */
/** host_press() - a key at @at_ms. host_type() - all characters of @text, as people
 * type. */
void host_press(struct host_platform *host, uint64_t at_ms, struct platform_key key);
void host_type(struct host_platform *host, uint64_t at_ms, const char *text);

/** host_logged() - @text occurs in the log. host_showed() - on the screen. */
bool host_logged(const struct host_platform *host, const char *text);
bool host_showed(const struct host_platform *host, const char *text);

/** host_forget() - as after a reset: empties log, screen, hand-over, counters and time;
 * frees memory; disks (with what is on them), floors and machine stay. */
void host_forget(struct host_platform *host);

/** host_run() - call @fn(@arg) until it returns or the machine is handed over or reset.
 * Memory that was not freed then is still counted in memory_used. */
enum host_end host_run(struct host_platform *host, void (*fn)(void *arg), void *arg);

#endif
