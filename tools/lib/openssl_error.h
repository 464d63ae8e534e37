/* What OpenSSL says went wrong. */
#ifndef LIFEBOAT_TOOLS_OPENSSL_ERROR_H
#define LIFEBOAT_TOOLS_OPENSSL_ERROR_H

#include <stdbool.h>

/** tool_openssl_error() - tool_error() with OpenSSL's own reason. */
bool tool_openssl_error(const char *what, const char *name);

#endif
