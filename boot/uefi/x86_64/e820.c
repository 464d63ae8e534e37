/* UEFI memory map to e820. */
#include "boot/uefi/x86_64/e820.h"

#include <stdbool.h>

#include "base/bytes.h"

#define PAGE_SHIFT   12
#define ATTRIBUTE_SP 0x40000u /* specific purpose: not for general use */

/* Spec: UEFI 2.10, table 7.6. Firmware's boot-time memory is free once it is left. */
static const uint32_t type_of[] = {
	[0] = E820_RESERVED,    /* reserved */
	[1] = E820_RAM,         /* loader code */
	[2] = E820_RAM,         /* loader data */
	[3] = E820_RAM,         /* boot services code */
	[4] = E820_RAM,         /* boot services data */
	[5] = E820_RESERVED,    /* runtime services code */
	[6] = E820_RESERVED,    /* runtime services data */
	[7] = E820_RAM,         /* conventional */
	[8] = E820_UNUSABLE,    /* unusable */
	[9] = E820_ACPI,        /* ACPI reclaim */
	[10] = E820_NVS,        /* ACPI NVS */
	[11] = E820_RESERVED,   /* memory-mapped I/O */
	[12] = E820_RESERVED,   /* memory-mapped port space */
	[13] = E820_RESERVED,   /* PAL code */
	[14] = E820_PERSISTENT, /* persistent */
};

enum { EFI_CONVENTIONAL = 7 };

static uint32_t convert_type(uint32_t efi_type, uint64_t attribute)
{
	if (efi_type == EFI_CONVENTIONAL && (attribute & ATTRIBUTE_SP) != 0)
		return E820_SOFT_RESERVED;
	if (efi_type >= sizeof type_of / sizeof type_of[0])
		return E820_RESERVED;
	return type_of[efi_type];
}

/* One descriptor, or false when it is empty. A size beyond the address space is cut. */
static bool convert(const uint8_t *d, struct e820_entry *out)
{
	const uint64_t start = lb_le64(d + 8), pages = lb_le64(d + 24);
	const uint64_t room = UINT64_MAX - start;

	*out = (struct e820_entry){
		.start = start,
		.size = pages > room >> PAGE_SHIFT ? room : pages << PAGE_SHIFT,
		.type = convert_type(lb_le32(d), lb_le64(d + 32)),
	};
	return out->size != 0;
}

/* Keeps @out sorted: maps come nearly sorted, so this is short work. */
static void insert(struct e820_entry *out, size_t count, const struct e820_entry *entry)
{
	size_t at = count;

	for (; at > 0 && out[at - 1].start > entry->start; at--)
		out[at] = out[at - 1];
	out[at] = *entry;
}

static size_t merge(struct e820_entry *out, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		struct e820_entry *last = out + used - 1;

		if (used > 0 && last->type == out[i].type &&
		    last->start + last->size == out[i].start)
			last->size += out[i].size;
		else
			out[used++] = out[i];
	}
	return used;
}

size_t e820_from_efi(const uint8_t *map, size_t map_bytes, size_t descriptor_bytes,
		     struct e820_entry *out, size_t max)
{
	struct e820_entry entry;
	size_t count = 0;

	if (descriptor_bytes < E820_MAP_MIN_DESCRIPTOR_BYTES)
		return 0;
	for (size_t at = 0; lb_within(at, descriptor_bytes, map_bytes) && count < max;
	     at += descriptor_bytes)
		if (convert(map + at, &entry))
			insert(out, count++, &entry);
	return merge(out, count);
}

void e820_put(const struct e820_entry *entries, size_t count, uint8_t *out)
{
	for (size_t i = 0; i < count; i++, out += E820_ENTRY_BYTES) {
		lb_put_le64(out, entries[i].start);
		lb_put_le64(out + 8, entries[i].size);
		lb_put_le32(out + 16, entries[i].type);
	}
}
