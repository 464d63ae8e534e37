/* SECURITY2's FileAuthentication, replaced for the length of one LoadImage. */
#include "boot/uefi/security2.h"

#include <string.h>

/* The protocol hands its own address to the function and nothing of ours, so what is
 * approved has to be found here. NULL outside uefi_load_approved(). */
static struct {
	const struct uefi_approval *approval;
	uefi_file_authentication original;
	bool used;
} armed;

static bool digest_matches(const struct uefi_approval *a)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];

	crypto_digest_once(a->hash, a->hashed, a->hashed_bytes, digest);
	return memcmp(digest, a->digest, crypto_digest_bytes(a->hash)) == 0;
}

static EFI_STATUS EFIAPI authenticate(const struct uefi_security2 *this,
				      const EFI_DEVICE_PATH *path, void *file,
				      UINTN bytes, BOOLEAN boot_policy)
{
	const struct uefi_approval *a = armed.approval;

	if (a != NULL && !armed.used && !boot_policy && file == a->image &&
	    bytes == a->image_bytes && digest_matches(a)) {
		armed.used = true;
		return EFI_SUCCESS;
	}
	return armed.original(this, path, file, bytes, boot_policy);
}

enum lb_status uefi_load_approved(struct uefi *u, const struct uefi_approval *approval,
				  EFI_DEVICE_PATH *path, EFI_HANDLE *image, bool *used)
{
	struct uefi_security2 *security2 =
		uefi_protocol(u, (EFI_GUID)UEFI_SECURITY2_GUID);
	EFI_STATUS status;

	*image = NULL;
	*used = false;
	if (security2 == NULL)
		return LB_ERR_UNSUPPORTED;

	armed.approval = approval;
	armed.original = security2->file_authentication;
	armed.used = false;
	security2->file_authentication = authenticate;
	status = u->bs->LoadImage(FALSE, u->image, path,
				  (void *)(uintptr_t)approval->image,
				  approval->image_bytes, image);
	security2->file_authentication = armed.original;
	armed.approval = NULL;

	*used = armed.used;
	if (status == EFI_SUCCESS)
		return LB_OK;
	/* EFI_SECURITY_VIOLATION means loaded, but not to be started. */
	if (*image != NULL)
		(void)u->bs->UnloadImage(*image); /* nothing to do about it */
	*image = NULL;
	return uefi_status(status);
}
