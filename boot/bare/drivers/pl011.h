/* PL011 serial port: polled output and input. Spec: ARM DDI 0183. */
#ifndef LIFEBOAT_BARE_PL011_H
#define LIFEBOAT_BARE_PL011_H

#include "boot/bare/serial.h"

#define PL011_REGISTER_BYTES 0x1000u

extern const struct serial_driver pl011;

#endif
