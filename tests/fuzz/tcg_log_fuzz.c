/* TPM event logs from anywhere; the first two bytes say where the last event is. */
#include <assert.h>
#include <stdint.h>

#include "base/bytes.h"
#include "boot/uefi/x86_64/tcg_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t bytes = 0;

	if (len < 2)
		return 0;

	const size_t last = lb_le16(data);

	data += 2;
	len -= 2;
	if (tcg_log_bytes(data, last, len, &bytes) == LB_OK)
		assert(bytes <= len && bytes >= last);
	if (last <= len && tcg_events_bytes(data, data, last, len, &bytes) == LB_OK)
		assert(bytes <= len);
	return 0;
}
