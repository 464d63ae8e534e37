/* New tables: read by the loader's code, whole after a cut at any write, and the layout
 * of an empty disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gpt/gpt_make.h"
#include "gpt/gpt_slot.h"
#include "recovery/installer/layout.h"
#include "tests/host/host_platform.h"

#define MIB UINT64_C(1048576)

static struct host_platform host;
static const uint8_t guid[16] = { 1, 2, 3 };
static struct layout layout;

static struct platform_disk *open_disk(uint32_t sector_bytes, uint64_t bytes)
{
	host_init(&host);
	(void)host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes,
			    bytes / sector_bytes);
	host.disks[0].info.sector_bytes = sector_bytes;
	host.disks[0].info.sectors = bytes / sector_bytes;
	return &host.disks[0].info;
}

static void add(struct update_release *r, uint32_t number, const uint8_t *type,
		uint64_t bytes, bool grows)
{
	struct update_place *p = &r->place[r->place_count++];

	*p = (struct update_place){
		.number = number, .name = "PART", .bytes = bytes, .grows = grows
	};
	memcpy(p->type, type, 16);
}

static struct update_release usual(void)
{
	struct update_release r = { 0 };

	add(&r, 12, gpt_type_efi, 4 * MIB, false);
	add(&r, 2, gpt_type_kernel, 2 * MIB, false);
	add(&r, 3, gpt_type_root, 2 * MIB, false);
	add(&r, 4, gpt_type_kernel, 2 * MIB - 100, false); /* rounded up */
	add(&r, 5, gpt_type_root, 2 * MIB, false);
	add(&r, 6, gpt_type_history, MIB, false);
	add(&r, 1, gpt_type_data, MIB, true);
	return r;
}

static void test_places(void **state)
{
	static const uint32_t sectors[] = { 512, 4096 };
	const struct update_release r = usual();
	char why[80];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct platform_disk *disk = open_disk(sectors[i], 40 * MIB + 5000);
		const uint64_t mib = MIB / sectors[i];

		assert_true(layout_make(&r, disk, &layout, why, sizeof why));
		assert_int_equal(layout.needed_bytes, 16 * MIB);
		assert_int_equal(layout.efi.first_lba, mib);
		assert_int_equal(layout.kernel[0].first_lba, 5 * mib);
		assert_int_equal(layout.root[0].first_lba, 7 * mib);
		assert_int_equal(layout.kernel[1].sectors, 2 * mib);
		assert_int_equal(layout.history.first_lba, 13 * mib);
		assert_int_equal(layout.state.first_lba, 14 * mib);
		assert_int_equal(layout.state.sectors, 25 * mib); /* up to the last MiB */
		host_release(&host);
	}
}

static void test_places_refused(void **state)
{
	struct update_release r = usual();
	struct platform_disk *disk = open_disk(512, 16 * MIB - 512);
	char why[80];

	(void)state;
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	assert_string_equal(why, "too small: 15 MiB, 16 are needed");
	disk->sectors++;
	assert_true(layout_make(&r, disk, &layout, why, sizeof why));
	r.place[1].number = 3;
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	r.place[1].number = 129;
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	r.place[1].number = 0;
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	r = usual();
	r.place[1].bytes = UINT64_MAX;
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	r = usual();
	memcpy(r.place[4].type, gpt_type_data, 16); /* B has no root */
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	r.place_count = 0;
	assert_false(layout_make(&r, disk, &layout, why, sizeof why));
	host_release(&host);
}

