/* Power cut at every change of a floor store - before it and right after it, in the TPM
 * and in the variable: the next boot starts, no floor is lower than before or higher than
 * it may be, and the boot after that has everything stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/floor_index.h"
#include "tests/host/boot_rig.h"
#include "tests/host/tpm_model.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define MARK_A      'A'
#define MARK_B      'B'
#define V(n)        (0x10000u + (n))
#define NEVER       UINT32_MAX
#define MAX_CUTS    32u
#define FOREIGN     (TPM_FLOOR_ATTRIBUTES | 1u << 17)
#define STARTS_WITH V(5) /* version of slot A */
#define ALLOWED     V(3) /* of slot B, which is bootable too */

static struct boot_rig rig;
static struct tpm_model model;
static uint32_t moments, cut_at;
static enum lb_status (*real_raise)(void *ctx, const struct platform_floors *floors);

static const struct scene {
	const char *name;
	uint32_t variable, index, foreign; /* 0: not there */
} scenes[] = {
	{ "the first raise", 0, 0, 0 },
	{ "a raise of both", V(2), V(2), 0 },
	{ "the TPM was wiped", V(2), 0, 0 },
	{ "the TPM was wiped, the floor is reached", V(3), 0, 0 },
	{ "the variable was wiped", 0, V(2), 0 },
	{ "a foreign index is replaced", V(2), 0, V(1) },
	{ "nothing to raise", V(3), V(3), 0 },
};

/* One moment at which power may go. */
static void moment(void *arg, bool after)
{
	(void)arg, (void)after;
	if (moments++ == cut_at)
		rig.host.plat.reset(rig.host.plat.ctx, PLATFORM_RESET_RESTART);
}

static enum lb_status raise(void *ctx, const struct platform_floors *floors)
{
	moment(NULL, false);
	const enum lb_status status = real_raise(ctx, floors);

	moment(NULL, true);
	return status;
}

/* What comes after it can write no index any more. */
static enum lb_status measure(void *ctx, uint32_t event_type, const void *data,
			      size_t len, const void *event, size_t event_len)
{
	(void)ctx, (void)event_type, (void)data, (void)len, (void)event, (void)event_len;
	moment(NULL, false);
	model.measured = true;
	return LB_OK;
}

static void put_index(uint32_t attributes, uint32_t kernel)
{
	uint8_t bytes[8] = { 0 };

	lb_put_le32(bytes, kernel);
	(void)tpm_model_put(&model, TPM_FLOOR_INDEX, attributes, bytes, 8);
}

static void begin(const struct scene *scene)
{
	struct test_slot s[2] = { { 2, 0, 1, NULL, 0 }, { 1, 0, 1, NULL, 0 } };

	rig_init(&rig, GPT_ORDER_ATTEMPTS_FIRST);
	memset(&model, 0, sizeof model);
	model.on_change = moment;
	rig.host.tpm = tpm_model_submit;
	rig.host.tpm_ctx = &model;
	real_raise = rig.host.plat.raise_floors;
	rig.host.plat.raise_floors = raise;
	rig.host.plat.measure = measure;
	s[0].kernel = rig_kernel(MARK_A, STARTS_WITH & 0xffff, &s[0].kernel_bytes);
	s[1].kernel = rig_kernel(MARK_B, ALLOWED & 0xffff, &s[1].kernel_bytes);
	rig_disk(&rig, PLATFORM_ATTACHED_INTERNAL, s, 2);
	rig.host.floors.kernel = scene->variable;
	rig.host.floors_stored = scene->variable != 0;
	if (scene->index != 0)
		put_index(TPM_FLOOR_ATTRIBUTES, scene->index);
	if (scene->foreign != 0)
		put_index(FOREIGN, scene->foreign);
}

static enum host_end boot(uint32_t cut)
{
	moments = 0;
	cut_at = cut;
	tpm_model_restart(&model);
	return rig_boot(&rig);
}

/* What the index counts for now. */
static uint32_t index_floor(void)
{
	const struct tpm_model_index *x = tpm_model_find(&model, TPM_FLOOR_INDEX);

	if (x == NULL || (x->attributes & TPM_NV_WRITTEN) == 0 ||
	    (x->attributes & ~(TPM_NV_WRITTEN | TPM_NV_WRITELOCKED)) !=
		    TPM_FLOOR_ATTRIBUTES)
		return 0;
	return lb_le32(x->data);
}

static uint32_t higher(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void check_after(const struct scene *scene)
{
	const uint32_t now = higher(rig.host.floors.kernel, index_floor());

	assert_true(now >= higher(scene->variable, scene->index));
	assert_true(now <= ALLOWED);
	assert_true(rig.host.floors.kernel >= scene->variable);
	assert_int_equal(boot(NEVER), HOST_END_STARTED);
	assert_int_equal(rig.started, MARK_A);
	assert_int_equal(rig.host.floors.kernel, ALLOWED);
	assert_int_equal(index_floor(), ALLOWED);
	assert_true((tpm_model_find(&model, TPM_FLOOR_INDEX)->attributes &
		     TPM_NV_WRITELOCKED) != 0);
}

static void cut_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenes); i++) {
		uint32_t cuts = 0;

		for (;; cuts++) {
			begin(&scenes[i]);
			const enum host_end end = boot(cuts);

			if (end == HOST_END_STARTED)
				break;
			assert_int_equal(end, HOST_END_RESTART);
			assert_true(cuts < MAX_CUTS);
			check_after(&scenes[i]);
			(void)rig_release(&rig);
		}
		print_message("row: %s: %u cuts\n", scenes[i].name, cuts);
		assert_true(cuts >= 2); /* the lock at least */
		check_after(&scenes[i]);
		(void)rig_release(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
