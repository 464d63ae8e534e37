/* The bare-metal loader, after entry.S. */
#include "boot/bare/aarch64/image.h"
#include "boot/bare/platform.h"
#include "boot/boot.h"
#include "lb_version.h"

_Noreturn void bare_main(const void *tree, uint64_t level);

static struct bare_platform bare;
static struct platform platform;

_Noreturn void bare_main(const void *tree, uint64_t level)
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
