/* Hand-over values as a running system finds them. */
#include "base/handover.h"

#include "base/bytes.h"

const uint8_t *lb_handover_value(const uint8_t *file, size_t len, size_t *bytes)
{
	if (len < LB_HANDOVER_ATTRIBUTE_BYTES || lb_le32(file) != LB_HANDOVER_ATTRIBUTES)
		return NULL;
	*bytes = len - LB_HANDOVER_ATTRIBUTE_BYTES;
	return file + LB_HANDOVER_ATTRIBUTE_BYTES;
}
