/* The verifier: policy, streaming, what is read and how often, faults, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "base/bytes.h"
#include "crypto/kernel_verify.h"
#include "tests/host/host_platform.h"
#include "tests/host/vblock.h"

#define MIB        ((size_t)1 << 20)
#define NORMAL     7u
#define RECOVERY   27u
#define BODY_BYTES (3 * MIB + 4096)
#define MAX_READS  64u

static struct vb_key signer, stranger, data, data_old;
static struct crypto_key signer_public;

/* A source that keeps account, and fails where told. */
struct tape {
	const uint8_t *bytes;
	size_t len;
	size_t reads;
	struct {
		uint64_t offset;
		size_t len;
	} read[MAX_READS];
	size_t fail_at; /* the n-th read fails (0: none) */
	enum lb_status fail_with;
	const uint8_t *seen; /* where the last failing read was to go */
};

static enum lb_status tape_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	struct tape *tape = ctx;

	if (!lb_within(offset, len, tape->len))
		return LB_ERR_RANGE;
	assert_true(tape->reads < MAX_READS);
	tape->read[tape->reads].offset = offset;
	tape->read[tape->reads].len = len;
	tape->reads++;
	if (tape->reads == tape->fail_at) {
		tape->seen = buf;
		return tape->fail_with;
	}
	memcpy(buf, tape->bytes + offset, len);
	return LB_OK;
}

static struct tape tape_of(const struct vb_image *image)
{
	return (struct tape){ .bytes = image->bytes,
			      .len = image->len,
			      .fail_with = LB_ERR_IO };
}

struct verdict {
	enum lb_reason reason;
	char detail[LB_DETAIL_BYTES];
	struct verified_kernel *kernel;
};

static struct verdict verify(struct host_platform *host,
			     const struct crypto_policy *policy, struct tape *tape)
{
	const struct lb_source source = { .ctx = tape,
					  .bytes = tape->len,
					  .read = tape_read };
	struct lb_verdict why = { .reason = LB_REASON_NO_DISK };
	struct verdict v = { .kernel = (struct verified_kernel *)1 };

	v.reason = crypto_kernel_verify(&host->plat, policy, &source,
					PLATFORM_ANY_ADDRESS, &v.kernel, &why);
	assert_int_equal(v.reason, why.reason);
	assert_int_equal(v.reason == LB_REASON_OK, v.kernel != NULL);
	memcpy(v.detail, why.detail, sizeof v.detail);
	return v;
}

static int setup(void **state)
{
	struct host_platform *host = malloc(sizeof *host);

	assert_non_null(host);
	host_init(host);
	*state = host;
	return 0;
}

static int teardown(void **state)
{
	struct host_platform *host = *state;
	const size_t leaked = host_release(host);

	free(host);
	assert_int_equal(leaked, 0);
	return 0;
}

static int load_keys(void **state)
{
	(void)state;
	vb_key_load(&signer, "kernel_subkey", 7, 1);
	vb_key_load(&stranger, "minios_kernel_data_key", 8, 1);
	vb_key_load(&data, "kernel_data_key", 4, 2);
	vb_key_load(&data_old, "kernel_data_key", 5, 1);
	return crypto_key_parse(signer.packed, signer.packed_bytes, 0, &signer_public) !=
	       LB_OK;
}

static int free_keys(void **state)
{
	(void)state;
	vb_key_free(&signer);
	vb_key_free(&stranger);
	vb_key_free(&data);
	vb_key_free(&data_old);
	return 0;
}

static struct vb_image make(const struct vb_key *by, uint32_t flags, size_t body_bytes,
			    size_t head_bytes)
{
	const struct vb_recipe recipe = { .signer = by,
					  .data = &data,
					  .flags = flags,
					  .kernel_version = 3,
					  .head_bytes = head_bytes,
					  .body_bytes = body_bytes };
	struct vb_image image;

	vb_make(&image, &recipe);
	return image;
}

static struct crypto_policy normal_policy(void)
{
	return (struct crypto_policy){ .mode = CRYPTO_MODE_NORMAL, .key = signer_public };
}

/* --- policy ----------------------------------------------------------------------- */

enum by {
	OFFICIAL,
	STRANGER,
	NOBODY,
};

/* Who signed, for what mode - against mode, self-signed allowed, keys enrolled, key
 * known. */
