/* The board's disks over made-up drivers: which is the boot disk, what happens to those
 * that do not start, die, go and come back, and what is left of them at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "boot/bare/disks.h"

#define NODES  4
#define PLACES 2

/* --- the machine -------------------------------------------------------------------- */

struct fake_disk {
	bool there, hangs; /* hangs: is not to be reset */
	enum lb_status start, stop;
	unsigned starts, stops;
	struct block block;
};

static struct machine {
	int nodes; /* 1..; node n is fake[n - 1] */
	bool empty[NODES];
	enum lb_status probe[NODES];
	struct fake_disk fake[NODES][PLACES];
	uint64_t now_us;
	char said[1024];
} machine;

static struct board board;
static struct bare_disks disks;
static struct platform_disk list[8];

/* What probe() leaves in the memory it is given. */
struct state {
	uint8_t zeros[64];
	int node;
};

static enum lb_status start(void *ctx)
{
	struct fake_disk *f = ctx;

	f->starts++;
	f->block.dead = f->start != LB_OK;
	f->block.holds = f->hangs;
	f->block.sector_bytes = 512;
	f->block.sectors = 100;
	return f->start;
}

static enum lb_status stop(void *ctx)
{
	struct fake_disk *f = ctx;

	f->stops++;
	return f->hangs ? LB_ERR_TIMEOUT : LB_OK;
}

static const struct block_ops ops = { .start = start, .stop = stop };

static int probing; /* the node that board_device() was asked for last */

static enum lb_status probe(void *ctx, const struct bare_device *device, char *why)
{
	struct state *state = ctx;
	const int at = probing - 1;

	(void)device;
	for (size_t i = 0; i < sizeof state->zeros; i++)
		assert_int_equal(state->zeros[i], 0);
	memset(state->zeros, 0xcc, sizeof state->zeros);
	if (machine.empty[at])
		return LB_ERR_NOT_FOUND;
	if (machine.probe[at] != LB_OK)
		(void)lb_format(why, BLOCK_WHY_BYTES, "nobody knows node %d", probing);
	state->node = probing;
	return machine.probe[at];
}

static struct block *disk(void *ctx, size_t place)
{
	const struct state *state = ctx;
	struct fake_disk *f = &machine.fake[state->node - 1][place];

	assert_in_range(place, 0, PLACES - 1);
	return f->there ? &f->block : NULL;
}

static const struct block_driver driver = {
	.state_bytes = sizeof(struct state),
	.places = PLACES,
	.probe = probe,
	.disk = disk,
};
static const struct bare_driver row = { .kind = BARE_BLOCK, .block = &driver };

int bare_device_next(const struct bare_fdt *fdt, int node, enum bare_kind kind,
		     const struct bare_driver **out)
{
	(void)fdt;
	assert_int_equal(kind, BARE_BLOCK);
	node = node < 0 ? 1 : node + 1;
	*out = node <= machine.nodes ? &row : NULL;
	return node <= machine.nodes ? node : -1;
}

enum lb_status board_device(struct board *b, int node, uint64_t bytes,
			    struct dma_device *dma, struct bare_device *out)
{
	(void)b, (void)bytes, (void)dma, (void)out;
	probing = node;
	return LB_OK;
}

void board_say(const struct board *b, const char *fmt, ...)
{
	const size_t used = strlen(machine.said);
	va_list args;

	(void)b;
	va_start(args, fmt);
	(void)vsnprintf(machine.said + used, sizeof machine.said - used, fmt, args);
	va_end(args);
	strcat(machine.said, "\n");
}

void bare_fdt_path(const struct bare_fdt *fdt, int node, char *out, size_t size)
{
	(void)fdt;
	(void)lb_format(out, size, "/node@%d", node);
}

static uint64_t now_us(void *ctx)
{
	(void)ctx;
	return machine.now_us;
}

/* --- set-up ------------------------------------------------------------------------- */

static uint8_t *room;

