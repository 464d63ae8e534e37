/* Time: the CPU's counter, measured against the firmware's clock where its rate is not
 * stated; and the firmware's watchdog, which guards loading. */
#include "boot/uefi/cpu.h"

#define CALIBRATE_US     2000u
#define CALIBRATE_ROUNDS 3u
#define WATCHDOG_S       300u
#define WATCHDOG_PET_MS  10000u
#define WATCHDOG_CODE    0x1004c46u /* logged by firmware; below 0x10000 is its own */

/* The shortest of some rounds: an interruption can only make one longer. */
static uint64_t measure(struct uefi *u)
{
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < CALIBRATE_ROUNDS; i++) {
		const uint64_t from = uefi_cpu_ticks();

		(void)u->bs->Stall(CALIBRATE_US); /* cannot fail by specification */
		const uint64_t ticks = uefi_cpu_ticks() - from;

		if (ticks < best)
			best = ticks;
	}
	return best / (CALIBRATE_US / 1000u);
}

static uint64_t rate(struct uefi *u)
{
	if (u->clock.ticks_per_ms == 0)
		u->clock.ticks_per_ms = uefi_cpu_ticks_per_ms();
	if (u->clock.ticks_per_ms == 0)
		u->clock.ticks_per_ms = measure(u);
	if (u->clock.ticks_per_ms == 0)
		u->clock.ticks_per_ms =
			1; /* a dead counter: time stands still, no division by 0 */
	return u->clock.ticks_per_ms;
}

uint64_t uefi_clock_ms(void *ctx)
{
	struct uefi *u = ctx;
	const uint64_t per_ms = rate(u);
	const uint64_t now = uefi_cpu_ticks() / per_ms;

	if (now > u->clock.last_ms)
		u->clock.last_ms = now;
	return u->clock.last_ms;
}

uint64_t uefi_ticks_us(struct uefi *u, uint64_t ticks)
{
	const uint64_t per_ms = rate(u);

	return ticks / per_ms * 1000 + ticks % per_ms * 1000 / per_ms;
}

void uefi_sleep_ms(void *ctx, uint32_t ms)
{
	struct uefi *u = ctx;

	uefi_watchdog_pet(u);
	(void)u->bs->Stall((UINTN)ms * 1000u); /* cannot fail by specification */
}

static void set_watchdog(struct uefi *u, UINTN seconds)
{
	/* A firmware without a watchdog answers EFI_UNSUPPORTED: then there is none. */
	(void)u->bs->SetWatchdogTimer(seconds, WATCHDOG_CODE, 0, NULL);
}

void uefi_watchdog_pet(struct uefi *u)
{
	const uint64_t now = uefi_clock_ms(u);

	if (u->clock.guarding && now - u->clock.petted_ms < WATCHDOG_PET_MS)
		return;
	u->clock.guarding = true;
	u->clock.petted_ms = now;
	set_watchdog(u, WATCHDOG_S);
}

void uefi_watchdog_off(struct uefi *u)
{
	if (!u->clock.guarding)
		return;
	u->clock.guarding = false;
	set_watchdog(u, 0);
}
