/* OpenSSL's reasons as messages. */
#include "tools/lib/openssl_error.h"

#include <openssl/err.h>

#include "tools/lib/tool.h"

bool tool_openssl_error(const char *what, const char *name)
{
	const unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return tool_error("%s: %s: %s", name, what, reason != NULL ? reason : "failed");
}
