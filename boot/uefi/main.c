/* Entry point of the UEFI loader: shows its version. */
#include <efi.h>
#include <stddef.h>

#include "boot/libc/panic.h"
#include "lb_version.h"

static EFI_SYSTEM_TABLE *table;
static const char *const volatile words[] = { "lifeboat ", LB_VERSION, "\r\n" };

static void print(const char *text)
{
	CHAR16 pair[2] = { 0, 0 };

	for (; *text != '\0'; text++) {
		pair[0] = (CHAR16)*text;
		(void)table->ConOut->OutputString(table->ConOut, pair);
	}
}

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	(void)line;
	print("lifeboat: internal error: ");
	print(what);
	print(" in ");
	print(file);
	print("\r\n");
	table->RuntimeServices->ResetSystem(EfiResetCold, EFI_ABORTED, 0, NULL);
	for (;;)
		;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system_table);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system_table)
{
	(void)image;
	table = system_table;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		print(words[i]);
	return EFI_SUCCESS;
}
