/* From the UEFI memory map to the e820 table Linux takes. Pure.
 *
 * Spec: UEFI 2.10, 7.2.3 (memory types); Linux Documentation/arch/x86/zero-page.rst. */
#ifndef LIFEBOAT_BOOT_UEFI_X86_64_E820_H
#define LIFEBOAT_BOOT_UEFI_X86_64_E820_H

#include <stddef.h>
#include <stdint.h>

#define E820_ENTRY_BYTES       20u
#define E820_ZERO_PAGE_ENTRIES 128u
#define E820_ZERO_PAGE_COUNT   0x1e8u /* u8 */
#define E820_ZERO_PAGE_TABLE   0x2d0u

#define E820_MAP_MIN_DESCRIPTOR_BYTES 40u

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3,
	E820_NVS = 4,
	E820_UNUSABLE = 5,
	E820_PERSISTENT = 7,
};
#define E820_SOFT_RESERVED 0xefffffffu /* Linux's own; does not fit an enum of C11 */

struct e820_entry {
	uint64_t start, size;
	uint32_t type;
};

/**
 * e820_from_efi() - convert a memory map.
 * @map, @map_bytes: the descriptors; a last part that is no whole one is left out
 * @descriptor_bytes: distance between two, at least E820_MAP_MIN_DESCRIPTOR_BYTES
 * @out, @max: sorted by address, adjoining ranges of one type merged
 *
 * Memory of a type not known here is reserved. Returns the number of entries; those
 * that do not fit in @max are dropped, which cannot happen when @max is the number of
 * descriptors.
 */
size_t e820_from_efi(const uint8_t *map, size_t map_bytes, size_t descriptor_bytes,
		     struct e820_entry *out, size_t max);

/** e820_put() - write @count entries as the kernel reads them, E820_ENTRY_BYTES each. */
void e820_put(const struct e820_entry *entries, size_t count, uint8_t *out);

#endif
