/* The recovery program: /init of the recovery image, and the only process in it.
 *
 * It loads drivers, learns from the loader whom it works for, finds medium and disk,
 * installs, asks for the medium to be pulled and restarts. Whatever goes wrong, it says
 * so and waits; it never ends and never offers a shell.
 *
 * Design: DESIGN 12 "Recovery program"; docs/recovery-system.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recovery/installer/install.h"
#include "recovery/installer/modules.h"

#define SCREEN_WAIT_MS 1500u  /* for a display's driver */
#define FIND_WAIT_MS   20000u /* for slow disks and sticks */
#define TICK_MS        100u
#define NO_PULL        " lifeboat.no-pull "

struct program {
	struct machine machine;
	struct modules modules;
	struct talk talk;
	struct told told;
	struct stick stick;
	struct install install;
};

static struct program program; /* large */

static void mount_all(void)
{
	static const struct {
		const char *type, *place;
	} mounts[] = { { "devtmpfs", "/dev" }, { "proc", "/proc" }, { "sysfs", "/sys" } };

	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
		(void)mount(mounts[i].type, mounts[i].place, mounts[i].type,
			    MS_NOSUID | MS_NOEXEC, NULL); /* what misses it will say so */
}

static void pause_ms(struct program *p, uint32_t ms)
{
	p->machine.platform.sleep_ms(p->machine.platform.ctx, ms);
	(void)modules_poll(&p->modules);
}

static uint64_t now(const struct program *p)
{
	return p->machine.platform.clock_ms(p->machine.platform.ctx);
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

/* Firmware's framebuffer at once; a driver of its own only where there is none. */
static void open_screen(struct program *p)
{
	const char *why;
	const uint64_t began = now(p);
	bool good = framebuffer_open(&p->machine.screen, &why);

	if (!good && access("/dev/fb0", F_OK) != 0) {
		modules_screens(&p->modules);
		while (!good && now(p) - began < SCREEN_WAIT_MS) {
			pause_ms(p, TICK_MS);
			good = framebuffer_open(&p->machine.screen, &why);
		}
	}
	if (!good)
		lb_log(&p->talk.log, "screen: %s", why);
}

static _Noreturn void restart(struct program *p, const char *why)
{
	lb_log(&p->talk.log, "installer: restarting: %s", why);
	p->machine.platform.reset(p->machine.platform.ctx, PLATFORM_RESET_RESTART);
	for (;;)
		(void)pause();
}

static bool asked_not_to_wait(void)
{
	char line[4096], padded[4100];

	(void)machine_read_text("/proc/cmdline", line, sizeof line);
	snprintf(padded, sizeof padded, " %s ", line);
	return strstr(padded, NO_PULL) != NULL;
}

/* Until the medium is gone; without one, for ever: then only the power button is left. */
static void wait_pulled(struct program *p, const struct machine_disk *disk)
{
	while (disk == NULL || machine_disk_present(disk))
		pause_ms(p, TICK_MS);
}

static _Noreturn void give_up(struct program *p, const char *why)
{
	const struct machine_disk *disk = p->stick.disk;

	lb_log(&p->talk.log, "installer: failed: %s", why);
	talk_show(&p->talk, UI_SCREEN_ERROR, "%s", why);
	stick_leave(&p->stick);
	wait_pulled(p, disk);
	restart(p, "the medium was pulled");
}

static void find_stick(struct program *p)
{
	const uint64_t began = now(p);
	bool said = false;

	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%s", p->told.model);
	while (!stick_find(&p->machine, &p->stick)) {
		if (!said && now(p) - began >= FIND_WAIT_MS) {
			said = true;
			talk_show(&p->talk, UI_SCREEN_ERROR,
				  "no payload on any medium: put the stick in again");
		}
		pause_ms(p, TICK_MS);
	}
	lb_log(&p->talk.log, "installer: medium %s with %u payloads",
	       p->stick.disk->disk.name, (unsigned int)p->stick.count);
}

static bool find_disk(struct program *p)
{
	const uint64_t began = now(p);

	while (!install_choose_disk(&p->install)) {
		if (now(p) - began >= FIND_WAIT_MS)
			return false;
		pause_ms(p, TICK_MS);
	}
	return true;
}

static void install(struct program *p)
{
	struct install *in = &p->install;

	*in = (struct install){ .machine = &p->machine,
				.talk = &p->talk,
				.told = &p->told,
				.stick = &p->stick };
	if (!install_choose_payload(in) || !find_disk(p))
		give_up(p, in->failure);
	const uint32_t version = in->payload.release.version;

	snprintf(p->talk.detail, sizeof p->talk.detail, "%.100s, version %u.%u",
		 p->told.model, version >> 16, version & 0xffff);
	const bool good = install_run(in);

	install_close(in);
	if (!good)
		give_up(p, in->failure);
	lb_log(&p->talk.log, "installer: INSTALLED version=%u.%u disk=%s state=kept",
	       version >> 16, version & 0xffff, in->disk->name);
}

static void finish(struct program *p)
{
	const struct machine_disk *disk = p->stick.disk;

	stick_leave(&p->stick);
	talk_show(&p->talk, UI_SCREEN_PULL_MEDIA, "%s", "");
	if (asked_not_to_wait())
		restart(p, "not waiting, as the command line says");
	wait_pulled(p, disk);
	restart(p, "the medium was pulled");
}

int main(void)
{
	struct program *p = &program;
	const char *missing;

	mount_all();
	if (!machine_init(&p->machine))
		return 1; /* no memory at all: the kernel says so */
	lb_log_init(&p->talk.log, &p->machine.platform);
	load_drivers(p);
	const bool told = told_read(&p->told, &missing);

	open_screen(p);
	talk_open(&p->talk, &p->machine.platform, p->told.language, p->told.model);
	talk_show(&p->talk, UI_SCREEN_PROGRESS, "%s", p->told.model);
	lb_log(&p->talk.log,
	       "installer: model \"%s\" hardware \"%s\" reason %u floor %u.%u",
	       p->told.model, p->told.hardware_id, p->told.reason,
	       p->told.kernel_floor >> 16, p->told.kernel_floor & 0xffff);
	modules_coldplug(&p->modules);
	if (!told) {
		snprintf(p->talk.detail, sizeof p->talk.detail,
			 "the loader did not hand over Lifeboat%s", missing);
		give_up(p, "the loader did not say what this device is");
	}
	find_stick(p);
	install(p);
	finish(p);
}
