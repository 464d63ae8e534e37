/* Recovery media: what is a candidate, in which order, and what a person is told about
 * the rest. Media are never written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recovery/media.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"
#include "tests/host/media_image.h"
#include "tests/host/signed_kernel.h"

static struct host_platform host;
static struct rec_media media;
static struct test_key recovery_key, data_key, stranger;
static struct crypto_policy policy;
static uint8_t head[CRYPTO_HEAD_BYTES];

enum content { GOOD, WRONG_KEY, NORMAL_FLAGS, SELF_SIGNED, ZEROS, SELF_SIGNED_NORMAL };

static const uint8_t *kernel(enum content content, uint16_t version)
{
	static struct {
		enum content content;
		uint16_t version;
		uint8_t *bytes;
	} made[24];
	size_t i = 0, bytes;

	while (made[i].bytes != NULL &&
	       (made[i].content != content || made[i].version != version))
		i++;
	assert_true(i < 24);
	if (made[i].bytes == NULL && content != ZEROS) {
		const struct test_kernel k = {
			.signer = content == SELF_SIGNED || content == SELF_SIGNED_NORMAL
					  ? NULL
				  : content == WRONG_KEY ? &stranger
							 : &recovery_key,
			.data = &data_key,
			.flags = content == NORMAL_FLAGS || content == SELF_SIGNED_NORMAL
					 ? 23
					 : 27,
			.version = version,
			.mark = 'm',
		};

		made[i].content = content;
		made[i].version = version;
		made[i].bytes = test_kernel_make(&k, &bytes);
		assert_int_equal(bytes, MEDIA_IMAGE_KERNEL_BYTES);
	}
	return made[i].bytes;
}

static struct media_image_kernel part(enum content content, uint16_t version,
				      const char *name)
{
	return (struct media_image_kernel){
		.name = name, .bytes = content == ZEROS ? NULL : kernel(content, version)
	};
}

static struct host_disk *add_stick(uint32_t sector_bytes,
				   const struct media_image_kernel *kernels, size_t count)
{
	struct host_disk *disk = host_add_disk(&host, PLATFORM_ATTACHED_USB, sector_bytes,
					       media_image_sectors(sector_bytes, count));

	media_image_make(&disk->mem, kernels, count);
	return disk;
}

static int begin(void **state)
{
	(void)state;
	host_init(&host);
	memset(&media, 0, sizeof media);
	policy = (struct crypto_policy){ .mode = CRYPTO_MODE_RECOVERY };
	assert_int_equal(crypto_key_parse(recovery_key.packed, recovery_key.packed_bytes,
					  0, &policy.key),
			 LB_OK);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < host.disk_count; i++)
		assert_int_equal(host.disks[i].mem.writes + host.disks[i].mem.flushes, 0);
	assert_int_equal(host_release(&host), 0);
	return 0;
}

static void restart(void)
{
	end(NULL);
	begin(NULL);
}

static void scan_all(enum platform_cpu cpu)
{
	struct platform_disk disks[HOST_MAX_DISKS];
	size_t count;

	assert_int_equal(host.plat.list_disks(&host, disks, HOST_MAX_DISKS, &count),
			 LB_OK);
	for (size_t i = 0; i < count; i++)
		rec_media_scan(&host.plat, &disks[i], &policy, cpu, head, &media);
	rec_media_order(&media);
}

static void assert_order(size_t count, const size_t *want)
{
	assert_int_equal(media.order_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(media.order[i], want[i]);
}

/* --- what is a candidate ------------------------------------------------------------ */

static void test_one_kernel(void **state)
{
	static const uint32_t sector_sizes[] = { 512, 1024, 2048, 4096 };
	struct crypto_key key;
	uint8_t id[CRYPTO_KEY_ID_BYTES], guid[16];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct media_image_kernel k = part(GOOD, 3, NULL);

		restart();
		add_stick(sector_sizes[i], &k, 1);
		scan_all(PLATFORM_CPU_X86_64);
		assert_int_equal(media.count, 1);
		const struct rec_candidate *c = &media.candidate[0];

		assert_int_equal(c->verdict.reason, LB_REASON_OK);
		assert_int_equal(c->partition, 2);
		assert_int_equal(c->version, 0x10003);
		assert_int_equal(c->first_lba, media_image_lba(sector_sizes[i], 0));
		assert_int_equal(c->sectors * sector_sizes[i],
				 MEDIA_IMAGE_PARTITION_BYTES);
		assert_false(c->self_signed);
		memset(guid, 0x41, sizeof guid);
		assert_memory_equal(c->guid, guid, sizeof guid);
		assert_int_equal(
			crypto_key_parse(data_key.packed, data_key.packed_bytes, 0, &key),
			LB_OK);
		crypto_key_id(&key, id);
		assert_memory_equal(c->data_key_id, id, sizeof id);
		assert_order(1, (const size_t[]){ 0 });
		assert_null(rec_media_worst(&media));
	}
}

