/* BOOTIA32.EFI: what a 32-bit UEFI firmware finds on a disk or stick whose loader is for
 * 64 bits. Without it such a machine says nothing at all. It starts nothing and reads
 * nothing: it says why, waits for a key or a minute, and lets the firmware go on.
 *
 * Position independent by what it does not have: no variable, no table of addresses. */
#include <efi.h>

#define CPUID_EXTENDED 0x80000000u
#define LONG_MODE      (1u << 29)

#define LOOK_US 100000u
#define LOOKS   600 /* a minute */

static void cpuid(uint32_t leaf, uint32_t *eax, uint32_t *edx)
{
	uint32_t ebx, ecx;

	__asm__("cpuid" : "=a"(*eax), "=b"(ebx), "=c"(ecx), "=d"(*edx) : "a"(leaf));
}

static BOOLEAN can_do_64_bits(void)
{
	uint32_t most, edx;

	cpuid(CPUID_EXTENDED, &most, &edx);
	if (most <= CPUID_EXTENDED)
		return FALSE;
	cpuid(CPUID_EXTENDED + 1, &most, &edx);
	return (edx & LONG_MODE) != 0;
}

static void say(EFI_SYSTEM_TABLE *st, const CHAR16 *text)
{
	st->ConOut->OutputString(st->ConOut, (CHAR16 *)(uintptr_t)text);
}

static void say_why(EFI_SYSTEM_TABLE *st)
{
	say(st, L"\r\nLifeboat cannot start here: this computer's firmware (UEFI) is for "
		L"32 bits.\r\n\r\n");
	if (can_do_64_bits())
		say(st, L"Its processor can do 64 bits, the firmware cannot. Look in the "
			L"firmware's\r\nsettings for 64-bit UEFI, ask the maker for an "
			L"update, or use another computer.\r\n");
	else
		say(st, L"Its processor is for 32 bits, too. Use another computer.\r\n");
	say(st, L"Nothing was started and nothing was changed.\r\n\r\n"
		L"Press a key to go on.\r\n");
}

/* Nobody may be there: the firmware has other things to start. */
static void wait(EFI_SYSTEM_TABLE *st)
{
	EFI_INPUT_KEY key;

	for (int i = 0; i < LOOKS; i++) {
		if (st->ConIn != NULL &&
		    st->ConIn->ReadKeyStroke(st->ConIn, &key) == EFI_SUCCESS)
			return;
		st->BootServices->Stall(LOOK_US);
	}
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);
EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
	(void)image;
	if (st->ConOut == NULL)
		return EFI_UNSUPPORTED;
	say_why(st);
	wait(st);
	return EFI_UNSUPPORTED;
}
