/* From device aliases to modules. */
#include "recovery/installer/modules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/file.h"

#define FOLDER        "/lib/modules/"
#define KERNEL_GROUP  1u
#define RECEIVE_BYTES (1 << 20)
#define MAX_DEPTH     16
#define LIST_LIMIT    ((size_t)16 << 20)

static char *read_all(const char *path)
{
	uint8_t *data;
	size_t len;

	if (host_read_file(path, LIST_LIMIT, &data, &len, NULL) != LB_OK)
		return NULL;
	char *text = realloc(data, len + 1);

	if (text == NULL)
		free(data);
	else
		text[len] = '\0';
	return text;
}

/* Lines of "PATTERN NAME", cut in place. */
static void add_aliases(struct modules *m, char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		char *name = strrchr(line, ' ');

		if (name == NULL || m->alias_count == MODULES_MAX_ALIASES)
			continue;
		*name++ = '\0';
		m->alias[m->alias_count++] =
			(struct modules_alias){ line, name, strcspn(line, ":*?[") };
	}
}

static int listen_for_events(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
					     .nl_groups = KERNEL_GROUP };
	const int room = RECEIVE_BYTES;
	const int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			      NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool modules_open(struct modules *m)
{
	m->events = listen_for_events();
	m->aliases_text = read_all(FOLDER "aliases");
	m->screens_text = read_all(FOLDER "screens");
	m->depends_text = read_all(FOLDER "depends");
	if (m->events < 0 || m->aliases_text == NULL || m->screens_text == NULL ||
	    m->depends_text == NULL)
		return false;
	add_aliases(m, m->aliases_text);
	char *rest = m->depends_text;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] != '\0' && m->depends_count < MODULES_MAX)
			m->depends[m->depends_count++] = line;
	return true;
}

/* Its line of `depends`; -1: no such module in the image. */
static int find(const struct modules *m, const char *name, size_t len)
{
	for (size_t i = 0; i < m->depends_count; i++)
		if (strncmp(m->depends[i], name, len) == 0 &&
		    (m->depends[i][len] == ' ' || m->depends[i][len] == '\0'))
			return (int)i;
	return -1;
}

static bool insert(const char *name, size_t len)
{
	char path[160];

	snprintf(path, sizeof path, FOLDER "%.*s.ko", (int)len, name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	const long done = syscall(SYS_finit_module, fd, "", 0);
	const bool good = done == 0 || errno == EEXIST;

	(void)close(fd);
	return good;
}

static bool load(struct modules *m, const char *name, size_t len, int depth)
{
	const int at = find(m, name, len);

	if (at < 0 || depth > MAX_DEPTH)
		return false;
	if (m->loaded[at])
		return true;
	m->loaded[at] = true; /* also when it fails: it is not tried again and again */
	for (const char *word = m->depends[at] + len; *word == ' ';) {
		const size_t word_len = strcspn(++word, " ");

		(void)load(m, word, word_len, depth + 1);
		word += word_len;
	}
	m->loaded_count++;
	return insert(name, len);
}

bool modules_load(struct modules *m, const char *name)
{
	return load(m, name, strlen(name), 0);
}

/* FNV-1a: the same alias is looked up once. A clash would cost a device its driver, at
 * odds of one in 2^64 for a pair. */
static bool seen(struct modules *m, const char *alias)
{
	unsigned long hash = 0xcbf29ce484222325u;

	for (const char *c = alias; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
	for (size_t i = 0; i < m->seen_count; i++)
		if (m->seen[i] == hash)
			return true;
	if (m->seen_count < MODULES_SEEN_MAX)
		m->seen[m->seen_count++] = hash;
	return false;
}

static bool load_alias(struct modules *m, const char *alias)
{
	const size_t before = m->loaded_count;

	if (seen(m, alias))
		return false;
	for (size_t i = 0; i < m->alias_count; i++)
		if (strncmp(m->alias[i].pattern, alias, m->alias[i].prefix) == 0 &&
		    fnmatch(m->alias[i].pattern, alias, 0) == 0)
			(void)modules_load(m, m->alias[i].name);
	return m->loaded_count != before;
}

/* --- what is there ------------------------------------------------------------------ */

/* `uevent`, not `modalias`: memory cards have no file of the latter name. */
static void look_at(struct modules *m, int folder)
{
	char text[4096], *rest = text;
	const int fd = openat(folder, "uevent", O_RDONLY | O_CLOEXEC);
	const ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	if (got <= 0)
		return;
	text[got] = '\0';
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (strncmp(line, "MODALIAS=", 9) == 0)
			(void)load_alias(m, line + 9);
}

static void walk(struct modules *m, int folder, int depth)
{
	DIR *dir = fdopendir(folder);

	if (dir == NULL) {
		(void)close(folder);
		return;
	}
	look_at(m, folder);
	for (const struct dirent *e; depth < 24 && (e = readdir(dir)) != NULL;) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		const int sub =
			openat(folder, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (sub >= 0)
			walk(m, sub, depth + 1);
	}
	(void)closedir(dir);
}

void modules_coldplug(struct modules *m)
{
	const int top = open("/sys/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (top >= 0)
		walk(m, top, 0);
}

/* --- what appears ------------------------------------------------------------------- */

static bool event(struct modules *m, const char *text, size_t len)
{
	bool add = false, changed = false;

	for (const char *line = text; line < text + len; line += strlen(line) + 1)
		if (strcmp(line, "ACTION=add") == 0)
			add = true;
		else if (strncmp(line, "MODALIAS=", 9) == 0 && add)
			changed |= load_alias(m, line + 9);
	return changed || strstr(text, "/block/") != NULL ||
	       strstr(text, "/input/") != NULL;
}

bool modules_poll(struct modules *m)
{
	char text[8192];
	bool changed = false;

	for (;;) {
		const ssize_t got = recv(m->events, text, sizeof text - 1, 0);

		if (got < 0 &&
		    errno == ENOBUFS) { /* some were lost: look at everything */
			modules_coldplug(m);
			changed = true;
			continue;
		}
		if (got <= 0)
			return changed;
		text[got] = '\0';
		changed |= event(m, text, (size_t)got);
	}
}

void modules_screens(struct modules *m)
{
	if (m->screens)
		return;
	m->screens = true;
	add_aliases(m, m->screens_text);
	m->seen_count = 0;
	modules_coldplug(m);
}
