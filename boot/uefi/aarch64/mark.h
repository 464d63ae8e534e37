/* Marks for counting instructions: no-ops that carry a number, see tools/. */
#ifndef LIFEBOAT_BOOT_UEFI_AARCH64_MARK_H
#define LIFEBOAT_BOOT_UEFI_AARCH64_MARK_H

#define UEFI_MARK_ENTRY 1
#define UEFI_MARK_START 2

/* movz xzr, #0x4c00 + number */
#define UEFI_MARK(number)                                                                \
	__asm__ volatile(".inst 0xd280001f | (0x4c00 + %c0) << 5"                        \
			 :                                                               \
			 : "i"(number)                                                   \
			 : "memory")

#endif