static const struct {
	const char *name;
	enum content content;
	uint16_t version;
	uint32_t floor;
	enum lb_reason want;
} refusals[] = {
	{ "another device's", WRONG_KEY, 3, 0, LB_REASON_KEY_UNKNOWN },
	{ "a system's kernel", NORMAL_FLAGS, 3, 0, LB_REASON_KEYBLOCK_FLAGS },
	{ "a developer's own", SELF_SIGNED, 3, 0, LB_REASON_SELF_SIGNED },
	{ "empty", ZEROS, 0, 0, LB_REASON_NOT_A_KERNEL },
	{ "too old", GOOD, 3, 0x10004, LB_REASON_VERSION_TOO_OLD },
	{ "key too old", GOOD, 3, 0x20000, LB_REASON_VERSION_TOO_OLD },
	{ "old enough", GOOD, 3, 0x10003, LB_REASON_OK },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const struct media_image_kernel k =
			part(refusals[i].content, refusals[i].version, NULL);

		restart();
		policy.floor = refusals[i].floor;
		add_stick(512, &k, 1);
		scan_all(PLATFORM_CPU_X86_64);
		assert_int_equal(media.count, 1);
		if (media.candidate[0].verdict.reason != refusals[i].want)
			fail_msg("%s: %s", refusals[i].name,
				 lb_reason_name(media.candidate[0].verdict.reason));
		assert_int_equal(media.order_count, refusals[i].want == LB_REASON_OK);
		if (refusals[i].want != LB_REASON_OK)
			assert_ptr_equal(rec_media_worst(&media), &media.candidate[0]);
	}
}

/* "older than this device allows: 3 < 5" must have both numbers. */
static void test_too_old_says_both_numbers(void **state)
{
	const struct media_image_kernel k = part(GOOD, 3, NULL);

	(void)state;
	policy.floor = 0x10005;
	add_stick(512, &k, 1);
	scan_all(PLATFORM_CPU_X86_64);
	assert_non_null(strstr(media.candidate[0].verdict.detail,
			       "key 1 kernel 3 < key 1 kernel 5"));
}

static void test_media_without_kernels(void **state)
{
	(void)state;
	host_add_disk(&host, PLATFORM_ATTACHED_USB, 512, 4096); /* zeros */
	add_stick(512, NULL, 0);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, 2);
	assert_int_equal(media.candidate[0].verdict.reason, LB_REASON_NO_GPT);
	assert_int_equal(media.candidate[1].verdict.reason,
			 LB_REASON_NO_KERNEL_PARTITION);
	assert_int_equal(media.candidate[0].partition, 0);
	assert_int_equal(media.candidate[1].partition, 0);
	assert_int_equal(media.order_count, 0);
	assert_string_equal(media.candidate[1].disk.name, "disk1");
}

static void test_no_media(void **state)
{
	(void)state;
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, 0);
	assert_int_equal(media.order_count, 0);
	assert_null(rec_media_worst(&media));
}

static void fail_reads(struct host_disk *disk, uint64_t lba, enum lb_status status)
{
	mem_disk_fail(&disk->mem, (struct mem_fault){ .op = MEM_READ,
						      .first_lba = lba,
						      .last_lba = lba,
						      .status = status });
}

