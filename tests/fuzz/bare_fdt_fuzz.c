/* Any bytes as the device tree a first stage hands over: everything the bare-metal loader
 * asks of it, with what must hold for every answer. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "boot/bare/devices.h"
#include "boot/bare/fdt.h"
#include "base/bytes.h"

#define TREE_BYTES_MAX 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(8) uint8_t tree[TREE_BYTES_MAX];

static void check_ranges(const struct bare_ranges *set)
{
	assert(set->count <= BARE_MAX_RANGES);
	for (size_t i = 0; i < set->count; i++) {
		assert(set->at[i].bytes != 0);
		assert(set->at[i].bytes <= UINT64_MAX - set->at[i].base);
		if (i > 0)
			assert(set->at[i - 1].base + set->at[i - 1].bytes <
			       set->at[i].base);
	}
}

static void ask_memory(const struct bare_fdt *fdt)
{
	struct bare_ranges ram = { .count = 0 };

	if (bare_fdt_memory(fdt, &ram) != LB_OK)
		return;
	check_ranges(&ram);
	assert(ram.count > 0);
	(void)bare_fdt_take_reserved(fdt, &ram);
	check_ranges(&ram);
}

static void ask_device(const struct bare_fdt *fdt, int node)
{
	char path[PLATFORM_DISK_PATH_BYTES];
	struct bare_dma_window window;
	uint64_t base, bytes;

	bare_fdt_path(fdt, node, path, sizeof(path));
	assert(memchr(path, 0, sizeof(path)) != NULL);
	(void)bare_fdt_dma_coherent(fdt, node);
	if (bare_fdt_dma_window(fdt, node, &window) == LB_OK) {
		assert(window.bytes != 0);
		assert(window.bytes <= UINT64_MAX - window.cpu);
		assert(window.bytes <= UINT64_MAX - window.device);
	}
	(void)bare_fdt_clock_hz(fdt, node);
	for (unsigned i = 0; i < 3; i++)
		if (bare_fdt_reg(fdt, node, i, &base, &bytes) == LB_OK)
			assert(bytes <= UINT64_MAX - base);
}

static void ask_devices(const struct bare_fdt *fdt)
{
	static const char *const kinds[] = { "virtio,mmio", "arm,pl011", "arm,gic-v3" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int node = bare_fdt_next(fdt, -1, kinds[i]); node >= 0;
		     node = bare_fdt_next(fdt, node, kinds[i]))
			ask_device(fdt, node);

	const struct bare_driver *driver;
	const int console = bare_device_console(fdt, &driver);

	assert((console >= 0) == (driver != NULL));
	if (console >= 0)
		ask_device(fdt, console);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct platform_machine machine = { .cpu = PLATFORM_CPU_AARCH64 };
	struct bare_fdt fdt;

	if (size < 40 || size > TREE_BYTES_MAX)
		return 0;
	/* The size field is what the loader believes: on a board there is memory
	 * behind. */
	memset(tree, 0, sizeof(tree));
	memcpy(tree, data, size);
	if (lb_be32(tree + 4) > TREE_BYTES_MAX)
		lb_put_be32(tree + 4, TREE_BYTES_MAX);
	if (bare_fdt_open(tree, &fdt) != LB_OK)
		return 0;

	ask_memory(&fdt);
	ask_devices(&fdt);
	(void)bare_fdt_psci(&fdt);
	bare_fdt_machine(&fdt, &machine);
	assert(machine.compatible_count <= PLATFORM_MAX_COMPATIBLE);
	return 0;
}
