/* A serial port: what a driver of one does, and what the rest of the loader makes of it.
 * Polled; nothing waits for ever, so that a port with nothing behind it costs its text
 * and not the boot. Needs no memory and no clock: it is there before either. */
#ifndef LIFEBOAT_BARE_SERIAL_H
#define LIFEBOAT_BARE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/bare/io.h"

#define SERIAL_BAUD 115200u

/**
 * struct serial_driver - one kind of port. The registers are all the state there is.
 *
 * start: make it ready. A port that is already on is left as it is set; otherwise
 *        SERIAL_BAUD, 8N1, when the rate of its clock is known (@clock_hz, else 0).
 * put:   one byte; false when the port took it in no bounded number of looks.
 * drain: waits, within bounds, until all of it has left the port.
 * get:   the next byte received without error, false when there is none.
 */
struct serial_driver {
	void (*start)(const struct bare_io *io, uint32_t clock_hz);
	bool (*put)(const struct bare_io *io, uint8_t byte);
	void (*drain)(const struct bare_io *io);
	bool (*get)(const struct bare_io *io, uint8_t *out);
};

struct serial {
	const struct serial_driver *driver; /* NULL: there is no port */
	struct bare_io io;
};

/** serial_start() - as the driver does; @serial is set by the caller. */
void serial_start(const struct serial *serial, uint32_t clock_hz);

/** serial_write() - text, "\n" as "\r\n". What a port does not take is lost, with all
 * behind it. */
void serial_write(const struct serial *serial, const char *text, size_t len);

/** serial_drain() - before the port is somebody else's. */
void serial_drain(const struct serial *serial);

/** serial_read() - the next byte, false when there is none, or no port. */
bool serial_read(const struct serial *serial, uint8_t *out);

#endif
