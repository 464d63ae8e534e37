/* The guest of the fault campaign: the smallest platform around the loader's own objects.
 * One disk in memory, no screen, no keys; what the core does with it ends in
 * guest_end(). */
#include "tests/glitch/guest.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/flow/boot.h"
#include "boot/flow/flow.h"
#include "boot/libc/heap.h"
#include "boot/libc/panic.h"

#define SECTOR 512u
#define GUEST_MAX_ALLOC                                                                  \
	0x30000u /* no room for the screens' texts: they are not looked at */

void guest_main(void);
void guest_end(void);

/* Read by the emulator. */
extern volatile uint64_t guest_outcome;
extern uint64_t guest_arena_used;
volatile uint64_t guest_outcome;
uint64_t guest_arena_used;

static uint64_t now_ms;
static const struct kernel_layout *layout;
static struct platform_machine machine;

/* The emulator stops here. */
__attribute__((noinline)) void guest_end(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

static _Noreturn void finish(uint64_t outcome)
{
	guest_outcome = outcome;
	for (;;)
		guest_end();
}

static const struct guest_input *input(void)
{
	return (const struct guest_input *)(uintptr_t)GUEST_INPUT_BASE;
}

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	(void)what;
	(void)file;
	(void)line;
	finish(GUEST_RESET);
}

static enum lb_status list_disks(void *ctx, struct platform_disk *out, size_t max,
				 size_t *count)
{
	(void)ctx;
	*count = max > 0 ? 1 : 0;
	if (max == 0)
		return LB_OK;
	*out = (struct platform_disk){
		.id = 1,
		.sector_bytes = SECTOR,
		.sectors = input()->disk_sectors,
		.attachment = input()->recovery ? PLATFORM_ATTACHED_USB
						: PLATFORM_ATTACHED_INTERNAL,
		.boot_disk = true,
		.read_only = true,
		.name = "disk0",
		.path = "guest/disk0",
	};
	return LB_OK;
}

/* Asked when the boot disk's slots are all refused; what comes then is recovery, without
 * media. (Recovery itself asks before it looks at its media.) */
static enum lb_status connect_all(void *ctx)
{
	(void)ctx;
	if (!input()->recovery)
		finish(GUEST_REFUSED);
	return LB_OK;
}

static enum lb_status read_sectors(void *ctx, uint32_t disk, uint64_t lba, size_t sectors,
				   void *buf)
{
	(void)ctx;
	if (disk != 1 || !lb_within(lba, sectors, input()->disk_sectors))
		return LB_ERR_RANGE;
	memcpy(buf,
	       (const uint8_t *)(uintptr_t)(GUEST_INPUT_BASE + GUEST_DISK_AT) +
		       lba * SECTOR,
	       sectors * SECTOR);
	return LB_OK;
}

static enum lb_status write_sectors(void *ctx, uint32_t disk, uint64_t lba,
				    size_t sectors, const void *buf)
{
	(void)ctx;
	(void)disk;
	(void)lba;
	(void)sectors;
	(void)buf;
	return LB_ERR_READ_ONLY;
}

static enum lb_status flush(void *ctx, uint32_t disk)
{
	(void)ctx;
	(void)disk;
	return LB_OK;
}

/* Given out once and never again; of the bodies there is one place. */
static void *alloc(void *ctx, size_t bytes, size_t align, uint64_t limit)
{
	(void)ctx;
	if (align > 4096)
		return bytes <= GUEST_BODY_BYTES && limit > GUEST_BODY_BASE + bytes
			       ? (void *)(uintptr_t)GUEST_BODY_BASE
			       : NULL;
	const uint64_t at = (guest_arena_used + (align < 16 ? 15 : align - 1)) &
			    ~((uint64_t)(align < 16 ? 16 : align) - 1);

	if (bytes > GUEST_MAX_ALLOC || !lb_within(at, bytes, GUEST_ARENA_BYTES))
		return NULL;
	guest_arena_used = at + bytes;
	return (void *)(uintptr_t)(GUEST_ARENA_BASE + at);
}

static void release(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)memory;
	(void)bytes;
}

static void *heap_alloc(void *ctx, size_t bytes)
{
	return alloc(ctx, bytes, 16, PLATFORM_ANY_ADDRESS);
}

static uint64_t clock_ms(void *ctx)
{
	(void)ctx;
	return now_ms++;
}

/* Recovery waits for another medium. In normal mode nothing waits, unless a fault led to
 * the warning of developer mode: that goes on by itself after 30 seconds. */
static void sleep_ms(void *ctx, uint32_t ms)
{
	(void)ctx;
	now_ms += ms;
	if (input()->recovery || now_ms > 40000)
		finish(GUEST_REFUSED);
}

