/* Names of the status codes. */
#include "base/status.h"

static const char *const names[LB_STATUS_COUNT] = {
	[LB_OK] = "ok",
	[LB_ERR_INTERNAL] = "internal error",
	[LB_ERR_ARGUMENT] = "bad argument",
	[LB_ERR_IO] = "input/output error",
	[LB_ERR_REMOVED] = "device removed",
	[LB_ERR_TIMEOUT] = "timed out",
	[LB_ERR_READ_ONLY] = "read-only",
	[LB_ERR_NOMEM] = "out of memory",
	[LB_ERR_NOT_FOUND] = "not found",
	[LB_ERR_TRUNCATED] = "truncated",
	[LB_ERR_MAGIC] = "wrong magic",
	[LB_ERR_VERSION] = "unknown version",
	[LB_ERR_CRC] = "checksum mismatch",
	[LB_ERR_RANGE] = "out of range",
	[LB_ERR_DUPLICATE] = "duplicate",
	[LB_ERR_ALGORITHM] = "algorithm refused",
	[LB_ERR_DIGEST] = "digest mismatch",
	[LB_ERR_SIGNATURE] = "signature mismatch",
	[LB_ERR_UNSUPPORTED] = "unsupported",
	[LB_ERR_DENIED] = "denied",
	[LB_ERR_FULL] = "full",
};

const char *lb_status_name(enum lb_status status)
{
	return (unsigned int)status < LB_STATUS_COUNT ? names[status] : "unknown status";
}
