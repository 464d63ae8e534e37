/* The screen by the Graphics Output Protocol of the console, always through Blt: a linear
 * frame buffer is not everywhere (facts: virtio-gpu has none).
 *
 * Spec: UEFI 2.10, 12.9. */
#include "boot/uefi/uefi.h"

#define LEAST_WIDTH  640u
#define LEAST_HEIGHT 480u

/* The mode with the most pixels that is not too small to read at arm's length is the
 * firmware's own choice; only a mode below 640x480 is left for a better one. */
static void leave_tiny_mode(struct uefi *u, EFI_GRAPHICS_OUTPUT_PROTOCOL *gop)
{
	for (UINT32 i = 0; i < gop->Mode->MaxMode; i++) {
		EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = NULL;
		UINTN bytes = 0;

		if (gop->QueryMode(gop, i, &bytes, &info) != EFI_SUCCESS)
			continue;
		const bool fits = info->HorizontalResolution >= LEAST_WIDTH &&
				  info->VerticalResolution >= LEAST_HEIGHT;

		(void)u->bs->FreePool(info); /* a leak at worst */
		if (fits && gop->SetMode(gop, i) == EFI_SUCCESS)
			return;
	}
}

enum lb_status uefi_open_display(void *ctx, struct platform_display *out)
{
	struct uefi *u = ctx;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = uefi_protocol_of(
		u, u->st->ConsoleOutHandle, (EFI_GUID)EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID);

	if (gop == NULL)
		gop = uefi_protocol(u, (EFI_GUID)EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID);
	if (gop == NULL || gop->Mode == NULL || gop->Mode->Info == NULL)
		return LB_ERR_NOT_FOUND;
	if (gop->Mode->Info->HorizontalResolution < LEAST_WIDTH ||
	    gop->Mode->Info->VerticalResolution < LEAST_HEIGHT)
		leave_tiny_mode(u, gop);
	u->screen = gop;
	out->width = gop->Mode->Info->HorizontalResolution;
	out->height = gop->Mode->Info->VerticalResolution;
	if (out->width == 0 || out->height == 0)
		return LB_ERR_NOT_FOUND;
	(void)u->st->ConOut->EnableCursor(u->st->ConOut,
					  FALSE); /* it would blink through */
	return LB_OK;
}

enum lb_status uefi_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			 uint32_t height, const uint32_t *pixels, size_t stride)
{
	struct uefi *u = ctx;

	if (u->screen == NULL)
		return LB_ERR_NOT_FOUND;
	return uefi_status(u->screen->Blt(
		u->screen, (EFI_GRAPHICS_OUTPUT_BLT_PIXEL *)(uintptr_t)pixels,
		EfiBltBufferToVideo, 0, 0, x, y, width, height, stride * sizeof *pixels));
}
