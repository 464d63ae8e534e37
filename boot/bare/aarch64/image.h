/* Places in the loader's own image, set by linker/aarch64-bare.ld. */
#ifndef LIFEBOAT_BARE_AARCH64_IMAGE_H
#define LIFEBOAT_BARE_AARCH64_IMAGE_H

#include <stdint.h>

#define IMAGE_PROFILE_BYTES 65536u

#pragma GCC visibility push(hidden)
extern const uint8_t bare_image_start[], bare_text_end[], bare_ro_end[], bare_image_end[];
extern const uint8_t bare_profile_start[], bare_profile_end[];
extern const uint8_t bare_stack_guard[], bare_stack_top[];
#pragma GCC visibility pop

#endif
