/* Copying between open files, leaving zeros as holes. */
#ifndef LIFEBOAT_HOST_COPY_H
#define LIFEBOAT_HOST_COPY_H

#include <stdint.h>

#include "host/error.h"

/* A place in an open file; @path is for errors. */
struct host_place {
	int fd;
	const char *path;
	uint64_t offset;
};

/** host_copy_sparse() - @bytes from one place to another, in a file where it is all zero
 * so far: blocks of zeros are not written, and holes are not read. */
enum lb_status host_copy_sparse(const struct host_place *from, uint64_t bytes,
				const struct host_place *to, struct host_error *err);

#endif
