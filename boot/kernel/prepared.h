/* Inside of preparation: the prepared kernel itself, and the job that fills it. Private
 * to boot/kernel and its tests; everyone else uses prepare.h.
 *
 * The job works on the bare body, so that tests and fuzzers can drive every kind without
 * signing; only kernel_prepare() joins the result with a verified kernel. */
#ifndef LIFEBOAT_BOOT_KERNEL_PREPARED_H
#define LIFEBOAT_BOOT_KERNEL_PREPARED_H

#include "base/platform.h"
#include "base/reason.h"
#include "boot/kernel/layout.h"
#include "crypto/kernel_verify.h"

#define KERNEL_MAX_BLOCKS 8u
/* COMMAND_LINE_SIZE of Linux on both CPUs, without NUL; for starts whose kernel header
 * does not say. */
#define KERNEL_LINUX_CMDLINE_CHARS 2047u

struct kernel_block {
	void *memory;
	size_t bytes;
};

struct prepared_kernel {
	struct kernel_layout layout;
	struct verified_kernel *verified;
	size_t block_count;
	struct kernel_block block[KERNEL_MAX_BLOCKS];
};

/* A body and where its signed slots lie; all offsets are checked. */
struct kernel_body {
	uint8_t *data;
	size_t bytes;
	size_t room;          /* bytes of our memory from data on, at least bytes */
	size_t config_offset; /* the configuration page; the params page follows it. What
	                       * lies before is the kernel */
};

struct kernel_job {
	const struct platform *plat;
	const struct kernel_context *context;
	struct kernel_body body;
	/* from this offset in the body's room on, memory is free for blocks; 0: the room
	 * is kept for the kernel */
	size_t spare;
	struct prepared_kernel *prepared;
	struct lb_verdict *why;
};

/**
 * kernel_body_find() - find the slots in a body by what the signed preamble says.
 * @data, @bytes, @room: the body, as crypto_kernel_body() gives it
 *
 * Returns LB_REASON_OK or LB_REASON_BODY_LAYOUT.
 */
enum lb_reason kernel_body_find(const struct crypto_preamble *preamble, uint8_t *data,
				size_t bytes, size_t room, struct kernel_body *out,
				struct lb_verdict *why);

/** kernel_body_kind() - as kernel_kind_of(), for the bare body. */
enum lb_reason kernel_body_kind(const struct kernel_body *body, uint32_t preamble_flags,
				enum kernel_kind *kind, struct lb_verdict *why);

/** kernel_place() - everything kernel_prepare() does, but for one bare body: fills
 * job->prepared, whose blocks the caller frees by kernel_release() in any case. */
enum lb_reason kernel_place(struct kernel_job *job, enum kernel_kind kind);
void kernel_release(const struct platform *plat, struct prepared_kernel *prepared);

/* One kind each: */
enum lb_reason kernel_place_cros_x86(struct kernel_job *job);
enum lb_reason kernel_place_fit(struct kernel_job *job);
enum lb_reason kernel_place_pe(struct kernel_job *job);

/**
 * kernel_job_alloc() - memory that belongs to the prepared kernel.
 * @what: for the verdict, LB_REASON_TOO_LITTLE_MEMORY, when NULL is returned
 *
 * Taken from behind the body when that is free (job->spare), else from the platform. In a
 * dry run nothing will run here, so @limit is not asked for.
 */
uint8_t *kernel_job_alloc(struct kernel_job *job, uint64_t bytes, size_t align,
			  uint64_t limit, const char *what);
/** kernel_job_drop() - give one block back before the end. */
void kernel_job_drop(struct kernel_job *job, const void *memory);

/**
 * kernel_job_cmdline() - make layout.cmdline from the body's configuration page.
 * @max_chars: what the kernel takes, without NUL
 * @limit:     address limit of the text
 */
enum lb_reason kernel_job_cmdline(struct kernel_job *job, uint32_t max_chars,
				  uint64_t limit);

/** kernel_job_signed_text() - take layout.recovery_floor from signed text, the only
 * place it may come from, and refuse what only the loader may say. */
enum lb_reason kernel_job_signed_text(struct kernel_job *job, const uint8_t *text,
				      size_t len);

/** kernel_job_cpu() - LB_REASON_WRONG_CPU unless the machine has this one. */
enum lb_reason kernel_job_cpu(const struct kernel_job *job, enum platform_cpu made_for);

#endif
