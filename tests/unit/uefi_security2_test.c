/* The one image that firmware is told yes about, on a made-up firmware: which questions
 * are answered, which go to the firmware, and that its own function is back
 * afterwards. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/security2.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define IMAGE_BYTES 1000u

static uint8_t image[IMAGE_BYTES], copy[IMAGE_BYTES];
static struct uefi_security2 security2;
static bool security2_exists;
static struct uefi_approval approval;
static size_t asked_firmware;
static uefi_file_authentication hook; /* what was in place during LoadImage */

/* What the firmware does in LoadImage: asks about @file and so on, each time it says. */
static struct question {
	const char *name;
	const uint8_t *file;
	UINTN bytes;
	BOOLEAN boot_policy;
	bool change_image; /* before it asks */
	size_t times;
	size_t want_firmware; /* of them, how many get to the firmware's own function */
	enum lb_status want;
	bool want_used;
} question;

static EFI_STATUS EFIAPI firmware_check(const struct uefi_security2 *this,
					const EFI_DEVICE_PATH *path, void *file,
					UINTN bytes, BOOLEAN boot_policy)
{
	(void)path;
	(void)file;
	(void)bytes;
	(void)boot_policy;
	assert_ptr_equal(this, &security2);
	asked_firmware++;
	return EFI_ACCESS_DENIED;
}

static EFI_STATUS EFIAPI load_image(BOOLEAN boot_policy, EFI_HANDLE parent,
				    EFI_DEVICE_PATH *path, void *source, UINTN bytes,
				    EFI_HANDLE *handle)
{
	EFI_STATUS status = EFI_SUCCESS;

	(void)parent;
	assert_false(boot_policy);
	assert_ptr_equal(source, image);
	assert_int_equal(bytes, approval.image_bytes);
	hook = security2.file_authentication;
	if (question.change_image)
		image[IMAGE_BYTES - 1] ^= 1;
	for (size_t i = 0; i < question.times && status == EFI_SUCCESS; i++)
		status = security2.file_authentication(
			&security2, path, (void *)(uintptr_t)question.file,
			question.bytes, question.boot_policy);
	*handle = status == EFI_SUCCESS ? &image : NULL;
	return status;
}

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, void *registration, void **out)
{
	static const EFI_GUID wanted = UEFI_SECURITY2_GUID;

	(void)registration;
	if (!security2_exists || memcmp(guid, &wanted, sizeof wanted) != 0)
		return EFI_NOT_FOUND;
	*out = &security2;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = { .LoadImage = load_image, .LocateProtocol = locate };
static struct uefi uefi = { .bs = &services };

static void arrange(void)
{
	for (size_t i = 0; i < IMAGE_BYTES; i++)
		image[i] = copy[i] = (uint8_t)(i * 7);
	security2.file_authentication = firmware_check;
	security2_exists = true;
	asked_firmware = 0;
	approval = (struct uefi_approval){ .image = image,
					   .image_bytes = IMAGE_BYTES,
					   .hashed = image,
					   .hashed_bytes = IMAGE_BYTES,
					   .hash = CRYPTO_SHA256 };
	crypto_digest_once(CRYPTO_SHA256, image, IMAGE_BYTES, approval.digest);
}

static const struct question questions[] = {
	{ "the verified image", image, IMAGE_BYTES, FALSE, false, 1, 0, LB_OK, true },
	{ "an equal copy elsewhere", copy, IMAGE_BYTES, FALSE, false, 1, 1, LB_ERR_DENIED,
	  false },
	{ "a smaller part", image, IMAGE_BYTES - 1, FALSE, false, 1, 1, LB_ERR_DENIED,
	  false },
	{ "a larger one", image, IMAGE_BYTES + 1, FALSE, false, 1, 1, LB_ERR_DENIED,
	  false },
	{ "another start", image + 1, IMAGE_BYTES, FALSE, false, 1, 1, LB_ERR_DENIED,
	  false },
	{ "by boot policy", image, IMAGE_BYTES, TRUE, false, 1, 1, LB_ERR_DENIED, false },
	{ "changed since", image, IMAGE_BYTES, FALSE, true, 1, 1, LB_ERR_DENIED, false },
	{ "no file", NULL, 0, FALSE, false, 1, 1, LB_ERR_DENIED, false },
	{ "the second time", image, IMAGE_BYTES, FALSE, false, 2, 1, LB_ERR_DENIED,
	  true },
	{ "never asked", NULL, 0, FALSE, false, 0, 0, LB_OK, false },
};

static void only_the_verified_image_is_let_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(questions); i++) {
		EFI_HANDLE handle = &services;
		bool used = !questions[i].want_used;

		arrange();
		question = questions[i];
		const enum lb_status got =
			uefi_load_approved(&uefi, &approval, NULL, &handle, &used);

		if (got != questions[i].want || used != questions[i].want_used ||
		    asked_firmware != questions[i].want_firmware ||
		    (handle != NULL) != (got == LB_OK))
			fail_msg("%s: %s, used %d, firmware asked %zu times",
				 questions[i].name, lb_status_name(got), used,
				 asked_firmware);
		if (security2.file_authentication != firmware_check)
			fail_msg("%s: the firmware's function is not back",
				 questions[i].name);
	}
}

static void the_body_around_the_image_counts(void **state)
{
	EFI_HANDLE handle;
	bool used;

	(void)state;
	for (int change = 0; change < 2; change++) {
		arrange();
		question = questions[0];
		question.want_used = true;
		question.bytes = approval.image_bytes = IMAGE_BYTES - 100;
		question.change_image =
			change == 1; /* behind the image, inside the body */
		approval.hash = CRYPTO_SHA512;
		crypto_digest_once(CRYPTO_SHA512, image, IMAGE_BYTES, approval.digest);
		assert_int_equal(
			uefi_load_approved(&uefi, &approval, NULL, &handle, &used),
			change == 1 ? LB_ERR_DENIED : LB_OK);
		assert_int_equal(used, change == 0);
	}
}

/* Firmware may have kept the function it found; the approval must be gone from it too. */
static void afterwards_nothing_is_let_in(void **state)
{
	EFI_HANDLE handle;
	bool used;

	(void)state;
	arrange();
	question = questions[1]; /* not taken up by the image it was for */
	(void)uefi_load_approved(&uefi, &approval, NULL, &handle, &used);
	assert_ptr_not_equal(hook, firmware_check);
	asked_firmware = 0;
	assert_int_equal(hook(&security2, NULL, image, IMAGE_BYTES, FALSE),
			 EFI_ACCESS_DENIED);
	assert_int_equal(asked_firmware, 1);
}

static void without_the_protocol_nothing_is_loaded(void **state)
{
	EFI_HANDLE handle = &services;
	bool used = true;

	(void)state;
	arrange();
	security2_exists = false;
	question = questions[0];
	assert_int_equal(uefi_load_approved(&uefi, &approval, NULL, &handle, &used),
			 LB_ERR_UNSUPPORTED);
	assert_null(handle);
	assert_false(used);
}

/* Of boot/uefi/console.c, which needs more firmware than this. */
void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_verified_image_is_let_in),
		cmocka_unit_test(the_body_around_the_image_counts),
		cmocka_unit_test(afterwards_nothing_is_let_in),
		cmocka_unit_test(without_the_protocol_nothing_is_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
