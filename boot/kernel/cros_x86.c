/* The ChromeOS x86 layout: bzImage without its setup part at 0, configuration page,
 * params page (a zero page with the setup header), bootloader stub. The setup header
 * comes from the params page, which every such image has; the copy of the setup part that
 * newer ones carry behind the bootloader is not needed. */
#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/bzimage.h"
#include "boot/kernel/linux64.h"
#include "boot/kernel/prepared.h"

/* What is behind the kernel - pages, stub, setup part - is free to be overwritten by the
 * kernel once zero page and command line have been copied out. */
static enum lb_reason place_image(struct kernel_job *job,
				  const struct kernel_bzimage *header)
{
	struct kernel_layout *layout = &job->prepared->layout;
	const struct kernel_body *body = &job->body;

	layout->image_bytes = (size_t)header->kernel_bytes;
	if (kernel_linux64_fits(job, header, body->data, body->room)) {
		layout->image = body->data;
		layout->image_room = body->room;
		return LB_REASON_OK;
	}
	const enum lb_reason reason = kernel_linux64_room(job, header, 0);
	if (reason != LB_REASON_OK)
		return reason;
	memcpy(layout->image, body->data, layout->image_bytes);
	return LB_REASON_OK;
}

enum lb_reason kernel_place_cros_x86(struct kernel_job *job)
{
	const struct kernel_body *body = &job->body;
	const uint8_t *params =
		body->data + body->config_offset + KERNEL_CONFIG_PAGE_BYTES;
	struct kernel_bzimage header;

	enum lb_reason reason = kernel_job_cpu(job, PLATFORM_CPU_X86_64);
	if (reason != LB_REASON_OK)
		return reason;
	reason = kernel_bzimage_parse(params, KERNEL_ZERO_PAGE_BYTES, &header, job->why);
	if (reason != LB_REASON_OK)
		return reason;
	if (header.kernel_bytes > body->config_offset)
		return lb_verdict_set(
			job->why, LB_REASON_BODY_LAYOUT,
			"kernel of %llu bytes, but the configuration page is at %zu",
			(unsigned long long)header.kernel_bytes, body->config_offset);

	job->prepared->layout.start = KERNEL_START_LINUX64;
	reason = kernel_linux64_pages(job, params, &header);
	if (reason != LB_REASON_OK)
		return reason;
	reason = place_image(job, &header);
	if (reason != LB_REASON_OK)
		return reason;
	kernel_bzimage_set_kernel(job->prepared->layout.zero_page,
				  (uint64_t)(uintptr_t)job->prepared->layout.image);
	return LB_REASON_OK;
}
