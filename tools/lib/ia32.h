/* The bytes of BOOTIA32.EFI: boot/ia32. */
#ifndef LIFEBOAT_TOOLS_IA32_H
#define LIFEBOAT_TOOLS_IA32_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t tool_ia32[];
extern const size_t tool_ia32_bytes;

#endif
