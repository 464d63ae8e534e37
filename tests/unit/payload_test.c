/* Payloads: who may install what, judged before anything else is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "tests/host/boot_rig.h"
#include "tests/host/payload_image.h"
#include "update/apply.h"
#include "update/journal.h"
#include "update/payload.pb-c.h"
#include "update/wire.h"

#define ROOT_BYTES 8192u

static struct host_platform host;
static uint8_t root[ROOT_BYTES];
static struct test_payload plan;

/* The key's own source, which remembers how far it was read. */
struct watched {
	struct test_bytes bytes;
	uint64_t furthest;
};

static enum lb_status read_watched(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct watched *w = ctx;

	if (!lb_within(offset, len, w->bytes.bytes))
		return LB_ERR_RANGE;
	if (offset + len > w->furthest)
		w->furthest = offset + len;
	memcpy(buf, w->bytes.data + offset, len);
	return LB_OK;
}

static enum update_reason open_as(const struct test_payload *made,
				  const struct update_device *device, uint64_t *furthest,
				  struct update_verdict *why)
{
	struct watched w = { 0 };
	struct update_memory memory = { .plat = &host.plat,
					.limit = UPDATE_FULL_MEMORY_BYTES };
	struct update_payload p;
	uint8_t *data = test_payload_make(made, &w.bytes.bytes);

	w.bytes.data = data;
	const struct lb_source source = { &w, w.bytes.bytes, read_watched };
	const enum update_reason reason =
		update_payload_open(&source, device, &memory, &p, why);

	if (reason == UPDATE_OK)
		update_payload_close(&p);
	assert_int_equal(memory.used, 0);
	if (furthest != NULL)
		*furthest = w.furthest;
	free(data);
	return reason;
}

/* --- table -------------------------------------------------------------------------- */

static void right(struct test_payload *p, struct update_device *d)
{
	(void)p, (void)d;
}

static void other_key(struct test_payload *p, struct update_device *d)
{
	(void)p;
	d->key_id[0] ^= 1;
}

static void other_model(struct test_payload *p, struct update_device *d)
{
	(void)p;
	d->model = "another";
}

static void any_model(struct test_payload *p, struct update_device *d)
{
	(void)p;
	d->model = NULL;
}

static void other_hardware(struct test_payload *p, struct update_device *d)
{
	p->hardware_id = "rev1";
	d->hardware_id = "rev2";
}

static void same_hardware(struct test_payload *p, struct update_device *d)
{
	p->hardware_id = "rev1";
	d->hardware_id = "rev1";
}

static void other_cpu(struct test_payload *p, struct update_device *d)
{
	(void)d;
	p->cpu = 2;
}

static void unknown_cpu(struct test_payload *p, struct update_device *d)
{
	(void)d;
	p->cpu = 3;
}

static void floor_above(struct test_payload *p, struct update_device *d)
{
	(void)p;
	d->policy.floor = 0x10003;
}

static void floor_equal(struct test_payload *p, struct update_device *d)
{
	(void)p;
	d->policy.floor = 0x10002;
}

static void recovery_mode(struct test_payload *p, struct update_device *d)
{
	(void)p;
	d->policy.mode = CRYPTO_MODE_RECOVERY;
}

static void stranger_states(struct test_payload *p, struct update_device *d)
{
	(void)d;
	p->data_key = &rig_keys()->stranger;
}

static void stranger_recipe(struct test_payload *p, struct update_device *d)
{
	(void)d;
	p->recipe_signer = &rig_keys()->stranger;
}

static void named_recipe(struct test_payload *p, struct update_device *d)
{
	static uint8_t id[CRYPTO_KEY_ID_BYTES];
	struct crypto_key key;

	(void)d;
	p->recipe_signer = &rig_keys()->stranger;
	assert_int_equal(crypto_key_parse(rig_keys()->stranger.packed,
					  rig_keys()->stranger.packed_bytes, 0, &key),
			 LB_OK);
	crypto_key_id(&key, id);
	p->recipe_key_id = id;
}

/* A stolen recipe key: no more writes than the slot has blocks. */
static void writes_twice(struct test_payload *p, struct update_device *d)
{
	named_recipe(p, d);
	p->twice = true;
}

