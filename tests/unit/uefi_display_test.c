/* The screen on a made-up Graphics Output Protocol that offers nothing but Blt, in all
 * usual sizes, upright ones too: what ui/ draws is what the display shows, pixel by
 * pixel. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boot/uefi/uefi.h"
#include "ui/ui.h"

#define MODES 3u

static const struct {
	uint32_t width, height;
} sizes[] = { { 640, 480 },   { 800, 600 },   { 1366, 768 },  { 1920, 1080 },
	      { 3840, 2160 }, { 1080, 1920 }, { 2160, 3840 }, { 480, 800 } };

static struct {
	EFI_GRAPHICS_OUTPUT_PROTOCOL gop;
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info[MODES];
	uint32_t *screen;
	uint64_t blitted;
	bool refuses; /* to change the mode */
	bool none;
	bool broken; /* cannot be drawn on */
} fake;

static EFI_BOOT_SERVICES bs;
static EFI_SYSTEM_TABLE st;
static SIMPLE_TEXT_OUTPUT_INTERFACE con_out;
static struct uefi u;
static struct ui ui;

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
{
	(void)handle;
	(void)guid;
	*out = &fake.gop;
	return fake.none ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, void *key, void **out)
{
	(void)guid;
	(void)key;
	*out = &fake.gop;
	return fake.none ? EFI_NOT_FOUND : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(void *memory)
{
	free(memory);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI enable_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *this, BOOLEAN on)
{
	(void)this;
	assert_false(on);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI query_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 mode,
				    UINTN *bytes,
				    EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **info)
{
	(void)this;
	*bytes = sizeof **info;
	*info = malloc(sizeof **info);
	**info = fake.info[mode];
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 mode)
{
	(void)this;
	if (fake.refuses)
		return EFI_DEVICE_ERROR;
	fake.mode.Info = &fake.info[mode];
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI blt(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
			     EFI_GRAPHICS_OUTPUT_BLT_PIXEL *pixels,
			     EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, UINTN from_x,
			     UINTN from_y, UINTN x, UINTN y, UINTN w, UINTN h,
			     UINTN delta)
{
	(void)this;
	if (fake.broken)
		return EFI_DEVICE_ERROR;
	assert_int_equal(operation, EfiBltBufferToVideo);
	assert_true(from_x == 0 && from_y == 0);
	assert_true(x + w <= fake.mode.Info->HorizontalResolution &&
		    y + h <= fake.mode.Info->VerticalResolution);
	for (UINTN row = 0; row < h; row++)
		memcpy(fake.screen + (y + row) * fake.mode.Info->HorizontalResolution + x,
		       (uint8_t *)pixels + row * delta, w * 4u);
	fake.blitted += (uint64_t)w * h;
	return EFI_SUCCESS;
}

static void size_is(size_t mode, uint32_t width, uint32_t height)
{
	fake.info[mode] = (EFI_GRAPHICS_OUTPUT_MODE_INFORMATION){
		.HorizontalResolution = width,
		.VerticalResolution = height,
		.PixelFormat = PixelBltOnly,
		.PixelsPerScanLine = 0, /* there are no lines to look at */
	};
}

static int set_up(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof fake);
	memset(&u, 0, sizeof u);
	fake.gop.QueryMode = query_mode;
	fake.gop.SetMode = set_mode;
	fake.gop.Blt = blt;
	fake.gop.Mode = &fake.mode;
	fake.mode.MaxMode = MODES;
	fake.mode.Info = &fake.info[0];
	for (size_t i = 0; i < MODES; i++)
		size_is(i, 640, 480);
	con_out.EnableCursor = enable_cursor;
	bs.HandleProtocol = handle_protocol;
	bs.LocateProtocol = locate_protocol;
	bs.FreePool = free_pool;
	st.ConOut = &con_out;
	u.bs = &bs;
	u.st = &st;
	return 0;
}

static enum lb_status put(void *ctx, uint32_t x, uint32_t y, uint32_t w, uint32_t h,
			  const uint32_t *pixels, uint32_t stride)
{
	return uefi_blit(ctx, x, y, w, h, pixels, stride);
}

static void draws_at(uint32_t width, uint32_t height)
{
	const size_t count = (size_t)width * height;
	uint32_t *pixels = malloc(count * 4u);
	struct platform_display found;
	struct ui_state s = { .url = "https://example.com/r", .model = "K200" };

	fake.screen = calloc(count, 4u);
	size_is(0, width, height);
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	assert_true(found.width == width && found.height == height);
	const struct ui_display display = { &u, found.width, found.height, put };

	assert_int_equal(ui_open(&ui, &display, pixels, count), LB_OK);
	for (uint32_t screen = 0; screen < UI_SCREEN_COUNT; screen++) {
		fake.blitted = 0;
		s.screen = (enum ui_screen)screen;
		assert_int_equal(ui_show(&ui, &s), LB_OK);
		assert_memory_equal(fake.screen, pixels, count * 4u);
		assert_true(fake.blitted > 0 && fake.blitted <= count);
		fake.blitted = 0;
		assert_int_equal(ui_show(&ui, &s), LB_OK);
		assert_int_equal(fake.blitted, 0); /* what is there is not drawn again */
	}
	free(pixels);
	free(fake.screen);
}

static void every_screen_at_every_size(void **state)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		set_up(state);
		print_message("%ux%u\n", sizes[i].width, sizes[i].height);
		/* Both tall ones of 480 columns are left alone only when no mode is
		 * better. */
		fake.refuses = sizes[i].width < 640;
		draws_at(sizes[i].width, sizes[i].height);
	}
}

