/* The bare-metal loader, after entry.S. */
#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/image.h"
#include "boot/bare/aarch64/machine.h"
#include "boot/bare/platform.h"
#include "boot/flow/boot.h"
#include "boot/libc/stack_guard.h"
#include "lb_version.h"

_Noreturn void bare_main(const void *tree, uint64_t level);

static struct bare_platform bare;
static struct platform platform;

/* For the canary: the CPU's generator where it has one, and the time. */
static uint64_t chance(void)
{
	uint64_t word = 0;

	if (random_fill((uint8_t *)&word, sizeof word) != LB_OK)
		word = 0;
	return word ^ CPU_READ("cntvct_el0");
}

static _Noreturn void run(const void *tree, uint64_t level)
{
	board_start(&bare.board, tree, (unsigned)level);
	bare_platform_init(&bare, &platform);

	const struct boot_config config = {
		.profile = bare_profile_start,
		.profile_bytes = IMAGE_PROFILE_BYTES,
		.recovery_requested = false, /* nobody to ask: no load options here */
		.version = LB_VERSION,
	};
	const enum lb_status status = boot_run(&platform, &config);

	board_say(&bare.board, "bare: the boot flow ended: %s", lb_status_name(status));
	platform.reset(platform.ctx, PLATFORM_RESET_RESTART);
	board_restart(&bare.board, PLATFORM_RESET_RESTART);
}

LB_NO_STACK_GUARD _Noreturn void bare_main(const void *tree, uint64_t level)
{
	lb_stack_guard_set(chance());
	run(tree, level);
}
