/* What CPUID says about digest instructions. */
#include "crypto/cpu.h"

#include <cpuid.h>
#include <stdbool.h>

#include "crypto/x86_64/sha256_ni.h"

#define LEAF1_ECX_SSSE3  (1u << 9)
#define LEAF1_ECX_SSE4_1 (1u << 19)
#define LEAF7_EBX_SHA    (1u << 29)

static bool has_sha_ni(void)
{
	const unsigned int needed = LEAF1_ECX_SSSE3 | LEAF1_ECX_SSE4_1;
	unsigned int highest, a, b, c, d;

	__cpuid(0, highest, b, c, d);
	if (highest < 7)
		return false;
	__cpuid(1, a, b, c, d);
	if ((c & needed) != needed)
		return false;
	__cpuid_count(7, 0, a, b, c, d);
	return (b & LEAF7_EBX_SHA) != 0;
}

crypto_sha256_blocks *crypto_cpu_sha256_blocks(void)
{
	return has_sha_ni() ? crypto_sha256_ni_blocks : NULL;
}

/* SHA-512 instructions exist on few CPUs so far, and plain C is fast on 64-bit ones. */
crypto_sha512_blocks *crypto_cpu_sha512_blocks(void)
{
	return NULL;
}