static const struct {
	const char *name;
	enum by by;
	uint32_t flags;
	enum crypto_mode mode;
	bool self_signed_allowed;
	int enrolled; /* -1 none, 0 another key, 1 the data key */
	bool key_known;
	enum lb_reason want;
} policies[] = {
	{ "normal image", OFFICIAL, 23, CRYPTO_MODE_NORMAL, false, -1, true,
	  LB_REASON_OK },
	{ "normal image, old flags", OFFICIAL, 7, CRYPTO_MODE_NORMAL, false, -1, true,
	  LB_REASON_OK },
	{ "recovery image in normal mode", OFFICIAL, 27, CRYPTO_MODE_NORMAL, false, -1,
	  true, LB_REASON_KEYBLOCK_FLAGS },
	{ "recovery image", OFFICIAL, 27, CRYPTO_MODE_RECOVERY, false, -1, true,
	  LB_REASON_OK },
	{ "normal image in recovery", OFFICIAL, 23, CRYPTO_MODE_RECOVERY, false, -1, true,
	  LB_REASON_KEYBLOCK_FLAGS },
	{ "unknown key", STRANGER, 23, CRYPTO_MODE_NORMAL, false, -1, true,
	  LB_REASON_KEY_UNKNOWN },
	{ "unknown key, allowed only elsewhere", STRANGER, 23, CRYPTO_MODE_NORMAL, true,
	  -1, true, LB_REASON_KEY_UNKNOWN },
	{ "unknown key in recovery", STRANGER, 27, CRYPTO_MODE_RECOVERY, true, 1, true,
	  LB_REASON_KEY_UNKNOWN },
	{ "self-signed in normal mode", NOBODY, 23, CRYPTO_MODE_NORMAL, true, 1, true,
	  LB_REASON_SELF_SIGNED },
	{ "self-signed in recovery", NOBODY, 27, CRYPTO_MODE_RECOVERY, true, 1, true,
	  LB_REASON_SELF_SIGNED },
	{ "official in developer mode", OFFICIAL, 23, CRYPTO_MODE_DEVELOPER, false, -1,
	  true, LB_REASON_OK },
	{ "official for normal only, in developer mode", OFFICIAL, 5,
	  CRYPTO_MODE_DEVELOPER, true, -1, true, LB_REASON_KEYBLOCK_FLAGS },
	{ "self-signed, not allowed", NOBODY, 23, CRYPTO_MODE_DEVELOPER, false, -1, true,
	  LB_REASON_SELF_SIGNED },
	{ "self-signed", NOBODY, 23, CRYPTO_MODE_DEVELOPER, true, -1, true,
	  LB_REASON_OK },
	{ "self-signed, flags do not count", NOBODY, 0, CRYPTO_MODE_DEVELOPER, true, -1,
	  true, LB_REASON_OK },
	{ "unknown key as self-signed", STRANGER, 27, CRYPTO_MODE_DEVELOPER, true, -1,
	  true, LB_REASON_OK },
	{ "unknown key, not allowed", STRANGER, 23, CRYPTO_MODE_DEVELOPER, false, -1,
	  true, LB_REASON_KEY_UNKNOWN },
	{ "self-signed with the enrolled key", NOBODY, 23, CRYPTO_MODE_DEVELOPER, true, 1,
	  true, LB_REASON_OK },
	{ "self-signed with another key", NOBODY, 23, CRYPTO_MODE_DEVELOPER, true, 0,
	  true, LB_REASON_DEV_KEY_UNKNOWN },
	{ "unknown signer, enrolled data key", STRANGER, 23, CRYPTO_MODE_DEVELOPER, true,
	  1, true, LB_REASON_OK },
	{ "enrolled, but not allowed", NOBODY, 23, CRYPTO_MODE_DEVELOPER, false, 1, true,
	  LB_REASON_SELF_SIGNED },
	{ "official beside enrolled keys", OFFICIAL, 23, CRYPTO_MODE_DEVELOPER, true, 0,
	  true, LB_REASON_OK },
	{ "no official key known, normal", OFFICIAL, 23, CRYPTO_MODE_NORMAL, true, -1,
	  false, LB_REASON_KEY_UNKNOWN },
	{ "no official key known, developer", OFFICIAL, 23, CRYPTO_MODE_DEVELOPER, true,
	  -1, false, LB_REASON_OK },
	{ "no official key known, recovery", OFFICIAL, 27, CRYPTO_MODE_RECOVERY, true, -1,
	  false, LB_REASON_KEY_UNKNOWN },
};

