/* The watchdog of the Intel 6300ESB, which QEMU has as a PCI card. Two stages count one
 * after the other; at the end of the second the machine is reset.
 *
 * Spec: Intel 6300ESB I/O Controller Hub datasheet (300641), "Watchdog Timer". */
#include "boot/watchdog/watchdog.h"

enum {
	CONFIG = 0x60, /* 16 bits, configuration space */
	CONFIG_NO_INTERRUPT = 3,
	LOCK = 0x68, /* 8 bits, configuration space */
	LOCK_LOCKED = 1,
	LOCK_ENABLE = 2,

	STAGE_1 = 0x00, /* 20 bits, ticks */
	STAGE_2 = 0x04,
	RELOAD = 0x0c, /* 16 bits */
	RELOAD_NOW = 0x100,
	RELOAD_TIMED_OUT = 0x200,
	UNLOCK_1 = 0x80, /* written to RELOAD before each write of a register */
	UNLOCK_2 = 0x86,
};

/* A tick is 2^15 cycles of 33 MHz, a little under 1 ms; 512 of them in each of two stages
 * make a second and 17 ms. */
#define TICKS_PER_SECOND 512u
#define MAX_TICKS        0xfffffu
#define CYCLES_PER_TICK  32768u
#define CYCLES_PER_MS    33000u

static uint32_t config(const struct watchdog *w, uint32_t at, unsigned int bytes)
{
	return w->io.read(w->io.ctx, WATCHDOG_CONFIG, at, bytes);
}

static void set_config(const struct watchdog *w, uint32_t at, unsigned int bytes,
		       uint32_t value)
{
	w->io.write(w->io.ctx, WATCHDOG_CONFIG, at, bytes, value);
}

static void set(const struct watchdog *w, uint32_t at, unsigned int bytes, uint32_t value)
{
	w->io.write(w->io.ctx, WATCHDOG_BAR0, RELOAD, 2, UNLOCK_1);
	w->io.write(w->io.ctx, WATCHDOG_BAR0, RELOAD, 2, UNLOCK_2);
	w->io.write(w->io.ctx, WATCHDOG_BAR0, at, bytes, value);
}

static uint32_t reload(const struct watchdog *w)
{
	return w->io.read(w->io.ctx, WATCHDOG_BAR0, RELOAD, 2);
}

static enum lb_status do_open(struct watchdog *w)
{
	return reload(w) == 0xffff ? LB_ERR_NOT_FOUND : LB_OK;
}

static enum lb_status do_stop(const struct watchdog *w)
{
	set_config(w, LOCK, 1, 0);
	return (config(w, LOCK, 1) & LOCK_ENABLE) == 0 ? LB_OK : LB_ERR_DENIED;
}

static enum lb_status do_arm(const struct watchdog *w, uint32_t seconds, uint32_t *ms)
{
	const uint32_t ticks = seconds * TICKS_PER_SECOND;

	if (seconds > MAX_TICKS / TICKS_PER_SECOND)
		return LB_ERR_RANGE;
	if ((config(w, LOCK, 1) & LOCK_LOCKED) != 0)
		return LB_ERR_DENIED;
	set_config(w, LOCK, 1, 0);
	set_config(w, CONFIG, 2, CONFIG_NO_INTERRUPT);
	set(w, STAGE_1, 4, ticks);
	set(w, STAGE_2, 4, ticks);
	set(w, RELOAD, 2, RELOAD_NOW);
	set_config(w, LOCK, 1, LOCK_ENABLE);
	if ((config(w, LOCK, 1) & LOCK_ENABLE) == 0)
		return LB_ERR_IO;
	*ms = (uint32_t)(2 * (uint64_t)ticks * CYCLES_PER_TICK / CYCLES_PER_MS);
	return LB_OK;
}

static bool do_died(const struct watchdog *w)
{
	if ((reload(w) & RELOAD_TIMED_OUT) == 0)
		return false;
	set(w, RELOAD, 2, RELOAD_TIMED_OUT | RELOAD_NOW);
	return true;
}

const struct watchdog_driver watchdog_i6300esb = {
	.name = "i6300esb",
	.open = do_open,
	.arm = do_arm,
	.stop = do_stop,
	.died = do_died,
};
