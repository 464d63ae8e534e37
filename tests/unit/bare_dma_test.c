/* Registers in memory, each width as one access; memory for devices: in what they reach,
 * with the cache operations that each direction wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boot/bare/cache.h"
#include "boot/bare/dma.h"
#include "boot/bare/registers.h"

#define ROOM_BYTES (64u << 10)

/* --- a cache that only notes what it is asked --------------------------------------- */

static char calls[16];
static const void *where;
static uint64_t how_much;

static void note(char what, const void *start, uint64_t bytes)
{
	const size_t n = strlen(calls);

	assert_in_range(n, 0, sizeof calls - 2);
	calls[n] = what;
	calls[n + 1] = 0;
	where = start;
	how_much = bytes;
}

void cache_clean(const void *start, uint64_t bytes)
{
	note('c', start, bytes);
}

void cache_invalidate(void *start, uint64_t bytes)
{
	note('i', start, bytes);
}

void cache_clean_invalidate(const void *start, uint64_t bytes)
{
	note('b', start, bytes);
}

void cache_barrier(void)
{
	note('|', NULL, 0);
}

/* --- tests -------------------------------------------------------------------------- */

struct rig {
	uint8_t *room;
	struct bare_memory memory;
	struct dma_device device;
};

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);

	rig->room = aligned_alloc(4096, ROOM_BYTES);
	memset(rig->room, 0xee, ROOM_BYTES);
	assert_int_equal(
		bare_ranges_add(&rig->memory.free, (uintptr_t)rig->room, ROOM_BYTES),
		LB_OK);
	rig->device = (struct dma_device){ .memory = &rig->memory,
					   .window = { .bytes = UINT64_MAX } };
	calls[0] = 0;
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	free(rig->room);
	free(rig);
	return 0;
}

static void memory_of_zeros_in_whole_pages(void **state)
{
	struct rig *rig = *state;
	const struct bare_dma dma = dma_of(&rig->device);
	struct bare_dma_memory a, b;

	assert_int_equal(dma.alloc(dma.ctx, 5000, &a), LB_OK);
	assert_int_equal(dma.alloc(dma.ctx, 1, &b), LB_OK);
	assert_ptr_equal(a.cpu, rig->room);
	assert_ptr_equal(b.cpu, rig->room + 8192);
	assert_int_equal(a.bytes, 5000);
	assert_true(a.device == (uintptr_t)a.cpu);
	for (size_t i = 0; i < a.bytes; i++)
		assert_int_equal(a.cpu[i], 0);
	assert_int_equal(dma.alloc(dma.ctx, ROOM_BYTES, &b), LB_ERR_NOMEM);
}

/* Where the device finds it; and not outside of what it reaches. */
static void the_devices_own_addresses(void **state)
{
	struct rig *rig = *state;
	const struct bare_dma dma = dma_of(&rig->device);
	struct bare_dma_memory m;

	rig->device.window = (struct bare_dma_window){ .cpu = (uintptr_t)rig->room + 4096,
						       .device = 0xc0000000,
						       .bytes = 8192 };
	assert_int_equal(dma.alloc(dma.ctx, 4096, &m), LB_OK);
	assert_ptr_equal(m.cpu, rig->room + 4096);
	assert_true(m.device == 0xc0000000);
	assert_int_equal(dma.alloc(dma.ctx, 4096, &m), LB_OK);
	assert_true(m.device == 0xc0001000);
	assert_int_equal(dma.alloc(dma.ctx, 1, &m), LB_ERR_NOMEM);
	rig->device.window.bytes = 0; /* it reaches nothing */
	assert_int_equal(dma.alloc(dma.ctx, 1, &m), LB_ERR_NOMEM);
}

static void caches_by_direction(void **state)
{
	static const struct {
		const char *name;
		bool coherent;
		enum bare_dma_direction dir;
		const char *before, *after;
	} rows[] = {
		{ "the device reads", false, BARE_DMA_TO_DEVICE, "c", "" },
		{ "it writes", false, BARE_DMA_FROM_DEVICE, "b", "i" },
		{ "it reads, coherent", true, BARE_DMA_TO_DEVICE, "", "|" },
		{ "it writes, coherent", true, BARE_DMA_FROM_DEVICE, "", "|" },
	};
	struct rig *rig = *state;
	const struct bare_dma dma = dma_of(&rig->device);
	struct bare_dma_memory m;

	assert_int_equal(dma.alloc(dma.ctx, 4096, &m), LB_OK);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("%s\n", rows[i].name);
		rig->device.coherent = rows[i].coherent;
		calls[0] = 0;
		dma.sync_for_device(dma.ctx, &m, 256, 77, rows[i].dir);
		assert_string_equal(calls, rows[i].before);
		if (calls[0] != 0) {
			assert_ptr_equal(where, m.cpu + 256);
			assert_int_equal(how_much, 77);
		}
		calls[0] = 0;
		dma.sync_for_cpu(dma.ctx, &m, 128, 5, rows[i].dir);
		assert_string_equal(calls, rows[i].after);
		if (calls[0] == 'i') {
			assert_ptr_equal(where, m.cpu + 128);
			assert_int_equal(how_much, 5);
		}
	}
	calls[0] = 0;
	dma.barrier(dma.ctx);
	assert_string_equal(calls, "|");
}

static void registers_of_every_width(void **state)
{
	static const uint8_t bytes[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	_Alignas(8) uint8_t place[16];
	const struct bare_io io = registers_at((uintptr_t)place);

	(void)state;
	memcpy(place, bytes, sizeof place);
	assert_int_equal(io.read8(io.ctx, 3), 4);
	assert_int_equal(io.read16(io.ctx, 2), 0x0403);
	assert_int_equal(io.read32(io.ctx, 4), 0x08070605);
	assert_true(io.read64(io.ctx, 0) == UINT64_C(0x0807060504030201));
	io.write8(io.ctx, 9, 0x11);
	io.write16(io.ctx, 10, 0x3322);
	io.write32(io.ctx, 12, 0x77665544);
	assert_memory_equal(place, "\1\2\3\4\5\6\7\10\11\x11\x22\x33\x44\x55\x66\x77",
			    16);
	io.write64(io.ctx, 0, UINT64_C(0x8877665544332211));
	assert_memory_equal(place, "\x11\x22\x33\x44\x55\x66\x77\x88\11", 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_of_zeros_in_whole_pages),
		TEST(the_devices_own_addresses),
		TEST(caches_by_direction),
		TEST(registers_of_every_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
