/* What the boot entry that started the loader says: exactly "recovery", or nothing.
 * Firmware puts its own data there for entries that it made itself.
 *
 * Design: DESIGN 8. */
#include "boot/uefi/uefi.h"

#include "base/bytes.h"

bool uefi_asks_for_recovery(const uint8_t *options, size_t bytes)
{
	static const CHAR16 word[] = L"recovery";

	if (options == NULL ||
	    (bytes != sizeof word && bytes != sizeof word - sizeof word[0]))
		return false;
	for (size_t i = 0; i < bytes / sizeof word[0]; i++)
		if (lb_le16(options + i * sizeof word[0]) != word[i])
			return false;
	return true;
}