static const struct {
	const char *name;
	void (*change)(struct test_payload *p, struct update_device *d);
	enum update_reason want;
	bool statement_only; /* nothing behind the statement may have been read */
} rows[] = {
	{ "the right one", right, UPDATE_OK, false },
	{ "a device with another key", other_key, UPDATE_KEY, true },
	{ "another model", other_model, UPDATE_MODEL, true },
	{ "a host that asks for no model", any_model, UPDATE_OK, false },
	{ "other hardware", other_hardware, UPDATE_HARDWARE, true },
	{ "the same hardware", same_hardware, UPDATE_OK, false },
	{ "another processor", other_cpu, UPDATE_CPU, true },
	{ "an unknown processor", unknown_cpu, UPDATE_STATEMENT, true },
	{ "below the floor", floor_above, UPDATE_VERSION, true },
	{ "at the floor", floor_equal, UPDATE_OK, false },
	{ "nothing is installed for recovery", recovery_mode, UPDATE_REFUSED, true },
	{ "stated by a stranger", stranger_states, UPDATE_SIGNATURE, true },
	{ "a stranger's recipe", stranger_recipe, UPDATE_RECIPE_SIGNATURE, false },
	{ "a recipe key's recipe", named_recipe, UPDATE_OK, false },
	{ "a recipe that writes blocks twice", writes_twice, UPDATE_MANIFEST, false },
};

static void test_judgement(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct test_payload p = plan;
		struct update_device d = test_payload_device(&plan);
		struct update_verdict why;
		uint64_t furthest;

		print_message("row: %s\n", rows[i].name);
		rows[i].change(&p, &d);
		assert_int_equal(open_as(&p, &d, &furthest, &why), rows[i].want);
		if (rows[i].want != UPDATE_OK)
			assert_true(why.detail[0] != '\0');
		/* Headers are under 3 KiB here, and the operations come after. */
		if (rows[i].statement_only)
			assert_true(furthest < 4096);
	}
}

/* --- other -------------------------------------------------------------------------- */

/* Every bit of header, statement and manifest is signed or checked. */
static void test_every_bit(void **state)
{
	const struct update_device device = test_payload_device(&plan);
	struct update_memory memory = { .plat = &host.plat,
					.limit = UPDATE_FULL_MEMORY_BYTES };
	struct test_bytes bytes;
	struct update_verdict why;
	struct update_payload p;
	uint8_t *data = test_payload_make(&plan, &bytes.bytes);

	(void)state;
	bytes.data = data;
	const struct lb_source source = test_source(&bytes);
	const uint64_t end = UPDATE_HEADER_BYTES + lb_be64(data + 12);

	for (uint64_t at = 0; at < end; at += at < 200 ? 1 : 37) {
		data[at] ^= (uint8_t)(1u << at % 8);
		if (update_payload_open(&source, &device, &memory, &p, &why) == UPDATE_OK)
			fail_msg("offset %llu is not covered", (unsigned long long)at);
		assert_int_equal(memory.used, 0);
		data[at] ^= (uint8_t)(1u << at % 8);
	}
	assert_int_equal(update_payload_open(&source, &device, &memory, &p, &why),
			 UPDATE_OK);
	assert_int_equal(update_payload_signed(&p, &why), UPDATE_OK);
	update_payload_close(&p);
	free(data);
}

/* No memory at any point: said, and nothing is lost. */
static void test_no_memory(void **state)
{
	const struct update_device device = test_payload_device(&plan);
	struct test_bytes bytes;
	struct update_verdict why;
	uint8_t *data = test_payload_make(&plan, &bytes.bytes);
	enum update_reason reason = UPDATE_MEMORY;
	uint32_t at = 0;

	(void)state;
	bytes.data = data;
	const struct lb_source source = test_source(&bytes);

	while (reason == UPDATE_MEMORY) {
		struct update_memory memory = { .plat = &host.plat, .limit = SIZE_MAX };
		struct update_payload p;

		host.fail_alloc_at = ++at;
		reason = update_payload_open(&source, &device, &memory, &p, &why);
		host.fail_alloc_at = 0;
		if (reason == UPDATE_OK)
			update_payload_close(&p);
		assert_int_equal(memory.used, 0);
	}
	assert_int_equal(reason, UPDATE_OK);
	assert_true(at > 4);
	free(data);
}

static const struct {
	const char *name;
	uint8_t bytes[12];
	size_t len;
	enum lb_status want;
	uint64_t value;
} varints[] = {
	{ "zero", { 0 }, 1, LB_OK, 0 },
	{ "two bytes", { 0xac, 0x02 }, 2, LB_OK, 300 },
	{ "all 64 bits",
	  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 },
	  10,
	  LB_OK,
	  UINT64_MAX },
	{ "a 65th bit",
	  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2 },
	  10,
	  LB_ERR_RANGE,
	  0 },
	{ "eleven bytes",
	  { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0 },
	  11,
	  LB_ERR_RANGE,
	  0 },
	{ "cut", { 0x80 }, 1, LB_ERR_TRUNCATED, 0 },
	{ "nothing", { 0 }, 0, LB_ERR_TRUNCATED, 0 },
};

