/* Device paths from anywhere: no reads beyond the bytes, text always ended. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/uefi/device_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const size_t bytes = uefi_path_bytes(data, len);
	const size_t size = len % 70; /* of the buffers for text */
	char *text = malloc(size + 1);

	assert(bytes <= len);
	text[size] = '#';
	(void)uefi_path_attachment(data, bytes);
	(void)uefi_path_is_keyboard(data, bytes);
	(void)uefi_path_is_on_disk(data, bytes, data, len / 2);
	uefi_path_text(data, bytes, text, size);
	assert(text[size] == '#' && (size == 0 || memchr(text, 0, size) != NULL));
	uefi_path_name(data, bytes, text, size);
	assert(text[size] == '#' && (size == 0 || memchr(text, 0, size) != NULL));
	free(text);

	const size_t max = len % 40;
	uint16_t *name = malloc(2 * max + 1);
	uint8_t guid[16];

	assert(name != NULL);
	assert(uefi_path_file(data, bytes, name, max) <= max);
	(void)uefi_path_partition(data, bytes, guid);
	free(name);
	return 0;
}
