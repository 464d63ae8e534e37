/* What the tests of boot/kernel share: bodies laid out as vbutil_kernel does, kernels
 * made up for them, and a job that places one without a signature. */
#ifndef LIFEBOAT_TESTS_KERNEL_RIG_H
#define LIFEBOAT_TESTS_KERNEL_RIG_H

#include <stddef.h>
#include <stdint.h>

#include "boot/kernel/prepared.h"
#include "tests/host/host_platform.h"

#define RIG_SETUP_BYTES   1024u  /* of the bzImage: setup_sects 1 */
#define RIG_KERNEL_BYTES  20480u /* of its kernel proper */
#define RIG_INIT_SIZE     0x300000u
#define RIG_BZIMAGE_BYTES (RIG_SETUP_BYTES + RIG_KERNEL_BYTES)
#define RIG_ARM64_BYTES   30000u
#define RIG_ARM64_ROOM    0x200000u

/* A machine and everything for one preparation. */
struct kernel_rig {
	struct host_platform *host;
	struct kernel_context context;
	struct lb_handover handover;
	struct lb_verdict why;
	struct prepared_kernel prepared;
	uint8_t *body; /* 2 MiB aligned, of the platform */
	size_t body_bytes, body_room;
	size_t config_offset;
};

void kernel_rig_init(struct kernel_rig *rig, enum platform_cpu cpu, bool uefi);
/* Frees all; fails the test when the platform still has memory out. */
void kernel_rig_release(struct kernel_rig *rig);

/**
 * kernel_rig_body() - a body with @kernel at its start, then page, params, bootloader.
 * @params: a params page, or NULL for zeros
 * @room:   at least so many bytes are free from the body's start on
 */
void kernel_rig_body(struct kernel_rig *rig, const void *kernel, size_t bytes,
		     const char *cmdline, const uint8_t *params, size_t room);

/** kernel_rig_place() - recognise and place the body. May be called again. */
enum lb_reason kernel_rig_place(struct kernel_rig *rig);

/* Made-up kernels. The bzImage: RIG_BZIMAGE_BYTES, protocol 2.15, and a pattern as kernel
 * proper. The Image: RIG_ARM64_BYTES, with PE headers when @efi_stub. */
void rig_make_bzimage(uint8_t out[RIG_BZIMAGE_BYTES]);
void rig_make_arm64(uint8_t out[RIG_ARM64_BYTES], bool efi_stub);
/* A params page as vbutil_kernel makes it. */
void rig_make_params(const uint8_t *bzimage, uint8_t params[4096]);

#endif
