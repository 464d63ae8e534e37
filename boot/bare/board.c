/* The board, from device tree to MMU. */
#include "boot/bare/board.h"

#include <string.h>

#include "base/format.h"
#include "base/log.h"
#include "boot/bare/aarch64/calls.h"
#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/image.h"
#include "boot/bare/aarch64/machine.h"
#include "boot/bare/aarch64/mmu.h"
#include "boot/bare/devices.h"
#include "boot/bare/registers.h"
#include "boot/libc/heap.h"
#include "boot/libc/panic.h"

/* For exceptions and failed assertions, which come without a context. */
static const struct board *last_board;

static uint64_t clock_now_us(void *ctx)
{
	(void)ctx;
	return timer_us();
}

static void clock_relax(void *ctx)
{
	(void)ctx;
	cpu_relax();
}

static enum lb_status map_registers(const struct board *board, int node, uint64_t bytes,
				    struct bare_io *io)
{
	uint64_t base, have;
	enum lb_status status = bare_fdt_reg(&board->fdt, node, 0, &base, &have);

	if (status != LB_OK)
		return status;
	if (have < bytes)
		return LB_ERR_RANGE;
	status = mmu_map_device(base, bytes);
	if (status == LB_OK)
		*io = registers_at((uintptr_t)base);
	return status;
}

enum lb_status board_device(struct board *board, int node, uint64_t bytes,
			    struct dma_device *dma, struct bare_device *out)
{
	const enum lb_status status = map_registers(board, node, bytes, &out->io);

	if (status != LB_OK)
		return status;
	if (bare_fdt_dma_window(&board->fdt, node, &dma->window) != LB_OK)
		dma->window = (struct bare_dma_window){ .bytes = 0 };
	dma->memory = &board->memory;
	dma->coherent = bare_fdt_dma_coherent(&board->fdt, node);
	out->dma = dma_of(dma);
	out->clock = board->clock;
	return LB_OK;
}

/* --- words and the end -------------------------------------------------------------- */

void board_write(const struct board *board, const char *text, size_t len)
{
	serial_write(&board->console, text, len);
}

void board_say(const struct board *board, const char *fmt, ...)
{
	char line[LB_LOG_LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	const size_t len = lb_log_line(line, fmt, args);
	va_end(args);
	board_write(board, line, len);
}

_Noreturn void board_restart(const struct board *board, enum platform_reset how)
{
	serial_drain(&board->console);
	psci_call(board->psci,
		  how == PLATFORM_RESET_POWER_OFF ? PSCI_SYSTEM_OFF : PSCI_SYSTEM_RESET);
	board_say(board,
		  "bare: this machine offers no way to restart it; please switch it off");
	for (;;)
		__asm__ volatile("wfe");
}

void board_close(const struct board *board)
{
	if (board->own_el3)
		psci_call(BARE_PSCI_SMC, EL3_CLOSE);
}

_Noreturn static void die(const struct board *board, const char *what,
			  enum lb_status status)
{
	board_say(board, "bare: %s: %s", what, lb_status_name(status));
	board_restart(board, PLATFORM_RESET_RESTART);
}

static void report_exception(const char *text, size_t len)
{
	board_write(last_board, text, len);
	board_restart(last_board, PLATFORM_RESET_RESTART);
}

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	board_say(last_board, "lifeboat: internal error: %s at %s:%d", what, file, line);
	board_restart(last_board, PLATFORM_RESET_RESTART);
}

/* --- start -------------------------------------------------------------------------- */

static void start_console(struct board *board)
{
	const struct bare_driver *driver;
	const int node = bare_device_console(&board->fdt, &driver);

	if (node < 0 || map_registers(board, node, driver->register_bytes,
				      &board->console.io) != LB_OK)
		return; /* silent, but it can still boot */
	board->console.driver = driver->serial;
	serial_start(&board->console, bare_fdt_clock_hz(&board->fdt, node));
}

static enum lb_status start_memory(struct board *board)
{
	struct bare_ranges *free = &board->memory.free;
	enum lb_status status = bare_fdt_memory(&board->fdt, free);

	/* Whatever is not memory cannot be read any more once the MMU is on. */
	if (status == LB_OK &&
	    !bare_ranges_contain(free, (uintptr_t)board->fdt.tree, board->fdt.bytes))
		status = LB_ERR_RANGE;
	if (status == LB_OK)
		status = mmu_enable(free);
	if (status == LB_OK)
		status = bare_fdt_take_reserved(&board->fdt, free);
	if (status == LB_OK)
		status =
			bare_ranges_remove(free, (uintptr_t)bare_image_start,
					   (uint64_t)(bare_image_end - bare_image_start));
	/* Never given out: address 0 means "none" to too much code. */
	if (status == LB_OK)
		status = bare_ranges_remove(free, 0, BARE_PAGE_BYTES);
	return status;
}

static void *heap_alloc(void *ctx, size_t bytes)
{
	struct board *board = ctx;
	uint64_t base;

	if (bare_memory_alloc(&board->memory, bytes, BARE_PAGE_BYTES,
			      PLATFORM_ANY_ADDRESS, &base) != LB_OK)
		return NULL;
	return (void *)(uintptr_t)base;
}

static void heap_release(void *ctx, void *memory, size_t bytes)
{
	struct board *board = ctx;

	bare_memory_free(&board->memory, (uintptr_t)memory, bytes);
}

void board_start(struct board *board, const void *tree, unsigned level)
{
	memset(board, 0, sizeof(*board));
	last_board = board;

	/* Nothing works without the tree: not even saying so. */
	enum lb_status status = bare_fdt_open(tree, &board->fdt);
	if (status != LB_OK)
		board_restart(board, PLATFORM_RESET_RESTART);
	board->own_el3 = level == 3;
	board->psci = board->own_el3 ? BARE_PSCI_SMC : bare_fdt_psci(&board->fdt);
	start_console(board);
	exception_report_to(report_exception);

	status = start_memory(board);
	if (status != LB_OK)
		die(board, "the device tree's memory is not usable", status);
	if (timer_start(0) == 0)
		die(board, "the timer has no rate", LB_ERR_UNSUPPORTED);
	board->clock = (struct bare_clock){ NULL, clock_now_us, clock_relax };
	lb_heap_init(heap_alloc, heap_release, board);

	board->machine.cpu = PLATFORM_CPU_AARCH64;
	board->machine.first_code = true;
	lb_format(board->machine.firmware, sizeof board->machine.firmware,
		  "none, started at EL%u", level);
	bare_fdt_machine(&board->fdt, &board->machine);
	board_say(board,
		  "bare: entered at EL%u, running at EL%u, image at %llx, tree at %llx, "
		  "%llu MiB free",
		  level, cpu_level(), (unsigned long long)(uintptr_t)bare_image_start,
		  (unsigned long long)(uintptr_t)tree,
		  (unsigned long long)(bare_ranges_total(&board->memory.free) >> 20));
}