/* Two disks of the same payload: no GUID twice, A before B, both trying. */
static void test_finish(void **state)
{
	const struct update_release r = usual();
	struct gpt_slot slot[GPT_MAX_SLOTS];
	struct layout other;
	uint8_t first[16], second[16];
	struct lb_verdict verdict;
	struct gpt gpt;
	char why[80];

	(void)state;
	const struct platform_disk *disk = open_disk(512, 40 * MIB);

	host.random_status = LB_OK;
	assert_true(layout_make(&r, disk, &layout, why, sizeof why));
	other = layout;
	assert_true(layout_finish(&layout, &host.plat, first));
	assert_true(layout_finish(&other, &host.plat, second));
	assert_memory_not_equal(first, second, 16);
	for (size_t i = 0; i < GPT_MAKE_ENTRIES; i++)
		if (gpt_entry_used(&layout.entry[i]))
			assert_memory_not_equal(layout.entry[i].guid, other.entry[i].guid,
						16);
	assert_int_equal(gpt_make(&host.plat, disk, first, layout.entry), LB_OK);
	assert_int_equal(gpt_load(&host.plat, disk, &gpt, &verdict), LB_OK);
	assert_int_equal(gpt_state(&gpt), GPT_STATE_GOOD);
	assert_int_equal(gpt_slots(&gpt, slot), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(slot[i].priority, 2 - i);
		assert_int_equal(slot[i].remaining_attempts, GPT_INSTALL_ATTEMPTS);
		assert_false(slot[i].bootable);
		assert_true(slot[i].has_root);
	}
	gpt_unload(&host.plat, &gpt);
	host_release(&host);
}

/* After a cut at any moment the loader finds the whole new table or none. */
static size_t whole;

static void check_cut(void *ctx, const struct mem_cut *cut, const uint8_t *image)
{
	struct mem_disk *mem = ctx;
	struct lb_verdict verdict;
	struct gpt gpt;

	(void)cut;
	memcpy(mem->now, image, mem_disk_bytes(mem));
	if (gpt_load(&host.plat, &host.disks[0].info, &gpt, &verdict) != LB_OK)
		return;
	whole++;
	for (uint32_t i = 0; i < GPT_MAKE_ENTRIES; i++) {
		struct gpt_entry e;

		assert_int_equal(gpt_entry_get(&gpt, i, &e), LB_OK);
		assert_memory_equal(&e, &layout.entry[i], sizeof e);
	}
	gpt_unload(&host.plat, &gpt);
}

static void test_cuts(void **state)
{
	const struct platform_disk *disk = open_disk(512, 150 * 1024);
	struct mem_disk *mem = &host.disks[0].mem;

	(void)state;
	memset(&layout, 0, sizeof layout);
	for (size_t i = 0; i < 2; i++) {
		struct gpt_entry *e = &layout.entry[i * 40];

		memcpy(e->type, gpt_type_kernel, 16);
		e->guid[0] = (uint8_t)(i + 1);
		e->first_lba = 100 + 10 * i;
		e->last_lba = 105 + 10 * i;
	}
	mem_disk_record(mem);
	assert_int_equal(gpt_make(&host.plat, disk, guid, layout.entry), LB_OK);
	const size_t cuts = mem_disk_each_cut(mem, 1, check_cut, mem);

	assert_true(whole > 0 && whole < cuts);
	host_release(&host);
}

/* A disk that loses a write is not called finished. */
static void test_lost_writes(void **state)
{
	const uint64_t lost[] = { 1, 2, 40 * MIB / 512 - 1, 40 * MIB / 512 - 33 };
	const struct update_release r = usual();
	char why[80];

	(void)state;
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
		const struct platform_disk *disk = open_disk(512, 40 * MIB);
		struct mem_disk *mem = &host.disks[0].mem;

		assert_true(layout_make(&r, disk, &layout, why, sizeof why));
		layout.entry[1].guid[0] = 1;
		mem_disk_fail(mem, (struct mem_fault){ .op = MEM_WRITE,
						       .first_lba = lost[i],
						       .last_lba = lost[i] });
		assert_int_not_equal(gpt_make(&host.plat, disk, guid, layout.entry),
				     LB_OK);
		host_release(&host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),      cmocka_unit_test(test_places_refused),
		cmocka_unit_test(test_finish),      cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_lost_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
