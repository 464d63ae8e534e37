/* Preparation: from the verified kernel to the prepared one. */
#include "boot/kernel/prepare.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "boot/kernel/cmdline.h"
#include "boot/kernel/prepared.h"
#include "boot/kernel/told_words.h"

/* The verifier leaves room behind the body; who does not run there may as well use it. */
static uint8_t *take_spare(struct kernel_job *job, uint64_t bytes, size_t align,
			   uint64_t limit)
{
	const uint64_t body = (uint64_t)(uintptr_t)job->body.data;
	uint64_t at;

	if (job->spare == 0 || !lb_round_up(body + job->spare, align, &at) ||
	    !lb_within(at - body, bytes, job->body.room) || !lb_within(at, bytes, limit))
		return NULL;
	job->spare = (size_t)(at - body + bytes);
	return job->body.data + (at - body);
}

uint8_t *kernel_job_alloc(struct kernel_job *job, uint64_t bytes, size_t align,
			  uint64_t limit, const char *what)
{
	struct prepared_kernel *prepared = job->prepared;
	void *memory = NULL;

	if (job->context->dry_run)
		limit = PLATFORM_ANY_ADDRESS;
	uint8_t *spare = take_spare(job, bytes,
				    align < LB_PAGE_BYTES ? LB_PAGE_BYTES : align, limit);
	if (spare != NULL)
		return spare;
	if (prepared->block_count < KERNEL_MAX_BLOCKS && bytes <= SIZE_MAX / 2)
		memory = job->plat->alloc(job->plat->ctx, (size_t)bytes, align, limit);
	if (memory == NULL) {
		(void)lb_verdict_set(job->why, LB_REASON_TOO_LITTLE_MEMORY,
				     "%llu bytes for %s", (unsigned long long)bytes,
				     what);
		return NULL;
	}
	prepared->block[prepared->block_count++] = (struct kernel_block){
		.memory = memory,
		.bytes = (size_t)bytes,
	};
	return memory;
}

void kernel_job_drop(struct kernel_job *job, const void *memory)
{
	struct prepared_kernel *prepared = job->prepared;

	for (size_t i = 0; i < prepared->block_count; i++)
		if (prepared->block[i].memory == memory) {
			job->plat->free(job->plat->ctx, prepared->block[i].memory,
					prepared->block[i].bytes);
			prepared->block[i] = prepared->block[--prepared->block_count];
			return;
		}
}

void kernel_release(const struct platform *plat, struct prepared_kernel *prepared)
{
	while (prepared->block_count > 0) {
		const struct kernel_block *b = &prepared->block[--prepared->block_count];
		plat->free(plat->ctx, b->memory, b->bytes);
	}
}

enum lb_reason kernel_job_cpu(const struct kernel_job *job, enum platform_cpu made_for)
{
	static const char *const names[] = {
		[PLATFORM_CPU_X86_64] = "x86_64",
		[PLATFORM_CPU_AARCH64] = "aarch64",
	};

	if (job->context->machine->cpu == made_for)
		return LB_REASON_OK;
	return lb_verdict_set(job->why, LB_REASON_WRONG_CPU, "made for %s",
			      names[made_for]);
}

static enum lb_reason cmdline_reason(const struct kernel_job *job, enum lb_status status,
				     size_t at)
{
	const char *problem = status == LB_ERR_TRUNCATED ? "does not end in the page"
			      : status == LB_ERR_FULL
				      ? "is too long after substitutions"
				      : "has a character that is not allowed";

	return lb_verdict_set(job->why, LB_REASON_COMMAND_LINE, "text %s: offset %zu",
			      problem, at);
}

enum lb_reason kernel_job_signed_text(struct kernel_job *job, const uint8_t *text,
				      size_t len)
{
	size_t at;

	if (kernel_told_reserved(text, len, &at))
		return lb_verdict_set(job->why, LB_REASON_COMMAND_LINE,
				      "text has a word that only the loader may say: "
				      "offset %zu",
				      at);
	const enum lb_status status = kernel_cmdline_recovery_floor(
		text, len, &job->prepared->layout.recovery_floor);

	if (status == LB_OK)
		return LB_REASON_OK;
	return lb_verdict_set(job->why, LB_REASON_COMMAND_LINE,
			      status == LB_ERR_DUPLICATE
				      ? "lifeboat.recovery-floor is there twice"
				      : "lifeboat.recovery-floor is not a number");
}

