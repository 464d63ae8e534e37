/* Reading keys. */
#include "host/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define FOLDER "/dev/input"

/* --- keyboards
 * ------------------------------------------------------------------------ */

static bool has(const uint8_t *keys, unsigned int code)
{
	return (keys[code / 8] >> code % 8 & 1) != 0;
}

/* Letters and Enter: scanners have them as well, and are told by how fast they type. */
static bool is_keyboard(int fd)
{
	uint8_t keys[KEY_MAX / 8 + 1] = { 0 };

	return ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0 &&
	       has(keys, KEY_ENTER) && has(keys, KEY_A) && has(keys, KEY_Z);
}

static bool known(const struct input *in, const char *name)
{
	for (size_t i = 0; i < in->keyboards; i++)
		if (strcmp(in->keyboard[i].name, name) == 0)
			return true;
	return false;
}

static void add(struct input *in, const char *name)
{
	struct input_keyboard *k = &in->keyboard[in->keyboards];
	char path[sizeof FOLDER + INPUT_NAME_BYTES];

	snprintf(path, sizeof path, FOLDER "/%.31s", name);
	*k = (struct input_keyboard){ .fd = open(path,
						 O_RDONLY | O_NONBLOCK | O_CLOEXEC) };
	if (k->fd < 0)
		return;
	if (!is_keyboard(k->fd)) {
		(void)close(k->fd);
		return;
	}
	/* For us alone: the kernel's own console is not to act on what is typed. */
	(void)ioctl(k->fd, EVIOCGRAB, 1);
	snprintf(k->name, sizeof k->name, "%.31s", name);
	in->keyboards++;
}

void input_scan(struct input *in)
{
	DIR *dir = opendir(FOLDER);

	if (dir == NULL)
		return;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;)
		if (in->keyboards < INPUT_MAX_KEYBOARDS &&
		    strncmp(e->d_name, "event", 5) == 0 &&
		    strlen(e->d_name) < INPUT_NAME_BYTES && !known(in, e->d_name))
			add(in, e->d_name);
	(void)closedir(dir);
}

static void forget(struct input *in, size_t index)
{
	(void)close(in->keyboard[index].fd);
	in->keyboard[index] = in->keyboard[--in->keyboards];
}

static bool read_keyboard(struct input *in, size_t index, struct platform_key *out)
{
	struct input_keyboard *k = &in->keyboard[index];
	struct input_event event;

	for (;;) {
		const ssize_t got = read(k->fd, &event, sizeof event);

		if (got < 0 && errno == ENODEV)
			forget(in, index);
		if (got != (ssize_t)sizeof event)
			return false;
		if (event.type == EV_KEY &&
		    input_map_key(event.code, event.value, &k->held, out))
			return true;
	}
}

/* --- serial line
 * ---------------------------------------------------------------------- */

void input_open(struct input *in, int console)
{
	struct termios line;
	int mode;

	*in = (struct input){ .console = console };
	/* A virtual terminal is the keyboards again. */
	in->serial = console >= 0 && ioctl(console, KDGETMODE, &mode) != 0 &&
		     tcgetattr(console, &line) == 0;
	if (!in->serial)
		return;
	line.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | IXOFF | ISTRIP);
	line.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	line.c_cflag |= CLOCAL; /* without anybody's carrier */
	line.c_cc[VMIN] = 1;
	line.c_cc[VTIME] = 0;
	(void)tcsetattr(console, TCSANOW, &line); /* without it: line by line */
}

static bool read_serial(struct input *in, struct platform_key *out)
{
	struct pollfd line = { .fd = in->console, .events = POLLIN };
	uint8_t byte;

	if (!in->serial || poll(&line, 1, 0) != 1 || read(in->console, &byte, 1) != 1)
		return false;
	input_map_byte(byte, out);
	return true;
}

bool input_read(struct input *in, struct platform_key *out)
{
	for (size_t i = in->keyboards; i-- > 0;)
		if (read_keyboard(in, i, out))
			return true;
	return read_serial(in, out);
}
