/* Entry of the UEFI loader: fills the platform and runs the boot flow. */
#include "boot/uefi/cpu.h"

#include "base/format.h"
#include "boot/flow/boot.h"
#include "boot/libc/heap.h"
#include "boot/libc/panic.h"
#include "boot/libc/stack_guard.h"
#include "mark.h"
#include "lb_version.h"

_Static_assert(sizeof(CHAR16) == 2, "compile with -fshort-wchar");

#define STOP_MS 10000u

/* Section .lbprof; sections.S. */
extern const uint8_t lb_profile_start[], lb_profile_end[];

static struct uefi uefi;

static const struct platform platform = {
	.ctx = &uefi,
	.list_disks = uefi_list_disks,
	.connect_all = uefi_connect_all,
	.read = uefi_read,
	.write = uefi_write,
	.flush = uefi_flush,
	.alloc = uefi_alloc,
	.free = uefi_free,
	.clock_ms = uefi_clock_ms,
	.sleep_ms = uefi_sleep_ms,
	.random = uefi_random,
	.read_key = uefi_read_key,
	.log = uefi_write_log,
	.show_text = uefi_show_text,
	.machine = uefi_machine,
	.read_floors = uefi_read_floors,
	.raise_floors = uefi_raise_floors,
	.read_state = uefi_read_state,
	.write_state = uefi_write_state,
	.take_request = uefi_take_request,
	.open_display = uefi_open_display,
	.blit = uefi_blit,
	.hand_over = uefi_hand_over,
	.tpm_submit = uefi_tpm_submit,
	.measure = uefi_measure,
	.watchdog_arm = uefi_hardware_watchdog_arm,
	.watchdog_died = uefi_hardware_watchdog_died,
	.crash_dumps = uefi_crash_dumps,
	.prepare_start = uefi_prepare_start,
	.discard_start = uefi_discard_start,
	.start = uefi_start,
	.reset = uefi_reset,
};

static EFI_STATUS init(EFI_HANDLE image)
{
	uefi.loaded =
		uefi_protocol_of(&uefi, image, (EFI_GUID)EFI_LOADED_IMAGE_PROTOCOL_GUID);
	if (uefi.loaded == NULL)
		return EFI_UNSUPPORTED;
	lb_heap_init(uefi_heap_alloc, uefi_heap_release, &uefi);
	uefi_watchdog_pet(&uefi);
	uefi_console_init(&uefi);
	uefi_machine_init(&uefi);
	uefi_disks_init(&uefi);
	uefi_claim_names(&uefi);
	return EFI_SUCCESS;
}

/* Says what happened wherever it can be read, leaves time to read it, and resets. */
static _Noreturn void stop(const char *what, const char *detail)
{
	uefi_log(&uefi, "lifeboat: %s%s", what, detail);
	uefi_show_text(&uefi, "lifeboat: ");
	uefi_show_text(&uefi, what);
	uefi_show_text(&uefi, detail);
	uefi_show_text(&uefi, "\n");
	uefi_sleep_ms(&uefi, STOP_MS);
	uefi_reset(&uefi, PLATFORM_RESET_RESTART);
	uefi_cpu_halt();
}

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	char detail[LB_DETAIL_BYTES];

	(void)lb_format(detail, sizeof detail, "%s (%s:%d)", what, file, line);
	stop("internal error: ", detail);
}

/* For the canary: the firmware's or the CPU's generator, and the time whatever they
 * say. */
static uint64_t chance(void)
{
	uint64_t word = 0;

	if (uefi_random(&uefi, (uint8_t *)&word, sizeof word) != LB_OK)
		word = 0;
	return word ^ uefi.clock.entry_ticks;
}

static EFI_STATUS run(EFI_HANDLE image)
{
	const EFI_STATUS status = init(image);

	if (status != EFI_SUCCESS)
		return status;

	const struct boot_config config = {
		.profile = lb_profile_start,
		.profile_bytes = (size_t)(lb_profile_end - lb_profile_start),
		.recovery_requested = uefi_asks_for_recovery(
			uefi.loaded->LoadOptions, uefi.loaded->LoadOptionsSize),
		.version = LB_VERSION,
	};

	const enum lb_status ended = boot_run(&platform, &config);

	stop("the loader cannot go on: ", lb_status_name(ended));
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);

LB_NO_STACK_GUARD EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
	UEFI_MARK(UEFI_MARK_ENTRY);
	uefi.clock.entry_ticks = uefi_cpu_ticks();
	uefi.image = image;
	uefi.st = st;
	uefi.bs = st->BootServices;
	uefi.rt = st->RuntimeServices;
	lb_stack_guard_set(chance());
	return run(image);
}
