/* Placing what a FIT holds: the kernel of the chosen configuration, its initrd, its
 * device tree. The kernel's own header, at the start of what is decompressed, says how
 * much memory it may fill; a decoder never writes more than that. */
#include <string.h>

#include "base/bytes.h"
#include "boot/kernel/arm64_image.h"
#include "boot/kernel/device_tree.h"
#include "boot/kernel/fit.h"
#include "boot/kernel/linux64.h"
#include "boot/kernel/pe.h"
#include "boot/kernel/prepared.h"

#define HEAD_BYTES      1024u    /* enough for either header */
#define SIGNATURE_SLACK 0x10000u /* a signed PE may end behind its image_size */

_Static_assert(HEAD_BYTES >= KERNEL_BZIMAGE_HEADER_END,
	       "the setup header is in the head");

/* One FIT kernel on its way. */
struct fit_job {
	struct kernel_job *job;
	struct kernel_fit fit;
	int configuration;
	struct kernel_packed kernel;
	struct kernel_fit_image initrd; /* bytes 0: none */
	uint8_t head[HEAD_BYTES];
	size_t head_bytes;
};

static enum lb_reason check_type(const struct fit_job *f,
				 const struct kernel_fit_image *image)
{
	const char *type = image->type != NULL ? image->type : "missing";

	if (strcmp(type, "kernel") != 0 && strcmp(type, "kernel_noload") != 0)
		return lb_verdict_set(f->job->why, LB_REASON_FIT_DAMAGED,
				      "%s: type %s, a kernel is needed", image->name,
				      type);
	if (image->os != NULL && strcmp(image->os, "linux") != 0)
		return lb_verdict_set(f->job->why, LB_REASON_KERNEL_PROTOCOL, "%s: os %s",
				      image->name, image->os);
	return kernel_fit_check_arch(image, f->job->context->machine->cpu, f->job->why);
}

static enum lb_reason find_kernel(struct fit_job *f)
{
	struct lb_verdict *why = f->job->why;
	struct kernel_fit_image image;

	const char *name = kernel_fit_string(&f->fit, f->configuration, "kernel", 0);
	if (name == NULL)
		return lb_verdict_set(why, LB_REASON_FIT_DAMAGED,
				      "the chosen configuration has no kernel");
	enum lb_reason reason = kernel_fit_image(&f->fit, name, &image, why);
	if (reason == LB_REASON_OK)
		reason = check_type(f, &image);
	if (reason == LB_REASON_OK)
		reason = kernel_fit_packed(&image, &f->kernel, why);
	if (reason != LB_REASON_OK)
		return reason;
	return kernel_unpack_head(f->job->plat, &f->kernel, f->head, sizeof f->head,
				  &f->head_bytes, why);
}

/* The kernel decompresses its initrd itself, whatever the FIT says of it. */
static enum lb_reason find_initrd(struct fit_job *f)
{
	struct lb_verdict *why = f->job->why;

	const char *name = kernel_fit_string(&f->fit, f->configuration, "ramdisk", 0);
	if (name == NULL)
		return LB_REASON_OK;
	const enum lb_reason reason = kernel_fit_image(&f->fit, name, &f->initrd, why);
	if (reason != LB_REASON_OK)
		return reason;
	if (f->initrd.type == NULL || strcmp(f->initrd.type, "ramdisk") != 0)
		return lb_verdict_set(why, LB_REASON_FIT_DAMAGED,
				      "%s: type is not ramdisk", name);
	return LB_REASON_OK;
}

/* --- x86_64 ------------------------------------------------------------------------- */

/* The whole bzImage is unpacked so that what follows its setup part lands in place. */
static enum lb_reason unpack_bzimage(struct fit_job *f,
				     const struct kernel_bzimage *header)
{
	struct kernel_layout *layout = &f->job->prepared->layout;
	size_t made;

	enum lb_reason reason = kernel_linux64_room(f->job, header, header->setup_bytes);
	if (reason != LB_REASON_OK)
		return reason;
	reason = kernel_unpack(
		f->job->plat, &f->kernel, layout->image - header->setup_bytes,
		header->setup_bytes + (size_t)header->init_size, &made, f->job->why);
	if (reason != LB_REASON_OK)
		return reason;
	if (made < header->setup_bytes + header->kernel_bytes)
		return lb_verdict_set(f->job->why, LB_REASON_BODY_LAYOUT,
				      "bzImage cut short: %zu bytes of %zu", made,
				      header->setup_bytes + (size_t)header->kernel_bytes);
	layout->image_bytes = (size_t)header->kernel_bytes;
	return LB_REASON_OK;
}

static enum lb_reason place_x86(struct fit_job *f)
{
	struct kernel_layout *layout = &f->job->prepared->layout;
	struct kernel_bzimage header;

	enum lb_reason reason =
		kernel_bzimage_parse(f->head, f->head_bytes, &header, f->job->why);
	if (reason != LB_REASON_OK)
		return reason;
	layout->start = KERNEL_START_LINUX64;
	reason = kernel_linux64_pages(f->job, f->head, &header);
	if (reason == LB_REASON_OK)
		reason = unpack_bzimage(f, &header);
	if (reason != LB_REASON_OK)
		return reason;
	kernel_bzimage_set_kernel(layout->zero_page, (uint64_t)(uintptr_t)layout->image);
	if (f->initrd.bytes == 0)
		return LB_REASON_OK;
	return kernel_linux64_initrd(f->job, &header, f->initrd.data, f->initrd.bytes);
}

