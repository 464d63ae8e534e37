/* The screen by the Graphics Output Protocol of the console, always through Blt: a linear
 * frame buffer is not everywhere (facts: virtio-gpu has none).
 *
 * Spec: UEFI 2.10, 12.9. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "base/bytes.h"

#define PICTURE_MAX_BYTES 0x8000000u /* 7680 x 4320 */
#define LEAST_WIDTH       640u
#define LEAST_HEIGHT      480u

/* The mode is the firmware's own choice; only one below 640x480 is left, for the first
 * that is not. */
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

static void forget_picture(struct uefi *u)
{
	struct uefi_picture *p = &u->picture;

	if (p->pixels != NULL)
		uefi_free(u, p->pixels, (size_t)p->width * p->height * sizeof *p->pixels);
	*p = (struct uefi_picture){ .disturbed = p->disturbed };
}

/* Without memory for it the picture is drawn anew: uefi_blit(). */
static void keep_picture(struct uefi *u, uint32_t width, uint32_t height)
{
	struct uefi_picture *p = &u->picture;
	const uint64_t bytes = (uint64_t)width * height * sizeof *p->pixels;

	if (p->width != width || p->height != height)
		forget_picture(u);
	if (!u->console.takes_log || p->pixels != NULL || bytes > PICTURE_MAX_BYTES)
		return;
	p->pixels = uefi_alloc(u, (size_t)bytes, LB_PAGE_BYTES, PLATFORM_ANY_ADDRESS);
	if (p->pixels == NULL)
		return;
	memset(p->pixels, 0, (size_t)bytes);
	p->width = width;
	p->height = height;
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
	if (u->st->ConOut != NULL)
		(void)u->st->ConOut->EnableCursor(u->st->ConOut,
						  FALSE); /* it would blink through */
	keep_picture(u, out->width, out->height);
	return LB_OK;
}

void uefi_picture_mend(struct uefi *u)
{
	struct uefi_picture *p = &u->picture;

	if (!p->disturbed || p->pixels == NULL || u->screen == NULL)
		return;
	/* What failed is tried again at the next call. */
	p->disturbed =
		u->screen->Blt(u->screen,
			       (EFI_GRAPHICS_OUTPUT_BLT_PIXEL *)(void *)p->pixels,
			       EfiBltBufferToVideo, 0, 0, 0, 0, p->width, p->height,
			       p->width * sizeof *p->pixels) != EFI_SUCCESS;
}

static void keep_pixels(struct uefi_picture *p, uint32_t x, uint32_t y, uint32_t width,
			uint32_t height, const uint32_t *pixels, size_t stride)
{
	if (p->pixels == NULL || !lb_within(x, width, p->width) ||
	    !lb_within(y, height, p->height))
		return;
	for (uint32_t row = 0; row < height; row++)
		memcpy(p->pixels + (size_t)(y + row) * p->width + x,
		       pixels + row * stride, width * sizeof *pixels);
}

enum lb_status uefi_blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			 uint32_t height, const uint32_t *pixels, size_t stride)
{
	struct uefi *u = ctx;

	if (u->screen == NULL)
		return LB_ERR_NOT_FOUND;
	if (u->picture.disturbed && u->picture.pixels == NULL) {
		u->picture.disturbed = false;
		return LB_ERR_IO; /* what the caller drew before is not there any more */
	}
	keep_pixels(&u->picture, x, y, width, height, pixels, stride);
	return uefi_status(u->screen->Blt(
		u->screen, (EFI_GRAPHICS_OUTPUT_BLT_PIXEL *)(uintptr_t)pixels,
		EfiBltBufferToVideo, 0, 0, x, y, width, height, stride * sizeof *pixels));
}