static const struct vb_key *key_of(enum by by)
{
	if (by == OFFICIAL)
		return &signer;
	return by == STRANGER ? &stranger : NULL;
}

static void policy_table(void **state)
{
	for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		struct vb_image image =
			make(key_of(policies[i].by), policies[i].flags, 4096, 0);
		struct tape tape = tape_of(&image);
		struct crypto_policy policy = { .mode = policies[i].mode,
						.self_signed_allowed =
							policies[i].self_signed_allowed };

		if (policies[i].key_known)
			policy.key = signer_public;
		if (policies[i].enrolled >= 0) {
			policy.dev_key_count = CRYPTO_MAX_DEV_KEYS;
			if (policies[i].enrolled == 1)
				SHA256(data.packed + 32, data.packed_bytes - 32,
				       policy.dev_key_id[CRYPTO_MAX_DEV_KEYS - 1]);
		}
		const struct verdict v = verify(*state, &policy, &tape);

		if (v.reason != policies[i].want)
			fail_msg("%s: %s (%s)", policies[i].name,
				 lb_reason_name(v.reason), v.detail);
		if (v.kernel != NULL)
			assert_int_equal(crypto_kernel_headers(v.kernel)->self_signed,
					 policies[i].by != OFFICIAL ||
						 !policies[i].key_known);
		crypto_kernel_free(&((struct host_platform *)*state)->plat, v.kernel);
		vb_free(&image);
	}
}

/* More enrolled keys than there is room for are not read. */
static void too_many_enrolled(void **state)
{
	struct vb_image image = make(NULL, NORMAL, 4096, 0);
	struct tape tape = tape_of(&image);
	const struct crypto_policy policy = { .mode = CRYPTO_MODE_DEVELOPER,
					      .self_signed_allowed = true,
					      .dev_key_count = 1000 };

	assert_int_equal(verify(*state, &policy, &tape).reason,
			 LB_REASON_DEV_KEY_UNKNOWN);
	vb_free(&image);
}

/* Key version 2, kernel version 3: 0x20003. */
static void version_floor(void **state)
{
	static const struct {
		enum by by;
		enum crypto_mode mode;
		uint32_t floor;
		enum lb_reason want;
	} rows[] = {
		{ OFFICIAL, CRYPTO_MODE_NORMAL, 0, LB_REASON_OK },
		{ OFFICIAL, CRYPTO_MODE_NORMAL, 0x1ffff, LB_REASON_OK },
		{ OFFICIAL, CRYPTO_MODE_NORMAL, 0x20003, LB_REASON_OK },
		{ OFFICIAL, CRYPTO_MODE_NORMAL, 0x20004, LB_REASON_VERSION_TOO_OLD },
		{ OFFICIAL, CRYPTO_MODE_NORMAL, 0x30000, LB_REASON_VERSION_TOO_OLD },
		{ OFFICIAL, CRYPTO_MODE_NORMAL, UINT32_MAX, LB_REASON_VERSION_TOO_OLD },
		{ OFFICIAL, CRYPTO_MODE_DEVELOPER, 0x20004, LB_REASON_VERSION_TOO_OLD },
		{ OFFICIAL, CRYPTO_MODE_RECOVERY, 0x20004, LB_REASON_VERSION_TOO_OLD },
		{ OFFICIAL, CRYPTO_MODE_RECOVERY, 0x20003, LB_REASON_OK },
		{ NOBODY, CRYPTO_MODE_DEVELOPER, UINT32_MAX, LB_REASON_OK },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const uint32_t flags =
			rows[i].mode == CRYPTO_MODE_RECOVERY ? RECOVERY : NORMAL;
		struct vb_image image = make(key_of(rows[i].by), flags, 4096, 0);
		struct tape tape = tape_of(&image);
		const struct crypto_policy policy = { .mode = rows[i].mode,
						      .key = signer_public,
						      .self_signed_allowed = true,
						      .floor = rows[i].floor };
		const struct verdict v = verify(*state, &policy, &tape);

		if (v.reason != rows[i].want)
			fail_msg("row %zu: %s", i, lb_reason_name(v.reason));
		if (v.reason == LB_REASON_VERSION_TOO_OLD) {
			char want[32];

			snprintf(want, sizeof want, "0x00020003 < 0x%08x", rows[i].floor);
			assert_non_null(strstr(v.detail, want));
			assert_int_equal(tape.reads, 1); /* the body was not even read */
		}
		crypto_kernel_free(&((struct host_platform *)*state)->plat, v.kernel);
		vb_free(&image);
	}
}