static void test_unreadable_kernels(void **state)
{
	static const struct {
		enum lb_status status;
		enum lb_reason want;
	} rows[] = { { LB_ERR_IO, LB_REASON_READ_ERROR },
		     { LB_ERR_REMOVED, LB_REASON_DISK_REMOVED } };
	const struct media_image_kernel k[] = { part(GOOD, 3, NULL),
						part(GOOD, 2, NULL) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		restart();
		struct host_disk *disk = add_stick(512, k, 2);

		fail_reads(disk, media_image_lba(512, 0) + 5, rows[i].status);
		scan_all(PLATFORM_CPU_X86_64);
		assert_int_equal(media.count, 2);
		assert_int_equal(media.candidate[0].verdict.reason, rows[i].want);
		/* The other one is as good as before. */
		assert_order(1, (const size_t[]){ 1 });
	}
}

/* Either copy of the table is enough, and nothing is repaired. */
static void test_damaged_tables(void **state)
{
	const struct media_image_kernel k = part(GOOD, 3, NULL);

	(void)state;
	struct host_disk *one = add_stick(512, &k, 1);
	struct host_disk *two = add_stick(512, &k, 1);
	struct host_disk *three = add_stick(512, &k, 1);

	gpt_image_spoil_header(&one->mem, 0);
	gpt_image_spoil_entries(&two->mem, 1);
	gpt_image_spoil_entries(&three->mem, 0);
	gpt_image_spoil_entries(&three->mem, 1);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, 3);
	assert_int_equal(media.candidate[2].verdict.reason, LB_REASON_GPT_DAMAGED);
	assert_order(2, (const size_t[]){ 0, 1 });
}

static void test_stick_that_is_gone(void **state)
{
	const struct media_image_kernel k = part(GOOD, 3, NULL);
	struct platform_disk disk;
	size_t count;

	(void)state;
	add_stick(512, &k, 1);
	assert_int_equal(host.plat.list_disks(&host, &disk, 1, &count), LB_OK);
	host.disks[0].mem.removed = true;
	rec_media_scan(&host.plat, &disk, &policy, PLATFORM_CPU_X86_64, head, &media);
	assert_int_equal(media.candidate[0].verdict.reason, LB_REASON_DISK_REMOVED);
}

static void test_partition_smaller_than_its_headers(void **state)
{
	const struct media_image_kernel k = { .bytes = kernel(GOOD, 3),
					      .partition_bytes = 4096 };

	(void)state;
	add_stick(512, &k, 1);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, 1);
	assert_int_not_equal(media.candidate[0].verdict.reason, LB_REASON_OK);
	assert_int_equal(media.order_count, 0);
}

/* --- order -------------------------------------------------------------------------- */

static void test_newest_first_then_as_found(void **state)
{
	const struct media_image_kernel one[] = { part(GOOD, 2, NULL),
						  part(GOOD, 7, NULL),
						  part(GOOD, 2, NULL) };
	const struct media_image_kernel two[] = { part(GOOD, 7, NULL),
						  part(GOOD, 9, NULL),
						  part(WRONG_KEY, 99, NULL) };

	(void)state;
	add_stick(512, one, 3);
	add_stick(4096, two, 3);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, 6);
	assert_order(5, (const size_t[]){ 4, 1, 3, 0, 2 });
	assert_int_equal(rec_media_worst(&media)->partition, 4);
}

#define X86 "RECOVERY-X86_64"
#define ARM "RECOVERY-AARCH64"

/* The name is a hint, unsigned: it moves to the end and never keeps out. */
static void test_names_of_other_processors(void **state)
{
	const struct media_image_kernel k[] = {
		part(GOOD, 9, ARM),
		part(GOOD, 2, X86),
		part(GOOD, 3, "anything"),
		part(GOOD, 4, "RECOVERY-AARCH6"),
		part(GOOD, 5, "RECOVERY-AARCH64X"),
	};

	(void)state;
	add_stick(512, k, 5);
	scan_all(PLATFORM_CPU_X86_64);
	assert_order(5, (const size_t[]){ 4, 3, 2, 1, 0 });
	assert_true(media.candidate[0].other_cpu);
	assert_false(media.candidate[1].other_cpu);
	memset(&media, 0, sizeof media);
	scan_all(PLATFORM_CPU_AARCH64);
	assert_order(5, (const size_t[]){ 0, 4, 3, 2, 1 });
}

