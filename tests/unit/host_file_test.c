/* Files on Linux: whole ones, all or nothing, and what is said when it fails. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/copy.h"
#include "host/file.h"
#include "host/output.h"

struct place {
	char *folder;
	char file[128], other[128];
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	if (p == NULL || host_folder_make("/tmp", &p->folder, NULL) != LB_OK)
		return -1;
	snprintf(p->file, sizeof p->file, "%s/file", p->folder);
	snprintf(p->other, sizeof p->other, "%s/other", p->folder);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	host_folder_remove(p->folder);
	const int left = access(p->folder, F_OK);

	free(p->folder);
	free(p);
	return left == 0 ? -1 : 0; /* nothing may stay */
}

static enum lb_status put(const char *path, const char *text, enum host_overwrite how,
			  struct host_error *err)
{
	return host_write_file(path, text, strlen(text), 0640, how, NULL, err);
}

static void assert_holds(const char *path, const char *text)
{
	uint8_t *data;
	size_t len;

	assert_int_equal(host_read_file(path, 1 << 20, &data, &len, NULL), LB_OK);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(data, text, len);
	free(data);
}

static void test_written_and_read(void **state)
{
	const struct place *p = *state;
	const mode_t mask = umask(022);
	struct stat st;

	assert_int_equal(put(p->file, "one", HOST_NEVER_OVERWRITE, NULL), LB_OK);
	assert_int_equal(put(p->file, "two, longer", HOST_REPLACE, NULL), LB_OK);
	assert_holds(p->file, "two, longer");
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(put(p->other, "", HOST_REPLACE, NULL), LB_OK);
	assert_holds(p->other, "");
	umask(mask);
}

static void test_not_overwritten(void **state)
{
	const struct place *p = *state;
	struct host_error err;
	char want[256];

	assert_int_equal(put(p->file, "first", HOST_REPLACE, NULL), LB_OK);
	assert_int_equal(put(p->file, "second", HOST_NEVER_OVERWRITE, &err),
			 LB_ERR_DUPLICATE);
	snprintf(want, sizeof want, "%s: exists already, and is not overwritten",
		 p->file);
	assert_string_equal(err.text, want);
	assert_int_equal(put(p->folder, "x", HOST_REPLACE, NULL), LB_ERR_UNSUPPORTED);
	assert_holds(p->file, "first");
}

/* The name appears while it is being written. */
static void test_name_taken_meanwhile(void **state)
{
	const struct place *p = *state;
	struct host_output out;

	assert_int_equal(
		host_output_begin(&out, p->file, 0600, HOST_NEVER_OVERWRITE, NULL, NULL),
		LB_OK);
	assert_int_equal(host_output_write(&out, "mine", 4, 0, NULL), LB_OK);
	assert_int_equal(put(p->file, "theirs", HOST_NEVER_OVERWRITE, NULL), LB_OK);
	assert_int_equal(host_output_commit(&out, NULL), LB_ERR_DUPLICATE);
	assert_holds(p->file, "theirs");
}

static void test_nothing_half_written(void **state)
{
	const struct place *p = *state;
	struct host_output out;

	assert_int_equal(put(p->file, "old", HOST_REPLACE, NULL), LB_OK);
	assert_int_equal(host_output_begin(&out, p->file, 0600, HOST_REPLACE, NULL, NULL),
			 LB_OK);
	assert_int_equal(host_output_write(&out, "ne", 2, 0, NULL), LB_OK);
	assert_holds(p->file, "old");
	host_output_abort(&out);
	assert_holds(p->file, "old");
}

static int taken_make(char *name_template, mode_t mode)
{
	(void)name_template, (void)mode;
	return -1;
}

static void must_not_remove(const char *name)
{
	fail_msg("%s: removed, and was never made", name);
}

/* What could not be made is somebody else's: it is not removed. */
static void test_others_file_stays(void **state)
{
	static const struct host_temporary names = { taken_make, must_not_remove };
	const struct place *p = *state;
	struct host_output out;

	assert_int_not_equal(
		host_output_begin(&out, p->file, 0600, HOST_REPLACE, &names, NULL),
		LB_OK);
}

static void test_limits(void **state)
{
	const struct place *p = *state;
	struct host_error err;
	uint8_t *data;
	char want[256];
	size_t len;

	assert_int_equal(put(p->file, "12345", HOST_REPLACE, NULL), LB_OK);
	assert_int_equal(host_read_file(p->file, 4, &data, &len, &err), LB_ERR_RANGE);
	snprintf(want, sizeof want, "%s: 5 bytes, larger than 4", p->file);
	assert_string_equal(err.text, want);
	assert_int_equal(host_read_file(p->folder, 4, &data, &len, &err),
			 LB_ERR_UNSUPPORTED);
	assert_int_equal(host_read_file(p->other, 4, &data, &len, &err),
			 LB_ERR_NOT_FOUND);
	snprintf(want, sizeof want, "%s: No such file or directory", p->other);
	assert_string_equal(err.text, want);
}

