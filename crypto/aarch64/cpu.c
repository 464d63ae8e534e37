/* What the ID register says about digest instructions. At EL0 Linux answers for it. */
#include "crypto/cpu.h"

#include "crypto/aarch64/sha2_armv8.h"

/* ID_AA64ISAR0_EL1, field SHA2: 1 is SHA-256, 2 is SHA-256 and SHA-512. */
static unsigned int sha2_level(void)
{
	uint64_t isar0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	return (unsigned int)(isar0 >> 12) & 0xf;
}

crypto_sha256_blocks *crypto_cpu_sha256_blocks(void)
{
	return sha2_level() >= 1 ? crypto_sha256_armv8_blocks : NULL;
}

crypto_sha512_blocks *crypto_cpu_sha512_blocks(void)
{
	return sha2_level() >= 2 ? crypto_sha512_armv8_blocks : NULL;
}
