/* UEFI device paths: where a disk is attached, and its path as text. Pure: works on the
 * bytes firmware gave, which are checked against a limit before they are used.
 *
 * Spec: UEFI 2.10, 10.3 (nodes), 10.6 (text). */
#ifndef LIFEBOAT_BOOT_UEFI_DEVICE_PATH_H
#define LIFEBOAT_BOOT_UEFI_DEVICE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"

#define UEFI_PATH_MAX_BYTES 4096u /* longer ones are not believed */

/**
 * uefi_path_bytes() - length of a device path without its end node.
 * @path: may be NULL
 * @max:  bytes that may be looked at
 *
 * 0 when there is none or when it is malformed (a node shorter than its header, or no
 * end node within @max). A path of several instances ends at the first.
 */
size_t uefi_path_bytes(const uint8_t *path, size_t max);

/** uefi_path_attachment() - USB anywhere in the path, an SD slot, or neither. */
enum platform_attachment uefi_path_attachment(const uint8_t *path, size_t bytes);

/** uefi_path_is_keyboard() - true when the path is known to lead to a keyboard: PS/2 or
 * USB and no UART. Whatever else gives keys is taken for a serial line. */
bool uefi_path_is_keyboard(const uint8_t *path, size_t bytes);

/** uefi_path_begins_with() - @path is @start, node for node, or goes on from it. */
bool uefi_path_begins_with(const uint8_t *path, size_t bytes, const uint8_t *start,
			   size_t start_bytes);

/**
 * uefi_path_is_on_disk() - true when @path is @disk itself or something on its media
 * (a partition of it, a file on that).
 */
bool uefi_path_is_on_disk(const uint8_t *path, size_t bytes, const uint8_t *disk,
			  size_t disk_bytes);

/** uefi_path_partition() - the GUID of the GPT partition that @path leads to; false when
 * it leads to none. */
bool uefi_path_partition(const uint8_t *path, size_t bytes, uint8_t guid[16]);

/**
 * uefi_path_file() - the name of the file that @path leads to, in UTF-16 as it stands
 * there.
 *
 * Several nodes are one name, with a backslash between them. Returns its length, at most
 * @max characters and without a NUL; 0 when there is none or it does not fit.
 */
size_t uefi_path_file(const uint8_t *path, size_t bytes, uint16_t *out, size_t max);

/**
 * uefi_path_text() - the path as UEFI shells print it: "PciRoot(0x0)/Pci(0x3,0x0)".
 *
 * Nodes without a form of their own become Path(type,subtype,hex). Cut at @size; always
 * NUL-terminated. Our own form, because the profile's prefixes must mean the same on
 * every firmware.
 */
void uefi_path_text(const uint8_t *path, size_t bytes, char *out, size_t size);

/** uefi_path_name() - a short name for people: "nvme 3.0", "usb 1-2", "sata 1f.2:0",
 * "pci 3.0" for one that only its PCI place is known of (virtio). */
void uefi_path_name(const uint8_t *path, size_t bytes, char *out, size_t size);

#endif
