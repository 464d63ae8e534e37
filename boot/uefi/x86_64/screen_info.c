/* The frame buffer, described for the kernel.
 *
 * Spec: Linux include/uapi/linux/screen_info.h; UEFI 2.10, 12.9. */
#include "boot/uefi/x86_64/linux_tables.h"

#include "base/bytes.h"

/* Offsets in screen_info, which starts the zero page. */
enum {
	SCREEN_VIDEO_TYPE = 0x0f,
	SCREEN_WIDTH = 0x12,
	SCREEN_HEIGHT = 0x14,
	SCREEN_DEPTH = 0x16,
	SCREEN_BASE = 0x18,
	SCREEN_SIZE = 0x1c,
	SCREEN_LINE_BYTES = 0x24,
	SCREEN_RED = 0x26, /* size and position, then green, blue, reserved */
	SCREEN_PAGES = 0x32,
	SCREEN_CAPABILITIES = 0x36,
	SCREEN_BASE_HIGH = 0x3a,
};

#define VIDEO_TYPE_EFI    0x70u
#define CAPABILITY_64_BIT 2u

static void put_mask(uint8_t *out, uint32_t mask)
{
	const unsigned position = mask != 0 ? (unsigned)__builtin_ctz(mask) : 0;

	out[0] = (uint8_t)__builtin_popcount(mask);
	out[1] = (uint8_t)position;
}

static bool masks_of(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info,
		     EFI_PIXEL_BITMASK *out)
{
	switch (info->PixelFormat) {
	case PixelRedGreenBlueReserved8BitPerColor:
		*out = (EFI_PIXEL_BITMASK){ 0xff, 0xff00, 0xff0000, 0xff000000 };
		return true;
	case PixelBlueGreenRedReserved8BitPerColor:
		*out = (EFI_PIXEL_BITMASK){ 0xff0000, 0xff00, 0xff, 0xff000000 };
		return true;
	case PixelBitMask:
		*out = info->PixelInformation;
		return true;
	default:
		return false; /* no frame buffer in memory */
	}
}

static void put_frame_buffer(uint8_t *page, const EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode,
			     const EFI_PIXEL_BITMASK *masks)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = mode->Info;
	const uint32_t all =
		masks->RedMask | masks->GreenMask | masks->BlueMask | masks->ReservedMask;
	const uint32_t depth = all == 0 ? 0 : 32u - (uint32_t)__builtin_clz(all);
	const uint32_t line = info->PixelsPerScanLine * depth / 8;

	page[SCREEN_VIDEO_TYPE] = VIDEO_TYPE_EFI;
	lb_put_le16(page + SCREEN_WIDTH, (uint16_t)info->HorizontalResolution);
	lb_put_le16(page + SCREEN_HEIGHT, (uint16_t)info->VerticalResolution);
	lb_put_le16(page + SCREEN_DEPTH, (uint16_t)depth);
	lb_put_le32(page + SCREEN_BASE, (uint32_t)mode->FrameBufferBase);
	lb_put_le32(page + SCREEN_SIZE, line * info->VerticalResolution);
	lb_put_le16(page + SCREEN_LINE_BYTES, (uint16_t)line);
	put_mask(page + SCREEN_RED, masks->RedMask);
	put_mask(page + SCREEN_RED + 2, masks->GreenMask);
	put_mask(page + SCREEN_RED + 4, masks->BlueMask);
	put_mask(page + SCREEN_RED + 6, masks->ReservedMask);
	lb_put_le16(page + SCREEN_PAGES, 1);
	if (mode->FrameBufferBase >> 32 != 0) {
		lb_put_le32(page + SCREEN_CAPABILITIES, CAPABILITY_64_BIT);
		lb_put_le32(page + SCREEN_BASE_HIGH,
			    (uint32_t)(mode->FrameBufferBase >> 32));
	}
}

void uefi_screen_info(const struct uefi *u, uint8_t *zero_page)
{
	const EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop =
		uefi_protocol_of(u, u->st->ConsoleOutHandle, guid);
	EFI_PIXEL_BITMASK masks;

	/* With several screens the console's own handle stands for them and has no
	 * memory. */
	if (gop == NULL || gop->Mode == NULL || gop->Mode->FrameBufferBase == 0)
		gop = uefi_protocol(u, guid);
	if (gop == NULL || gop->Mode == NULL || gop->Mode->Info == NULL ||
	    gop->Mode->FrameBufferBase == 0 || !masks_of(gop->Mode->Info, &masks))
		return;
	put_frame_buffer(zero_page, gop->Mode, &masks);
}
