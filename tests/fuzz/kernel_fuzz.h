/* What the fuzz targets of boot/kernel share: a platform of nothing but memory. */
#ifndef LIFEBOAT_TESTS_KERNEL_FUZZ_H
#define LIFEBOAT_TESTS_KERNEL_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "boot/kernel/prepared.h"

#define FUZZ_MEMORY_BYTES ((size_t)16 << 20) /* of one block */

/* More than this no memory is found for: the sanitizer's shadow grows with every address
 * that was ever in use, and blocks a gigabyte apart end a run in want of memory. */
#define FUZZ_ALIGN_MAX ((size_t)2 << 20)

static inline void *fuzz_alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	void *memory;

	(void)ctx;
	(void)limit; /* nothing is put at the address but bytes */
	if (bytes > FUZZ_MEMORY_BYTES || align > FUZZ_ALIGN_MAX)
		return NULL;
	return posix_memalign(&memory, align < 4096 ? 4096 : align, bytes) == 0 ? memory
										: NULL;
}

static inline void fuzz_free(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

static inline enum lb_status fuzz_random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	memset(out, 0x55, len);
	return LB_OK;
}

/* Places the first @bytes of @body, which the configuration page starts behind, on
 * @machine; then frees everything. */
static inline void fuzz_place(uint8_t *body, size_t config_offset, size_t bytes,
			      const struct platform_machine *machine)
{
	const struct platform plat = {
		.alloc = fuzz_alloc,
		.free = fuzz_free,
		.random = fuzz_random,
	};
	const struct lb_handover handover = { .count = 1,
					      .item = { { "Mode", "normal" } } };
	const struct kernel_context context = {
		.machine = machine,
		.hardware_id = "ID",
		.handover = &handover,
		.extra_args = "lifeboat.x=1",
		.dry_run = false,
	};
	struct prepared_kernel prepared = { .block_count = 0 };
	struct lb_verdict why;
	struct kernel_job job = {
		.plat = &plat,
		.context = &context,
		.body = { .data = body,
			  .bytes = bytes,
			  .room = bytes,
			  .config_offset = config_offset },
		.prepared = &prepared,
		.why = &why,
	};
	enum kernel_kind kind;

	if (kernel_body_kind(&job.body, 0, &kind, &why) == LB_REASON_OK &&
	    kernel_place(&job, kind) == LB_REASON_OK && prepared.layout.cmdline == NULL)
		abort();
	kernel_release(&plat, &prepared);
}

#endif
