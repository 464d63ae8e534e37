/* Developer mode, language and enrolled keys in protected variables, and the request of
 * the OS.
 *
 * Design: DESIGN 8. LifeboatState: u8 version, u8 developer, u8[6] zero, char
 * language[8]. LifeboatDevKeys: 32 bytes a key, up to four; 32 zeros: none. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/bytes.h"

#define AT_VERSION     0u
#define AT_DEVELOPER   1u
#define AT_LANGUAGE    8u
#define DEV_KEYS_BYTES (PLATFORM_MAX_DEV_KEYS * PLATFORM_KEY_ID_BYTES)

static EFI_GUID lifeboat_guid = UEFI_LIFEBOAT_GUID;
CHAR16 uefi_state_name[] = L"LifeboatState";
CHAR16 uefi_dev_keys_name[] = L"LifeboatDevKeys";
static CHAR16 request_name[] = L"LifeboatRequest";

/* Keys are worth nothing without the state that says developer mode is on. */
static enum lb_status read_dev_keys(struct uefi *u, struct platform_state *out)
{
	size_t bytes = 0;
	const enum lb_status status = uefi_read_protected(
		u, uefi_dev_keys_name, out->dev_key[0], DEV_KEYS_BYTES, true, &bytes);

	if (status == LB_ERR_NOT_FOUND)
		return LB_OK;
	if (status != LB_OK || bytes % PLATFORM_KEY_ID_BYTES != 0)
		return status != LB_OK ? status : LB_ERR_RANGE;
	/* UEFI has no empty variables: one key of zeros is none. */
	if (bytes > PLATFORM_KEY_ID_BYTES || !lb_all_zero(out->dev_key[0], bytes))
		out->dev_key_count = bytes / PLATFORM_KEY_ID_BYTES;
	return LB_OK;
}

enum lb_status uefi_read_state(void *ctx, struct platform_state *out)
{
	struct uefi *u = ctx;
	uint8_t bytes[UEFI_STATE_BYTES];
	size_t got;

	memset(out, 0, sizeof *out);
	if (!u->machine.protected_storage)
		return LB_ERR_UNSUPPORTED;

	/* Keys first, whatever the state: those that an OS has planted are deleted now,
	 * not when somebody switches developer mode on. */
	const enum lb_status keys = read_dev_keys(u, out);
	enum lb_status status =
		uefi_read_protected(u, uefi_state_name, bytes, sizeof bytes, false, &got);

	if (status == LB_OK && bytes[AT_VERSION] != UEFI_STATE_VERSION) {
		uefi_log(u, "variables: LifeboatState has version %u: ignored",
			 bytes[AT_VERSION]);
		status = LB_ERR_NOT_FOUND;
	}
	if (status != LB_OK) {
		memset(out, 0, sizeof *out);
		return status;
	}
	out->developer = bytes[AT_DEVELOPER] == 1;
	memcpy(out->language, bytes + AT_LANGUAGE, PLATFORM_LANGUAGE_BYTES);
	return keys;
}

static enum lb_status write_dev_keys(struct uefi *u, const struct platform_state *state)
{
	static const uint8_t none[PLATFORM_KEY_ID_BYTES];

	/* Never deleted: an OS could take the name then. */
	if (state->dev_key_count == 0)
		return uefi_write_protected(u, uefi_dev_keys_name, none, sizeof none);
	return uefi_write_protected(u, uefi_dev_keys_name, state->dev_key[0],
				    state->dev_key_count * PLATFORM_KEY_ID_BYTES);
}

enum lb_status uefi_write_state(void *ctx, const struct platform_state *state)
{
	struct uefi *u = ctx;
	uint8_t bytes[UEFI_STATE_BYTES] = { [AT_VERSION] = UEFI_STATE_VERSION };

	const bool on = state->developer;
	enum lb_status status = LB_OK;

	if (!u->machine.protected_storage)
		return LB_ERR_UNSUPPORTED;
	bytes[AT_DEVELOPER] = on ? 1 : 0;
	memcpy(bytes + AT_LANGUAGE, state->language, PLATFORM_LANGUAGE_BYTES);

	/* A cut between the two must not leave the mode on without its keys, when any
	 * self-signed kernel would do: keys are there before it, and go after it. */
	if (on)
		status = write_dev_keys(u, state);
	if (status == LB_OK)
		status = uefi_write_protected(u, uefi_state_name, bytes, sizeof bytes);
	if (status == LB_OK && !on)
		status = write_dev_keys(u, state);
	return status;
}

enum lb_status uefi_take_request(void *ctx, uint8_t *request)
{
	struct uefi *u = ctx;
	UINTN len = 1, again = 1;
	uint8_t value = 0, unused;
	const EFI_STATUS got =
		u->rt->GetVariable(request_name, &lifeboat_guid, NULL, &len, &value);

	if (got == EFI_NOT_FOUND)
		return LB_ERR_NOT_FOUND;
	(void)u->rt->SetVariable(request_name, &lifeboat_guid, 0, 0,
				 NULL); /* read back below */
	if (u->rt->GetVariable(request_name, &lifeboat_guid, NULL, &again, &unused) !=
	    EFI_NOT_FOUND) {
		uefi_note_foreign(u, "LifeboatRequest");
		return LB_ERR_IO;
	}
	if (got != EFI_SUCCESS || len != 1)
		return LB_ERR_RANGE;
	*request = value;
	return LB_OK;
}
