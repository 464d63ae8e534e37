/* Files written all or nothing: nothing half-written ever stands under the final name.
 * Temporary file beside it, fsync, rename, fsync of the folder. */
#ifndef LIFEBOAT_HOST_OUTPUT_H
#define LIFEBOAT_HOST_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/error.h"

enum host_overwrite {
	HOST_REPLACE, /* an existing regular file is replaced at once */
	HOST_NEVER_OVERWRITE,
};

/* Who makes and removes files under temporary names. A program that is ended by signals
 * has its own, which remembers them (tools/lib/temporary.h); a library cannot. */
struct host_temporary {
	/* a new file, "XXXXXX" at the end of its name replaced; -1 and errno */
	int (*make)(char *name_template, mode_t mode);
	void (*remove)(const char *name); /* a missing one is fine */
};

/** host_temporary_make() - make() as it is without anybody remembering: read and write,
 * closed on exec, @mode as the umask wants it. */
int host_temporary_make(char *name_template, mode_t mode);

struct host_output {
	char *path;
	char *temporary;
	int fd; /* to write to by any means */
	enum host_overwrite overwrite;
	const struct host_temporary *names;
};

/**
 * host_output_begin() - open a temporary file beside @path.
 * @names: NULL for host_temporary_make() and unlink(): then the temporary file stays
 *         when the program is killed
 *
 * What exists under @path and is not a regular file (a device) is refused. On failure
 * nothing is left to end.
 */
enum lb_status host_output_begin(struct host_output *out, const char *path, mode_t mode,
				 enum host_overwrite overwrite,
				 const struct host_temporary *names,
				 struct host_error *err);
enum lb_status host_output_write(const struct host_output *out, const void *data,
				 size_t len, uint64_t offset, struct host_error *err);
/** host_output_commit() - make it the file of its final name. Ends @out either way. */
enum lb_status host_output_commit(struct host_output *out, struct host_error *err);
void host_output_abort(struct host_output *out);

/** host_write_file() - all of the above for bytes in memory. */
enum lb_status host_write_file(const char *path, const void *data, size_t len,
			       mode_t mode, enum host_overwrite overwrite,
			       const struct host_temporary *names,
			       struct host_error *err);

/** host_folder_make() - a new private folder in @base, for temporary files; *@out is to
 * be freed. */
enum lb_status host_folder_make(const char *base, char **out, struct host_error *err);
/** host_folder_remove() - it, and the files directly in it; also in a signal handler. */
void host_folder_remove(const char *folder);

#endif
