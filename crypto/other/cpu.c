/* CPUs whose digest instructions are not used: plain C hashes. */
#include "crypto/cpu.h"

crypto_sha256_blocks *crypto_cpu_sha256_blocks(void)
{
	return NULL;
}

crypto_sha512_blocks *crypto_cpu_sha512_blocks(void)
{
	return NULL;
}