static enum lb_status random(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	(void)out;
	(void)len;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status read_key(void *ctx, struct platform_key *out)
{
	(void)ctx;
	(void)out;
	return LB_ERR_NOT_FOUND;
}

static void log_text(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	(void)text;
	(void)len;
}

static void show_text(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static enum lb_status open_display(void *ctx, struct platform_display *out)
{
	(void)ctx;
	(void)out;
	return LB_ERR_NOT_FOUND;
}

static enum lb_status blit(void *ctx, uint32_t x, uint32_t y, uint32_t width,
			   uint32_t height, const uint32_t *pixels, size_t stride)
{
	(void)ctx;
	(void)x;
	(void)y;
	(void)width;
	(void)height;
	(void)pixels;
	(void)stride;
	return LB_ERR_UNSUPPORTED;
}

static const struct platform_machine *machine_of(void *ctx)
{
	(void)ctx;
	return &machine;
}

static enum lb_status read_floors(void *ctx, struct platform_floors *out)
{
	(void)ctx;
	*out = (struct platform_floors){
		.kernel = input()->kernel_floor,
		.recovery = input()->recovery_floor,
		.loader = input()->loader_floor,
	};
	return LB_OK;
}

/* A machine without a TPM: nothing but the variable holds the floor. */
static enum lb_status tpm_submit(void *ctx, const uint8_t *command, size_t len,
				 uint8_t *response, size_t *response_len)
{
	(void)ctx;
	(void)command;
	(void)len;
	(void)response;
	(void)response_len;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status measure(void *ctx, uint32_t event_type, const void *data,
			      size_t len, const void *event, size_t event_len)
{
	(void)ctx;
	(void)event_type;
	(void)data;
	(void)len;
	(void)event;
	(void)event_len;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status watchdog_arm(void *ctx, uint32_t seconds)
{
	(void)ctx;
	(void)seconds;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status crash_dumps(void *ctx, uint32_t *ids, size_t max, size_t *count)
{
	(void)ctx;
	(void)ids;
	(void)max;
	*count = 0;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status watchdog_died(void *ctx, bool *died)
{
	(void)ctx;
	*died = false;
	return LB_ERR_UNSUPPORTED;
}

static enum lb_status raise_floors(void *ctx, const struct platform_floors *floors)
{
	(void)ctx;
	(void)floors;
	return LB_OK;
}

static enum lb_status read_state(void *ctx, struct platform_state *out)
{
	(void)ctx;
	memset(out, 0, sizeof *out);
	return LB_ERR_NOT_FOUND;
}

static enum lb_status write_state(void *ctx, const struct platform_state *state)
{
	(void)ctx;
	(void)state;
	return LB_OK;
}

static enum lb_status take_request(void *ctx, uint8_t *request)
{
	(void)ctx;
	*request = 0;
	return LB_ERR_NOT_FOUND;
}

static enum lb_status hand_over(void *ctx, const char *name, const char *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return LB_OK;
}

/* As the back ends: nothing starts that was not prepared. */
static enum lb_status prepare_start(void *ctx, const struct prepared_kernel *kernel,
				    struct lb_verdict *why)
{
	(void)ctx;
	(void)why;
	layout = kernel_prepared_layout(kernel);
	return LB_OK;
}

static void discard_start(void *ctx)
{
	(void)ctx;
	layout = NULL;
}

static enum lb_status start(void *ctx)
{
	(void)ctx;
	if (layout == NULL)
		return LB_ERR_ARGUMENT;
	finish(GUEST_BOOTED);
}

static void reset(void *ctx, enum platform_reset how)
{
	(void)ctx;
	(void)how;
	finish(GUEST_RESET);
}

static const struct platform platform = {
	.list_disks = list_disks,
	.connect_all = connect_all,
	.read = read_sectors,
	.write = write_sectors,
	.flush = flush,
	.alloc = alloc,
	.free = release,
	.clock_ms = clock_ms,
	.sleep_ms = sleep_ms,
	.random = random,
	.read_key = read_key,
	.log = log_text,
	.show_text = show_text,
	.open_display = open_display,
	.blit = blit,
	.machine = machine_of,
	.read_floors = read_floors,
	.raise_floors = raise_floors,
	.tpm_submit = tpm_submit,
	.measure = measure,
	.watchdog_arm = watchdog_arm,
	.watchdog_died = watchdog_died,
	.crash_dumps = crash_dumps,
	.read_state = read_state,
	.write_state = write_state,
	.take_request = take_request,
	.hand_over = hand_over,
	.prepare_start = prepare_start,
	.discard_start = discard_start,
	.start = start,
	.reset = reset,
};

/* The mistake that the stack protector is there for: @bytes into a frame of 16. */
__attribute__((noinline)) static void smash(size_t bytes)
{
	char frame[16];
	volatile char *p = frame;

	for (size_t i = 0; i < bytes; i++)
		p[i] = (char)i;
}

void guest_main(void)
{
	const struct boot_config config = {
		.profile =
			(const uint8_t *)(uintptr_t)(GUEST_INPUT_BASE + GUEST_PROFILE_AT),
		.profile_bytes = input()->profile_bytes,
		.recovery_requested = input()->recovery != 0,
		.version = "glitch",
	};

	machine = (struct platform_machine){
		.cpu = (enum platform_cpu)input()->cpu,
		.uefi = true,
		.protected_storage = true,
		.vendor = "guest",
		.product = "guest",
	};
	if (input()->smash) {
		smash(input()->smash);
		finish(GUEST_REFUSED);
	}
	lb_heap_init(heap_alloc, release, NULL);
	(void)boot_run(&platform, &config);
	finish(GUEST_REFUSED);
}
