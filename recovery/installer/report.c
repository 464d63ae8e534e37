/* Reports. */
#include "recovery/installer/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/file.h"
#include "recovery/installer/manufacture.h"

#define PSTORE      "/sys/fs/pstore"
#define PANIC_BYTES 4096u
#define DUMP_LIMIT  ((size_t)1 << 20)
/* of one model on a medium, beyond the log's number */
#define MOST_REPORTS 100000u

static char panic_text[PANIC_BYTES]; /* of the last panic, its end */
static char code[2][REPORT_CODE_BYTES];

/* --- panics ------------------------------------------------------------------------- */

/* A dump comes in parts, of which the first has the end of the kernel's log. */
static bool read_panic(const char *name, char out[PANIC_BYTES])
{
	char path[sizeof PSTORE + 64];
	uint8_t *dump;
	size_t len;

	snprintf(path, sizeof path, PSTORE "/%.60s", name);
	out[0] = '\0';
	if (host_read_file(path, DUMP_LIMIT, &dump, &len, NULL) != LB_OK)
		return false;
	snprintf(out, PANIC_BYTES, "%.*s", (int)len, (const char *)dump);
	free(dump);
	const size_t line = strcspn(out, "\n");

	if (strncmp(out, "Panic#", 6) != 0 || line >= 64)
		return false;
	const char *part = strstr(out, "Part1");

	return part != NULL && part == out + line - 5;
}

bool report_panic(struct program *p)
{
	static char text[PANIC_BYTES];
	struct stat st;
	time_t newest = 0;

	(void)mount("pstore", PSTORE, "pstore", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	DIR *dir = opendir(PSTORE);

	if (dir == NULL)
		return false;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		if (fstatat(dirfd(dir), e->d_name, &st, 0) != 0 || st.st_mtime < newest ||
		    !read_panic(e->d_name, text))
			continue;
		newest = st.st_mtime;
		memcpy(panic_text, text, sizeof panic_text);
	}
	(void)closedir(dir);
	const char *what = strstr(panic_text, "Kernel panic");

	if (panic_text[0] != '\0')
		lb_log(&p->talk.log, "installer: last panic: %.*s",
		       what != NULL ? (int)strcspn(what, "\n") : 0,
		       what != NULL ? what : "");
	return panic_text[0] != '\0';
}

/* --- on the screen ------------------------------------------------------------------ */

void report_codes(struct program *p)
{
	static char log[LB_LOG_RING_BYTES + 1];
	struct ui_state *s = &p->talk.person.state;
	char before[64];
	const char *what = strstr(panic_text, "Kernel panic");

	(void)lb_log_copy(&p->talk.log, log, sizeof log);
	snprintf(before, sizeof before, "%.40s %s ", p->told.model, p->code);
	report_tail(before, log, code[0], sizeof code[0]);
	s->qr[0] = code[0];
	s->qr[1] = NULL;
	if (panic_text[0] == '\0')
		return;
	/* What it says of itself, and what comes behind that; else its end. */
	if (what != NULL) {
		snprintf(code[1], sizeof code[1], "%s", what);
		for (char *c = code[1]; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				*c = ' ';
	} else {
		report_tail("", panic_text, code[1], sizeof code[1]);
	}
	s->qr[1] = code[1];
}

/* --- on the stick ------------------------------------------------------------------- */

static void path_of(const char *model, uint32_t number, char *out, size_t size)
{
	snprintf(out, size, STICK_MOUNTED "/lifeboat-log-%s-%u.txt", model, number);
}

/* Gives the number of a new one. */
static uint32_t make_room(const char *model)
{
	char path[128];
	uint32_t newest = 0;
	DIR *dir = opendir(STICK_MOUNTED);

	if (dir == NULL)
		return 1;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		const uint32_t number = report_number(e->d_name, model);

		newest = number > newest ? number : newest;
	}
	rewinddir(dir);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
		const uint32_t number = report_number(e->d_name, model);

		if (number == 0 || newest - number + 1 < REPORT_KEPT)
			continue;
		path_of(model, number, path, sizeof path);
		(void)unlink(path);
	}
	(void)closedir(dir);
	return newest + 1;
}

static bool write_text(int fd, const char *text)
{
	const size_t len = strlen(text);

	return write(fd, text, len) == (ssize_t)len;
}

static bool write_log(struct program *p, int fd)
{
	static char log[LB_LOG_RING_BYTES + 1];
	char head[1024];

	(void)lb_log_copy(&p->talk.log, log, sizeof log);
	snprintf(head, sizeof head,
		 "Lifeboat recovery\nmodel: %s\nhardware: %s\nresult: %s %s\n\n",
		 p->told.model, p->told.hardware_id, p->code, p->failure);
	return write_text(fd, head) && write_text(fd, log) &&
	       (panic_text[0] == '\0' ||
		(write_text(fd, "\nLast panic:\n") && write_text(fd, panic_text))) &&
	       fsync(fd) == 0;
}

/* One for each device, never over another. */
static void save_report(struct program *p, const char *model, uint32_t number)
{
	char text[MANUFACTURE_REPORT_BYTES], path[128];
	int fd = -1;

	manufacture_report(p, text);
	for (uint32_t n = number; fd < 0 && n < number + MOST_REPORTS; n++) {
		snprintf(path, sizeof path, STICK_MOUNTED "/lifeboat-report-%s-%u.json",
			 model, n);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	const bool good = fd >= 0 && write_text(fd, text) && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	lb_log(&p->talk.log, "installer: report on the medium: %s: %s",
	       path + sizeof STICK_MOUNTED, good ? "written" : "failed");
}

void report_save(struct program *p)
{
	const unsigned long flags = MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	char model[REPORT_MODEL_BYTES], path[128];

	if (p->stick.disk == NULL || !machine_disk_present(p->stick.disk) ||
	    mount(NULL, STICK_MOUNTED, NULL, flags, "") != 0)
		return;
	report_model(p->told.model, model);
	const uint32_t number = make_room(model);

	if (p->unasked)
		save_report(p, model, number);
	path_of(model, number, path, sizeof path);
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const bool good = fd >= 0 && write_log(p, fd);

	if (fd >= 0)
		(void)close(fd);
	lb_log(&p->talk.log, "installer: log on the medium: %s: %s",
	       path + sizeof STICK_MOUNTED, good ? "written" : "failed");
	(void)mount(NULL, STICK_MOUNTED, NULL, flags | MS_RDONLY, "");
}
