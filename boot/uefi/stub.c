/* EFI images from memory.
 *
 * The image gets a device handle of our own without a file system, so that nothing
 * unsigned is picked up from beside it. Design: DESIGN 3 "pe and Secure Boot"; what
 * firmware does here was measured before it was relied on. */
#include "boot/uefi/stub.h"

#include <string.h>

#include "base/bytes.h"
#include "mark.h"
#include "boot/uefi/security2.h"

#define VENDOR_NODE_BYTES 20u

static struct {
	uint8_t vendor[4];
	EFI_GUID guid;
	uint8_t end[4];
} __attribute__((packed)) image_path = {
	.vendor = { MEDIA_DEVICE_PATH, MEDIA_VENDOR_DP, VENDOR_NODE_BYTES, 0 },
	.guid = UEFI_LIFEBOAT_IMAGE_GUID,
	.end = { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0 },
};

static EFI_GUID path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

static enum lb_status make_own_handle(struct uefi *u)
{
	return uefi_status(u->bs->InstallMultipleProtocolInterfaces(
		&u->start.own_handle, &path_guid, &image_path, NULL));
}

/* The digest the firmware's question is answered by: that of the verifier where the image
 * lies unchanged in the verified body, else one taken now. */
static void approve(const struct prepared_kernel *kernel,
		    const struct kernel_layout *layout, struct uefi_approval *out)
{
	const struct verified_kernel *verified = kernel_prepared_verified(kernel);
	size_t body_bytes, digest_bytes;
	const uint8_t *body = crypto_kernel_body(verified, &body_bytes, NULL);
	const uint8_t *digest = crypto_kernel_body_digest(verified, &digest_bytes);

	*out = (struct uefi_approval){ .image = layout->image,
				       .image_bytes = layout->image_bytes };
	if (layout->kind == KERNEL_KIND_PE && layout->image >= body &&
	    layout->image + layout->image_bytes <= body + body_bytes) {
		out->hashed = body;
		out->hashed_bytes = body_bytes;
		out->hash = digest_bytes == CRYPTO_SHA512_BYTES ? CRYPTO_SHA512
								: CRYPTO_SHA256;
		memcpy(out->digest, digest, digest_bytes);
		return;
	}
	out->hashed = layout->image;
	out->hashed_bytes = layout->image_bytes;
	out->hash = CRYPTO_SHA256;
	crypto_digest_once(CRYPTO_SHA256, layout->image, layout->image_bytes,
			   out->digest);
}

static enum lb_status load_plain(struct uefi *u, const struct kernel_layout *layout)
{
	const EFI_STATUS status =
		u->bs->LoadImage(FALSE, u->image, (EFI_DEVICE_PATH *)&image_path,
				 layout->image, layout->image_bytes, &u->start.image);

	if (status == EFI_SECURITY_VIOLATION)
		(void)u->bs->UnloadImage(u->start.image); /* nothing to do about it */
	if (status != EFI_SUCCESS)
		u->start.image = NULL;
	return uefi_status(status);
}

static enum lb_status load_verified(struct uefi *u, const struct prepared_kernel *kernel,
				    const struct kernel_layout *layout,
				    struct lb_verdict *why)
{
	struct uefi_approval approval;
	bool used;

	approve(kernel, layout, &approval);

	enum lb_status status = uefi_load_approved(
		u, &approval, (EFI_DEVICE_PATH *)&image_path, &u->start.image, &used);
	if (status == LB_ERR_UNSUPPORTED &&
	    uefi_protocol(u, (EFI_GUID)UEFI_SECURITY2_GUID) == NULL)
		(void)lb_verdict_set(why, LB_REASON_NO_SECURITY2, NULL);
	if (status != LB_OK || !used)
		return status;

	/* Told yes by us, the firmware does not measure. */
	status = uefi_measure_image(u, layout->image, layout->image_bytes,
				    (const uint8_t *)&image_path, sizeof image_path);
	if (status != LB_OK)
		(void)lb_verdict_set(why, LB_REASON_NOT_MEASURED, "PCR 4, image: %s",
				     lb_status_name(status));
	return LB_OK;
}

/* Firmware loads nothing that its TPM does not take the measurement of, also when nobody
 * asks it to authenticate anything. What a failing TPM means is not for it to say: a good
 * device must start (DESIGN 8). */
static bool tpm_in_the_way(struct uefi *u)
{
	return uefi_tpm(u) != NULL &&
	       uefi_protocol(u, (EFI_GUID)UEFI_SECURITY2_GUID) != NULL;
}

