/* Command lines: whatever the page holds, the result is short enough and printable. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boot/kernel/cmdline.h"
#include "boot/kernel/cmdline_args.h"

#define OUT_BYTES 512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Arguments lie in the text, in order, and come to an end. */
static void split(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct kernel_argument a;

	if (text == NULL)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	const char *at = text, *end = text + strlen(text);

	while (kernel_argument_next(&at, &a)) {
		if (a.name < text || a.name + a.name_len > at || at > end ||
		    (a.value != NULL &&
		     (a.value < a.name + a.name_len || a.value + a.value_len > at)))
			abort();
		(void)kernel_argument_is(&a, "root");
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	split(data, size);

	static const uint8_t guid[16] = { 1, 2, 3 };
	char *out = malloc(OUT_BYTES);
	size_t at;

	if (out == NULL)
		return 0;
	const enum lb_status status = kernel_cmdline_make(
		data, size, guid, "lifeboat.x=1", out, OUT_BYTES, &at);
	if (memchr(out, '\0', OUT_BYTES) == NULL || at > size)
		abort();
	if (status == LB_OK && strstr(out, "lifeboat.x=1") == NULL)
		abort();
	for (size_t i = 0; out[i] != '\0'; i++)
		if (out[i] < 0x20 || out[i] > 0x7e)
			abort();
	free(out);

	uint32_t floor = 0;

	if (kernel_cmdline_recovery_floor(data, size, &floor) != LB_OK && floor != 0)
		abort(); /* written only when it is good */
	return 0;
}