/* What the loader adds is told where there is room: a slot starts without it. */
static enum lb_status make_cmdline(const struct kernel_job *job, uint32_t max_chars,
				   char *text, size_t *error_at)
{
	const uint8_t *page = job->body.data + job->body.config_offset;
	const char *words = job->context->extra_args;

	for (;; words = kernel_told_drop(words)) {
		const enum lb_status status = kernel_cmdline_make(
			page, KERNEL_CONFIG_PAGE_BYTES, job->context->partition_guid,
			words, text, KERNEL_CMDLINE_MAX_BYTES, error_at);
		const bool too_long = status == LB_ERR_FULL ||
				      (status == LB_OK && strlen(text) > max_chars);

		if (!too_long || words[0] == '\0')
			return status;
	}
}

enum lb_reason kernel_job_cmdline(struct kernel_job *job, uint32_t max_chars,
				  uint64_t limit)
{
	const uint8_t *page = job->body.data + job->body.config_offset;
	size_t error_at;

	uint8_t *block = kernel_job_alloc(job, KERNEL_CMDLINE_MAX_BYTES, LB_PAGE_BYTES,
					  limit, "the command line");
	if (block == NULL)
		return job->why->reason;
	char *text = (char *)block;
	const enum lb_status status = make_cmdline(job, max_chars, text, &error_at);
	if (status != LB_OK)
		return cmdline_reason(job, status, error_at);
	/* A kernel would cut it off, perhaps in the middle of the root hash. */
	if (strlen(text) > max_chars)
		return lb_verdict_set(job->why, LB_REASON_COMMAND_LINE,
				      "%zu characters, the kernel takes %u", strlen(text),
				      max_chars);
	job->prepared->layout.cmdline = text;
	return kernel_job_signed_text(job, page, KERNEL_CONFIG_PAGE_BYTES);
}

enum lb_reason kernel_place(struct kernel_job *job, enum kernel_kind kind)
{
	static enum lb_reason (*const place[])(struct kernel_job *) = {
		[KERNEL_KIND_CROS_X86] = kernel_place_cros_x86,
		[KERNEL_KIND_FIT] = kernel_place_fit,
		[KERNEL_KIND_PE] = kernel_place_pe,
	};

	job->prepared->layout.kind = kind;
	return place[kind](job);
}

/* The whole job for one verified kernel; @prepared is empty. */
static enum lb_reason prepare(const struct platform *plat,
			      const struct kernel_context *context,
			      struct verified_kernel *kernel,
			      struct prepared_kernel *prepared, struct lb_verdict *why)
{
	const struct crypto_preamble *preamble = &crypto_kernel_headers(kernel)->preamble;
	struct kernel_job job = {
		.plat = plat,
		.context = context,
		.prepared = prepared,
		.why = why,
	};
	enum kernel_kind kind;
	size_t bytes, room;

	uint8_t *data = crypto_kernel_body(kernel, &bytes, &room);
	enum lb_reason reason =
		kernel_body_find(preamble, data, bytes, room, &job.body, why);
	if (reason != LB_REASON_OK)
		return reason;
	reason = kernel_body_kind(&job.body, preamble->flags, &kind, why);
	if (reason != LB_REASON_OK)
		return reason;
	return kernel_place(&job, kind);
}

enum lb_reason kernel_prepare(const struct platform *plat,
			      const struct kernel_context *context,
			      struct verified_kernel *kernel,
			      struct prepared_kernel **out, struct lb_verdict *why)
{
	struct prepared_kernel *prepared = plat->alloc(
		plat->ctx, sizeof *prepared, LB_PAGE_BYTES, PLATFORM_ANY_ADDRESS);
	if (prepared == NULL)
		return lb_verdict_set(why, LB_REASON_TOO_LITTLE_MEMORY, "%zu bytes",
				      sizeof *prepared);
	memset(prepared, 0, sizeof *prepared);

	const enum lb_reason reason = prepare(plat, context, kernel, prepared, why);
	if (reason != LB_REASON_OK) {
		kernel_prepared_free(plat, prepared);
		return reason;
	}
	prepared->layout.slot = context->slot;
	prepared->verified = kernel;
	*out = prepared;
	return lb_verdict_set(why, LB_REASON_OK, NULL);
}

void kernel_prepared_free(const struct platform *plat, struct prepared_kernel *prepared)
{
	if (prepared == NULL)
		return;
	kernel_release(plat, prepared);
	if (prepared->verified != NULL)
		crypto_kernel_free(plat, prepared->verified);
	plat->free(plat->ctx, prepared, sizeof *prepared);
}

const struct kernel_layout *kernel_prepared_layout(const struct prepared_kernel *prepared)
{
	return &prepared->layout;
}

const struct verified_kernel *kernel_prepared_verified(
	const struct prepared_kernel *prepared)
{
	return prepared->verified;
}
