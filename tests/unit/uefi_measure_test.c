/* Measuring on a made-up firmware: the bytes of the events it is given, and what becomes
 * of its answers. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/stub.h"

static struct {
	bool exists, present, no_memory;
	EFI_STATUS capability, answer;
	uint32_t calls;
	/* the last event */
	uint64_t flags, data_bytes;
	const void *data;
	uint8_t event[1024];
	size_t event_bytes;
	size_t pool; /* pieces not freed */
} firmware;

static EFI_STATUS EFIAPI get_capability(struct uefi_tcg2 *this,
					struct uefi_tcg2_capability *capability)
{
	(void)this;
	capability->tpm_present = firmware.present;
	capability->max_command_bytes = capability->max_response_bytes = 4096;
	return firmware.capability;
}

static EFI_STATUS EFIAPI hash_log_extend(struct uefi_tcg2 *this, UINT64 flags,
					 UINT64 data, UINT64 data_bytes, void *event)
{
	(void)this;
	firmware.calls++;
	firmware.flags = flags;
	firmware.data = (const void *)(uintptr_t)data;
	firmware.data_bytes = data_bytes;
	firmware.event_bytes = lb_le32(event);
	if (firmware.event_bytes <= sizeof firmware.event)
		memcpy(firmware.event, event, firmware.event_bytes);
	return firmware.answer;
}

static struct uefi_tcg2 tcg2 = { .get_capability = get_capability,
				 .hash_log_extend_event = hash_log_extend };

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, void *registration, void **out)
{
	static const EFI_GUID wanted = UEFI_TCG2_GUID;

	(void)registration;
	if (!firmware.exists || memcmp(guid, &wanted, sizeof wanted) != 0)
		return EFI_NOT_FOUND;
	*out = &tcg2;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, void **out)
{
	(void)type;
	*out = firmware.no_memory ? NULL : test_malloc(bytes);
	if (*out == NULL)
		return EFI_OUT_OF_RESOURCES;
	firmware.pool++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(void *p)
{
	test_free(p);
	firmware.pool--;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = { .LocateProtocol = locate,
				      .AllocatePool = allocate_pool,
				      .FreePool = free_pool };
static struct uefi uefi;

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx, (void)text, (void)len;
}

static void start(void)
{
	memset(&firmware, 0, sizeof firmware);
	memset(&uefi, 0, sizeof uefi);
	firmware.exists = firmware.present = true;
	uefi.bs = &services;
}

static const uint8_t data[3] = { 7, 8, 9 };

static enum lb_status measure(void)
{
	return uefi_measure(&uefi, 0x11223344, data, sizeof data, "text", 4);
}

static void test_event_of_a_start(void **state)
{
	static const uint8_t expected[] = { 22,   0,    0,   0,   14,  0,  0,    0,
					    1,    0,    8,   0,   0,   0,  0x44, 0x33,
					    0x22, 0x11, 't', 'e', 'x', 't' };

	(void)state;
	start();
	assert_int_equal(measure(), LB_OK);
	assert_int_equal(firmware.calls, 1);
	assert_int_equal(firmware.flags, 0);
	assert_ptr_equal(firmware.data, data);
	assert_int_equal(firmware.data_bytes, sizeof data);
	assert_int_equal(firmware.event_bytes, sizeof expected);
	assert_memory_equal(firmware.event, expected, sizeof expected);
	assert_int_equal(firmware.pool, 0);
}

static void test_event_of_an_image(void **state)
{
	static const uint8_t image[100], path[24] = { 4, 3, 20, 0 };
	const uint8_t *load = firmware.event + 18;

	(void)state;
	start();
	assert_int_equal(uefi_measure_image(&uefi, image, sizeof image, path, 24), LB_OK);
	assert_int_equal(firmware.flags, 0x10); /* by the PE rules */
	assert_ptr_equal(firmware.data, image);
	assert_int_equal(firmware.data_bytes, sizeof image);
	assert_int_equal(firmware.event_bytes, 18 + 32 + 24);
	assert_int_equal(lb_le32(firmware.event + 10), 4);
	assert_int_equal(lb_le32(firmware.event + 14), 0x80000003);
	assert_int_equal(lb_le64(load), (uintptr_t)image);
	assert_int_equal(lb_le64(load + 8), sizeof image);
	assert_int_equal(lb_le64(load + 16), 0);
	assert_int_equal(lb_le64(load + 24), 24);
	assert_memory_equal(load + 32, path, 24);
	assert_int_equal(uefi_measure_image(&uefi, image, sizeof image, path, 1000),
			 LB_ERR_RANGE);
	assert_int_equal(firmware.calls, 1);
}

static const struct {
	const char *name;
	EFI_STATUS answer;
	enum lb_status want;
} answers[] = {
	{ "measured, the log is full", EFI_VOLUME_FULL, LB_OK },
	{ "broken", EFI_DEVICE_ERROR, LB_ERR_IO },
	{ "slow", EFI_TIMEOUT, LB_ERR_TIMEOUT },
	/* There is a TPM: this must not read as "none". */
	{ "unsupported", EFI_UNSUPPORTED, LB_ERR_IO },
	{ "bad event", EFI_INVALID_PARAMETER, LB_ERR_ARGUMENT },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		start();
		firmware.answer = answers[i].answer;
		if (measure() != answers[i].want ||
		    uefi_measure_image(&uefi, data, 3, data, 3) != answers[i].want)
			fail_msg("%s", answers[i].name);
		assert_int_equal(firmware.pool, 0);
	}
	start();
	firmware.no_memory = true;
	assert_int_equal(measure(), LB_ERR_NOMEM);
	assert_int_equal(firmware.calls, 0);
}

static void test_no_tpm(void **state)
{
	(void)state;
	for (int what = 0; what < 3; what++) {
		start();
		firmware.exists = what != 0;
		firmware.present = what != 1;
		firmware.capability = what == 2 ? EFI_DEVICE_ERROR : EFI_SUCCESS;
		assert_int_equal(measure(), LB_ERR_UNSUPPORTED);
		assert_int_equal(uefi_measure_image(&uefi, data, 3, data, 3), LB_OK);
		assert_int_equal(firmware.calls, 0);
	}
}

/* edk2 says "not present" of a TPM that has failed. */
static void test_tpm_that_goes_away(void **state)
{
	(void)state;
	start();
	assert_int_equal(measure(), LB_OK);
	firmware.present = false;
	firmware.answer = EFI_DEVICE_ERROR;
	assert_int_equal(measure(), LB_ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event_of_a_start),
		cmocka_unit_test(test_event_of_an_image),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_tpm),
		cmocka_unit_test(test_tpm_that_goes_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
