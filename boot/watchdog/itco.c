/* iTCO, the watchdog in Intel's chipsets: a timer of 0.6 s ticks whose first end is an
 * SMI and whose second end is a reset, unless NO_REBOOT is set.
 *
 * Where its registers are differs: from ICH6 to the 9 series beside the power management
 * registers of the LPC bridge, with NO_REBOOT in the chipset's own memory (GCS); from the
 * 300 series on at an address of the SMBus controller, with NO_REBOOT in TCO1_CNT.
 *
 * Spec: Intel ICH9 Family datasheet (316972): LPC bridge, power management, TCO, GCS;
 * Intel 300 Series PCH datasheet, volume 2: SMBus, TCO. */
#include "boot/watchdog/watchdog.h"

enum {
	/* LPC bridge, configuration space */
	LPC_PMBASE = 0x40,
	LPC_ACPI_CNTL = 0x44,
	LPC_ACPI_ENABLE = 0x80,
	LPC_RCBA = 0xf0,
	LPC_RCBA_ENABLE = 1,

	/* SMBus controller, configuration space */
	SMBUS_TCOBASE = 0x50,
	SMBUS_TCOCTL = 0x54,
	SMBUS_TCO_ENABLE = 0x100,

	PM_SMI_EN = 0x30,
	SMI_GLOBAL = 1 << 0,
	SMI_TCO = 1 << 13,
	PM_TCO = 0x60,

	RCBA_GCS = 0x3410,
	GCS_NO_REBOOT = 1 << 5,

	/* TCO registers */
	TCO_RLD = 0x00,
	TCO1_STS = 0x04,
	TCO1_TIMEOUT = 1 << 3,
	TCO2_STS = 0x06,
	TCO2_SECOND_TIMEOUT = 1 << 1,
	TCO2_BOOT = 1 << 2,
	TCO1_CNT = 0x08,
	TCO1_NO_REBOOT = 1 << 0, /* from the 300 series on */
	TCO1_NMI_NOW = 1 << 8,   /* never written: it would turn over */
	TCO1_HALT = 1 << 11,
	TCO_TMR = 0x12,
	TCO_TMR_MASK = 0x3ff,
};

#define TICK_MS   600u
#define MIN_TICKS 4u /* fewer are ignored */
#define MAX_TICKS 0x3ffu

static uint32_t config(const struct watchdog *w, uint32_t at)
{
	return w->io.read(w->io.ctx, WATCHDOG_CONFIG, at, 4);
}

static uint32_t tco(const struct watchdog *w, uint32_t at)
{
	return w->io.read(w->io.ctx, WATCHDOG_PORT, w->tco + at, 2);
}

static void set_tco(const struct watchdog *w, uint32_t at, uint32_t value)
{
	w->io.write(w->io.ctx, WATCHDOG_PORT, w->tco + at, 2, value);
}

static enum lb_status lpc_open(struct watchdog *w)
{
	const uint32_t pm = config(w, LPC_PMBASE), rcba = config(w, LPC_RCBA);

	if (pm == UINT32_MAX || (pm & 0xff80) == 0 ||
	    (config(w, LPC_ACPI_CNTL) & LPC_ACPI_ENABLE) == 0 ||
	    (rcba & LPC_RCBA_ENABLE) == 0)
		return LB_ERR_NOT_FOUND;
	w->tco = (pm & 0xff80) + PM_TCO;
	w->smi_en = (pm & 0xff80) + PM_SMI_EN;
	w->gcs = (rcba & 0xffffc000) + RCBA_GCS;
	return LB_OK;
}

static enum lb_status smbus_open(struct watchdog *w)
{
	const uint32_t base = config(w, SMBUS_TCOBASE);

	if (base == UINT32_MAX || (base & 0xffe0) == 0 ||
	    (config(w, SMBUS_TCOCTL) & SMBUS_TCO_ENABLE) == 0)
		return LB_ERR_NOT_FOUND;
	w->tco = base & 0xffe0;
	w->smi_en = 0;
	w->gcs = 0;
	return LB_OK;
}

