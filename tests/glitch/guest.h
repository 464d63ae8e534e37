/* What emulator (glitch.c) and guest (guest.c) agree on: where memory lies, what is put
 * in before the start, and how the guest says how it ended. */
#ifndef LIFEBOAT_TESTS_GLITCH_GUEST_H
#define LIFEBOAT_TESTS_GLITCH_GUEST_H

#include <stdint.h>

#define GUEST_STACK_BASE  0x08000000u
#define GUEST_STACK_BYTES 0x00040000u
#define GUEST_ARENA_BASE  0x10000000u /* memory that plat->alloc gives out */
#define GUEST_ARENA_BYTES 0x00400000u
#define GUEST_BODY_BASE   0x20000000u /* the same, aligned to 2 MiB: bodies */
#define GUEST_BODY_BYTES  0x00040000u
#define GUEST_INPUT_BASE  0x30000000u /* read-only: struct guest_input, profile, disk */
#define GUEST_INPUT_BYTES 0x00100000u
#define GUEST_PROFILE_AT  0x00001000u
#define GUEST_DISK_AT     0x00020000u

struct guest_input {
	uint32_t profile_bytes;
	uint32_t disk_sectors; /* of 512 bytes */
	uint32_t kernel_floor;
	uint32_t recovery_floor;
	uint32_t loader_floor; /* the generation that the device has seen */
	uint32_t cpu;          /* enum platform_cpu */
	uint32_t recovery; /* asked for by the boot entry; the disk is then a USB stick */
	uint32_t smash;    /* overwrite a stack frame instead of booting */
};

/* How it ended; constants that no single fault makes of each other. */
#define GUEST_BOOTED  0xb007edb007ed0001u
#define GUEST_REFUSED 0x4ef05ed4ef05e002u
#define GUEST_RESET   0x7e5e77e5e7700003u

#endif
