/* GPT headers: headers made by cgpt and fdisk, and every field outside its range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "gpt/gpt_header.h"
#include "tests/host/gpt_image.h"

#define SECTORS 512u

/* `cgpt create` and `cgpt add` on 512 sectors of 512 bytes: primary and backup. */
static const uint8_t by_cgpt[2][92] = {
	{ 0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54, 0x00, 0x00, 0x01, 0x00,
	  0x5c, 0x00, 0x00, 0x00, 0x1f, 0x09, 0x10, 0x5e, 0x00, 0x00, 0x00, 0x00,
	  0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x01, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	  0xde, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa7, 0x70, 0xa9, 0xb0,
	  0x1a, 0xd2, 0x46, 0xd8, 0xa8, 0xc2, 0x67, 0xed, 0x61, 0x81, 0x8c, 0x96,
	  0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
	  0x80, 0x00, 0x00, 0x00, 0x0f, 0x80, 0xed, 0x91 },
	{ 0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54, 0x00, 0x00, 0x01, 0x00,
	  0x5c, 0x00, 0x00, 0x00, 0x32, 0x63, 0x01, 0x45, 0x00, 0x00, 0x00, 0x00,
	  0xff, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	  0xde, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa7, 0x70, 0xa9, 0xb0,
	  0x1a, 0xd2, 0x46, 0xd8, 0xa8, 0xc2, 0x67, 0xed, 0x61, 0x81, 0x8c, 0x96,
	  0xdf, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
	  0x80, 0x00, 0x00, 0x00, 0x0f, 0x80, 0xed, 0x91 },
};

/* `fdisk -b 4096` on 512 sectors of 4096 bytes. */
static const uint8_t by_fdisk[2][92] = {
	{ 0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54, 0x00, 0x00, 0x01, 0x00,
	  0x5c, 0x00, 0x00, 0x00, 0x58, 0x0f, 0xca, 0x8a, 0x00, 0x00, 0x00, 0x00,
	  0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x01, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	  0xfa, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa1, 0x25, 0xbb, 0xa3,
	  0xca, 0x58, 0x4d, 0xc3, 0xb1, 0x1e, 0x11, 0xa7, 0xe7, 0x5b, 0x89, 0x49,
	  0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
	  0x80, 0x00, 0x00, 0x00, 0x95, 0x54, 0xe9, 0x5b },
	{ 0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54, 0x00, 0x00, 0x01, 0x00,
	  0x5c, 0x00, 0x00, 0x00, 0x27, 0xde, 0xca, 0xc5, 0x00, 0x00, 0x00, 0x00,
	  0xff, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
	  0x00, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	  0xfa, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa1, 0x25, 0xbb, 0xa3,
	  0xca, 0x58, 0x4d, 0xc3, 0xb1, 0x1e, 0x11, 0xa7, 0xe7, 0x5b, 0x89, 0x49,
	  0xfb, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
	  0x80, 0x00, 0x00, 0x00, 0x95, 0x54, 0xe9, 0x5b },
};

static void check_foreign_header(const uint8_t bytes[92], uint32_t sector_bytes, int copy)
{
	const struct gpt_geometry disk = { sector_bytes, SECTORS };
	const uint64_t lba = copy == 0 ? 1 : SECTORS - 1;
	uint8_t sector[GPT_MAX_SECTOR_BYTES] = { 0 }, made[GPT_MAX_SECTOR_BYTES];
	struct gpt_header h;

	memcpy(sector, bytes, 92);
	assert_int_equal(gpt_header_parse(sector, lba, &disk, &h), LB_OK);
	assert_int_equal(h.signature, GPT_SIGNATURE_EFI);
	assert_int_equal(h.header_bytes, 92);
	assert_int_equal(h.my_lba, lba);
	assert_int_equal(h.alternate_lba, copy == 0 ? SECTORS - 1 : 1);
	assert_int_equal(h.entry_count, 128);
	assert_int_equal(h.entry_bytes, 128);
	assert_int_equal(gpt_header_table_bytes(&h), 16384);
	assert_int_equal(gpt_header_table_sectors(&h, &disk), 16384 / sector_bytes);
	assert_int_equal(h.first_usable_lba, 2 + 16384 / sector_bytes);
	assert_int_equal(h.last_usable_lba, SECTORS - 2 - 16384 / sector_bytes);
	assert_true(gpt_header_cgpt_accepts(&h, &disk));
	assert_true(gpt_header_apart(&h, &disk));

	gpt_header_encode(&h, sector_bytes, made);
	assert_memory_equal(made, sector, sector_bytes);
}

