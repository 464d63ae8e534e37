/* Placing an x86_64 kernel: its room, zero page, command line, initrd. */
#include "boot/kernel/linux64.h"

#include <string.h>

#include "base/bytes.h"

static uint64_t address_of(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static size_t alignment(const struct kernel_bzimage *header)
{
	return header->alignment > KERNEL_ALIGN_BYTES ? header->alignment
						      : KERNEL_ALIGN_BYTES;
}

bool kernel_linux64_fits(const struct kernel_job *job,
			 const struct kernel_bzimage *header, const uint8_t *address,
			 size_t room)
{
	const uint64_t at = address_of(address);

	if (room < header->init_size)
		return false;
	if (job->context->dry_run)
		return true;
	return (at & (alignment(header) - 1)) == 0 && at >= header->pref_address &&
	       lb_within(at, header->init_size, header->load_limit);
}

/* Where the image goes in a block: aligned, behind @before bytes, not below the preferred
 * address (the kernel would move itself there, over memory that is not ours). */
static uint64_t first_place(const struct kernel_bzimage *header, uint64_t block,
			    size_t before)
{
	uint64_t at = block + before;

	if (at < header->pref_address)
		at = header->pref_address;
	return (at + alignment(header) - 1) & ~(uint64_t)(alignment(header) - 1);
}

enum lb_reason kernel_linux64_room(struct kernel_job *job,
				   const struct kernel_bzimage *header, size_t before)
{
	const size_t align = alignment(header);
	uint64_t lead, bytes;

	if (!lb_round_up(before, align, &lead) ||
	    !lb_add(lead, header->init_size, &bytes))
		return lb_verdict_set(job->why, LB_REASON_KERNEL_PROTOCOL, "init_size");
	uint8_t *block =
		kernel_job_alloc(job, bytes, align, header->load_limit, "the kernel");
	if (block == NULL)
		return job->why->reason;
	if (!job->context->dry_run && address_of(block) + lead < header->pref_address) {
		/* Too low: so much more that the end is certainly high enough. */
		kernel_job_drop(job, block);
		if (!lb_add(bytes, header->pref_address, &bytes) ||
		    !lb_add(bytes, align, &bytes))
			return lb_verdict_set(job->why, LB_REASON_KERNEL_PROTOCOL,
					      "pref_address");
		block = kernel_job_alloc(job, bytes, align, header->load_limit,
					 "the kernel");
		if (block == NULL)
			return job->why->reason;
	}

	const uint64_t skip = job->context->dry_run
				      ? lead
				      : first_place(header, address_of(block), before) -
						address_of(block);
	job->prepared->layout.image = block + skip;
	job->prepared->layout.image_room = (size_t)(bytes - skip);
	return LB_REASON_OK;
}

enum lb_reason kernel_linux64_pages(struct kernel_job *job, const uint8_t *setup,
				    const struct kernel_bzimage *header)
{
	struct kernel_layout *layout = &job->prepared->layout;

	uint8_t *page = kernel_job_alloc(job, KERNEL_ZERO_PAGE_BYTES, LB_PAGE_BYTES,
					 LB_4_GIB, "the zero page");
	if (page == NULL)
		return job->why->reason;
	kernel_bzimage_zero_page(setup, page);
	layout->zero_page = page;

	const enum lb_reason reason =
		kernel_job_cmdline(job, header->cmdline_max, header->load_limit);
	if (reason != LB_REASON_OK)
		return reason;
	kernel_bzimage_set_cmdline(page, address_of(layout->cmdline));
	return LB_REASON_OK;
}

enum lb_reason kernel_linux64_initrd(struct kernel_job *job,
				     const struct kernel_bzimage *header, uint8_t *data,
				     size_t bytes)
{
	struct kernel_layout *layout = &job->prepared->layout;
	const bool stays = address_of(data) % LB_PAGE_BYTES == 0 &&
			   lb_within(address_of(data), bytes, header->initrd_limit);

	/* The kernel gives whole pages back when it is done, so they must be the
	 * initrd's. */
	if (!stays && !job->context->dry_run) {
		uint8_t *copy = kernel_job_alloc(job, bytes, LB_PAGE_BYTES,
						 header->initrd_limit, "the initrd");
		if (copy == NULL)
			return job->why->reason;
		memcpy(copy, data, bytes);
		data = copy;
	}
	layout->initrd = data;
	layout->initrd_bytes = bytes;
	kernel_bzimage_set_initrd(layout->zero_page, address_of(data), bytes);
	return LB_REASON_OK;
}
