/* Running other programs. */
#include "tools/lib/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/buffer.h"
#include "tools/lib/temporary.h"
#include "tools/lib/tool.h"

#define MORE_PATH ":/usr/local/sbin:/usr/sbin:/sbin"

static _Noreturn void become(const char *const *argv, int output)
{
	const char *path = getenv("PATH");
	char *more = tool_format("%s" MORE_PATH, path != NULL ? path : "/usr/bin:/bin");

	setenv("PATH", more, 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C", 1);
	setenv("SOURCE_DATE_EPOCH", TOOL_FIXED_TIME_TEXT, 1);
	setenv("E2FSPROGS_FAKE_TIME", TOOL_FIXED_TIME_TEXT, 1);
	setenv("MTOOLS_SKIP_CHECK", "1", 1);
	if (dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	fprintf(stderr, "%s\n", strerror(errno));
	_exit(127);
}

static void drain(int fd, struct tool_buffer *out)
{
	char piece[4096];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && out->len < 65536)
			tool_buffer_append(out, piece, (size_t)got);
}

static bool judge(const char *name, int status, const struct tool_buffer *output)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (output->len != 0)
		(void)fwrite(output->data, 1, output->len, stderr);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return tool_error("%s: cannot be run; is its package installed?", name);
	return tool_error("%s failed", name);
}

bool tool_run(const char *const *argv)
{
	struct tool_buffer output = { 0 };
	int ends[2], status;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return tool_error("%s: %s", argv[0], strerror(errno));
	fflush(NULL);
	const pid_t pid = fork();

	if (pid == 0)
		become(argv, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return tool_error("%s: %s", argv[0], strerror(errno));
	}
	tool_temporary_child(pid);
	drain(ends[0], &output);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			tool_fatal("%s: %s", argv[0], strerror(errno));
	tool_temporary_child(0);
	const bool good = judge(argv[0], status, &output);

	tool_buffer_free(&output);
	return good;
}
