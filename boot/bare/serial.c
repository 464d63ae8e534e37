/* Serial ports, whatever their driver. */
#include "boot/bare/serial.h"

void serial_start(const struct serial *serial, uint32_t clock_hz)
{
	if (serial->driver != NULL)
		serial->driver->start(&serial->io, clock_hz);
}

void serial_write(const struct serial *serial, const char *text, size_t len)
{
	const struct serial_driver *driver = serial->driver;

	for (size_t i = 0; driver != NULL && i < len; i++) {
		if (text[i] == '\n' && !driver->put(&serial->io, '\r'))
			return;
		if (!driver->put(&serial->io, (uint8_t)text[i]))
			return;
	}
}

void serial_drain(const struct serial *serial)
{
	if (serial->driver != NULL)
		serial->driver->drain(&serial->io);
}

bool serial_read(const struct serial *serial, uint8_t *out)
{
	return serial->driver != NULL && serial->driver->get(&serial->io, out);
}