static void test_headers_of_other_tools(void **state)
{
	(void)state;
	for (int copy = 0; copy < 2; copy++) {
		check_foreign_header(by_cgpt[copy], 512, copy);
		check_foreign_header(by_fdisk[copy], 4096, copy);
	}
}

/* One changed field, checksum right unless it is the checksum. */
static const struct {
	const char *name;
	int copy;
	size_t at, bytes;
	uint64_t value;
	enum lb_status want;
} fields[] = {
	{ "revision 2.0", 0, GPT_AT_REVISION, 4, 0x00020000, LB_ERR_VERSION },
	{ "size 91", 0, GPT_AT_SIZE, 4, 91, LB_ERR_RANGE },
	{ "size 0", 0, GPT_AT_SIZE, 4, 0, LB_ERR_RANGE },
	{ "size 93", 0, GPT_AT_SIZE, 4, 93, LB_OK },
	{ "size of the sector", 0, GPT_AT_SIZE, 4, 512, LB_OK },
	{ "size beyond the sector", 0, GPT_AT_SIZE, 4, 513, LB_ERR_RANGE },
	{ "size 4 GiB", 0, GPT_AT_SIZE, 4, 0xffffffff, LB_ERR_RANGE },
	{ "checksum", 0, GPT_AT_CRC, 4, 0x12345678, LB_ERR_CRC },
	{ "reserved not zero", 0, GPT_AT_RESERVED, 4, 1, LB_ERR_RANGE },
	{ "primary elsewhere", 0, GPT_AT_MY_LBA, 8, 2, LB_ERR_RANGE },
	{ "backup says it is the primary", 1, GPT_AT_MY_LBA, 8, 1, LB_ERR_RANGE },
	{ "alternate anywhere", 0, GPT_AT_ALTERNATE, 8, UINT64_MAX, LB_OK },
	{ "first usable inside the table", 0, GPT_AT_FIRST_USABLE, 8, 33, LB_ERR_RANGE },
	{ "first usable late", 0, GPT_AT_FIRST_USABLE, 8, 478, LB_OK },
	{ "first usable after last", 0, GPT_AT_FIRST_USABLE, 8, 479, LB_ERR_RANGE },
	{ "last usable inside the backup table", 0, GPT_AT_LAST_USABLE, 8, 479,
	  LB_ERR_RANGE },
	{ "last usable beyond the disk", 0, GPT_AT_LAST_USABLE, 8, UINT64_MAX,
	  LB_ERR_RANGE },
	{ "one usable sector", 0, GPT_AT_LAST_USABLE, 8, 34, LB_OK },
	{ "last usable before first", 0, GPT_AT_LAST_USABLE, 8, 33, LB_ERR_RANGE },
	{ "entries over the header", 0, GPT_AT_ENTRIES_LBA, 8, 1, LB_ERR_RANGE },
	{ "entries later", 0, GPT_AT_ENTRIES_LBA, 8, 3, LB_OK },
	{ "entries reach the end", 0, GPT_AT_ENTRIES_LBA, 8, 480, LB_OK },
	{ "entries beyond the end", 0, GPT_AT_ENTRIES_LBA, 8, 481, LB_ERR_RANGE },
	{ "entries that wrap", 0, GPT_AT_ENTRIES_LBA, 8, UINT64_MAX - 1, LB_ERR_RANGE },
	{ "backup's entries over its header", 1, GPT_AT_ENTRIES_LBA, 8, 480,
	  LB_ERR_RANGE },
	{ "backup's entries usable", 1, GPT_AT_ENTRIES_LBA, 8, 478, LB_ERR_RANGE },
	{ "no entries", 0, GPT_AT_COUNT, 4, 0, LB_ERR_RANGE },
	{ "one entry", 0, GPT_AT_COUNT, 4, 1, LB_OK },
	{ "too many for the usable range", 0, GPT_AT_COUNT, 4, 129, LB_ERR_RANGE },
	{ "1025 entries", 0, GPT_AT_COUNT, 4, 1025, LB_ERR_RANGE },
	{ "4 G entries", 0, GPT_AT_COUNT, 4, 0xffffffff, LB_ERR_RANGE },
	{ "entry of 0 bytes", 0, GPT_AT_ENTRY_BYTES, 4, 0, LB_ERR_RANGE },
	{ "entry of 64 bytes", 0, GPT_AT_ENTRY_BYTES, 4, 64, LB_ERR_RANGE },
	{ "entry of 192 bytes", 0, GPT_AT_ENTRY_BYTES, 4, 192, LB_ERR_RANGE },
	{ "entry beyond a sector", 0, GPT_AT_ENTRY_BYTES, 4, 1024, LB_ERR_RANGE },
	{ "entries checksum is not judged here", 0, GPT_AT_ENTRIES_CRC, 4, 1, LB_OK },
};

