/* A partition as a source: every read gives exactly the bytes asked for, wherever it
 * begins and ends, and nothing outside the partition can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gpt/gpt_source.h"
#include "gpt/gpt_header.h"
#include "tests/host/host_platform.h"

#define FIRST   7u
#define SECTORS 5u

static struct host_platform host;
static struct gpt_source partition;

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 31 + offset / 251 + 1);
}

/* A disk whose every byte tells where it is. */
static struct lb_source source(uint32_t sector_bytes)
{
	host_init(&host);
	struct host_disk *disk =
		host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes, 16);

	for (size_t i = 0; i < mem_disk_bytes(&disk->mem); i++)
		disk->mem.now[i] = byte_at(i);
	partition = (struct gpt_source){ &host.plat, disk->info.id, sector_bytes, FIRST,
					 SECTORS };
	return gpt_source_open(&partition);
}

static void check(const struct lb_source *s, uint32_t sector, uint64_t from, size_t len)
{
	static uint8_t out[SECTORS * GPT_MAX_SECTOR_BYTES + 2];

	memset(out, 0xee, sizeof out);
	assert_int_equal(s->read(s->ctx, from, out + 1, len), LB_OK);
	for (size_t i = 0; i < len; i++)
		if (out[1 + i] != byte_at((uint64_t)FIRST * sector + from + i))
			fail_msg("%u: byte %zu of %zu from %llu", sector, i, len,
				 (unsigned long long)from);
	assert_int_equal(out[0], 0xee);
	assert_int_equal(out[1 + len], 0xee);
}

/* Each start and end around the borders of sectors. */
static void check_all(uint32_t sector)
{
	static const int near[] = { -2, -1, 0, 1, 2 };
	const struct lb_source s = source(sector);

	assert_int_equal(s.bytes, (uint64_t)SECTORS * sector);
	for (uint32_t a = 0; a <= SECTORS; a++)
		for (uint32_t b = a; b <= SECTORS; b++)
			for (size_t i = 0; i < 25; i++) {
				const int64_t from = (int64_t)a * sector + near[i / 5];
				const int64_t to = (int64_t)b * sector + near[i % 5];

				if (from >= 0 && from <= to && to <= SECTORS * sector)
					check(&s, sector, (uint64_t)from,
					      (size_t)(to - from));
			}
	(void)host_release(&host);
}

static void test_any_bytes(void **state)
{
	(void)state;
	check_all(512);
	check_all(GPT_MAX_SECTOR_BYTES);
}

static void test_nothing_outside(void **state)
{
	const struct lb_source s = source(512);
	uint8_t out[4];

	(void)state;
	assert_int_equal(s.read(s.ctx, s.bytes, out, 1), LB_ERR_RANGE);
	assert_int_equal(s.read(s.ctx, s.bytes - 3, out, 4), LB_ERR_RANGE);
	assert_int_equal(s.read(s.ctx, UINT64_MAX, out, 2), LB_ERR_RANGE);
	assert_int_equal(s.read(s.ctx, 0, out, SIZE_MAX), LB_ERR_RANGE);
	assert_int_equal(host.disks[0].mem.reads, 0);
	assert_int_equal(s.read(s.ctx, s.bytes, out, 0), LB_OK);
	(void)host_release(&host);
}

/* An error in the middle is the answer, in whole sectors and in parts of one. */
static void test_errors(void **state)
{
	static uint8_t out[SECTORS * 512];
	const struct lb_source s = source(512);

	(void)state;
	mem_disk_fail(&host.disks[0].mem, (struct mem_fault){ .op = MEM_READ,
							      .first_lba = FIRST + 2,
							      .last_lba = FIRST + 2,
							      .status = LB_ERR_IO });
	assert_int_equal(s.read(s.ctx, 0, out, sizeof out), LB_ERR_IO);
	assert_int_equal(s.read(s.ctx, 1000, out, 40), LB_ERR_IO);
	assert_int_equal(s.read(s.ctx, 1100, out, 4), LB_ERR_IO);
	assert_int_equal(s.read(s.ctx, 100, out, 924), LB_OK);
	(void)host_release(&host);
}

/* Larger sectors than any disk may have would not fit where parts of them are read to. */
static void test_too_large_sectors(void **state)
{
	const struct lb_source s = source(2 * GPT_MAX_SECTOR_BYTES);
	uint8_t out[4];

	(void)state;
	assert_int_equal(s.read(s.ctx, 1, out, 4), LB_ERR_INTERNAL);
	(void)host_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_nothing_outside),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_too_large_sectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
