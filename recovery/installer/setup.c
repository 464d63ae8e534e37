/* From a bare kernel to disks, keys and a screen. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "host/framebuffer.h"
#include "base/format.h"
#include "recovery/installer/online.h"

#define SCREEN_WAIT_MS 1500u /* for a display's driver */
#define TICK_MS        20u

static void mount_all(void)
{
	static const struct {
		const char *type, *place;
	} mounts[] = { { "devtmpfs", "/dev" }, { "proc", "/proc" }, { "sysfs", "/sys" } };

	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
		(void)mount(mounts[i].type, mounts[i].place, mounts[i].type,
			    MS_NOSUID | MS_NOEXEC, NULL); /* what misses it will say so */
}

/* A break on a serial line, or a key with Alt, is for nobody here. */
static void no_magic(void)
{
	const int fd = open("/proc/sys/kernel/sysrq", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "0", 1); /* without it, the kernel's own preset */
	(void)close(fd);
}

/* Devices that no alias names, or that aliases name too late. */
static void load_drivers(struct program *p)
{
	static const char *const always[] = { "evdev",    "sd_mod",    "mmc_block",
					      "vfat",     "nls_ascii", "nls_cp437",
					      "nls_utf8", "efivarfs" };

	if (!modules_open(&p->modules))
		lb_log(&p->talk.log, "installer: no list of modules or no events");
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		(void)modules_load(&p->modules, always[i]);
	(void)mount("efivarfs", "/sys/firmware/efi/efivars", "efivarfs",
		    MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
}

void setup_idle(void *program)
{
	struct program *p = program;

	online_idle(p);
	if (!modules_poll(&p->modules))
		return;
	input_scan(&p->machine.input);
	p->machine.facts.keyboard = p->machine.input.keyboards > 0;
}

/* Firmware's framebuffer at once; a driver of its own only where there is none. */
static void open_screen(struct program *p)
{
	const struct platform *plat = program_platform(p);
	const uint64_t began = program_now(p);
	const char *why;
	bool good = framebuffer_open(&p->machine.screen, &why);

	if (!good && access("/dev/fb0", F_OK) != 0) {
		modules_screens(&p->modules);
		while (!good && program_now(p) - began < SCREEN_WAIT_MS) {
			plat->sleep_ms(plat->ctx, TICK_MS);
			setup_idle(p);
			good = framebuffer_open(&p->machine.screen, &why);
		}
	}
	if (!good)
		lb_log(&p->talk.log, "screen: %s", why);
}

bool setup_start(struct program *p)
{
	static struct talk_words words;
	const char *missing;

	mount_all();
	no_magic();
	if (!machine_init(&p->machine))
		return false; /* no memory at all: the kernel says so */
	lb_log_init(&p->talk.log, program_platform(p));
	p->machine.facts.uefi = access("/sys/firmware/efi", F_OK) == 0;
	load_drivers(p);
	const bool told = told_read(&p->told, &missing);

	open_screen(p);
	words = (struct talk_words){ .language = p->told.language,
				     .model = p->told.model,
				     .no_keyboard =
					     p->told.keyboard == PROFILE_KEYBOARD_NONE,
				     .no_serial = p->told.serial == PROFILE_SERIAL_NONE };
	p->talk.serial = p->machine.input.serial;
	p->talk.idle = setup_idle;
	p->talk.idle_ctx = p;
	talk_open(&p->talk, program_platform(p), &words);
	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%s", p->told.model);
	lb_log(&p->talk.log,
	       "installer: model \"%s\" hardware \"%s\" reason %u floor %u.%u",
	       p->told.model, p->told.hardware_id, p->told.reason,
	       LB_VERSION_PARTS(p->told.kernel_floor));
	modules_coldplug(&p->modules);
	input_scan(&p->machine.input);
	p->machine.facts.keyboard = p->machine.input.keyboards > 0;
	return told || program_fail(p, PROGRAM_NOT_TOLD,
				    "the loader did not hand over Lifeboat%s", missing);
}
