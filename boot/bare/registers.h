/* Registers that lie in the address space. */
#ifndef LIFEBOAT_BARE_REGISTERS_H
#define LIFEBOAT_BARE_REGISTERS_H

#include "boot/bare/io.h"

/** registers_at() - the registers from @base on; they are mapped as a device's. */
struct bare_io registers_at(uintptr_t base);

#endif