/* @count nodes with one good disk each. */
static void disks_at(int count)
{
	memset(&machine, 0, sizeof machine);
	machine.nodes = count;
	for (int i = 0; i < NODES; i++) {
		for (int j = 0; j < PLACES; j++)
			machine.fake[i][j].block = (struct block){
				.ops = &ops,
				.ctx = &machine.fake[i][j],
				.kind = i == 3 ? "card" : "virtio",
				.attachment = i == 3 ? PLATFORM_ATTACHED_SD_SLOT
						     : PLATFORM_ATTACHED_INTERNAL,
				.dead = true,
				.memory = { (uint8_t *)(uintptr_t)(0x1000 * (i + 1)), 0,
					    0x100 },
			};
		machine.fake[i][0].there = true;
	}
	board.clock.now_us = now_us;
	board.memory.free.count = 0;
	assert_int_equal(bare_ranges_add(&board.memory.free, (uintptr_t)room, 64u << 10),
			 LB_OK);
	disks_init(&disks, &board);
}

static size_t listed(void)
{
	size_t count;

	assert_int_equal(disks_list(&disks, list, 8, &count), LB_OK);
	return count;
}

static int set_up(void **state)
{
	(void)state;
	room = aligned_alloc(4096, 64u << 10);
	memset(room, 0xdd, 64u << 10);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(room);
	return 0;
}

/* --- tests -------------------------------------------------------------------------- */

static void the_boot_disk_first_and_alone(void **state)
{
	(void)state;
	disks_at(3);
	assert_int_equal(listed(), 1);
	assert_true(list[0].boot_disk);
	assert_string_equal(list[0].name, "virtio0");
	assert_string_equal(list[0].path, "/node@1");
	assert_int_equal(machine.fake[1][0].starts, 0); /* not touched yet */
	disks_connect(&disks);
	assert_int_equal(listed(), 3);
	assert_true(list[0].boot_disk && !list[1].boot_disk && !list[2].boot_disk);
	assert_string_equal(list[2].name, "virtio2");
	assert_int_equal(machine.fake[0][0].starts, 1);
}

/* The first in the tree does not start: the next one is the boot disk, and stays it when
 * the first one works later. */
static void the_boot_disk_is_the_first_that_works(void **state)
{
	(void)state;
	disks_at(3);
	machine.fake[0][0].start = LB_ERR_TIMEOUT;
	assert_int_equal(listed(), 1);
	assert_true(list[0].boot_disk);
	assert_string_equal(list[0].path, "/node@2");
	assert_non_null(strstr(machine.said,
			       "bare: /node@1: the disk does not start: timed out"));
	assert_int_equal(machine.fake[2][0].starts, 0);
	machine.fake[0][0].start = LB_OK;
	disks_connect(&disks);
	assert_int_equal(listed(), 3);
	assert_string_equal(list[0].path, "/node@2"); /* the boot disk comes first */
	assert_true(list[0].boot_disk);
	assert_string_equal(list[1].path, "/node@1");
	assert_false(list[1].boot_disk);
}

/* None at first; one that is slow, or put in later, is found by listing again. */
static void a_disk_that_comes_later_is_found(void **state)
{
	(void)state;
	disks_at(2);
	machine.empty[0] = true;
	machine.fake[1][0].there = false;
	assert_int_equal(listed(), 0);
	machine.empty[0] = false;
	assert_int_equal(listed(), 1);
	assert_true(list[0].boot_disk);
	assert_string_equal(list[0].path, "/node@1");
	disks_connect(&disks);
	assert_int_equal(listed(), 1);
	machine.fake[1][0].there = true;
	assert_int_equal(listed(), 2);
	assert_string_equal(list[1].path, "/node@2");
}

static void one_that_goes_is_gone_and_comes_back_as_another(void **state)
{
	(void)state;
	disks_at(2);
	disks_connect(&disks);
	assert_int_equal(listed(), 2);
	const uint32_t id = list[1].id;

	assert_ptr_equal(disks_find(&disks, id), &machine.fake[1][0].block);
	machine.fake[1][0].there = false;
	assert_int_equal(listed(), 1);
	assert_null(disks_find(&disks, id));
	machine.fake[1][0].there = true;
	assert_int_equal(listed(), 2); /* at once, however short it was away */
	assert_int_not_equal(list[1].id, id);
	assert_string_equal(list[1].name, "virtio1");
	assert_null(disks_find(&disks, id));
	assert_non_null(disks_find(&disks, list[1].id));
}

