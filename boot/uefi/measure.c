/* PCR 4: an image that the firmware did not authenticate itself is not measured by it
 * either, so we make the event it would have made.
 *
 * Spec: TCG EFI Protocol 1.0 rev 0.13, 6.6; TCG PC Client Platform Firmware Profile 1.05,
 * 10.2.3 (UEFI_IMAGE_LOAD_EVENT). */
#include "boot/uefi/stub.h"

#include <string.h>

#include "boot/base/bytes.h"
#include "boot/uefi/device_path.h"

#define PCR_IMAGES         4u
#define EVENT_HEADER_BYTES 14u
#define EVENT_PREFIX_BYTES (4u + EVENT_HEADER_BYTES)
#define LOAD_EVENT_BYTES   32u
#define EVENT_MAX_BYTES    256u

enum lb_status uefi_measure_image(struct uefi *u, const uint8_t *image, size_t bytes,
				  const uint8_t *path, size_t path_bytes)
{
	struct uefi_tcg2 *tcg2 = uefi_protocol(u, (EFI_GUID)UEFI_TCG2_GUID);
	uint8_t event[EVENT_MAX_BYTES];
	uint8_t *load = event + EVENT_PREFIX_BYTES;

	if (tcg2 == NULL)
		return LB_OK; /* no TPM */
	if (path_bytes > sizeof event - EVENT_PREFIX_BYTES - LOAD_EVENT_BYTES)
		return LB_ERR_RANGE;

	const size_t size = EVENT_PREFIX_BYTES + LOAD_EVENT_BYTES + path_bytes;

	lb_put_le32(event, (uint32_t)size);
	lb_put_le32(event + 4, EVENT_HEADER_BYTES);
	lb_put_le16(event + 8, 1); /* header version */
	lb_put_le32(event + 10, PCR_IMAGES);
	lb_put_le32(event + 14, UEFI_EV_EFI_BOOT_SERVICES_APPLICATION);
	lb_put_le64(load, (uintptr_t)image);
	lb_put_le64(load + 8, bytes);
	lb_put_le64(load + 16,
		    0); /* link-time address: not known for an image in memory */
	lb_put_le64(load + 24, path_bytes);
	memcpy(load + LOAD_EVENT_BYTES, path, path_bytes);
	return uefi_status(tcg2->hash_log_extend_event(tcg2, UEFI_TCG2_PE_COFF_IMAGE,
						       (uintptr_t)image, bytes, event));
}
