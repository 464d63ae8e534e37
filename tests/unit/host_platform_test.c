/* Files as disks: what the core may ask of them, and what is said when it cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/output.h"
#include "host/platform.h"
#include "host/system.h"

#define DISK_BYTES (1u << 20)

static struct {
	char *folder;
	char path[128];
	struct host_platform plat;
} rig;

/* A disk of zeros, with @text at @offset. */
static void make_disk(size_t offset, const char *text)
{
	uint8_t *data = calloc(1, DISK_BYTES);

	assert_non_null(data);
	memcpy(data + offset, text, strlen(text));
	assert_int_equal(host_write_file(rig.path, data, DISK_BYTES, 0600, HOST_REPLACE,
					 NULL, NULL),
			 LB_OK);
	free(data);
}

static int set_up(void **state)
{
	(void)state;
	if (host_folder_make("/tmp", &rig.folder, NULL) != LB_OK)
		return -1;
	snprintf(rig.path, sizeof rig.path, "%s/disk", rig.folder);
	host_platform_init(&rig.plat);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	host_platform_close(&rig.plat);
	host_folder_remove(rig.folder);
	free(rig.folder);
	return 0;
}

static const struct platform_disk *open_it(bool writable)
{
	const struct platform_disk *disk = NULL;

	assert_int_equal(
		host_platform_open(&rig.plat, rig.path, writable, 0, &disk, NULL), LB_OK);
	return disk;
}

static void test_complete(void **state)
{
	(void)state;
	assert_true(platform_complete(&rig.plat.platform));
	rig.plat.platform.log(rig.plat.platform.ctx, "dropped", 7);
	rig.plat.platform.reset(rig.plat.platform.ctx, PLATFORM_RESET_RESTART);
}

static void test_sector_size_is_found(void **state)
{
	static const struct {
		size_t offset;
		uint32_t sector_bytes;
	} rows[] = {
		{ 512, 512 },
		{ 4096, 4096 },
		{ DISK_BYTES - 2048, 2048 },
		{ 5000, 512 }, /* nowhere a header may be */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		make_disk(rows[i].offset, "EFI PART");
		const struct platform_disk *disk = open_it(false);

		assert_int_equal(disk->sector_bytes, rows[i].sector_bytes);
		assert_int_equal(disk->sectors, DISK_BYTES / rows[i].sector_bytes);
		host_platform_close(&rig.plat);
	}
}

static void test_read_and_write(void **state)
{
	const struct platform *plat = &rig.plat.platform;
	uint8_t sector[512] = { 0 };

	(void)state;
	make_disk(1024, "hello");
	const struct platform_disk *disk = open_it(true);

	assert_int_equal(plat->read(plat->ctx, disk->id, 2, 1, sector), LB_OK);
	assert_memory_equal(sector, "hello", 5);
	memcpy(sector, "HELLO", 5);
	assert_int_equal(plat->write(plat->ctx, disk->id, 3, 1, sector), LB_OK);
	assert_int_equal(plat->flush(plat->ctx, disk->id), LB_OK);
	memset(sector, 0, sizeof sector);
	assert_int_equal(plat->read(plat->ctx, disk->id, 3, 1, sector), LB_OK);
	assert_memory_equal(sector, "HELLO", 5);
}

static void test_refused(void **state)
{
	const struct platform *plat = &rig.plat.platform;
	const uint64_t end = DISK_BYTES / 512;
	uint8_t sectors[1024];
	struct host_error err;
	char want[256];

	(void)state;
	make_disk(0, "");
	const struct platform_disk *disk = open_it(false);

	assert_int_equal(plat->read(plat->ctx, disk->id, end - 1, 2, sectors),
			 LB_ERR_RANGE);
	assert_int_equal(plat->read(plat->ctx, disk->id, UINT64_MAX, 2, sectors),
			 LB_ERR_RANGE);
	assert_int_equal(plat->read(plat->ctx, 7, 0, 1, sectors), LB_ERR_RANGE);
	assert_int_equal(plat->flush(plat->ctx, 7), LB_ERR_RANGE);
	assert_int_equal(host_platform_write(&rig.plat, disk->id, 0, 1, sectors, &err),
			 LB_ERR_READ_ONLY);
	snprintf(want, sizeof want, "%s: opened for reading only", rig.path);
	assert_string_equal(err.text, want);
	/* It is cut short meanwhile: an error of the disk, no sectors of nothing. */
	assert_int_equal(truncate(rig.path, 512), 0);
	assert_int_equal(plat->read(plat->ctx, disk->id, 4, 1, sectors), LB_ERR_IO);
}

static void test_not_opened(void **state)
{
	const struct platform_disk *disk;
	struct host_error err;
	char want[256];

	(void)state;
	assert_int_equal(host_platform_open(&rig.plat, rig.path, true, 0, &disk, &err),
			 LB_ERR_NOT_FOUND);
	snprintf(want, sizeof want, "%s: No such file or directory", rig.path);
	assert_string_equal(err.text, want);
	assert_int_equal(host_platform_open(&rig.plat, rig.folder, false, 0, &disk, &err),
			 LB_ERR_UNSUPPORTED);
	snprintf(want, sizeof want, "%s: is a folder; a file or a block device is needed",
		 rig.folder);
	assert_string_equal(err.text, want);
	make_disk(0, "");
	for (size_t i = 0; i < HOST_PLATFORM_DISKS; i++)
		(void)open_it(false);
	assert_int_equal(host_platform_open(&rig.plat, rig.path, false, 0, &disk, NULL),
			 LB_ERR_FULL);
}

static void test_sources(void **state)
{
	struct host_memory memory = { (const uint8_t *)"abcdef", 6 };
	const struct lb_source source = host_memory_source(&memory);
	struct lb_source file;
	char buf[6];

	(void)state;
	assert_int_equal(source.read(source.ctx, 2, buf, 4), LB_OK);
	assert_memory_equal(buf, "cdef", 4);
	assert_int_equal(source.read(source.ctx, 3, buf, 4), LB_ERR_RANGE);
	make_disk(1000, "there");
	assert_int_equal(host_platform_source(&rig.plat, open_it(false), &file, NULL),
			 LB_OK);
	assert_int_equal(file.bytes, DISK_BYTES);
	assert_int_equal(file.read(file.ctx, 1000, buf, 5), LB_OK);
	assert_memory_equal(buf, "there", 5);
}

static void test_system(void **state)
{
	const uint64_t before = host_clock_ms(NULL);
	uint8_t *memory = host_alloc(NULL, 0, 1 << 16, PLATFORM_ANY_ADDRESS);

	(void)state;
	assert_non_null(memory);
	assert_int_equal((uintptr_t)memory % (1 << 16), 0);
	assert_int_equal(host_random(NULL, memory, 1), LB_OK);
	host_free(NULL, memory, 0);
	host_sleep_ms(NULL, 2);
	assert_true(host_clock_ms(NULL) > before);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(test_complete),       WITH_RIG(test_sector_size_is_found),
		WITH_RIG(test_read_and_write), WITH_RIG(test_refused),
		WITH_RIG(test_not_opened),     WITH_RIG(test_sources),
		WITH_RIG(test_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