/* --- reading ---------------------------------------------------------------------- */

/* Each byte of the body once, in order, in chunks that start where the head ended. */
static void check_reads(const struct tape *tape, uint64_t body_end)
{
	uint64_t at = 65536 < tape->len ? 65536 : tape->len;

	assert_int_equal(tape->read[0].offset, 0);
	assert_int_equal(tape->read[0].len, at);
	for (size_t i = 1; i < tape->reads; i++) {
		assert_int_equal(tape->read[i].offset, at);
		assert_true(tape->read[i].len <= MIB && tape->read[i].len > 0);
		at += tape->read[i].len;
	}
	if (body_end > 65536)
		assert_int_equal(at, body_end);
	else
		assert_int_equal(tape->reads, 1);
}

static void streaming(void **state)
{
	static const size_t bodies[] = { 1,   4095,    4096,        65535,     65536,
					 MIB, MIB + 1, 2 * MIB - 1, BODY_BYTES };
	static const size_t heads[] = { 0, 5001, 65535 };
	struct host_platform *host = *state;
	const struct crypto_policy policy = normal_policy();

	for (size_t b = 0; b < sizeof bodies / sizeof bodies[0]; b++)
		for (size_t h = 0; h < sizeof heads / sizeof heads[0]; h++) {
			struct vb_image image =
				make(&signer, NORMAL, bodies[b], heads[h]);
			struct tape tape = tape_of(&image);
			const struct verdict v = verify(host, &policy, &tape);
			uint8_t digest[32];
			size_t len, room, digest_len;

			if (v.reason != LB_REASON_OK)
				fail_msg("body %zu, head %zu: %s", bodies[b], heads[h],
					 v.detail);
			check_reads(&tape, image.len);
			const uint8_t *body = crypto_kernel_body(v.kernel, &len, &room);

			assert_int_equal(len, bodies[b]);
			assert_true(room >= len + 64 * MIB);
			assert_int_equal((uintptr_t)body % (2 * MIB), 0);
			assert_memory_equal(body, image.body, len);
			SHA256(image.body, len, digest);
			assert_memory_equal(
				crypto_kernel_body_digest(v.kernel, &digest_len), digest,
				32);
			assert_int_equal(digest_len, 32);
			crypto_kernel_free(&host->plat, v.kernel);
			vb_free(&image);
		}
}

static void headers_told(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, 23, 4096, 0);
	struct tape tape = tape_of(&image);
	const struct crypto_policy policy = normal_policy();
	const struct verdict v = verify(host, &policy, &tape);
	size_t len;

	assert_int_equal(v.reason, LB_REASON_OK);
	const struct crypto_headers *h = crypto_kernel_headers(v.kernel);

	assert_int_equal(h->version, 0x20003);
	assert_int_equal(h->body_offset, 65536);
	assert_int_equal(h->body_bytes, 4096);
	assert_int_equal(h->keyblock.flags, 23);
	assert_memory_equal(h->preamble_bytes, image.preamble, h->preamble.signed_len);
	assert_non_null(crypto_kernel_body(v.kernel, &len, NULL));
	crypto_kernel_free(&host->plat, v.kernel);
	crypto_kernel_free(&host->plat, NULL);
	vb_free(&image);
}

/* Every read in turn fails: refused, nothing kept, and the body's memory cleared. */
static void read_errors(void **state)
{
	static const struct {
		enum lb_status status;
		enum lb_reason want;
	} kinds[] = { { LB_ERR_IO, LB_REASON_READ_ERROR },
		      { LB_ERR_TIMEOUT, LB_REASON_READ_ERROR },
		      { LB_ERR_RANGE, LB_REASON_READ_ERROR },
		      { LB_ERR_REMOVED, LB_REASON_DISK_REMOVED } };
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, BODY_BYTES, 0);
	const struct crypto_policy policy = normal_policy();

	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
		for (size_t n = 1; n <= 5; n++) {
			struct tape tape = tape_of(&image);
			char offset[64];

			tape.fail_at = n;
			tape.fail_with = kinds[k].status;
			const struct verdict v = verify(host, &policy, &tape);

			assert_int_equal(v.reason, kinds[k].want);
			assert_int_equal(tape.reads, n);
			snprintf(offset, sizeof offset, "offset %zu:",
				 n == 1 ? (size_t)0 : 65536 + (n - 2) * MIB);
			if (strstr(v.detail, offset) == NULL)
				fail_msg("read %zu: \"%s\" does not name %s", n, v.detail,
					 offset);
			assert_int_equal(host->memory_used, 0);
		}
	vb_free(&image);
}

