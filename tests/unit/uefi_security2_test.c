/* The one LoadImage that firmware lets pass because we verified the image: nothing else
 * passes while it runs, and firmware's own check is back afterwards, whatever happens. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "boot/uefi/security2.h"

#define BODY_BYTES  64u
#define IMAGE_BYTES 48u /* inside the body */
#define HANDLE      ((EFI_HANDLE)(uintptr_t)0x1000)

/* What the faked firmware asks FileAuthentication while it loads the image. */
struct question {
	const char *name;
	size_t offset; /* of the pointer from the image */
	size_t bytes;
	bool boot_policy;
	bool another_buffer; /* equal bytes elsewhere */
	size_t flip;         /* byte of the body changed before, 0: none */
	EFI_STATUS want;
};

/* Firmware's own check knows no key: it refuses everything. */
#define REFUSED EFI_SECURITY_VIOLATION

static const struct question questions[] = {
	{ "the image", 0, IMAGE_BYTES, false, false, 0, EFI_SUCCESS },
	{ "from its second byte", 1, IMAGE_BYTES, false, false, 0, REFUSED },
	{ "shorter", 0, IMAGE_BYTES - 1, false, false, 0, REFUSED },
	{ "longer", 0, IMAGE_BYTES + 1, false, false, 0, REFUSED },
	{ "empty", 0, 0, false, false, 0, REFUSED },
	{ "for a boot option", 0, IMAGE_BYTES, true, false, 0, REFUSED },
	{ "a copy elsewhere", 0, IMAGE_BYTES, false, true, 0, REFUSED },
	{ "changed since it was verified", 0, IMAGE_BYTES, false, false, 9, REFUSED },
	{ "changed behind the image", 0, IMAGE_BYTES, false, false, IMAGE_BYTES + 3,
	  REFUSED },
};

struct fake {
	EFI_BOOT_SERVICES bs;
	struct uefi u;
	struct uefi_security2 security2;
	bool has_security2;
	const struct question *question;
	size_t asked_itself; /* times firmware's own check was called */
	EFI_STATUS first, second;
	EFI_STATUS load_status; /* EFI_SUCCESS: as the first answer says */
	size_t unloaded;
	uint8_t body[BODY_BYTES];
	uint8_t copy[BODY_BYTES];
};

static struct fake fake;

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

static EFI_STATUS EFIAPI own_check(const struct uefi_security2 *this,
				   const EFI_DEVICE_PATH *path, void *file, UINTN bytes,
				   BOOLEAN boot_policy)
{
	assert_ptr_equal(this, &fake.security2);
	(void)path;
	(void)file;
	(void)bytes;
	(void)boot_policy;
	fake.asked_itself++;
	return REFUSED;
}

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, void *registration, void **out)
{
	static const EFI_GUID security2 = UEFI_SECURITY2_GUID;

	(void)registration;
	if (memcmp(guid, &security2, sizeof security2) != 0 || !fake.has_security2)
		return EFI_NOT_FOUND;
	*out = &fake.security2;
	return EFI_SUCCESS;
}

static EFI_STATUS ask(void *file, UINTN bytes, BOOLEAN boot_policy)
{
	return fake.security2.file_authentication(&fake.security2, NULL, file, bytes,
						  boot_policy);
}

/* As edk2: asks, loads also what is refused, and says so. Then, as a driver might that
 * is called on the way, asks for the very same again. */
static EFI_STATUS EFIAPI load(BOOLEAN boot_policy, EFI_HANDLE parent,
			      EFI_DEVICE_PATH *path, void *file, UINTN bytes,
			      EFI_HANDLE *image)
{
	const struct question *q = fake.question;
	uint8_t *base = q->another_buffer ? fake.copy : file;

	(void)parent;
	(void)path;
	assert_false(boot_policy);
	assert_ptr_equal(file, fake.body);
	assert_int_equal(bytes, IMAGE_BYTES);
	if (q->flip != 0)
		fake.body[q->flip] ^= 1;
	fake.first = ask(base + q->offset, q->bytes, q->boot_policy);
	fake.second = ask(base + q->offset, q->bytes, q->boot_policy);
	*image = HANDLE;
	return fake.load_status != EFI_SUCCESS ? fake.load_status : fake.first;
}

static EFI_STATUS EFIAPI unload(EFI_HANDLE image)
{
	assert_ptr_equal(image, HANDLE);
	fake.unloaded++;
	return EFI_SUCCESS;
}

static struct uefi_approval approval(void)
{
	struct uefi_approval a = {
		.image = fake.body,
		.image_bytes = IMAGE_BYTES,
		.hashed = fake.body,
		.hashed_bytes = BODY_BYTES,
		.hash = CRYPTO_SHA256,
	};

	crypto_digest_once(a.hash, a.hashed, a.hashed_bytes, a.digest);
	return a;
}

static int set_up(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	fake.u.bs = &fake.bs;
	fake.bs.LocateProtocol = locate;
	fake.bs.LoadImage = load;
	fake.bs.UnloadImage = unload;
	fake.security2.file_authentication = own_check;
	fake.has_security2 = true;
	fake.question = &questions[0];
	for (size_t i = 0; i < BODY_BYTES; i++)
		fake.copy[i] = fake.body[i] = (uint8_t)(i * 7);
	return 0;
}

static void test_only_the_approved_image(void **state)
{
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		const struct question *q = &questions[i];
		EFI_HANDLE image = HANDLE;
		bool used = true;

		(void)set_up(state);
		fake.question = q;
		const struct uefi_approval a = approval();
		const enum lb_status status =
			uefi_load_approved(&fake.u, &a, NULL, &image, &used);
		const bool passes = q->want == EFI_SUCCESS;

		if (fake.first != q->want || used != passes ||
		    (status == LB_OK) != passes)
			fail_msg("%s: 0x%llx", q->name, (unsigned long long)fake.first);
		/* The second time even the right one goes to the firmware. */
		assert_int_equal(fake.second, REFUSED);
		assert_int_equal(fake.asked_itself, passes ? 1 : 2);
		assert_ptr_equal(image, passes ? HANDLE : NULL);
		assert_int_equal(fake.unloaded, passes ? 0 : 1);
		/* Afterwards nothing of ours is left, not even for the approved one. */
		assert_ptr_equal(fake.security2.file_authentication, own_check);
		assert_int_equal(ask(fake.body, IMAGE_BYTES, FALSE), REFUSED);
	}
}

static void test_restored_when_loading_fails_later(void **state)
{
	const struct uefi_approval a = approval();
	EFI_HANDLE image;
	bool used;

	(void)state;
	fake.load_status = EFI_OUT_OF_RESOURCES;
	assert_int_equal(uefi_load_approved(&fake.u, &a, NULL, &image, &used),
			 LB_ERR_NOMEM);
	assert_true(used);
	assert_null(image);
	assert_ptr_equal(fake.security2.file_authentication, own_check);
}

static void test_firmware_without_the_protocol(void **state)
{
	const struct uefi_approval a = approval();
	EFI_HANDLE image;
	bool used;

	(void)state;
	fake.has_security2 = false;
	assert_int_equal(uefi_load_approved(&fake.u, &a, NULL, &image, &used),
			 LB_ERR_UNSUPPORTED);
	assert_null(image);
	assert_false(used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_only_the_approved_image, set_up),
		cmocka_unit_test_setup(test_restored_when_loading_fails_later, set_up),
		cmocka_unit_test_setup(test_firmware_without_the_protocol, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
