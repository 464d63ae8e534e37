/* The EFI system partition of a disk that has one, as a mounted file system. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_ESP_H
#define LIFEBOAT_RECOVERY_INSTALLER_ESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/machine.h"
#include "update/target.h"

struct esp {
	const char *name; /* of the loader's file, in EFI/BOOT */
	char device[MACHINE_DEVICE_BYTES];
};

/** esp_find() - by the disk's table. */
bool esp_find(const struct platform *plat, const struct machine_disk *disk,
	      struct esp *out, struct update_area *area);

/** esp_mount() - for writing; false: it is no FAT that can be mounted. */
bool esp_mount(const struct esp *esp);
void esp_leave(void);

/** esp_read() - the loader's file of at most @limit bytes, as host_read_file(). */
enum lb_status esp_read(const struct esp *esp, size_t limit, uint8_t **data, size_t *len);

/** esp_write() - the new file beside the old one, then in its place by one change of the
 * folder, read back after mounting anew. Where there is no room for both, the old one is
 * removed first: only for one that would not start the device. NULL, or what went
 * wrong. */
const char *esp_write(const struct esp *esp, const uint8_t *data, size_t len);

#endif
