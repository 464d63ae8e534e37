/* Recovery kernels, judged before they go onto a stick: which CPU each is for, and which
 * of the given devices would start it in recovery mode. */
#ifndef LIFEBOAT_TOOLS_MEDIA_CHECK_H
#define LIFEBOAT_TOOLS_MEDIA_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/reason.h"
#include "crypto/kernel_verify.h"
#include "tools/lib/buffer.h"
#include "tools/lib/public_key.h"

#define TOOL_MEDIA_MAX_KERNELS 8u
#define TOOL_MEDIA_MAX_DEVICES 64u
#define TOOL_MEDIA_TEXT_BYTES  256u

struct tool_media_kernel {
	const char *path; /* the caller's */
	struct tool_buffer bytes;
	enum platform_cpu cpu;
	uint32_t version;   /* combined */
	bool root_verified; /* by its command line */
};

/* One device model as a profile describes it, or just a recovery key. */
struct tool_media_device {
	char name[TOOL_MEDIA_TEXT_BYTES]; /* for messages */
	struct crypto_policy policy;
	struct platform_machine machine;
	char hardware_id[TOOL_MEDIA_TEXT_BYTES];
	bool starts[TOOL_MEDIA_MAX_KERNELS]; /* which kernels, by tool_media_check() */
};

struct tool_media_devices {
	size_t count;
	struct tool_media_device device[TOOL_MEDIA_MAX_DEVICES];
	struct tool_public_key key;
	struct tool_buffer profile[TOOL_MEDIA_MAX_KERNELS]; /* what policies point into */
	size_t profiles;
};

/** tool_media_kernel_load() - read a signed kernel partition and find out its CPU. */
bool tool_media_kernel_load(const char *path, struct tool_media_kernel *out);

/** tool_media_kernel_cpu() - find out the CPU, and the version, of a kernel in memory. */
bool tool_media_kernel_cpu(struct tool_media_kernel *kernel);

/** tool_media_add_key() - any device with this recovery key. */
bool tool_media_add_key(struct tool_media_devices *devices, const char *path);

/**
 * tool_media_add_profile(), tool_media_add_loader() - every device that the profiles in a
 * file, or in a loader, are for: one for each `match`, or one for a profile without.
 * Bytes that were added already are no news.
 */
bool tool_media_add_profile(struct tool_media_devices *devices, const char *path);
bool tool_media_add_loader(struct tool_media_devices *devices, const char *path);

/**
 * tool_media_check() - judge all kernels for all devices by the loader's own code.
 *
 * False with a message when a kernel would be refused by every device. A device that none
 * of them would start is only noted.
 */
bool tool_media_check(struct tool_media_devices *devices,
		      const struct tool_media_kernel *kernel, size_t count);

void tool_media_devices_free(struct tool_media_devices *devices);

#endif
