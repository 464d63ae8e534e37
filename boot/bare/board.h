/* The board: what is brought up before any disk - device tree, serial port, memory, MMU,
 * time - and how it is switched off. One per machine. */
#ifndef LIFEBOAT_BARE_BOARD_H
#define LIFEBOAT_BARE_BOARD_H

#include <stdbool.h>

#include "base/platform.h"
#include "boot/bare/fdt.h"
#include "boot/bare/io.h"
#include "boot/bare/keys.h"
#include "boot/bare/memory.h"

struct board {
	struct bare_fdt fdt;
	bool has_console;
	struct bare_io console; /* PL011 */
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

/** board_device() - registers of a device; they are mapped. LB_ERR_*: mmu_map_device(),
 * bare_fdt_reg(). @bytes: how many the driver needs. */
enum lb_status board_device(const struct board *board, int node, uint64_t bytes,
			    struct bare_io *io);

/** board_dma() - how memory is shared with the device at @node. */
struct bare_dma board_dma(const struct board *board, int node);

#endif
