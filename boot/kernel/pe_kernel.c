/* Placing a PE kernel: it stays where it is, the firmware's LoadImage copies it. */
#include "base/bytes.h"
#include "boot/kernel/pe.h"
#include "boot/kernel/prepared.h"

/* "@2 ..." chooses another profile of a UKI, and with it that profile's command line. */
static bool chooses_profile(const struct kernel_job *job)
{
	const uint8_t *page = job->body.data + job->body.config_offset;
	size_t i = 0;

	while (i < KERNEL_CONFIG_PAGE_BYTES &&
	       (page[i] == ' ' || page[i] == '\n' || page[i] == '\t'))
		i++;
	return i < KERNEL_CONFIG_PAGE_BYTES && page[i] == '@';
}

/* A command line inside the image stands alone: load options (and so our additions)
 * would replace it where Secure Boot is off. */
static enum lb_reason choose_cmdline(struct kernel_job *job, const struct kernel_pe *pe)
{
	const uint8_t *page = job->body.data + job->body.config_offset;

	if (pe->uki && pe->says_told)
		return lb_verdict_set(job->why, LB_REASON_COMMAND_LINE,
				      ".cmdline has a word that only the loader may "
				      "say: offset %zu",
				      pe->told_at);
	if (!pe->uki ||
	    (!pe->has_cmdline && !(pe->other_cmdline && chooses_profile(job))))
		return kernel_job_cmdline(job, KERNEL_LINUX_CMDLINE_CHARS,
					  PLATFORM_ANY_ADDRESS);
	for (size_t i = 0; page[i] != '\0'; i++)
		if (i + 1 == KERNEL_CONFIG_PAGE_BYTES ||
		    (page[i] != ' ' && page[i] != '\n' && page[i] != '\t'))
			return lb_verdict_set(job->why, LB_REASON_TWO_COMMAND_LINES,
					      "configuration page and .cmdline section");
	job->prepared->layout.cmdline = "";
	return kernel_job_signed_text(job, job->body.data + pe->cmdline_offset,
				      pe->cmdline_bytes);
}

enum lb_reason kernel_place_pe(struct kernel_job *job)
{
	struct kernel_layout *layout = &job->prepared->layout;
	struct kernel_pe pe;

	enum lb_reason reason =
		kernel_pe_parse(job->body.data, job->body.config_offset, &pe, job->why);
	if (reason == LB_REASON_OK)
		reason = kernel_job_cpu(job, pe.cpu);
	if (reason != LB_REASON_OK)
		return reason;
	if (!job->context->machine->uefi)
		return lb_verdict_set(job->why, LB_REASON_KIND_UNSUPPORTED,
				      "PE kernels need UEFI firmware");

	layout->start = pe.uki ? KERNEL_START_UKI : KERNEL_START_EFI_STUB;
	layout->image = job->body.data;
	layout->image_bytes = pe.bytes;
	layout->image_room = job->body.config_offset;
	return choose_cmdline(job, &pe);
}