/* --- aarch64 ------------------------------------------------------------------------ */

static enum lb_reason check_efi_image(struct fit_job *f)
{
	const struct kernel_layout *layout = &f->job->prepared->layout;
	struct kernel_pe pe;

	const enum lb_reason reason =
		kernel_pe_parse(layout->image, layout->image_bytes, &pe, f->job->why);
	return reason == LB_REASON_OK ? kernel_job_cpu(f->job, pe.cpu) : reason;
}

/* Through the kernel's EFI stub: any address will do, the firmware copies it. */
static enum lb_reason place_efi_stub(struct fit_job *f)
{
	struct kernel_layout *layout = &f->job->prepared->layout;
	struct kernel_arm64 header;

	layout->start = KERNEL_START_EFI_STUB;
	if (f->kernel.how == KERNEL_PLAIN) {
		layout->image = f->job->body.data + (f->kernel.data - f->job->body.data);
		layout->image_bytes = layout->image_room = f->kernel.bytes;
		return check_efi_image(f);
	}
	enum lb_reason reason =
		kernel_arm64_parse(f->head, f->head_bytes, &header, f->job->why);
	if (reason != LB_REASON_OK)
		return reason;
	layout->image_room = (size_t)header.image_size + SIGNATURE_SLACK;
	layout->image = kernel_job_alloc(f->job, layout->image_room, LB_PAGE_BYTES,
					 PLATFORM_ANY_ADDRESS, "the kernel");
	if (layout->image == NULL)
		return f->job->why->reason;
	reason = kernel_unpack(f->job->plat, &f->kernel, layout->image,
			       layout->image_room, &layout->image_bytes, f->job->why);
	return reason == LB_REASON_OK ? check_efi_image(f) : reason;
}

static enum lb_reason place_arm64(struct fit_job *f)
{
	struct kernel_layout *layout = &f->job->prepared->layout;
	struct kernel_arm64 header;

	enum lb_reason reason =
		kernel_arm64_parse(f->head, f->head_bytes, &header, f->job->why);
	if (reason != LB_REASON_OK)
		return reason;
	layout->start = KERNEL_START_ARM64;
	uint8_t *block =
		kernel_job_alloc(f->job, header.text_offset + header.image_size,
				 KERNEL_ALIGN_BYTES, PLATFORM_ANY_ADDRESS, "the kernel");
	if (block == NULL)
		return f->job->why->reason;
	layout->image = block + header.text_offset;
	layout->image_room = (size_t)header.image_size;
	return kernel_unpack(f->job->plat, &f->kernel, layout->image, layout->image_room,
			     &layout->image_bytes, f->job->why);
}

static enum lb_reason check_window(const struct fit_job *f)
{
	const struct kernel_layout *layout = &f->job->prepared->layout;

	if (layout->start != KERNEL_START_ARM64 || layout->initrd == NULL ||
	    f->job->context->dry_run ||
	    kernel_arm64_in_window((uintptr_t)layout->image, layout->image_room,
				   (uintptr_t)layout->initrd, layout->initrd_bytes))
		return LB_REASON_OK;
	return lb_verdict_set(f->job->why, LB_REASON_PREPARE_FAILED,
			      "kernel and initrd are more than 32 GiB apart");
}

static enum lb_reason place_aarch64(struct fit_job *f)
{
	struct kernel_layout *layout = &f->job->prepared->layout;

	enum lb_reason reason = kernel_job_cmdline(f->job, KERNEL_LINUX_CMDLINE_CHARS,
						   PLATFORM_ANY_ADDRESS);
	if (reason == LB_REASON_OK)
		reason = f->job->context->machine->uefi ? place_efi_stub(f)
							: place_arm64(f);
	if (reason != LB_REASON_OK)
		return reason;
	if (f->initrd.bytes > 0) {
		layout->initrd = f->initrd.data;
		layout->initrd_bytes = f->initrd.bytes;
	}
	return check_window(f);
}

/* --- both --------------------------------------------------------------------------- */

enum lb_reason kernel_place_fit(struct kernel_job *job)
{
	const struct platform_machine *machine = job->context->machine;
	struct fit_job f = { .job = job };

	job->spare = job->body.bytes;
	enum lb_reason reason = kernel_fit_open(job->body.data, job->body.config_offset,
						&f.fit, job->why);
	if (reason == LB_REASON_OK)
		reason = kernel_fit_choose(&f.fit, job->plat, job->context,
					   &f.configuration, job->why);
	if (reason == LB_REASON_OK)
		reason = find_kernel(&f);
	if (reason == LB_REASON_OK)
		reason = find_initrd(&f);
	if (reason == LB_REASON_OK)
		reason = machine->cpu == PLATFORM_CPU_X86_64 ? place_x86(&f)
							     : place_aarch64(&f);
	if (reason == LB_REASON_OK)
		reason = kernel_place_device_tree(job, &f.fit, f.configuration);
	if (reason != LB_REASON_OK)
		return reason;
	if (job->prepared->layout.start == KERNEL_START_ARM64 &&
	    job->prepared->layout.device_tree == NULL && !job->context->dry_run)
		return lb_verdict_set(
			job->why, LB_REASON_NO_CONFIGURATION,
			"no device tree, neither in the image nor from firmware");
	return LB_REASON_OK;
}