/* A hung device costs half a second of every try: not each time somebody looks. */
static void one_that_died_is_tried_again_now_and_then(void **state)
{
	(void)state;
	disks_at(2);
	disks_connect(&disks);
	assert_int_equal(listed(), 2);
	machine.fake[1][0].block.dead = true;
	machine.fake[1][0].start = LB_ERR_TIMEOUT;
	machine.now_us = DISKS_RETRY_US;
	for (int i = 0; i < 5; i++)
		assert_int_equal(listed(), 1);
	assert_int_equal(machine.fake[1][0].starts, 1);
	machine.now_us++;
	assert_int_equal(listed(), 1);
	assert_int_equal(listed(), 1);
	assert_int_equal(machine.fake[1][0].starts, 2);
	machine.fake[1][0].start = LB_OK;
	machine.now_us += DISKS_RETRY_US + 1;
	assert_int_equal(listed(), 2);
	machine.fake[1][0].block.dead = true;
	disks_connect(&disks); /* asked for: at once */
	assert_int_equal(listed(), 2);
	assert_int_equal(machine.fake[1][0].starts, 4);
}

static void several_behind_one_device(void **state)
{
	(void)state;
	disks_at(4);
	machine.fake[0][1].there = true;
	disks_connect(&disks);
	assert_int_equal(listed(), 5);
	assert_string_equal(list[1].name, "virtio1");
	assert_string_equal(list[1].path, "/node@1");
	assert_string_equal(list[4].name, "card0"); /* counted by kind */
	assert_int_equal(list[4].attachment, PLATFORM_ATTACHED_SD_SLOT);
	assert_int_equal(list[0].attachment, PLATFORM_ATTACHED_INTERNAL);
}

/* Said once, however often it is looked at; its memory is used again. */
static void one_that_cannot_be_used_is_named_once(void **state)
{
	(void)state;
	disks_at(3);
	machine.probe[0] = LB_ERR_VERSION;
	machine.probe[1] = LB_ERR_VERSION;
	for (int i = 0; i < 100; i++)
		assert_int_equal(listed(), 1);
	assert_string_equal(machine.said, "bare: /node@1: nobody knows node 1\n"
					  "bare: /node@2: nobody knows node 2\n");
	assert_string_equal(list[0].path, "/node@3");
}

static void no_memory_for_a_driver_is_no_disk(void **state)
{
	(void)state;
	disks_at(1);
	board.memory.free.count = 0;
	assert_int_equal(listed(), 0);
}

static void what_does_not_stop_is_held(void **state)
{
	struct bare_range held;

	(void)state;
	disks_at(3);
	machine.fake[1][0].hangs = true;
	disks_connect(&disks);
	assert_int_equal(listed(), 3);
	machine.fake[2][0].there = false; /* pulled: there is nothing to stop */
	assert_int_equal(listed(), 2);
	disks_stop(&disks);
	assert_string_equal(machine.said, "bare: /node@2: does not stop\n");
	assert_int_equal(machine.fake[0][0].stops, 1);
	assert_int_equal(machine.fake[2][0].stops, 0);
	assert_true(disks_held(&disks, 0, &held));
	assert_true(held.base == 0x2000 && held.bytes == 0x100);
	assert_false(disks_held(&disks, 1, &held));
	assert_null(disks_find(&disks, list[0].id));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_boot_disk_first_and_alone),
		TEST(the_boot_disk_is_the_first_that_works),
		TEST(a_disk_that_comes_later_is_found),
		TEST(one_that_goes_is_gone_and_comes_back_as_another),
		TEST(one_that_died_is_tried_again_now_and_then),
		TEST(several_behind_one_device),
		TEST(one_that_cannot_be_used_is_named_once),
		TEST(no_memory_for_a_driver_is_no_disk),
		TEST(what_does_not_stop_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
