/* Errors as text and status. */
#include "host/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum lb_status host_fail(struct host_error *err, enum lb_status status, const char *fmt,
			 ...)
{
	va_list args;

	if (err == NULL)
		return status;
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args); /* cut at its end */
	va_end(args);
	return status;
}

enum lb_status host_status(int number)
{
	static const struct {
		int number;
		enum lb_status status;
	} known[] = {
		{ ENODEV, LB_ERR_REMOVED },  { ENXIO, LB_ERR_REMOVED },
		{ ENOMEM, LB_ERR_NOMEM },    { ENOENT, LB_ERR_NOT_FOUND },
		{ EACCES, LB_ERR_DENIED },   { EPERM, LB_ERR_DENIED },
		{ EROFS, LB_ERR_READ_ONLY }, { ENOSPC, LB_ERR_FULL },
		{ EDQUOT, LB_ERR_FULL },     { EEXIST, LB_ERR_DUPLICATE },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == number)
			return known[i].status;
	return LB_ERR_IO;
}

enum lb_status host_disk_status(int number)
{
	return host_status(number) == LB_ERR_REMOVED ? LB_ERR_REMOVED : LB_ERR_IO;
}

enum lb_status host_fail_errno(struct host_error *err, const char *what)
{
	const int number = errno;

	return host_fail(err, host_status(number), "%s: %s", what, strerror(number));
}
