/* The board: what is brought up before any disk - device tree, serial port, memory, MMU,
 * time - and how it is switched off. One per machine. */
#ifndef LIFEBOAT_BARE_BOARD_H
#define LIFEBOAT_BARE_BOARD_H

#include <stdbool.h>

#include "base/platform.h"
#include "boot/bare/dma.h"
#include "boot/bare/fdt.h"
#include "boot/bare/io.h"
#include "boot/bare/keys.h"
#include "boot/bare/memory.h"
#include "boot/bare/serial.h"

struct board {
	struct bare_fdt fdt;
	struct serial console;
	enum bare_psci psci;
	bool own_el3; /* what answers PSCI calls is the loader's own (el3.c) */
	struct bare_memory memory;
	struct bare_clock clock;
	struct bare_keys keys;
	struct platform_machine machine;
};

/**
 * board_start() - everything up, from the tree that entry.S was given.
 * @level: exception level the loader was entered at
 *
 * On failure says why, as far as there is anything to say it with, and restarts.
 */
void board_start(struct board *board, const void *tree, unsigned level);

/** board_say() - one line on the serial port, formatted by lb_format(). */
void board_say(const struct board *board, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** board_write() - text on the serial port. */
void board_write(const struct board *board, const char *text, size_t len);

/** board_restart() - reset or power off; where the machine offers no way, stops. */
_Noreturn void board_restart(const struct board *board, enum platform_reset how);

/** board_close() - nothing of the loader is left below the coming kernel. */
void board_close(const struct board *board);

/**
 * board_device() - all that a driver needs for the device at @node; its registers are
 * mapped.
 * @bytes: how many of them
 * @dma: stays. Where the tree's `dma-ranges` are nonsense there is no memory for it.
 *
 * LB_ERR_*: mmu_map_device(), bare_fdt_reg(); LB_ERR_RANGE: fewer registers than that.
 */
enum lb_status board_device(struct board *board, int node, uint64_t bytes,
			    struct dma_device *dma, struct bare_device *out);

#endif
