/* Entry of the enrolment program. */
#include "boot/enroll/enroll.h"

#include "boot/libc/panic.h"
#include "boot/uefi/cpu.h"

#define SETTLE_MS 1000u

/* Section .lbkeys; sections.S. */
extern const uint8_t lb_keys_start[], lb_keys_end[];

static struct uefi uefi;

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	enroll_say(&uefi, "internal error: %s (%s:%d)\n", what, file, line);
	uefi_cpu_halt();
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);

/* What is returned makes the firmware try its next boot entry. */
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
	struct enroll_bundle bundle;

	uefi.image = image;
	uefi.st = st;
	uefi.bs = st->BootServices;
	uefi.rt = st->RuntimeServices;

	const enum lb_status status = enroll_bundle_parse(
		lb_keys_start, (size_t)(lb_keys_end - lb_keys_start), &bundle);

	if (status != LB_OK) {
		enroll_say(&uefi,
			   "This program holds no keys (%s): `lifeboat secure-boot "
			   "enroll` puts them in.\n",
			   lb_status_name(status));
		return EFI_NOT_FOUND;
	}
	if (!enroll_run(&uefi, &bundle))
		return EFI_ABORTED;
	uefi_sleep_ms(&uefi, SETTLE_MS);
	uefi.rt->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
	uefi_cpu_halt(); /* a firmware that cannot */
}