static void make_disk(struct mem_disk *disk)
{
	const struct gpt_image_part part = { 'k', 34, 40, 0 };

	mem_disk_init(disk, 512, SECTORS);
	gpt_image_make(disk, 128, 128, &part, 1);
}

static void test_fields(void **state)
{
	const struct gpt_geometry geometry = { 512, SECTORS };

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		const uint64_t lba = fields[i].copy == 0 ? 1 : SECTORS - 1;
		struct gpt_header h = { .entry_count = 4711 };
		struct mem_disk disk;

		make_disk(&disk);
		gpt_image_put(&disk, fields[i].copy, fields[i].at, fields[i].bytes,
			      fields[i].value);
		const enum lb_status status = gpt_header_parse(
			gpt_image_header(&disk, fields[i].copy), lba, &geometry, &h);

		mem_disk_release(&disk);
		if (status != fields[i].want)
			print_error("row: %s\n", fields[i].name);
		assert_int_equal(status, fields[i].want);
		if (status != LB_OK) /* out is written only on LB_OK */
			assert_int_equal(h.entry_count, 4711);
	}
}

static void test_signatures(void **state)
{
	static const struct {
		const char *name;
		enum gpt_signature signature;
		enum lb_status want;
	} rows[] = {
		{ "EFI PART", GPT_SIGNATURE_EFI, LB_OK },
		{ "CHROMEOS", GPT_SIGNATURE_CHROMEOS, LB_OK },
		{ "IGNOREME", GPT_SIGNATURE_IGNOREME, LB_OK },
		{ "EFI TRAP", GPT_SIGNATURE_NONE, LB_ERR_MAGIC },
		{ "efi part", GPT_SIGNATURE_NONE, LB_ERR_MAGIC },
	};
	const struct gpt_geometry geometry = { 512, SECTORS };
	struct gpt_header h;
	struct mem_disk disk;

	(void)state;
	make_disk(&disk);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		gpt_image_sign(&disk, 0, rows[i].name);
		const uint8_t *sector = gpt_image_header(&disk, 0);

		assert_int_equal(gpt_header_signature(sector), rows[i].signature);
		assert_int_equal(gpt_header_parse(sector, 1, &geometry, &h),
				 rows[i].want);
		if (rows[i].want == LB_OK)
			assert_int_equal(h.signature, rows[i].signature);
	}
	/* An ignored header needs no more than its name. */
	memset(gpt_image_header(&disk, 0), 0, 512);
	memcpy(gpt_image_header(&disk, 0), "IGNOREME", 8);
	assert_int_equal(gpt_header_parse(gpt_image_header(&disk, 0), 1, &geometry, &h),
			 LB_OK);
	mem_disk_release(&disk);
}

