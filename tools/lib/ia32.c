/* BOOTIA32.EFI as it was built. */
#include "tools/lib/ia32.h"

const uint8_t tool_ia32[] = {
#include "bootia32.inc"
};

const size_t tool_ia32_bytes = sizeof tool_ia32;
