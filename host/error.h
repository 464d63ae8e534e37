/* Why something went wrong on Linux, in words for people: what every function of this
 * library fills in that can fail for more than one reason. It prints nothing itself; its
 * caller shows the text, logs it or drops it. */
#ifndef LIFEBOAT_HOST_ERROR_H
#define LIFEBOAT_HOST_ERROR_H

#include "base/status.h"

/* The longest path that Linux takes, and what is wrong with it. */
#define HOST_ERROR_BYTES 4608u

struct host_error {
	char text[HOST_ERROR_BYTES]; /* file, place, reason; written on failure only */
};

/** host_fail() - fill in @err (NULL: nobody asks) and return @status, so that a function
 * can end in `return host_fail(...)`. Names out of files stand in the text as they are:
 * who prints it escapes them. */
enum lb_status host_fail(struct host_error *err, enum lb_status status, const char *fmt,
			 ...) __attribute__((format(printf, 3, 4)));

/** host_status() - what an errno is among our statuses. */
enum lb_status host_status(int number);

/** host_disk_status() - the same of the two that a disk of struct platform may answer:
 * it is gone, or it failed. */
enum lb_status host_disk_status(int number);

/** host_fail_errno() - as host_fail(), "WHAT: reason" with errno's reason and status. */
enum lb_status host_fail_errno(struct host_error *err, const char *what);

#endif
