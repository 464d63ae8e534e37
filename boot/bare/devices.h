/* The drivers there are, and which device of the tree each is for. One table: whoever
 * brings a driver adds its line here, and nothing else has to know it. */
#ifndef LIFEBOAT_BARE_DEVICES_H
#define LIFEBOAT_BARE_DEVICES_H

#include "boot/bare/block.h"
#include "boot/bare/fdt.h"
#include "boot/bare/serial.h"

enum bare_kind {
	BARE_SERIAL,
	BARE_BLOCK,
	BARE_TPM, /* behind TIS registers: the only kind of its driver */
};

struct bare_driver {
	const char *compatible; /* in the device tree */
	enum bare_kind kind;
	uint32_t register_bytes; /* so many it needs */
	const struct serial_driver *serial;
	const struct block_driver *block;
};

/** bare_driver_of() - the driver of that kind for @node, or NULL. Where a node is
 * compatible with several, the first in the table. */
const struct bare_driver *bare_driver_of(const struct bare_fdt *fdt, int node,
					 enum bare_kind kind);

/** bare_device_next() - the next available device of that kind after @node (-1: the
 * first), in the order of the tree, and its driver; or -1. */
int bare_device_next(const struct bare_fdt *fdt, int node, enum bare_kind kind,
		     const struct bare_driver **driver);

/** bare_device_console() - the serial port that the tree names, when there is a driver
 * for it, else the first there is one for, else -1. */
int bare_device_console(const struct bare_fdt *fdt, const struct bare_driver **driver);

#endif