static enum lb_status load(struct uefi *u, const struct prepared_kernel *kernel,
			   const struct kernel_layout *layout, struct lb_verdict *why)
{
	enum lb_status status = u->machine.secure_boot
					? load_verified(u, kernel, layout, why)
					: load_plain(u, layout);

	if (status != LB_OK && !u->machine.secure_boot && tpm_in_the_way(u)) {
		uefi_log(u, "start: LoadImage: %s; again, measured by the loader",
			 lb_status_name(status));
		status = load_verified(u, kernel, layout, why);
	}
	if (status != LB_OK && why->reason == LB_REASON_OK)
		(void)lb_verdict_set(why, LB_REASON_FIRMWARE_REFUSED, "LoadImage: %s",
				     lb_status_name(status));
	return status;
}

static enum lb_status set_options(struct uefi *u, const char *cmdline)
{
	struct uefi_start *s = &u->start;
	EFI_LOADED_IMAGE *loaded =
		uefi_protocol_of(u, s->image, (EFI_GUID)EFI_LOADED_IMAGE_PROTOCOL_GUID);
	const size_t bytes = (strlen(cmdline) + 1) * sizeof(CHAR16);

	if (loaded == NULL)
		return LB_ERR_IO;
	loaded->DeviceHandle =
		s->own_handle; /* edk2 found it by the path; others may not */
	loaded->LoadOptions = NULL;
	loaded->LoadOptionsSize = 0;
	if (cmdline[0] == '\0')
		return LB_OK;

	s->options = uefi_alloc(u, bytes, LB_PAGE_BYTES, PLATFORM_ANY_ADDRESS);
	if (s->options == NULL)
		return LB_ERR_NOMEM;
	s->options_bytes = bytes;
	uefi_ascii16(cmdline, s->options);
	loaded->LoadOptions = s->options;
	loaded->LoadOptionsSize = (UINT32)bytes;
	return LB_OK;
}

static enum lb_status offer_initrd(struct uefi *u, const struct kernel_layout *layout,
				   struct lb_verdict *why)
{
	/* A unified kernel image brings its own, and ends when ours is there already. */
	if (layout->start == KERNEL_START_UKI)
		return LB_OK;

	const enum lb_status status =
		uefi_initrd_offer(u, layout->initrd, layout->initrd_bytes);

	if (status == LB_ERR_DENIED)
		(void)lb_verdict_set(why, LB_REASON_FIRMWARE_REFUSED,
				     "another driver offers an initrd");
	return status;
}

enum lb_status uefi_stub_prepare(struct uefi *u, const struct prepared_kernel *kernel,
				 struct lb_verdict *why)
{
	const struct kernel_layout *layout = kernel_prepared_layout(kernel);
	enum lb_status status = make_own_handle(u);

	if (status == LB_OK)
		status = load(u, kernel, layout, why);
	if (status == LB_OK)
		status = set_options(u, layout->cmdline);
	if (status == LB_OK)
		status = offer_initrd(u, layout, why);
	if (status == LB_OK && layout->device_tree != NULL)
		status = uefi_tree_install(u, layout->device_tree);
	return status;
}

void uefi_stub_discard(struct uefi *u)
{
	struct uefi_start *s = &u->start;

	uefi_tree_withdraw(u);
	uefi_initrd_withdraw(u);
	if (s->image != NULL)
		(void)u->bs->UnloadImage(
			s->image); /* an application that ended is gone already */
	s->image = NULL;
	if (s->own_handle != NULL)
		(void)u->bs->UninstallMultipleProtocolInterfaces(
			s->own_handle, &path_guid, &image_path,
			NULL); /* at worst it stays */
	s->own_handle = NULL;
	if (s->options != NULL)
		uefi_free(u, s->options, s->options_bytes);
	s->options = NULL;
}

enum lb_status uefi_stub_start(struct uefi *u)
{
	CHAR16 *exit_data = NULL;
	UINTN exit_bytes = 0;

	uefi_watchdog_off(u);
	UEFI_MARK(UEFI_MARK_START);
	const EFI_STATUS status =
		u->bs->StartImage(u->start.image, &exit_bytes, &exit_data);

	uefi_watchdog_pet(u);
	if (exit_data != NULL)
		(void)u->bs->FreePool(exit_data); /* a leak at worst */
	uefi_log(u, "start: the image came back with status 0x%llx",
		 (unsigned long long)status);
	/* These two come from StartImage itself, before the image ran. */
	if (status == EFI_INVALID_PARAMETER || status == EFI_SECURITY_VIOLATION)
		return uefi_status(status);
	return LB_OK;
}