static void test_geometry(void **state)
{
	static const struct {
		const char *name;
		struct gpt_geometry disk;
		bool want;
	} rows[] = {
		{ "512", { 512, 100 }, true },
		{ "1024", { 1024, 100 }, true },
		{ "4096", { 4096, 100 }, true },
		{ "256", { 256, 100 }, false },
		{ "520", { 520, 100 }, false },
		{ "8192", { 8192, 100 }, false },
		{ "none", { 0, 100 }, false },
		{ "smallest", { 512, 6 }, true },
		{ "too small", { 512, 5 }, false },
		{ "empty", { 512, 0 }, false },
		{ "largest", { 4096, UINT64_MAX }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (gpt_geometry_allowed(&rows[i].disk) != rows[i].want)
			print_error("row: %s\n", rows[i].name);
		assert_int_equal(gpt_geometry_allowed(&rows[i].disk), rows[i].want);
	}
}

static void test_comparisons(void **state)
{
	const struct gpt_geometry disk = { 4096, SECTORS };
	uint8_t sector[4096] = { 0 };
	struct gpt_header a, b;

	(void)state;
	memcpy(sector, by_fdisk[0], 92);
	assert_int_equal(gpt_header_parse(sector, 1, &disk, &a), LB_OK);
	memcpy(sector, by_fdisk[1], 92);
	assert_int_equal(gpt_header_parse(sector, SECTORS - 1, &disk, &b), LB_OK);
	assert_true(gpt_header_same_table(&a, &b));

	struct gpt_header c = b;
	c.disk_guid[15] ^= 1;
	assert_false(gpt_header_same_table(&a, &c));
	c = b;
	c.entries_crc32++;
	assert_false(gpt_header_same_table(&a, &c));
	c = b;
	c.last_usable_lba--;
	assert_false(gpt_header_same_table(&a, &c));
	c = b;
	c.signature = GPT_SIGNATURE_CHROMEOS;
	assert_false(gpt_header_same_table(&a, &c));

	c = b;
	c.entries_lba--;
	assert_false(gpt_header_cgpt_accepts(&c, &disk));
	c = a;
	c.entry_count = 64;
	assert_false(gpt_header_cgpt_accepts(&c, &disk));
	c = a;
	c.header_bytes = 513;
	assert_false(gpt_header_cgpt_accepts(&c, &disk));
	c.header_bytes = 512;
	assert_true(gpt_header_cgpt_accepts(&c, &disk));

	c = a;
	c.entries_lba = 3; /* its last sector is the first usable one */
	assert_false(gpt_header_apart(&c, &disk));
	c.first_usable_lba = 7;
	assert_true(gpt_header_apart(&c, &disk));
	c.entries_lba = c.last_usable_lba + 1; /* the backup's side */
	assert_false(gpt_header_apart(&c, &disk));
	assert_true(gpt_header_apart(&b, &disk));
	b.entries_lba = b.last_usable_lba;
	assert_false(gpt_header_apart(&b, &disk));
}

/* As many entries as we take, and not one more. */
static void test_most_entries(void **state)
{
	(void)state;
	for (uint32_t count = GPT_MAX_ENTRIES; count <= GPT_MAX_ENTRIES + 4; count += 4) {
		const struct gpt_geometry geometry = { 512, 2000 };
		struct gpt_header h;
		struct mem_disk disk;

		mem_disk_init(&disk, geometry.sector_bytes, geometry.sectors);
		gpt_image_make(&disk, count, 128, NULL, 0);
		assert_int_equal(
			gpt_header_parse(gpt_image_header(&disk, 0), 1, &geometry, &h),
			count == GPT_MAX_ENTRIES ? LB_OK : LB_ERR_RANGE);
		mem_disk_release(&disk);
	}
}

static void test_patch_keeps_the_rest(void **state)
{
	const struct gpt_geometry geometry = { 512, SECTORS };
	uint8_t before[512];
	struct gpt_header h;
	struct mem_disk disk;

	(void)state;
	make_disk(&disk);
	uint8_t *sector = gpt_image_header(&disk, 0);

	memset(sector + 92, 0xab, 512 - 92);
	gpt_image_put(&disk, 0, GPT_AT_SIZE, 4, 512);
	memcpy(before, sector, 512);
	assert_int_equal(gpt_header_parse(sector, 1, &geometry, &h), LB_OK);
	gpt_header_patch(&h, sector);
	assert_memory_equal(sector, before, 512);

	h.entries_crc32 = 0x01020304;
	gpt_header_patch(&h, sector);
	assert_int_equal(gpt_header_parse(sector, 1, &geometry, &h), LB_OK);
	assert_int_equal(h.entries_crc32, 0x01020304);
	assert_memory_equal(sector + 92, before + 92, 512 - 92);
	mem_disk_release(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_of_other_tools),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_most_entries),
		cmocka_unit_test(test_patch_keeps_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