static void test_varints(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof varints / sizeof varints[0]; i++) {
		uint64_t value = 0;
		size_t at = 0;

		print_message("row: %s\n", varints[i].name);
		assert_int_equal(
			update_varint(varints[i].bytes, varints[i].len, &at, &value),
			varints[i].want);
		assert_int_equal(value, varints[i].value);
		assert_int_equal(at, varints[i].want == LB_OK ? varints[i].len : 0);
	}
}

/* Targets whose sum wraps, in a partition that nobody vouches for: what is written would
 * be read from behind the room of @target_bytes. */
static const struct {
	const char *name;
	uint64_t bytes; /* of the partition */
	size_t count;
	uint64_t blocks; /* of each extent but the last, which has one */
	enum update_reason want;
} targets[] = {
	{ "within the partition", 3 * 4096, 2, 2, UPDATE_OK },
	{ "more than the partition, over and over", 3 * 4096, 3, 2, UPDATE_MANIFEST },
	{ "a sum of 2^64 + 4096", UINT64_C(1) << 62, 5, UINT64_C(1) << 50,
	  UPDATE_MANIFEST },
};

/* Operation @row's message, with the tag that it has in a partition. */
static size_t put_targets(size_t row, uint8_t *out)
{
	Lbpb__InstallOperation o = LBPB__INSTALL_OPERATION__INIT;
	Lbpb__Extent extent[8], *extents[8];
	uint8_t message[256];
	size_t at = 0;

	for (size_t i = 0; i < targets[row].count; i++) {
		extent[i] = (Lbpb__Extent)LBPB__EXTENT__INIT;
		extent[i].has_num_blocks = extent[i].has_start_block = 1;
		extent[i].num_blocks =
			i + 1 < targets[row].count ? targets[row].blocks : 1;
		extents[i] = &extent[i];
	}
	o.type = UPDATE_ZERO;
	o.n_dst_extents = targets[row].count;
	o.dst_extents = extents;
	const size_t len = lbpb__install_operation__pack(&o, message);

	at += update_wire_put_tag(out, 8, UPDATE_WIRE_BYTES);
	at += update_wire_put_varint(out + at, len);
	memcpy(out + at, message, len);
	return at + len;
}

static void test_targets(void **state)
{
	static uint8_t room[UPDATE_OPERATION_ROOM_BYTES];
	struct update_payload p = { .source = { .bytes = 1 << 20 } };

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		uint8_t message[512];
		const struct update_partition partition = {
			.name = "root",
			.bytes = targets[i].bytes,
			.message = message,
			.message_bytes = put_targets(i, message),
		};
		struct update_operation o = { 0 };
		struct update_cursor cursor;
		struct update_verdict why;
		bool found;

		print_message("row: %s\n", targets[i].name);
		update_cursor_init(&cursor, &p, &partition, room);
		assert_int_equal(update_operation_next(&cursor, &o, &found, &why),
				 targets[i].want);
		assert_true(why.reason == UPDATE_OK || why.detail[0] != '\0');
	}
}

static void test_journal(void **state)
{
	static uint8_t cell[UPDATE_JOURNAL_CELL_BYTES];
	const struct update_journal j = { .sequence = 5, .operations = 77 };
	struct update_journal out;

	(void)state;
	update_journal_encode(&j, cell);
	assert_int_equal(update_journal_parse(cell, 1, &out), LB_OK);
	assert_int_equal(out.operations, 77);
	assert_int_equal(update_journal_parse(cell, 0, &out), LB_ERR_RANGE);
	for (size_t at = 0; at < 512; at++) {
		cell[at] ^= 4;
		assert_int_not_equal(update_journal_parse(cell, 1, &out), LB_OK);
		cell[at] ^= 4;
	}
}

static int setup(void **state)
{
	size_t bytes;
	const uint8_t *kernel = rig_kernel('N', 2, &bytes);

	(void)state;
	host_init(&host);
	memset(root, 0x5a, sizeof root);
	plan = (struct test_payload){ .kernel = kernel,
				      .kernel_bytes = bytes,
				      .root = root,
				      .root_bytes = sizeof root,
				      .kernel_key = &rig_keys()->kernel,
				      .data_key = &rig_keys()->data };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return host_release(&host) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judgement), cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_no_memory), cmocka_unit_test(test_varints),
		cmocka_unit_test(test_targets),   cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
