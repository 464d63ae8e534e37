/* Any bytes as the firmware's memory map: what becomes of it is sorted, in bounds, ends
 * within the address space, and claims no RAM that no descriptor has. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/x86_64/e820.h"

#define MAX_ENTRIES 64u
#define ALL_PAGES   (UINT64_C(1) << 52)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int held)
{
	if (!held)
		abort();
}

/* Of all types that may become RAM; no descriptor has more pages than the address
 * space. */
static uint64_t pages_of_ram(const uint8_t *map, size_t bytes, size_t step)
{
	uint64_t pages = 0;

	for (size_t at = 0; lb_within(at, step, bytes); at += step) {
		const uint64_t more = lb_le64(map + at + 24);

		if (lb_le32(map + at) < 15)
			pages += more < ALL_PAGES ? more : ALL_PAGES;
	}
	return pages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct e820_entry out[MAX_ENTRIES];
	uint8_t bytes[MAX_ENTRIES * E820_ENTRY_BYTES];
	uint64_t ram = 0;

	if (size < 2)
		return 0;
	const size_t step = data[0], max = data[1] % (MAX_ENTRIES + 1);
	const size_t count = e820_from_efi(data + 2, size - 2, step, out, max);

	must(count <= max && (step >= E820_MAP_MIN_DESCRIPTOR_BYTES || count == 0));
	for (size_t i = 0; i < count; i++) {
		must(out[i].size != 0 && out[i].size <= UINT64_MAX - out[i].start);
		must(i == 0 || out[i - 1].start <= out[i].start);
		if (out[i].type == E820_RAM)
			ram += out[i].size / 4096;
	}
	if (count > 0)
		must(ram <= pages_of_ram(data + 2, size - 2, step));
	e820_put(out, count, bytes);
	return 0;
}