/* Each byte of the body counts, wherever the chunks end; so does each one read
 * wrongly. */
static void damaged_body(void **state)
{
	static const size_t places[] = {
		0,   1,           65535,   65536,   MIB - 1,
		MIB, MIB + 65535, 2 * MIB, 3 * MIB, BODY_BYTES - 1
	};
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, BODY_BYTES, 20480);
	const struct crypto_policy policy = normal_policy();

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct tape tape = tape_of(&image);

		image.body[places[i]] ^= 0x80;
		const struct verdict v = verify(host, &policy, &tape);

		image.body[places[i]] ^= 0x80;
		assert_int_equal(v.reason, LB_REASON_BODY_DAMAGED);
		assert_int_equal(lb_reason_class(v.reason), LB_CLASS_DAMAGED);
		assert_int_equal(host->memory_used, 0);
	}
	vb_free(&image);
}

/* Frees that look at what is given back. */
static const void *watched;
static size_t watched_bytes;
static bool was_cleared;
static void (*real_free)(void *ctx, void *memory, size_t bytes);

static void watching_free(void *ctx, void *memory, size_t bytes)
{
	if (memory == watched)
		was_cleared = lb_all_zero(memory, watched_bytes);
	real_free(ctx, memory, bytes);
}

static void *(*real_alloc)(void *ctx, size_t bytes, size_t align, uint64_t limit);

static void *watching_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	void *memory = real_alloc(ctx, bytes, align, limit);

	if (memory != NULL && align == 2 * MIB) {
		watched = memory;
		memset(memory, 0x5a, watched_bytes);
	}
	return memory;
}

static void refused_body_is_cleared(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, BODY_BYTES, 0);
	const struct crypto_policy policy = normal_policy();

	real_free = host->plat.free;
	real_alloc = host->plat.alloc;
	host->plat.free = watching_free;
	host->plat.alloc = watching_alloc;
	watched_bytes = BODY_BYTES;
	for (size_t fail_at = 0; fail_at < 6; fail_at += 3) {
		struct tape tape = tape_of(&image);

		was_cleared = false;
		tape.fail_at = fail_at;
		image.body[BODY_BYTES / 2] ^= 1;
		assert_int_not_equal(verify(host, &policy, &tape).reason, LB_REASON_OK);
		image.body[BODY_BYTES / 2] ^= 1;
		assert_true(was_cleared);
	}
	host->plat.free = real_free;
	host->plat.alloc = real_alloc;
	vb_free(&image);
}

/* --- memory ----------------------------------------------------------------------- */

static void allocation_failures(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 4096, 0);
	const struct crypto_policy policy = normal_policy();
	struct tape tape = tape_of(&image);

	host->fail_alloc_at = 1;
	struct verdict v = verify(host, &policy, &tape);

	assert_int_equal(v.reason, LB_REASON_TOO_LITTLE_MEMORY);
	assert_int_equal(tape.reads, 0);
	assert_int_equal(host->memory_used, 0);

	/* the wished room is not to be had: less will do */
	host->fail_alloc_at = 2;
	tape = tape_of(&image);
	v = verify(host, &policy, &tape);
	assert_int_equal(v.reason, LB_REASON_OK);
	size_t len, room;

	(void)crypto_kernel_body(v.kernel, &len, &room);
	assert_true(room >= 4096 + 32 * MIB && room < 4096 + 64 * MIB);
	crypto_kernel_free(&host->plat, v.kernel);
	vb_free(&image);
}

