/* Placing an x86_64 kernel for the 64-bit Linux boot protocol. Private to boot/kernel. */
#ifndef LIFEBOAT_BOOT_KERNEL_LINUX64_H
#define LIFEBOAT_BOOT_KERNEL_LINUX64_H

#include "boot/kernel/bzimage.h"
#include "boot/kernel/prepared.h"

/** kernel_linux64_fits() - may the kernel run at @address, with @room bytes there? */
bool kernel_linux64_fits(const struct kernel_job *job,
			 const struct kernel_bzimage *header, const uint8_t *address,
			 size_t room);

/**
 * kernel_linux64_room() - memory to run the kernel in: layout.image and image_room.
 * @before: so many bytes in front of the image are ours too (for its setup part)
 */
enum lb_reason kernel_linux64_room(struct kernel_job *job,
				   const struct kernel_bzimage *header, size_t before);

/**
 * kernel_linux64_pages() - zero page and command line.
 * @setup: the setup header at its place; accepted by kernel_bzimage_parse()
 */
enum lb_reason kernel_linux64_pages(struct kernel_job *job, const uint8_t *setup,
				    const struct kernel_bzimage *header);

/** kernel_linux64_initrd() - hand @data over as initrd, where it lies if it may stay
 * there. */
enum lb_reason kernel_linux64_initrd(struct kernel_job *job,
				     const struct kernel_bzimage *header, uint8_t *data,
				     size_t bytes);

#endif
