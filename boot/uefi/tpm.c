/* The TPM as the firmware offers it: found once, then one command at a time.
 *
 * Spec: TCG EFI Protocol 1.0 rev 0.13, 6.4 and 6.7. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/bytes.h"

#define RESPONSE_HEADER_BYTES 10u

static void look(struct uefi *u)
{
	struct uefi_tcg2_capability capability = { .size = sizeof capability };
	struct uefi_tcg2 *tcg2 = uefi_protocol(u, (EFI_GUID)UEFI_TCG2_GUID);

	u->tpm.looked = true;
	if (tcg2 == NULL)
		return;

	const EFI_STATUS status = tcg2->get_capability(tcg2, &capability);

	if (status != EFI_SUCCESS)
		uefi_log(u, "tpm: the firmware does not say what it can do: %s",
			 lb_status_name(uefi_status(status)));
	else if (!capability.tpm_present)
		uefi_log(u, "tpm: switched off, or not there");
	else {
		u->tpm.tcg2 = tcg2;
		u->tpm.max_command = capability.max_command_bytes;
		u->tpm.max_response = capability.max_response_bytes;
	}
}

/* Spec: TPM 2.0 part 1, 18.4: a response that refuses has no sessions and ends with its
 * code. */
static bool is_refusal(const uint8_t *response)
{
	return lb_be16(response) == 0x8001 &&
	       lb_be32(response + 2) == RESPONSE_HEADER_BYTES &&
	       lb_be32(response + 6) != 0;
}

struct uefi_tcg2 *uefi_tpm(struct uefi *u)
{
	if (!u->tpm.looked)
		look(u);
	return u->tpm.tcg2;
}

enum lb_status uefi_tpm_submit(void *ctx, const uint8_t *command, size_t len,
			       uint8_t *response, size_t *response_len)
{
	struct uefi *u = ctx;
	struct uefi_tcg2 *tcg2 = uefi_tpm(u);
	size_t room = *response_len;

	*response_len = 0;
	if (tcg2 == NULL)
		return LB_ERR_UNSUPPORTED;
	if (room > u->tpm.max_response)
		room = u->tpm.max_response;
	if (len > u->tpm.max_command || room < RESPONSE_HEADER_BYTES)
		return LB_ERR_RANGE;
	/* The firmware does not say how long the response is: its own header does, and
	 * one that was never written must not look like an answer. */
	memset(response, 0, room);

	const EFI_STATUS status =
		tcg2->submit_command(tcg2, (UINT32)len, command, (UINT32)room, response);

	const uint32_t bytes = lb_be32(response + 2);

	/* U-Boot's driver reports the TPM's own refusals as an error of the device, and
	 * gives the response all the same. Only a refusal is taken so: what says
	 * "success" may be cut off behind its head. */
	if (bytes < RESPONSE_HEADER_BYTES || bytes > room ||
	    (status != EFI_SUCCESS && !is_refusal(response)))
		return status == EFI_TIMEOUT ? LB_ERR_TIMEOUT : LB_ERR_IO;
	*response_len = bytes;
	return LB_OK;
}