static void room_by_memory(void **state)
{
	static const struct {
		size_t memory;
		size_t room_least, room_most;
		enum lb_reason want;
	} rows[] = {
		{ 1024 * MIB, 5 * 20 * MIB, 5 * 20 * MIB, LB_REASON_OK },
		{ 101 * MIB, 5 * 20 * MIB, 5 * 20 * MIB, LB_REASON_OK },
		{ 100 * MIB, 60 * MIB, 60 * MIB, LB_REASON_OK },
		{ 30 * MIB, 25 * MIB, 30 * MIB, LB_REASON_OK },
		{ 20 * MIB + 200000, 20 * MIB, 20 * MIB, LB_REASON_OK },
		{ 20 * MIB, 0, 0, LB_REASON_TOO_LITTLE_MEMORY },
		{ 100000, 0, 0, LB_REASON_TOO_LITTLE_MEMORY },
		{ 100, 0, 0, LB_REASON_TOO_LITTLE_MEMORY },
	};
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 20 * MIB, 0);
	const struct crypto_policy policy = normal_policy();

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tape tape = tape_of(&image);
		size_t len, room;

		host->memory_limit = rows[i].memory;
		const struct verdict v = verify(host, &policy, &tape);

		if (v.reason != rows[i].want)
			fail_msg("%zu bytes of memory: %s", rows[i].memory, v.detail);
		if (v.kernel != NULL) {
			(void)crypto_kernel_body(v.kernel, &len, &room);
			assert_in_range(room, rows[i].room_least, rows[i].room_most);
		}
		crypto_kernel_free(&host->plat, v.kernel);
		assert_int_equal(host->memory_used, 0);
	}
	vb_free(&image);
}

static uint64_t limit_seen;

static void *noting_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	if (align == 2 * MIB)
		limit_seen = limit;
	return real_alloc(ctx, bytes, align, limit);
}

static void body_limit_is_passed_on(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 4096, 0);
	struct tape tape = tape_of(&image);
	const struct lb_source source = { .ctx = &tape,
					  .bytes = tape.len,
					  .read = tape_read };
	const struct crypto_policy policy = normal_policy();
	struct verified_kernel *kernel;
	struct lb_verdict why;

	real_alloc = host->plat.alloc;
	host->plat.alloc = noting_alloc;
	(void)crypto_kernel_verify(&host->plat, &policy, &source, UINT64_C(1) << 46,
				   &kernel, &why);
	assert_int_equal(limit_seen, UINT64_C(1) << 46);
	crypto_kernel_free(&host->plat, kernel);
	host->plat.alloc = real_alloc;
	vb_free(&image);
}

/* --- sizes ------------------------------------------------------------------------ */

static void cut_short(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 2 * MIB, 0);
	const struct crypto_policy policy = normal_policy();
	static const struct {
		size_t len;
		enum lb_reason want;
	} rows[] = {
		{ 0, LB_REASON_PARTITION_TOO_SMALL },
		{ 111, LB_REASON_PARTITION_TOO_SMALL },
		{ 112, LB_REASON_KEYBLOCK_LAYOUT },
		{ 1208, LB_REASON_PREAMBLE_LAYOUT },
		{ 65535, LB_REASON_PREAMBLE_LAYOUT },
		{ 65536, LB_REASON_PARTITION_TOO_SMALL },
		{ 65536 + 2 * MIB - 1, LB_REASON_PARTITION_TOO_SMALL },
		{ 65536 + 2 * MIB, LB_REASON_OK },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tape tape = tape_of(&image);

		tape.len = rows[i].len;
		const struct verdict v = verify(host, &policy, &tape);

		if (v.reason != rows[i].want)
			fail_msg("%zu bytes: %s (%s)", rows[i].len,
				 lb_reason_name(v.reason), v.detail);
		assert_true(tape.reads <= (v.reason == LB_REASON_OK ? 3 : 1));
		crypto_kernel_free(&host->plat, v.kernel);
	}
	vb_free(&image);
}

static void headers_too_large(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, MIB, 0);
	const struct crypto_policy policy = normal_policy();
	struct tape tape = tape_of(&image);

	lb_put_le32(image.preamble, lb_le32(image.preamble) + 1);
	vb_sign_preamble(image.preamble, &data);
	assert_int_equal(verify(host, &policy, &tape).reason,
			 LB_REASON_HEADERS_TOO_LARGE);
	lb_put_le32(image.bytes + VB_KB_BYTES, 65537);
	tape = tape_of(&image);
	assert_int_equal(verify(host, &policy, &tape).reason,
			 LB_REASON_HEADERS_TOO_LARGE);
	vb_free(&image);
}

/* A body said to be larger than memory can ever be is refused before anything is
 * asked. */
