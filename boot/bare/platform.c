/* The platform of bare-metal machines: every pointer of base/platform.h. */
#include "boot/bare/platform.h"

#include <string.h>

#include "base/platform_none.h"
#include "boot/bare/aarch64/machine.h"
#include "boot/bare/start.h"

/* --- disks -------------------------------------------------------------------------- */

static enum lb_status list_disks(void *ctx, struct platform_disk *out, size_t max,
				 size_t *count)
{
	struct bare_platform *bare = ctx;

	return disks_list(&bare->disks, out, max, count);
}

static enum lb_status connect_all(void *ctx)
{
	struct bare_platform *bare = ctx;

	disks_connect(&bare->disks);
	return LB_OK;
}

static enum lb_status read_disk(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
				void *buf)
{
	struct bare_platform *bare = ctx;
	struct block *block = disks_find(&bare->disks, disk);

	return block == NULL ? LB_ERR_REMOVED
			     : block->ops->read(block->ctx, lba, sectors, buf);
}

static enum lb_status write_disk(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
				 const void *buf)
{
	struct bare_platform *bare = ctx;
	struct block *block = disks_find(&bare->disks, disk);

	return block == NULL ? LB_ERR_REMOVED
			     : block->ops->write(block->ctx, lba, sectors, buf);
}

static enum lb_status flush_disk(void *ctx, uint32_t disk)
{
	struct bare_platform *bare = ctx;
	struct block *block = disks_find(&bare->disks, disk);

	return block == NULL ? LB_ERR_REMOVED : block->ops->flush(block->ctx);
}

/* --- memory ------------------------------------------------------------------------- */

static void *alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	struct bare_platform *bare = ctx;
	uint64_t base;

	if (bare_memory_alloc(&bare->board.memory, bytes, align, limit, &base) != LB_OK)
		return NULL;
	return (void *)(uintptr_t)base;
}

static void release(void *ctx, void *memory, size_t bytes)
{
	struct bare_platform *bare = ctx;

	if (memory != NULL)
		bare_memory_free(&bare->board.memory, (uintptr_t)memory, bytes);
}

/* --- time, chance, people ----------------------------------------------------------- */

static uint64_t clock_ms(void *ctx)
{
	(void)ctx;
	return timer_us() / 1000;
}

static void sleep_ms(void *ctx, uint32_t ms)
{
	const struct bare_platform *bare = ctx;
	const uint64_t start = timer_us();

	while (timer_us() - start < (uint64_t)ms * 1000)
		bare->board.clock.relax(bare->board.clock.ctx);
}

static enum lb_status random_bytes(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	return random_fill(out, len);
}

static enum lb_status read_key(void *ctx, struct platform_key *out)
{
	struct bare_platform *bare = ctx;
	struct bare_keys *keys = &bare->board.keys;
	uint8_t byte;

	if (bare->board.console.driver == NULL)
		return LB_ERR_NOT_FOUND;
	while (serial_read(&bare->board.console, &byte))
		if (bare_keys_byte(keys, byte, timer_us(), out))
			return LB_OK;
	return bare_keys_idle(keys, timer_us(), out) ? LB_OK : LB_ERR_NOT_FOUND;
}

static void log_text(void *ctx, const char *text, size_t len)
{
	const struct bare_platform *bare = ctx;

	board_write(&bare->board, text, len);
}

/* --- identity and state ------------------------------------------------------------- */

static const struct platform_machine *machine(void *ctx)
{
	const struct bare_platform *bare = ctx;

	return &bare->board.machine;
}

/* The same facts go into the kernel's device tree (/firmware/lifeboat), which boot/kernel
 * writes from its own copy of them: there is nothing left to do here. */
static enum lb_status hand_over(void *ctx, const char *name, const char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return LB_OK;
}

static enum lb_status tpm_submit(void *ctx, const uint8_t *command, size_t len,
				 uint8_t *response, size_t *response_len)
{
	struct bare_platform *bare = ctx;

	return bare_tpm_submit(&bare->tpm, command, len, response, response_len);
}

static enum lb_status measure(void *ctx, uint32_t event_type, const void *data,
			      size_t len, const void *event, size_t event_len)
{
	struct bare_platform *bare = ctx;

	return bare_tpm_measure(&bare->tpm, event_type, data, len, event, event_len);
}

/* --- the end ------------------------------------------------------------------------ */

static enum lb_status prepare_start(void *ctx, const struct prepared_kernel *kernel,
				    struct lb_verdict *why)
{
	struct bare_platform *bare = ctx;
	const struct kernel_layout *layout = kernel_prepared_layout(kernel);
	enum lb_status status = LB_ERR_SIGNATURE;

	/* Only what was decided twice; see docs/hardening.md. */
	if (crypto_kernel_proof(kernel_prepared_verified(kernel)) == HARDEN_PROOF)
		status = start_check(layout, why);
	bare->prepared = status == LB_OK ? layout : NULL;
	return status;
}

static void discard_start(void *ctx)
{
	struct bare_platform *bare = ctx;

	bare->prepared = NULL;
}

static enum lb_status start(void *ctx)
{
	struct bare_platform *bare = ctx;

	if (bare->prepared == NULL)
		return LB_ERR_ARGUMENT;
	return start_now(&bare->disks, bare->prepared);
}

static void reset(void *ctx, enum platform_reset how)
{
	struct bare_platform *bare = ctx;

	disks_stop(&bare->disks);
	board_restart(&bare->board, how);
}

void bare_platform_init(struct bare_platform *bare, struct platform *plat)
{
	disks_init(&bare->disks, &bare->board);
	bare->prepared = NULL;
	*plat = (struct platform){
		.ctx = bare,
		.list_disks = list_disks,
		.connect_all = connect_all,
		.read = read_disk,
		.write = write_disk,
		.flush = flush_disk,
		.alloc = alloc,
		.free = release,
		.clock_ms = clock_ms,
		.sleep_ms = sleep_ms,
		.random = random_bytes,
		.read_key = read_key,
		.log = log_text,
		/* No screen driver: the serial line is what the person sees, and the log
		 * has said it there. */
		.show_text = platform_none_show_text,
		.machine = machine,
		/* No store that the operating system cannot write (DESIGN 8): floors are
		 * the profile's and the TPM's, developer mode lasts for one boot. */
		.read_floors = platform_none_read_floors,
		.raise_floors = platform_none_raise_floors,
		.read_state = platform_none_read_state,
		.write_state = platform_none_write_state,
		.take_request = platform_none_take_request,
		.open_display = platform_none_open_display,
		.blit = platform_none_blit,
		.hand_over = hand_over,
		.tpm_submit = tpm_submit,
		.measure = measure,
		.watchdog_arm = platform_none_watchdog_arm,
		.watchdog_died = platform_none_watchdog_died,
		.crash_dumps = platform_none_crash_dumps,
		.prepare_start = prepare_start,
		.discard_start = discard_start,
		.start = start,
		.reset = reset,
	};
	bare_tpm_start(&bare->tpm, &bare->board, plat);
}
