/* Chance: the RNDR instruction (FEAT_RNG). Seeds in the device tree are not taken: they
 * were meant for the kernel, and nothing says how good they are. */
#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/machine.h"

#include <stdbool.h>
#include <string.h>

#define RNDR_SHIFT 60u
#define RNDR_TRIES 64

/* One number; Z is set when the source had none in time. */
static bool rndr(uint64_t *out)
{
	uint64_t value, ok;

	__asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %1, ne"
			 : "=r"(value), "=r"(ok)::"cc");
	*out = value;
	return ok != 0;
}

enum lb_status random_fill(uint8_t *out, size_t len)
{
	if (cpu_id_field(CPU_READ("id_aa64isar0_el1"), RNDR_SHIFT) == 0)
		return LB_ERR_UNSUPPORTED;

	while (len > 0) {
		uint64_t value = 0;
		bool ok = false;

		for (int i = 0; i < RNDR_TRIES && !ok; i++)
			ok = rndr(&value);
		if (!ok)
			return LB_ERR_IO;
		const size_t take = len < sizeof(value) ? len : sizeof(value);
		memcpy(out, &value, take);
		out += take;
		len -= take;
	}
	return LB_OK;
}