static void huge_body(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 4096, 0);
	const struct crypto_policy policy = normal_policy();
	struct tape tape = tape_of(&image);

	lb_put_le32(image.preamble + VB_PR_BODY_SIGNATURE + VB_SIG_COVERS, UINT32_MAX);
	vb_sign_preamble(image.preamble, &data);
	const struct verdict v = verify(host, &policy, &tape);

	assert_int_equal(v.reason, LB_REASON_PARTITION_TOO_SMALL);
	assert_true(host->memory_peak < 2 * 65536 + 8192);
	vb_free(&image);
}

/* The second decision: it alone gives the proof, and takes it back when it says no. */
static void confirmed(void **state)
{
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 4096, 0);
	struct crypto_policy policy = normal_policy();
	struct tape tape = tape_of(&image);
	const struct verdict v = verify(host, &policy, &tape);
	const size_t reads = tape.reads;
	struct lb_verdict why;

	assert_int_equal(v.reason, LB_REASON_OK);
	assert_true(crypto_kernel_proof(v.kernel) != HARDEN_PROOF);
	assert_int_equal(crypto_kernel_confirm(&policy, v.kernel, &why), LB_REASON_OK);
	assert_true(crypto_kernel_proof(v.kernel) == HARDEN_PROOF);
	assert_int_equal(tape.reads, reads);

	policy.floor = crypto_kernel_headers(v.kernel)->version + 1;
	assert_int_equal(crypto_kernel_confirm(&policy, v.kernel, &why),
			 LB_REASON_VERSION_TOO_OLD);
	assert_true(crypto_kernel_proof(v.kernel) != HARDEN_PROOF);
	crypto_kernel_free(&host->plat, v.kernel);
	vb_free(&image);
}

/* What changed in memory between the two decisions is not started. */
static void confirmed_from_memory(void **state)
{
	static const struct {
		const char *name;
		size_t keyblock_at, preamble_at; /* one of them: the byte that changes */
		enum lb_reason want;
	} rows[] = {
		{ "keyblock: flags", 72, 0, LB_REASON_KEYBLOCK_DAMAGED },
		{ "preamble: kernel version", 0, 40, LB_REASON_PREAMBLE_SIGNATURE },
	};
	struct host_platform *host = *state;
	struct vb_image image = make(&signer, NORMAL, 4096, 0);
	const struct crypto_policy policy = normal_policy();

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tape tape = tape_of(&image);
		const struct verdict v = verify(host, &policy, &tape);
		const struct crypto_headers *h = crypto_kernel_headers(v.kernel);
		const uint8_t *byte =
			rows[i].preamble_at != 0
				? h->preamble_bytes + rows[i].preamble_at
				: h->keyblock.signed_bytes + rows[i].keyblock_at;
		struct lb_verdict why;

		*(uint8_t *)(uintptr_t)byte ^= 1;
		if (crypto_kernel_confirm(&policy, v.kernel, &why) != rows[i].want)
			fail_msg("%s: %s", rows[i].name, lb_reason_name(why.reason));
		assert_true(crypto_kernel_proof(v.kernel) != HARDEN_PROOF);
		crypto_kernel_free(&host->plat, v.kernel);
	}
	vb_free(&image);
}

static void nothing_to_confirm(void **state)
{
	const struct crypto_policy policy = normal_policy();
	struct lb_verdict why;
	int here;

	(void)state;
	assert_int_not_equal(crypto_kernel_confirm(&policy, NULL, &why), LB_REASON_OK);
	assert_true(crypto_kernel_proof(NULL) != HARDEN_PROOF);
	assert_ptr_equal(harden_pointer(&here, HARDEN_PROOF), &here);
	assert_ptr_not_equal(harden_pointer(&here, 0), &here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(policy_table, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_enrolled, setup, teardown),
		cmocka_unit_test_setup_teardown(version_floor, setup, teardown),
		cmocka_unit_test_setup_teardown(streaming, setup, teardown),
		cmocka_unit_test_setup_teardown(headers_told, setup, teardown),
		cmocka_unit_test_setup_teardown(read_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_body, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_body_is_cleared, setup, teardown),
		cmocka_unit_test_setup_teardown(allocation_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(room_by_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(body_limit_is_passed_on, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_short, setup, teardown),
		cmocka_unit_test_setup_teardown(headers_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(huge_body, setup, teardown),
		cmocka_unit_test_setup_teardown(confirmed, setup, teardown),
		cmocka_unit_test_setup_teardown(confirmed_from_memory, setup, teardown),
		cmocka_unit_test(nothing_to_confirm),
	};

	return cmocka_run_group_tests(tests, load_keys, free_keys);
}