/* A developer's stick: an official image beats a self-signed one, however new that is. */
static void test_official_before_self_signed(void **state)
{
	const struct media_image_kernel k[] = { part(SELF_SIGNED_NORMAL, 9, NULL),
						part(NORMAL_FLAGS, 2, NULL),
						part(SELF_SIGNED, 8, NULL) };

	(void)state;
	policy.mode = CRYPTO_MODE_DEVELOPER;
	policy.self_signed_allowed = true;
	add_stick(512, k, 3);
	scan_all(PLATFORM_CPU_X86_64);
	assert_order(3, (const size_t[]){ 1, 0, 2 });
	assert_true(media.candidate[0].self_signed);
	assert_false(media.candidate[1].self_signed);
}

static void test_more_than_there_is_room_for(void **state)
{
	struct media_image_kernel k[MEDIA_IMAGE_MAX_KERNELS];

	(void)state;
	for (size_t i = 0; i < MEDIA_IMAGE_MAX_KERNELS; i++)
		k[i] = part(GOOD, (uint16_t)(i % 4), NULL);
	add_stick(512, k, 20);
	add_stick(512, k, 20);
	host_add_disk(&host, PLATFORM_ATTACHED_USB, 512, 4096);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, REC_MAX_CANDIDATES);
	assert_int_equal(media.order_count, REC_MAX_CANDIDATES);
	for (size_t i = 1; i < REC_MAX_CANDIDATES; i++)
		assert_true(media.candidate[media.order[i]].version <=
			    media.candidate[media.order[i - 1]].version);
	assert_int_equal(media.candidate[media.order[0]].version, 0x10003);
}

/* A table of rubbish before a good image, on one stick and on several. */
static void test_rubbish_hides_nothing(void **state)
{
	struct media_image_kernel rubbish[MEDIA_IMAGE_MAX_KERNELS], last[2];

	(void)state;
	for (size_t i = 0; i < MEDIA_IMAGE_MAX_KERNELS; i++)
		rubbish[i] = part(i % 3 == 0 ? WRONG_KEY : ZEROS, 9, NULL);
	last[0] = part(ZEROS, 0, NULL);
	last[1] = part(GOOD, 1, NULL);
	add_stick(512, rubbish, MEDIA_IMAGE_MAX_KERNELS);
	add_stick(512, rubbish, MEDIA_IMAGE_MAX_KERNELS);
	add_stick(512, last, 2);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, REC_MAX_CANDIDATES);
	assert_order(1, (const size_t[]){ REC_MAX_CANDIDATES - 1 });
	assert_int_equal(rec_media_worst(&media)->verdict.reason, LB_REASON_KEY_UNKNOWN);
}

/* Headers copied from a good image make a candidate; what they announce may be missing.
 * So however new a stick's many candidates say they are, another stick keeps its own. */
static void test_no_stick_hides_another(void **state)
{
	struct media_image_kernel many[MEDIA_IMAGE_MAX_KERNELS], older;

	(void)state;
	for (size_t i = 0; i < MEDIA_IMAGE_MAX_KERNELS; i++)
		many[i] = part(GOOD, 3, NULL);
	older = part(GOOD, 1, NULL);
	add_stick(512, many, MEDIA_IMAGE_MAX_KERNELS);
	add_stick(512, many, MEDIA_IMAGE_MAX_KERNELS);
	const struct host_disk *third = add_stick(512, &older, 1);

	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.order_count, REC_MAX_CANDIDATES);
	assert_int_equal(media.candidate[media.order[REC_MAX_CANDIDATES - 1]].disk.id,
			 third->info.id);
}

/* Candidate @i of a full list: on medium @disk, good with @version or refused. */
static void put(size_t i, uint32_t disk, uint32_t version, enum lb_reason reason)
{
	media.candidate[i] = (struct rec_candidate){
		.disk = { .id = disk },
		.partition = (uint32_t)i + 1,
		.version = version,
		.verdict = { .reason = reason },
	};
	media.count = REC_MAX_CANDIDATES;
}

/* Which of a full list's candidates went when one more came, from 0; -1: the new one. */
static int gone_for(enum content content, uint16_t version)
{
	const struct media_image_kernel k = part(content, version, NULL);

	(void)add_stick(512, &k, 1);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, REC_MAX_CANDIDATES);
	for (size_t i = 0; i < REC_MAX_CANDIDATES; i++)
		if (media.candidate[i].partition != i + 1) {
			/* The ones behind it have moved up, whole and in their order. */
			for (size_t j = i; j + 1 < REC_MAX_CANDIDATES; j++)
				assert_int_equal(media.candidate[j].partition, j + 2);
			return (int)i;
		}
	return -1;
}

