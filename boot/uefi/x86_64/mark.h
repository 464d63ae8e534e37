/* Marks for counting instructions: no-ops that carry a number, see tools/. */
#ifndef LIFEBOAT_BOOT_UEFI_X86_64_MARK_H
#define LIFEBOAT_BOOT_UEFI_X86_64_MARK_H

#define UEFI_MARK_ENTRY 1
#define UEFI_MARK_START 2

/* A seven-byte nop, the number in the last byte of its displacement. */
#define UEFI_MARK(number)                                                                \
	__asm__ volatile(".byte 0x0f, 0x1f, 0x80, 0x11, 0x22, 0x33, %c0"                 \
			 :                                                               \
			 : "i"(number)                                                   \
			 : "memory")

#endif
