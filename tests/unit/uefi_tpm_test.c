/* The TPM behind a made-up firmware: missing, switched off, without answers, with answers
 * of any length. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/uefi.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct {
	bool there, present;
	uint16_t max_command, max_response;
	EFI_STATUS capability, submit;
	uint32_t says;       /* the response's own length */
	bool untouched;      /* the response is not written at all */
	bool tagged;         /* as a TPM does */
	uint32_t code;       /* of the TPM */
	uint32_t asked_room; /* last SubmitCommand */
	size_t looked, sent;
} firmware;

static EFI_STATUS EFIAPI get_capability(struct uefi_tcg2 *this,
					struct uefi_tcg2_capability *capability)
{
	(void)this;
	assert_int_equal(capability->size, 36); /* TCG EFI Protocol 1.0, 6.4 */
	capability->tpm_present = firmware.present;
	capability->max_command_bytes = firmware.max_command;
	capability->max_response_bytes = firmware.max_response;
	return firmware.capability;
}

static EFI_STATUS EFIAPI submit_command(struct uefi_tcg2 *this, UINT32 command_bytes,
					const void *command, UINT32 response_bytes,
					void *response)
{
	(void)this, (void)command, (void)command_bytes;
	firmware.sent++;
	firmware.asked_room = response_bytes;
	if (!firmware.untouched && response_bytes >= 6)
		lb_put_be32((uint8_t *)response + 2, firmware.says);
	if (firmware.tagged)
		memcpy(response, "\x80\x01", 2);
	if (firmware.code != 0)
		lb_put_be32((uint8_t *)response + 6, firmware.code);
	return firmware.submit;
}

static struct uefi_tcg2 tcg2 = { .get_capability = get_capability,
				 .submit_command = submit_command };

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *id, void *registration, void **out)
{
	static const EFI_GUID want = UEFI_TCG2_GUID;

	(void)registration;
	firmware.looked++;
	if (!firmware.there || memcmp(id, &want, sizeof want) != 0)
		return EFI_NOT_FOUND;
	*out = &tcg2;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = { .LocateProtocol = locate_protocol };
static struct uefi uefi;

static const struct {
	const char *name;
	bool missing, off, untouched;
	uint16_t max_command, max_response;
	EFI_STATUS capability, submit;
	size_t command, room;
	uint32_t says;
	enum lb_status want;
} rows[] = {
	{ "good", 0, 0, 0, 128, 256, 0, 0, 20, 256, 30, LB_OK },
	{ "shortest response", 0, 0, 0, 128, 256, 0, 0, 20, 256, 10, LB_OK },
	{ "fills the room", 0, 0, 0, 128, 256, 0, 0, 20, 256, 256, LB_OK },
	{ "longer than the room", 0, 0, 0, 128, 256, 0, 0, 20, 256, 257, LB_ERR_IO },
	{ "longer than the firmware gives", 0, 0, 0, 128, 100, 0, 0, 20, 256, 101,
	  LB_ERR_IO },
	{ "very long", 0, 0, 0, 128, 256, 0, 0, 20, 256, 0xffffffff, LB_ERR_IO },
	{ "shorter than a header", 0, 0, 0, 128, 256, 0, 0, 20, 256, 9, LB_ERR_IO },
	{ "nothing written", 0, 0, 1, 128, 256, 0, 0, 20, 256, 0, LB_ERR_IO },
	{ "no protocol", 1, 0, 0, 128, 256, 0, 0, 20, 256, 30, LB_ERR_UNSUPPORTED },
	{ "not present", 0, 1, 0, 128, 256, 0, 0, 20, 256, 30, LB_ERR_UNSUPPORTED },
	{ "does not say what it can", 0, 0, 0, 128, 256, EFI_DEVICE_ERROR, 0, 20, 256, 30,
	  LB_ERR_UNSUPPORTED },
	{ "device error", 0, 0, 0, 128, 256, 0, EFI_DEVICE_ERROR, 20, 256, 30,
	  LB_ERR_IO },
	{ "time out", 0, 0, 0, 128, 256, 0, EFI_TIMEOUT, 20, 256, 30, LB_ERR_TIMEOUT },
	{ "command too long", 0, 0, 0, 19, 256, 0, 0, 20, 256, 30, LB_ERR_RANGE },
	{ "no room for a response", 0, 0, 0, 128, 256, 0, 0, 20, 9, 9, LB_ERR_RANGE },
};

static void answers(void **state)
{
	static const uint8_t command[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t response[256];
		size_t len = rows[i].room;

		print_message("row: %s\n", rows[i].name);
		memset(&uefi, 0, sizeof uefi);
		memset(&firmware, 0, sizeof firmware);
		uefi.bs = &services;
		firmware.there = !rows[i].missing;
		firmware.present = !rows[i].off;
		firmware.untouched = rows[i].untouched;
		firmware.max_command = rows[i].max_command;
		firmware.max_response = rows[i].max_response;
		firmware.capability = rows[i].capability;
		firmware.submit = rows[i].submit;
		firmware.says = rows[i].says;
		memset(response, 0x77, sizeof response);
		assert_int_equal(
			uefi_tpm_submit(&uefi, command, rows[i].command, response, &len),
			rows[i].want);
		assert_int_equal(len, rows[i].want == LB_OK ? rows[i].says : 0);
		assert_true(firmware.asked_room <= rows[i].max_response);
	}
}

static void looked_for_once(void **state)
{
	static const uint8_t command[12];
	uint8_t response[64];

	(void)state;
	memset(&uefi, 0, sizeof uefi);
	memset(&firmware, 0, sizeof firmware);
	uefi.bs = &services;
	for (int i = 0; i < 3; i++) {
		size_t len = sizeof response;

		assert_int_equal(
			uefi_tpm_submit(&uefi, command, sizeof command, response, &len),
			LB_ERR_UNSUPPORTED);
	}
	assert_int_equal(firmware.looked, 1);
	assert_int_equal(firmware.sent, 0);
}

/* U-Boot's driver: what the TPM refuses is an error of the device, with the TPM's
 * answer. */
static void error_with_a_response(void **state)
{
	static const uint8_t command[12];
	uint8_t response[64];
	size_t len = sizeof response;

	(void)state;
	memset(&uefi, 0, sizeof uefi);
	memset(&firmware, 0, sizeof firmware);
	uefi.bs = &services;
	firmware.there = firmware.present = firmware.tagged = true;
	firmware.max_command = firmware.max_response = 64;
	firmware.submit = EFI_DEVICE_ERROR;
	firmware.says = 10;
	firmware.code = 0x101;
	assert_int_equal(uefi_tpm_submit(&uefi, command, sizeof command, response, &len),
			 LB_OK);
	assert_int_equal(len, 10);
	/* What says "success" with an error of the device may lack its end. */
	firmware.code = 0;
	len = sizeof response;
	assert_int_equal(uefi_tpm_submit(&uefi, command, sizeof command, response, &len),
			 LB_ERR_IO);
	/* Nor is a refusal longer than its head, or a tag alone. */
	firmware.code = 0x101;
	firmware.says = 30;
	len = sizeof response;
	assert_int_equal(uefi_tpm_submit(&uefi, command, sizeof command, response, &len),
			 LB_ERR_IO);
	firmware.says = 9;
	len = sizeof response;
	assert_int_equal(uefi_tpm_submit(&uefi, command, sizeof command, response, &len),
			 LB_ERR_IO);
}

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	(void)ctx, (void)text, (void)len;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(looked_for_once),
		cmocka_unit_test(error_with_a_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
