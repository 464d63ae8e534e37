/* SMBIOS tables and entry points from anywhere. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "boot/uefi/smbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char vendor[PLATFORM_ID_BYTES], product[PLATFORM_ID_BYTES];
	uint64_t address = 0;
	size_t bytes = 0;

	if (len >= SMBIOS_ENTRY_MAX_BYTES &&
	    smbios_entry_parse(data, &address, &bytes) == LB_OK)
		assert(address != 0 && bytes <= SMBIOS_TABLE_MAX_BYTES);
	(void)smbios_system(data, len, vendor, product);
	assert(memchr(vendor, 0, sizeof vendor) != NULL);
	assert(memchr(product, 0, sizeof product) != NULL);
	return 0;
}
