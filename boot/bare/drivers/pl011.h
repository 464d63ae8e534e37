/* PL011 serial port: polled output and input. */
#ifndef LIFEBOAT_BARE_PL011_H
#define LIFEBOAT_BARE_PL011_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/bare/io.h"

#define PL011_REGISTER_BYTES 0x1000u
#define PL011_BAUD           115200u

/**
 * pl011_start() - make the port ready. A port that is already on is left as it is set;
 * otherwise 115200 8N1 when the rate of its clock is known.
 * @clock_hz: 0 when unknown
 */
void pl011_start(const struct bare_io *io, uint32_t clock_hz);

/** pl011_write() - text, "\n" as "\r\n". A port that takes nothing is given up on after a
 * bounded number of looks, and the text is lost. */
void pl011_write(const struct bare_io *io, const char *text, size_t len);

/** pl011_drain() - waits, within bounds, until all of it has left the port. */
void pl011_drain(const struct bare_io *io);

/** pl011_read() - the next byte received without error, false when there is none. */
bool pl011_read(const struct bare_io *io, uint8_t *out);

#endif