static void a_tiny_mode_is_left(void **state)
{
	struct platform_display found;

	(void)state;
	size_is(0, 320, 200);
	size_is(1, 400, 480);
	size_is(2, 800, 600);
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	assert_true(found.width == 800 && found.height == 600);
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory,
					UINTN pages, EFI_PHYSICAL_ADDRESS *out)
{
	(void)type, (void)memory;
	*out = (uintptr_t)aligned_alloc(4096, pages * 4096);
	return EFI_SUCCESS;
}

/* The firmware's console may write the log over the picture: it comes back. */
static void a_disturbed_picture_is_mended(void **state)
{
	uint32_t pixels[640 * 4];
	struct platform_display found;

	(void)state;
	bs.AllocatePages = allocate_pages;
	fake.screen = calloc(640 * 480, 4);
	u.console.takes_log = true;
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	memset(pixels, 0x77, sizeof pixels);
	assert_int_equal(uefi_blit(&u, 10, 476, 600, 4, pixels, 640), LB_OK);
	memset(fake.screen, 0x11, 640 * 480 * 4);
	fake.blitted = 0;
	uefi_picture_mend(&u);
	assert_int_equal(fake.blitted, 0); /* nothing was written over it */
	u.picture.disturbed = true;
	uefi_picture_mend(&u);
	assert_int_equal(fake.screen[0], 0);
	assert_int_equal(fake.screen[476 * 640 + 9], 0);
	assert_int_equal(fake.screen[476 * 640 + 10], 0x77777777);
	assert_int_equal(fake.screen[479 * 640 + 609], 0x77777777);
	assert_int_equal(fake.screen[479 * 640 + 610], 0);
	assert_false(u.picture.disturbed);
	free(u.picture.pixels);
	free(fake.screen);
}

/* A console that cannot be drawn on for a moment is tried again, not forgotten. */
static void a_failed_mending_is_repeated(void **state)
{
	struct platform_display found;

	(void)state;
	bs.AllocatePages = allocate_pages;
	fake.screen = calloc(640 * 480, 4);
	u.console.takes_log = true;
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	u.picture.disturbed = true;
	memset(fake.screen, 0x11, 640 * 480 * 4);
	fake.broken = true;
	uefi_picture_mend(&u);
	assert_int_equal(fake.screen[0], 0x11111111);
	fake.broken = false;
	uefi_picture_mend(&u);
	assert_int_equal(fake.screen[0], 0);
	free(u.picture.pixels);
	free(fake.screen);
}

static EFI_STATUS EFIAPI no_pages(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory,
				  UINTN pages, EFI_PHYSICAL_ADDRESS *out)
{
	(void)type, (void)memory, (void)pages, (void)out;
	return EFI_OUT_OF_RESOURCES;
}

/* With no memory to keep it in, all of the picture is drawn again, not only what
 * changed. */
static void a_picture_not_kept_is_drawn_again(void **state)
{
	uint32_t *pixels = calloc(640 * 480, 4);
	struct platform_display found;
	struct ui_state s = { .url = "https://example.com/r", .model = "K200" };

	(void)state;
	bs.AllocatePages = no_pages;
	fake.screen = calloc(640 * 480, 4);
	u.console.takes_log = true;
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	const struct ui_display display = { &u, found.width, found.height, put };

	assert_int_equal(ui_open(&ui, &display, pixels, 640 * 480), LB_OK);
	s.screen = UI_SCREEN_NO_MEDIA;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	memset(fake.screen, 0x11, 640 * 480 * 4);
	u.picture.disturbed = true;
	s.screen = UI_SCREEN_BAD_MEDIA;
	assert_int_equal(ui_show(&ui, &s), LB_OK);
	assert_memory_equal(fake.screen, pixels, 640 * 480 * 4);
	free(pixels);
	free(fake.screen);
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
	(void)pages;
	free((void *)(uintptr_t)at);
	return EFI_SUCCESS;
}

/* Opened again in another mode: the picture kept has the new size. */
static void a_new_mode_gets_a_new_picture(void **state)
{
	struct platform_display found;

	(void)state;
	bs.AllocatePages = allocate_pages;
	bs.FreePages = free_pages;
	fake.screen = calloc(800 * 600, 4);
	u.console.takes_log = true;
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	size_is(0, 800, 600);
	assert_int_equal(uefi_open_display(&u, &found), LB_OK);
	assert_true(u.picture.width == 800 && u.picture.height == 600);
	u.picture.disturbed = true;
	memset(fake.screen, 0x11, 800 * 600 * 4);
	uefi_picture_mend(&u);
	assert_int_equal(fake.screen[800 * 600 - 1], 0);
	free(u.picture.pixels);
	free(fake.screen);
}

static void no_display(void **state)
{
	struct platform_display found;
	const uint32_t pixel = 0;

	(void)state;
	assert_int_equal(uefi_blit(&u, 0, 0, 1, 1, &pixel, 1), LB_ERR_NOT_FOUND);
	fake.none = true;
	assert_int_equal(uefi_open_display(&u, &found), LB_ERR_NOT_FOUND);
	fake.none = false;
	size_is(0, 0, 0);
	fake.mode.MaxMode = 1;
	assert_int_equal(uefi_open_display(&u, &found), LB_ERR_NOT_FOUND);
	fake.gop.Mode = NULL;
	assert_int_equal(uefi_open_display(&u, &found), LB_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_screen_at_every_size, set_up),
		cmocka_unit_test_setup(a_tiny_mode_is_left, set_up),
		cmocka_unit_test_setup(a_disturbed_picture_is_mended, set_up),
		cmocka_unit_test_setup(a_failed_mending_is_repeated, set_up),
		cmocka_unit_test_setup(a_picture_not_kept_is_drawn_again, set_up),
		cmocka_unit_test_setup(a_new_mode_gets_a_new_picture, set_up),
		cmocka_unit_test_setup(no_display, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
