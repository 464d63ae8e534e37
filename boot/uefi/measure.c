/* Measuring by the firmware's TCG2 protocol: the starts that boot/judge/measure.c tells
 * about, and images. An image that the firmware did not authenticate itself is not
 * measured by it either, so we make the event (PCR 4) it would have made.
 *
 * Spec: TCG EFI Protocol 1.0 rev 0.13, 6.6; TCG PC Client Platform Firmware Profile 1.05,
 * 10.2.3 (UEFI_IMAGE_LOAD_EVENT). */
#include "boot/uefi/stub.h"

#include <string.h>

#include "base/bytes.h"

#define PCR_IMAGES         4u
#define PCR_STARTS         8u
#define EVENT_HEADER_BYTES 14u
#define EVENT_PREFIX_BYTES (4u + EVENT_HEADER_BYTES)
#define EVENT_MAX_BYTES    0x10000u
#define LOAD_EVENT_BYTES   32u
#define PATH_MAX_BYTES     224u

/* One event: @data is hashed, @text is what the log says about it. */
struct event {
	uint32_t pcr, type;
	uint64_t flags;
	const void *data, *text;
	size_t data_bytes, text_bytes;
};

static enum lb_status extend(struct uefi *u, struct uefi_tcg2 *tcg2,
			     const struct event *e)
{
	const size_t size = EVENT_PREFIX_BYTES + e->text_bytes;
	void *memory = NULL;

	if (e->text_bytes > EVENT_MAX_BYTES)
		return LB_ERR_RANGE;
	if (u->bs->AllocatePool(EfiLoaderData, size, &memory) != EFI_SUCCESS)
		return LB_ERR_NOMEM;

	uint8_t *event = memory;

	lb_put_le32(event, (uint32_t)size);
	lb_put_le32(event + 4, EVENT_HEADER_BYTES);
	lb_put_le16(event + 8, 1); /* header version */
	lb_put_le32(event + 10, e->pcr);
	lb_put_le32(event + 14, e->type);
	memcpy(event + EVENT_PREFIX_BYTES, e->text, e->text_bytes);

	const EFI_STATUS status = tcg2->hash_log_extend_event(
		tcg2, e->flags, (uintptr_t)e->data, e->data_bytes, event);

	(void)u->bs->FreePool(memory); /* a leak at worst */
	/* The PCR has it, only the firmware's log is full: whoever replays that sees
	 * so. */
	if (status == EFI_VOLUME_FULL) {
		uefi_log(u, "tpm: the firmware's event log is full");
		return LB_OK;
	}
	return uefi_status(status) == LB_ERR_UNSUPPORTED ? LB_ERR_IO
							 : uefi_status(status);
}

enum lb_status uefi_measure(void *ctx, uint32_t event_type, const void *data, size_t len,
			    const void *event, size_t event_len)
{
	struct uefi *u = ctx;
	struct uefi_tcg2 *tcg2 = uefi_tpm(u);
	const struct event e = {
		.pcr = PCR_STARTS,
		.type = event_type,
		.data = data,
		.data_bytes = len,
		.text = event,
		.text_bytes = event_len,
	};

	return tcg2 == NULL ? LB_ERR_UNSUPPORTED : extend(u, tcg2, &e);
}

enum lb_status uefi_measure_image(struct uefi *u, const uint8_t *image, size_t bytes,
				  const uint8_t *path, size_t path_bytes)
{
	struct uefi_tcg2 *tcg2 = uefi_tpm(u);
	uint8_t load[LOAD_EVENT_BYTES + PATH_MAX_BYTES];
	const struct event e = {
		.pcr = PCR_IMAGES,
		.type = UEFI_EV_EFI_BOOT_SERVICES_APPLICATION,
		.flags = UEFI_TCG2_PE_COFF_IMAGE,
		.data = image,
		.data_bytes = bytes,
		.text = load,
		.text_bytes = LOAD_EVENT_BYTES + path_bytes,
	};

	if (tcg2 == NULL)
		return LB_OK;
	if (path_bytes > PATH_MAX_BYTES)
		return LB_ERR_RANGE;
	lb_put_le64(load, (uintptr_t)image);
	lb_put_le64(load + 8, bytes);
	/* The link-time address is not known for an image in memory. */
	lb_put_le64(load + 16, 0);
	lb_put_le64(load + 24, path_bytes);
	memcpy(load + LOAD_EVENT_BYTES, path, path_bytes);
	return extend(u, tcg2, &e);
}
