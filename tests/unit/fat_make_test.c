/* New FAT file systems, as dosfstools and mtools see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recovery/installer/fat_make.h"
#include "tests/host/host_platform.h"

#define MIB ((uint64_t)1 << 20)

static struct host_platform host;
static uint8_t data[3000001];

static const struct update_area *open_area(uint32_t sector_bytes, uint64_t bytes)
{
	static struct update_area area;

	host_init(&host);
	(void)host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes,
			    (bytes + 2 * MIB) / sector_bytes);
	host.disks[0].info.sector_bytes = sector_bytes;
	host.disks[0].info.sectors = (bytes + 2 * MIB) / sector_bytes;
	area = (struct update_area){ MIB / sector_bytes, bytes / sector_bytes };
	memset(host.disks[0].mem.now, 0xee, mem_disk_bytes(&host.disks[0].mem));
	return &area;
}

/* Status of a shell command about the image. */
static int ask(const char *format, const char *image)
{
	char command[400];

	snprintf(command, sizeof command, format, image);
	return system(command);
}

/* The file, read by mtools. */
static void compare(const char *image, size_t file_bytes)
{
	uint8_t *has = malloc(file_bytes + 1);
	char copy[64];

	snprintf(copy, sizeof copy, "%s.file", image);
	assert_int_equal(
		ask("mcopy -n -i %1$s ::/EFI/BOOT/BOOTAA64.EFI %1$s.file", image), 0);
	FILE *f = fopen(copy, "rb");

	assert_non_null(f);
	assert_int_equal(fread(has, 1, file_bytes + 1, f), file_bytes);
	assert_memory_equal(has, data, file_bytes);
	fclose(f);
	free(has);
	(void)unlink(copy);
}

static void check(uint32_t sector_bytes, uint64_t bytes, size_t file_bytes)
{
	const struct update_area *area = open_area(sector_bytes, bytes);
	const struct fat_file file = { "BOOTAA64EFI", data, file_bytes };
	char image[] = "/tmp/lifeboat-fat.XXXXXX";
	const int fd = mkstemp(image);
	const uint8_t *now = host.disks[0].mem.now;

	assert_true(fd >= 0);
	assert_true(fat_fits(&host.disks[0].info, area, file_bytes));
	assert_int_equal(
		fat_make(&host.plat, &host.disks[0].info, area, &file, 0x12345678),
		LB_OK);
	/* Nothing beside the area. */
	for (size_t i = 0; i < MIB; i++)
		assert_true(now[i] == 0xee && now[MIB + bytes + i] == 0xee);
	assert_int_equal(write(fd, now + MIB, bytes), (ssize_t)bytes);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(ask("fsck.fat -n %s >/dev/null", image), 0);
	compare(image, file_bytes);
	(void)close(fd);
	(void)unlink(image);
	host_release(&host);
}

static void test_sizes(void **state)
{
	(void)state;
	check(512, 8 * MIB, 700000);   /* FAT16 */
	check(512, 64 * MIB, 2900000); /* FAT32 */
	check(4096, 64 * MIB, 100000);
	check(512, 300 * MIB, 1);
	check(512, 20 * MIB, 4096);
}

static void test_too_small(void **state)
{
	const struct update_area *area = open_area(512, 1 * MIB);
	const struct fat_file file = { "BOOTX64 EFI", data, sizeof data };

	(void)state;
	assert_false(fat_fits(&host.disks[0].info, area, sizeof data));
	assert_int_equal(fat_make(&host.plat, &host.disks[0].info, area, &file, 1),
			 LB_ERR_RANGE);
	host_release(&host);
	area = open_area(512, 5 * MIB / 2);
	assert_int_equal(fat_make(&host.plat, &host.disks[0].info, area, &file, 1),
			 LB_ERR_RANGE);
	for (size_t i = 0; i < mem_disk_bytes(&host.disks[0].mem); i++)
		assert_int_equal(host.disks[0].mem.now[i], 0xee);
	host_release(&host);
}

/* A disk that stores later writes before earlier ones: wherever power goes, the old first
 * sector is not there with anything of the new file system. */
static void test_cut_anywhere(void **state)
{
	static bool lost[10 * MIB / 512];
	const struct update_area *area = open_area(512, 8 * MIB);
	const struct fat_file file = { "BOOTX64 EFI", data, 700000 };
	struct mem_disk *mem = &host.disks[0].mem;
	size_t old = 0;

	(void)state;
	mem_disk_record(mem);
	assert_int_equal(fat_make(&host.plat, &host.disks[0].info, area, &file, 1),
			 LB_OK);
	memset(lost, true, 1); /* the oldest that no flush made sure of */
	for (size_t events = 1; events <= mem->event_count; events++) {
		const struct mem_cut cut = { .events = events, .lost = lost };

		mem_disk_after_cut(mem, &cut, mem->now);
		if (mem->now[MIB] != 0xee)
			continue;
		old++;
		for (size_t i = MIB; i < 9 * MIB; i++)
			if (mem->now[i] != 0xee)
				fail_msg("after %zu: the old one's and ours", events);
	}
	assert_true(old > 0);
	host_release(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_cut_anywhere),
	};

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
