/* Hardware watchdogs. A driver reaches its device only through struct watchdog_io, so
 * that it runs against a model of the device on the host as well. No allocation, no
 * waiting.
 *
 * Design: DESIGN 8 "Watchdog"; what each device can do: docs/watchdog.md. */
#ifndef LIFEBOAT_WATCHDOG_WATCHDOG_H
#define LIFEBOAT_WATCHDOG_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum watchdog_space {
	WATCHDOG_CONFIG, /* the device's PCI configuration space */
	WATCHDOG_BAR0,   /* its first memory range */
	WATCHDOG_PORT,   /* x86 I/O ports, by number */
	WATCHDOG_MEMORY, /* registers at a physical address below 4 GiB */
};

/* Accesses of 1, 2 or 4 bytes, aligned. What cannot be read reads as all ones, as on PCI;
 * what cannot be written is lost: drivers read back what matters. */
struct watchdog_io {
	void *ctx;
	uint32_t (*read)(void *ctx, enum watchdog_space space, uint32_t at,
			 unsigned int bytes);
	void (*write)(void *ctx, enum watchdog_space space, uint32_t at,
		      unsigned int bytes, uint32_t value);
};

struct watchdog;

struct watchdog_driver {
	const char *name;
	/* Finds the registers; touches nothing. LB_ERR_NOT_FOUND: switched off by the
	 * firmware or not there. */
	enum lb_status (*open)(struct watchdog *w);
	/* Resets the machine after @seconds (1 or more), never sooner; @ms: when it will.
	 * LB_ERR_RANGE: longer than the device can count; LB_ERR_DENIED: locked, or the
	 * board forbids the reset; LB_ERR_IO: it does not keep what is written. After an
	 * error it does not run, unless it is locked. */
	enum lb_status (*arm)(const struct watchdog *w, uint32_t seconds, uint32_t *ms);
	/* LB_ERR_DENIED: locked. */
	enum lb_status (*stop)(const struct watchdog *w);
	/* Did it end the boot before? Clears the answer. */
	bool (*died)(const struct watchdog *w);
};

struct watchdog {
	const struct watchdog_driver *driver;
	struct watchdog_io io;
	/* iTCO */
	uint32_t tco;    /* port of the TCO registers */
	uint32_t smi_en; /* port of SMI_EN; 0: not known */
	uint32_t gcs;    /* address of GCS; 0: NO_REBOOT is in TCO1_CNT */
};

/* What is known of a PCI device. */
struct watchdog_match {
	const struct watchdog_driver *driver; /* NULL: none of ours, then perhaps */
	const char *left_alone;               /* a watchdog we do not drive, and why */
};

/** watchdog_match() - by PCI ids and class code (base class << 8 | subclass). */
struct watchdog_match watchdog_match(uint16_t vendor, uint16_t device,
				     uint16_t class_code);

extern const struct watchdog_driver watchdog_i6300esb;
extern const struct watchdog_driver
	watchdog_itco_lpc; /* ICH6 .. 9 series, C600 .. C610 */
extern const struct watchdog_driver watchdog_itco_smbus; /* 300 series and later */

#endif