static void test_which_one_goes(void **state)
{
	static const struct {
		const char *name;
		size_t bad;
		enum lb_reason reason;
		enum content content;
		int want;
	} rows[] = {
		{ "the only bad one, first", 0, LB_REASON_KEY_UNKNOWN, GOOD, 0 },
		{ "second", 1, LB_REASON_KEY_UNKNOWN, GOOD, 1 },
		{ "in the middle", 17, LB_REASON_KEY_UNKNOWN, GOOD, 17 },
		{ "last", 31, LB_REASON_KEY_UNKNOWN, GOOD, 31 },
		{ "it tells as much as the new one", 5, LB_REASON_KEY_UNKNOWN, WRONG_KEY,
		  -1 },
		{ "it tells more", 5, LB_REASON_VERSION_TOO_OLD, WRONG_KEY, -1 },
		{ "it tells less", 5, LB_REASON_NO_GPT, WRONG_KEY, 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("%s\n", rows[i].name);
		for (size_t c = 0; c < REC_MAX_CANDIDATES; c++)
			put(c, 1000 + (uint32_t)c, 0x10001,
			    c == rows[i].bad ? rows[i].reason : LB_REASON_OK);
		assert_int_equal(gone_for(rows[i].content, 3), rows[i].want);
		restart();
	}
}

static void test_of_equals_the_last_goes(void **state)
{
	(void)state;
	for (size_t c = 0; c < REC_MAX_CANDIDATES; c++)
		put(c, 1000, 0, LB_REASON_NO_GPT);
	assert_int_equal(gone_for(WRONG_KEY, 1), REC_MAX_CANDIDATES - 1);
}

/* Two media: the first @first of the list are of one, the rest of the other. */
static void test_the_fuller_medium_gives(void **state)
{
	static const struct {
		size_t first;
		uint32_t version[2];
		int want;
	} rows[] = {
		{ 20, { 0x10009, 0x10001 }, 19 }, /* the first has more */
		{ 12, { 0x10001, 0x10009 }, 31 }, /* the second has */
		{ 16, { 0x10001, 0x10009 }, 15 }, /* as many: the older */
		{ 16, { 0x10009, 0x10001 }, 31 }, { 17, { 0x10009, 0x10001 }, 16 },
		{ 15, { 0x10001, 0x10009 }, 31 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("row %zu\n", i);
		for (size_t c = 0; c < REC_MAX_CANDIDATES; c++)
			put(c, c < rows[i].first ? 1000 : 1001,
			    rows[i].version[c < rows[i].first ? 0 : 1], LB_REASON_OK);
		assert_int_equal(gone_for(GOOD, 1), rows[i].want);
		restart();
	}
}

static void test_a_kernel_in_the_first_entry(void **state)
{
	const struct gpt_image_part kernel_first = { 'k', 40, 400, 0 };
	struct host_disk *disk = host_add_disk(&host, PLATFORM_ATTACHED_USB, 512, 4096);

	(void)state;
	gpt_image_make(&disk->mem, 128, 128, &kernel_first, 1);
	scan_all(PLATFORM_CPU_X86_64);
	assert_int_equal(media.count, 1);
	assert_int_equal(media.candidate[0].partition, 1);
	assert_int_equal(media.candidate[0].verdict.reason, LB_REASON_NOT_A_KERNEL);
}

static void test_names_are_compared_whole(void **state)
{
	static const struct {
		const char *name;
		enum platform_cpu cpu;
		bool other;
	} rows[] = {
		{ "RECOVERY-X86_64", PLATFORM_CPU_AARCH64, true },
		{ "RECOVERY-X86_64", PLATFORM_CPU_X86_64, false },
		{ "RECOVERY-AARCH64", PLATFORM_CPU_X86_64, true },
		{ "XECOVERY-AARCH64", PLATFORM_CPU_X86_64, false },
		{ "RECOVERY-AARCH6", PLATFORM_CPU_X86_64, false },
		{ "RECOVERY-AARCH64X", PLATFORM_CPU_X86_64, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct media_image_kernel k = part(GOOD, 1, rows[i].name);

		print_message("%s\n", rows[i].name);
		add_stick(512, &k, 1);
		scan_all(rows[i].cpu);
		assert_int_equal(media.candidate[0].other_cpu, rows[i].other);
		restart();
	}
}

/* Ordering again, as after a scan that added some, begins from nothing. */
static void test_ordered_twice(void **state)
{
	const struct media_image_kernel k[] = { part(GOOD, 1, NULL),
						part(GOOD, 2, NULL) };

	(void)state;
	add_stick(512, k, 2);
	scan_all(PLATFORM_CPU_X86_64);
	rec_media_order(&media);
	assert_order(2, (const size_t[]){ 1, 0 });
}

/* --- what a person is told ---------------------------------------------------------- */

/* From telling little to telling much. */
static const enum lb_reason telling[] = {
	LB_REASON_NO_GPT,          LB_REASON_NOT_A_KERNEL,   LB_REASON_DISK_REMOVED,
	LB_REASON_KEY_UNKNOWN,     LB_REASON_KEYBLOCK_FLAGS, LB_REASON_WRONG_CPU,
	LB_REASON_VERSION_TOO_OLD, LB_REASON_BODY_DAMAGED,
};

static void test_the_most_telling_reason(void **state)
{
	const size_t count = sizeof telling / sizeof telling[0];

	(void)state;
	media.count = 3;
	for (size_t less = 0; less < count; less++)
		for (size_t more = less + 1; more < count; more++)
			for (size_t at = 0; at < 3; at++) {
				for (size_t i = 0; i < 3; i++)
					media.candidate[i].verdict.reason =
						i == at             ? telling[more]
						: i == 2 && at != 2 ? LB_REASON_OK
								    : telling[less];
				assert_ptr_equal(rec_media_worst(&media),
						 &media.candidate[at]);
			}
}

static void test_of_equal_reasons_the_first(void **state)
{
	(void)state;
	media.count = 3;
	for (size_t i = 0; i < 3; i++)
		media.candidate[i].verdict.reason = LB_REASON_KEY_UNKNOWN;
	assert_ptr_equal(rec_media_worst(&media), &media.candidate[0]);
}

static int set_up(void **state)
{
	(void)state;
	test_key_make(&recovery_key, 1);
	test_key_make(&data_key, 1);
	test_key_make(&stranger, 1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_kernel, begin, end),
		cmocka_unit_test_setup_teardown(test_refusals, begin, end),
		cmocka_unit_test_setup_teardown(test_too_old_says_both_numbers, begin,
						end),
		cmocka_unit_test_setup_teardown(test_media_without_kernels, begin, end),
		cmocka_unit_test_setup_teardown(test_no_media, begin, end),
		cmocka_unit_test_setup_teardown(test_unreadable_kernels, begin, end),
		cmocka_unit_test_setup_teardown(test_damaged_tables, begin, end),
		cmocka_unit_test_setup_teardown(test_stick_that_is_gone, begin, end),
		cmocka_unit_test_setup_teardown(test_partition_smaller_than_its_headers,
						begin, end),
		cmocka_unit_test_setup_teardown(test_newest_first_then_as_found, begin,
						end),
		cmocka_unit_test_setup_teardown(test_names_of_other_processors, begin,
						end),
		cmocka_unit_test_setup_teardown(test_official_before_self_signed, begin,
						end),
		cmocka_unit_test_setup_teardown(test_rubbish_hides_nothing, begin, end),
		cmocka_unit_test_setup_teardown(test_no_stick_hides_another, begin, end),
		cmocka_unit_test_setup_teardown(test_more_than_there_is_room_for, begin,
						end),
		cmocka_unit_test_setup_teardown(test_which_one_goes, begin, end),
		cmocka_unit_test_setup_teardown(test_of_equals_the_last_goes, begin, end),
		cmocka_unit_test_setup_teardown(test_the_fuller_medium_gives, begin, end),
		cmocka_unit_test_setup_teardown(test_a_kernel_in_the_first_entry, begin,
						end),
		cmocka_unit_test_setup_teardown(test_names_are_compared_whole, begin,
						end),
		cmocka_unit_test_setup_teardown(test_ordered_twice, begin, end),
		cmocka_unit_test_setup_teardown(test_the_most_telling_reason, begin, end),
		cmocka_unit_test_setup_teardown(test_of_equal_reasons_the_first, begin,
						end),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
