/* Files and block devices: exactly so many bytes at a place, and whole files. */
#ifndef LIFEBOAT_HOST_FILE_H
#define LIFEBOAT_HOST_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "host/error.h"

/** host_read_at(), host_write_at() - exactly @len bytes; the error names @path and
 * offset. LB_ERR_TRUNCATED: it ends before. */
enum lb_status host_read_at(int fd, const char *path, void *data, size_t len,
			    uint64_t offset, struct host_error *err);
enum lb_status host_write_at(int fd, const char *path, const void *data, size_t len,
			     uint64_t offset, struct host_error *err);

/** host_file_bytes() - size of an open file or block device; nothing else has one. */
enum lb_status host_file_bytes(int fd, const char *path, uint64_t *bytes,
			       struct host_error *err);

/**
 * host_read_file() - a whole file, device or pipe of at most @limit bytes.
 * @data: on LB_OK memory of @len bytes for the caller to free(), never NULL
 */
enum lb_status host_read_file(const char *path, size_t limit, uint8_t **data, size_t *len,
			      struct host_error *err);

/** host_path_folder() - the folder @path lies in, "." when it names none; to be freed.
 * NULL: no memory. */
char *host_path_folder(const char *path);

#endif
