/* Drawing by fbdev. */
#include "host/framebuffer.h"

#include <fcntl.h>
#include <linux/fb.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICE "/dev/fb0"

static bool plain_pixels(const struct fb_var_screeninfo *v)
{
	return v->bits_per_pixel == 32 && v->red.length == 8 && v->green.length == 8 &&
	       v->blue.length == 8 && v->red.offset <= 24 && v->green.offset <= 24 &&
	       v->blue.offset <= 24;
}

/* A DRM driver's fbdev shows nothing before somebody sets a mode, and with the console
 * kept off it nobody has. Firmware's framebuffers refuse, and need it not. */
static void set_mode(int fd, struct fb_var_screeninfo *v)
{
	v->activate = FB_ACTIVATE_NOW | FB_ACTIVATE_FORCE;
	(void)ioctl(fd, FBIOPUT_VSCREENINFO, v);
}

static const char *map(struct framebuffer *fb, int fd)
{
	struct fb_fix_screeninfo fixed;
	struct fb_var_screeninfo var;

	if (ioctl(fd, FBIOGET_VSCREENINFO, &var) != 0)
		return "no mode";
	set_mode(fd, &var);
	if (ioctl(fd, FBIOGET_VSCREENINFO, &var) != 0 ||
	    ioctl(fd, FBIOGET_FSCREENINFO, &fixed) != 0)
		return "no mode";
	if (!plain_pixels(&var))
		return "pixels of another kind than 32 bits";
	if (var.xres == 0 || var.yres == 0 ||
	    fixed.line_length < (uint64_t)var.xres * 4 ||
	    fixed.smem_len < (uint64_t)fixed.line_length * var.yres)
		return "sizes that do not fit each other";
	void *memory =
		mmap(NULL, fixed.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return "cannot be mapped";
	*fb = (struct framebuffer){ .memory = memory,
				    .bytes = fixed.smem_len,
				    .width = var.xres,
				    .height = var.yres,
				    .line_bytes = fixed.line_length,
				    .red = var.red.offset,
				    .green = var.green.offset,
				    .blue = var.blue.offset };
	return NULL;
}

bool framebuffer_open(struct framebuffer *fb, const char **why)
{
	const int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	*why = "there is none";
	if (fd < 0)
		return false;
	if (fb->memory != NULL)
		(void)munmap(fb->memory, fb->bytes);
	fb->memory = NULL;
	*why = map(fb, fd);
	(void)close(fd); /* the mapping stays */
	return *why == NULL;
}

void framebuffer_copy(const struct framebuffer *fb, uint32_t x, uint32_t y,
		      uint32_t width, uint32_t height, const uint32_t *pixels,
		      size_t stride)
{
	const bool same = fb->red == 16 && fb->green == 8 && fb->blue == 0;

	for (uint32_t row = 0; row < height; row++) {
		const uint32_t *from = pixels + row * stride;
		uint8_t *line =
			fb->memory + (size_t)(y + row) * fb->line_bytes + (size_t)x * 4;

		if (same) {
			memcpy(line, from, (size_t)width * 4);
			continue;
		}
		for (uint32_t i = 0; i < width; i++) {
			const uint32_t pixel = (from[i] >> 16 & 255) << fb->red |
					       (from[i] >> 8 & 255) << fb->green |
					       (from[i] & 255) << fb->blue;

			memcpy(line + (size_t)i * 4, &pixel, 4);
		}
	}
}