/* Changes some bits of TCO1_CNT. True when they read back so. */
static bool set_control(const struct watchdog *w, uint32_t mask, uint32_t value)
{
	set_tco(w, TCO1_CNT, (tco(w, TCO1_CNT) & ~(mask | TCO1_NMI_NOW)) | value);
	return (tco(w, TCO1_CNT) & mask) == value;
}

/* A strap of the board may hold it set. */
static bool set_no_reboot(const struct watchdog *w, bool on)
{
	if (w->gcs == 0)
		return set_control(w, TCO1_NO_REBOOT, on ? TCO1_NO_REBOOT : 0);

	uint32_t gcs = w->io.read(w->io.ctx, WATCHDOG_MEMORY, w->gcs, 4);

	gcs = on ? gcs | GCS_NO_REBOOT : gcs & ~(uint32_t)GCS_NO_REBOOT;
	w->io.write(w->io.ctx, WATCHDOG_MEMORY, w->gcs, 4, gcs);
	gcs = w->io.read(w->io.ctx, WATCHDOG_MEMORY, w->gcs, 4);
	return ((gcs & GCS_NO_REBOOT) != 0) == on;
}

/* With TCO SMIs on, the firmware's handler usually resets at the first end already. Where
 * that cannot be known the machine may get twice the time, never half of it. */
static bool first_end_resets(const struct watchdog *w)
{
	if (w->smi_en == 0)
		return true;

	const uint32_t smi = w->io.read(w->io.ctx, WATCHDOG_PORT, w->smi_en, 4);

	return (smi & SMI_GLOBAL) != 0 && (smi & SMI_TCO) != 0;
}

static void clear_status(const struct watchdog *w)
{
	set_tco(w, TCO1_STS, TCO1_TIMEOUT);
	set_tco(w, TCO2_STS, TCO2_SECOND_TIMEOUT);
	set_tco(w, TCO2_STS, TCO2_BOOT);
}

static enum lb_status do_stop(const struct watchdog *w)
{
	const bool halted = set_control(w, TCO1_HALT, TCO1_HALT);

	/* One of them is enough. */
	return set_no_reboot(w, true) || halted ? LB_OK : LB_ERR_DENIED;
}

static enum lb_status run(const struct watchdog *w, uint32_t ticks)
{
	if (!set_control(w, TCO1_HALT, TCO1_HALT))
		return LB_ERR_DENIED;
	set_tco(w, TCO_TMR, (tco(w, TCO_TMR) & ~(uint32_t)TCO_TMR_MASK) | ticks);
	if ((tco(w, TCO_TMR) & TCO_TMR_MASK) != ticks)
		return LB_ERR_IO;
	clear_status(w);
	if (!set_no_reboot(w, false))
		return LB_ERR_DENIED;
	set_tco(w, TCO_RLD, 1);
	return set_control(w, TCO1_HALT, 0) ? LB_OK : LB_ERR_IO;
}

static enum lb_status do_arm(const struct watchdog *w, uint32_t seconds, uint32_t *ms)
{
	const uint32_t ends = first_end_resets(w) ? 1 : 2;
	const uint64_t round_ms = (uint64_t)TICK_MS * ends;
	uint64_t ticks = ((uint64_t)seconds * 1000 + round_ms - 1) / round_ms;

	if (ticks > MAX_TICKS)
		return LB_ERR_RANGE;
	if (ticks < MIN_TICKS)
		ticks = MIN_TICKS;

	const enum lb_status status = run(w, (uint32_t)ticks);

	if (status != LB_OK)
		(void)do_stop(w); /* what can be done about it is done */
	*ms = (uint32_t)(ticks * round_ms);
	return status;
}

static bool do_died(const struct watchdog *w)
{
	if (tco(w, TCO2_STS) == 0xffff || (tco(w, TCO2_STS) & TCO2_SECOND_TIMEOUT) == 0)
		return false;
	clear_status(w);
	return true;
}

const struct watchdog_driver watchdog_itco_lpc = {
	.name = "iTCO",
	.open = lpc_open,
	.arm = do_arm,
	.stop = do_stop,
	.died = do_died,
};

const struct watchdog_driver watchdog_itco_smbus = {
	.name = "iTCO",
	.open = smbus_open,
	.arm = do_arm,
	.stop = do_stop,
	.died = do_died,
};
