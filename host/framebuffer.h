/* The screen as /dev/fb0: the mode that the loader left, drawn on by copying. */
#ifndef LIFEBOAT_HOST_FRAMEBUFFER_H
#define LIFEBOAT_HOST_FRAMEBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct framebuffer {
	uint8_t *memory; /* NULL: none is open */
	size_t bytes;
	uint32_t width, height, line_bytes;
	uint32_t red, green, blue; /* where each begins in a pixel of 32 bits */
};

/**
 * framebuffer_open() - map /dev/fb0. False, with why it is not in @why, when there is
 * none or it has other pixels than 32 bits with eight for each colour.
 */
bool framebuffer_open(struct framebuffer *fb, const char **why);

/** framebuffer_copy() - @width x @height pixels (0x00RRGGBB), which lie on the screen. */
void framebuffer_copy(const struct framebuffer *fb, uint32_t x, uint32_t y,
		      uint32_t width, uint32_t height, const uint32_t *pixels,
		      size_t stride);

#endif
