/* The jump into a Linux kernel; enter.S. */
#ifndef LIFEBOAT_BOOT_UEFI_X86_64_ENTER_H
#define LIFEBOAT_BOOT_UEFI_X86_64_ENTER_H

#define UEFI_ENTER_CS 0x10 /* the segments the protocol names */
#define UEFI_ENTER_DS 0x18

#ifndef __ASSEMBLER__

#include <stdint.h>

/** uefi_linux64_enter() - load tables and segments, and jump. All addresses must be
 * mapped by the tables at @root, this code and the stack included.
 * @gdt: operand of lgdt: u16 limit, u64 base */
_Noreturn void uefi_linux64_enter(const uint8_t *root, const uint8_t *zero_page,
				  uint64_t entry, const uint8_t *gdt);

#endif
#endif
