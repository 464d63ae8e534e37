/* Params pages of ChromeOS x86 bodies: setup header, zero page, placement. The input is
 * the params page; what there is beyond it is the kernel. */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/kernel_fuzz.h"

#define PAGE      4096u
#define MAX_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct platform_machine machine = {
		.cpu = PLATFORM_CPU_X86_64,
		.uefi = true,
		.acpi = true,
	};
	const size_t params = size < PAGE ? size : PAGE;
	const size_t kernel = size > PAGE ? size - PAGE : 1;
	const size_t bytes = kernel + 3 * PAGE;
	uint8_t *body;

	if (size > MAX_BYTES || posix_memalign((void **)&body, PAGE, bytes) != 0)
		return 0;
	memset(body, 0, bytes);
	if (size > PAGE)
		memcpy(body, data + PAGE, kernel);
	memcpy(body + kernel + PAGE, data, params);
	fuzz_place(body, kernel, bytes, &machine);
	free(body);
	return 0;
}
