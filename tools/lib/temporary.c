/* Temporary files: remembered, and removed at exit and on the usual signals. */
#include "tools/lib/temporary.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/lib/tool.h"

#define MAX_TEMPORARY 64

/* Read by the signal handler, which is held off while a file exists that is not here. */
static char *volatile remembered[MAX_TEMPORARY];
static char *volatile remembered_folder;
static volatile pid_t child;

static void remove_all_files(void)
{
	for (size_t i = 0; i < MAX_TEMPORARY; i++)
		if (remembered[i] != NULL)
			(void)unlink(remembered[i]); /* may not exist yet */
}

static void remove_all(void)
{
	remove_all_files();
	if (remembered_folder != NULL)
		host_folder_remove(remembered_folder);
}

/* The child first: it may be making another file in the folder. */
static void on_signal(int number)
{
	if (child > 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
	}
	remove_all();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static void install_handlers(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	static bool installed;

	if (installed)
		return;
	installed = true;
	(void)atexit(remove_all);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (signal(numbers[i], on_signal) == SIG_IGN)
			(void)signal(numbers[i], SIG_IGN); /* nohup: stay ignored */
}

static size_t free_place(void)
{
	for (size_t i = 0; i < MAX_TEMPORARY; i++)
		if (remembered[i] == NULL)
			return i;
	tool_fatal("more than %d temporary files", MAX_TEMPORARY);
}

void tool_temporary_child(pid_t pid)
{
	child = pid;
}

static int make_file(char *name_template, mode_t mode)
{
	sigset_t all, before;

	install_handlers();
	const size_t place = free_place();

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	const int fd = host_temporary_make(name_template, mode);

	if (fd >= 0)
		remembered[place] = tool_strdup(name_template);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

static void remove_file(const char *name)
{
	(void)unlink(name); /* it may have been renamed */
	for (size_t i = 0; i < MAX_TEMPORARY; i++) {
		char *known = remembered[i];

		if (known == NULL || strcmp(known, name) != 0)
			continue;
		remembered[i] = NULL;
		free(known);
		return;
	}
}

const struct host_temporary tool_temporary = { make_file, remove_file };

char *tool_temporary_folder(void)
{
	const char *base = getenv("TMPDIR");
	struct host_error err;
	sigset_t all, before;
	char *folder;

	install_handlers();
	if (remembered_folder != NULL)
		tool_fatal("two temporary folders at once");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	const enum lb_status status =
		host_folder_make(base != NULL ? base : "/tmp", &folder, &err);

	if (status == LB_OK)
		remembered_folder = folder;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return tool_check(status, &err) ? folder : NULL;
}

void tool_temporary_folder_remove(char *folder)
{
	host_folder_remove(folder);
	remembered_folder = NULL; /* a signal before finds an empty one, or none */
	free(folder);
}
