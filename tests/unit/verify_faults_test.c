/* The verifier when the signature code itself answers something unusual: out of memory
 * must never look like damage, and no answer but LB_OK may let anything through.
 *
 * This program has its own crypto_verify_digest(), which is linked in place of the
 * core's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "crypto/kernel_verify.h"
#include "crypto/self_test.h"
#include "tests/host/host_platform.h"
#include "tests/host/vblock.h"

static enum lb_status answers[8];
static size_t asked;

enum lb_status crypto_verify_digest(const struct crypto_key *key, const uint8_t *digest,
				    const uint8_t *sig, size_t sig_len)
{
	(void)key;
	(void)digest;
	(void)sig;
	(void)sig_len;
	assert_true(asked < sizeof answers / sizeof answers[0]);
	return answers[asked++];
}

static void answer(enum lb_status first, enum lb_status second, enum lb_status third)
{
	asked = 0;
	answers[0] = first;
	answers[1] = second;
	answers[2] = third;
}

static enum lb_status read_image(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct vb_image *image = ctx;

	if (!lb_within(offset, len, image->len))
		return LB_ERR_RANGE;
	memcpy(buf, image->bytes + offset, len);
	return LB_OK;
}

static struct vb_key signer, data;
static struct vb_image image;
static struct host_platform *host;

static int setup(void **state)
{
	const struct vb_recipe recipe = {
		.signer = &signer, .data = &data, .flags = 7, .body_bytes = 4096
	};

	(void)state;
	host = malloc(sizeof *host);
	if (host == NULL)
		return 1;
	host_init(host);
	vb_key_load(&signer, "kernel_subkey", 7, 1);
	vb_key_load(&data, "kernel_data_key", 4, 1);
	vb_make(&image, &recipe);
	return 0;
}

static int teardown(void **state)
{
	const size_t leaked = host_release(host);

	(void)state;
	free(host);
	vb_free(&image);
	vb_key_free(&signer);
	vb_key_free(&data);
	return leaked != 0;
}

static enum lb_reason judge(enum crypto_mode mode)
{
	const struct lb_source source = { .ctx = &image,
					  .bytes = image.len,
					  .read = read_image };
	struct crypto_policy policy = { .mode = mode, .self_signed_allowed = true };
	struct verified_kernel *kernel = NULL;
	struct lb_verdict why;

	assert_int_equal(
		crypto_key_parse(signer.packed, signer.packed_bytes, 0, &policy.key),
		LB_OK);
	const enum lb_reason reason = crypto_kernel_verify(
		&host->plat, &policy, &source, PLATFORM_ANY_ADDRESS, &kernel, &why);

	assert_int_equal(reason, why.reason);
	assert_int_equal(reason == LB_REASON_OK, kernel != NULL);
	crypto_kernel_free(&host->plat, kernel);
	assert_int_equal(host->memory_used, 0);
	return reason;
}

static void three_signatures(void **state)
{
	(void)state;
	answer(LB_OK, LB_OK, LB_OK);
	assert_int_equal(judge(CRYPTO_MODE_NORMAL), LB_REASON_OK);
	assert_int_equal(asked, 3); /* keyblock, preamble, body */
}

static void out_of_memory(void **state)
{
	(void)state;
	for (size_t n = 0; n < 3; n++) {
		answer(LB_OK, LB_OK, LB_OK);
		answers[n] = LB_ERR_NOMEM;
		assert_int_equal(judge(CRYPTO_MODE_NORMAL), LB_REASON_TOO_LITTLE_MEMORY);
		assert_int_equal(asked, n + 1);
	}
	/* nor does it make an official image a self-signed one */
	answer(LB_ERR_NOMEM, LB_OK, LB_OK);
	assert_int_equal(judge(CRYPTO_MODE_DEVELOPER), LB_REASON_TOO_LITTLE_MEMORY);
}

/* Every status there is, at every place. */
static void only_ok_is_ok(void **state)
{
	static const enum lb_reason refused[] = { LB_REASON_KEY_UNKNOWN,
						  LB_REASON_PREAMBLE_SIGNATURE,
						  LB_REASON_BODY_DAMAGED };

	(void)state;
	for (size_t n = 0; n < 3; n++)
		for (int status = LB_OK + 1; status <= LB_STATUS_COUNT; status++) {
			answer(LB_OK, LB_OK, LB_OK);
			answers[n] = (enum lb_status)status;
			assert_int_equal(judge(CRYPTO_MODE_NORMAL),
					 status == LB_ERR_NOMEM
						 ? LB_REASON_TOO_LITTLE_MEMORY
						 : refused[n]);
		}
}

/* The self-test asks for a right and a wrong signature: both answers must be as they
 * should. */
static void self_test_of_signatures(void **state)
{
	(void)state;
	answer(LB_OK, LB_ERR_SIGNATURE, LB_OK);
	assert_int_equal(crypto_self_test(), LB_OK);
	assert_int_equal(asked, 2);
	answer(LB_OK, LB_OK, LB_OK);
	assert_int_equal(crypto_self_test(), LB_ERR_SIGNATURE);
	answer(LB_ERR_SIGNATURE, LB_ERR_SIGNATURE, LB_OK);
	assert_int_equal(crypto_self_test(), LB_ERR_SIGNATURE);
	answer(LB_ERR_NOMEM, LB_ERR_SIGNATURE, LB_OK);
	assert_int_equal(crypto_self_test(), LB_ERR_NOMEM);
	answer(LB_OK, LB_ERR_NOMEM, LB_OK);
	assert_int_not_equal(crypto_self_test(), LB_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_signatures),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(only_ok_is_ok),
		cmocka_unit_test(self_test_of_signatures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
