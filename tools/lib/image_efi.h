/* The EFI system partition of an image. */
#ifndef LIFEBOAT_TOOLS_IMAGE_EFI_H
#define LIFEBOAT_TOOLS_IMAGE_EFI_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/image_plan.h"

/**
 * tool_image_efi_make() - a FAT file with the loaders and other files of the plan.
 *
 * A loader goes to EFI/BOOT/BOOTX64.EFI or BOOTAA64.EFI by its CPU; it must hold a
 * profile (the plan's is put in when there is one). Beside one for x86_64 lies
 * BOOTIA32.EFI, which says on 32-bit firmware why nothing starts (boot/ia32).
 * @folder: for temporary files
 */
bool tool_image_efi_make(const struct tool_image_plan *plan, const char *path,
			 const char *folder, uint64_t bytes, uint32_t sector_bytes,
			 uint32_t serial, const char *label);

#endif
