/* FITs, as both CPUs and both kinds of firmware see them: the whole placement, with
 * choice, decompression, overlays and fix-ups. The seeds are small FITs made by
 * mkimage. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/kernel_fuzz.h"

#define SLOTS_BYTES 12288u /* configuration page, params page, bootloader */
#define MAX_BYTES   ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void place(const uint8_t *data, size_t size,
		  const struct platform_machine *machine)
{
	uint8_t *body;

	if (posix_memalign((void **)&body, 4096, size + SLOTS_BYTES) != 0)
		return;
	memcpy(body, data, size);
	memset(body + size, 0, SLOTS_BYTES);
	memcpy(body + size, "quiet root=%U", 13);
	fuzz_place(body, size, size + SLOTS_BYTES, machine);
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct platform_machine machines[] = {
		{ .cpu = PLATFORM_CPU_X86_64,
		  .uefi = true,
		  .acpi = true,
		  .vendor = "ACME",
		  .product = "Box" },
		{ .cpu = PLATFORM_CPU_AARCH64,
		  .uefi = true,
		  .compatible_count = 2,
		  .compatible = { "acme,board", "acme" } },
		{ .cpu = PLATFORM_CPU_AARCH64,
		  .uefi = false,
		  .compatible_count = 1,
		  .compatible = { "acme" } },
	};

	if (size == 0 || size > MAX_BYTES)
		return 0;
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		place(data, size, &machines[i]);
	return 0;
}
