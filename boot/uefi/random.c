/* Real randomness: the firmware's generator, else the CPU's, else none. */
#include "boot/uefi/cpu.h"

#include <string.h>

static bool from_cpu(uint8_t *out, size_t len)
{
	uint64_t word;

	while (len > 0) {
		const size_t part = len < sizeof word ? len : sizeof word;

		if (!uefi_cpu_random(&word))
			return false;
		memcpy(out, &word, part);
		out += part;
		len -= part;
	}
	return true;
}

enum lb_status uefi_random(void *ctx, uint8_t *out, size_t len)
{
	struct uefi *u = ctx;
	EFI_RNG_PROTOCOL *rng = uefi_protocol(u, (EFI_GUID)EFI_RNG_PROTOCOL_GUID);

	if (len == 0)
		return LB_OK;
	if (rng != NULL && rng->GetRNG(rng, NULL, len, out) == EFI_SUCCESS)
		return LB_OK;
	return from_cpu(out, len) ? LB_OK : LB_ERR_UNSUPPORTED;
}