static void test_pipe(void **state)
{
	enum { BYTES = 50000 }; /* fits a pipe, and more than one piece of reading */
	static char text[BYTES];
	char path[64];
	uint8_t *data;
	size_t len;
	int end[2];

	(void)state;
	memset(text, 'x', sizeof text);
	for (int limit = BYTES - 1; limit <= BYTES; limit++) {
		assert_int_equal(pipe(end), 0);
		assert_int_equal(write(end[1], text, BYTES), BYTES);
		close(end[1]);
		snprintf(path, sizeof path, "/proc/self/fd/%d", end[0]);
		const enum lb_status status =
			host_read_file(path, (size_t)limit, &data, &len, NULL);

		assert_int_equal(status, limit == BYTES ? LB_OK : LB_ERR_RANGE);
		close(end[0]);
	}
	assert_int_equal(len, BYTES);
	assert_memory_equal(data, text, BYTES);
	free(data);
}

/* Files that the kernel makes up while they are read say that they have no bytes. */
static void test_without_size(void **state)
{
	static const char path[] = "/proc/version";
	char want[4096];
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0); /* else this proves nothing */
	const int fd = open(path, O_RDONLY);
	const ssize_t len = read(fd, want, sizeof want - 1);

	close(fd);
	assert_true(len > 0);
	want[len] = '\0';
	assert_holds(path, want);
}

static void test_ends_early(void **state)
{
	const struct place *p = *state;
	struct host_error err;
	char buf[8], want[256];

	assert_int_equal(put(p->file, "12345", HOST_REPLACE, NULL), LB_OK);
	FILE *f = fopen(p->file, "r");

	assert_non_null(f);
	assert_int_equal(host_read_at(fileno(f), p->file, buf, 8, 2, &err),
			 LB_ERR_TRUNCATED);
	snprintf(want, sizeof want, "%s: ends at offset 5, 5 bytes more expected",
		 p->file);
	assert_string_equal(err.text, want);
	assert_int_not_equal(host_write_at(fileno(f), p->file, "x", 1, 0, &err), LB_OK);
	assert_non_null(strstr(err.text, ": write at offset 0: "));
	fclose(f);
}

static void test_copy_leaves_holes(void **state)
{
	enum { BYTES = 3 << 20 };
	const struct place *p = *state;
	uint8_t *data = calloc(1, BYTES), *back;
	struct host_output from, to;
	struct stat st;
	size_t len;

	assert_non_null(data);
	data[0] = 1, data[5000] = 2, data[BYTES - 1] = 3;
	assert_int_equal(
		host_output_begin(&from, p->file, 0600, HOST_REPLACE, NULL, NULL), LB_OK);
	assert_int_equal(host_output_write(&from, data, BYTES, 0, NULL), LB_OK);
	assert_int_equal(host_output_begin(&to, p->other, 0600, HOST_REPLACE, NULL, NULL),
			 LB_OK);
	assert_int_equal(ftruncate(to.fd, BYTES + 4096), 0);
	const struct host_place a = { from.fd, p->file, 0 },
				b = { to.fd, p->other, 4096 };

	assert_int_equal(host_copy_sparse(&a, BYTES, &b, NULL), LB_OK);
	assert_int_equal(fstat(to.fd, &st), 0);
	assert_true(st.st_blocks * 512 < BYTES / 2);
	assert_int_equal(host_output_commit(&to, NULL), LB_OK);
	host_output_abort(&from);
	assert_int_equal(host_read_file(p->other, 2 * BYTES, &back, &len, NULL), LB_OK);
	assert_int_equal(len, BYTES + 4096);
	assert_memory_equal(back + 4096, data, BYTES);
	free(back);
	free(data);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_written_and_read),
		IN_FOLDER(test_not_overwritten),
		IN_FOLDER(test_name_taken_meanwhile),
		IN_FOLDER(test_nothing_half_written),
		IN_FOLDER(test_others_file_stays),
		IN_FOLDER(test_limits),
		IN_FOLDER(test_pipe),
		cmocka_unit_test(test_without_size),
		IN_FOLDER(test_ends_early),
		IN_FOLDER(test_copy_leaves_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
