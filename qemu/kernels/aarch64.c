/* The arm64 side of the test kernel: PL011 at the place of QEMU's "virt" board, PSCI by
 * hypervisor call, and what a bare-metal loader passes in the device tree. */
#include "console.h"

void arm64_main(const uint8_t *tree) __attribute__((noreturn));

void put_byte(char c)
{
	volatile uint32_t *const uart = (volatile uint32_t *)0x9000000;

	while ((uart[6] & 0x20) != 0)
		;
	uart[0] = (uint32_t)(unsigned char)c;
}

static void __attribute__((noreturn)) psci(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("hvc #0" : "+r"(x0) : : "memory");
	for (;;)
		;
}

void power_off(void)
{
	psci(0x84000008);
}

void restart(void)
{
	psci(0x84000009);
}

void wait_for_interrupt(void)
{
	__asm__ volatile("wfi");
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool same(const uint8_t *a, const char *b)
{
	while (*a == (uint8_t)*b && *b != '\0')
		a++, b++;
	return *a == (uint8_t)*b;
}

/* The first property with this name anywhere in the tree: enough for /chosen's. */
static const uint8_t *property(const uint8_t *tree, const char *name, uint32_t *len)
{
	const uint8_t *p = tree + be32(tree + 8), *strings = tree + be32(tree + 12);

	for (;;) {
		const uint32_t token = be32(p);

		p += 4;
		if (token == 1) { /* begin node: skip its name */
			while (*p != 0)
				p++;
			p = (const uint8_t *)(((uintptr_t)p + 4) & ~(uintptr_t)3);
		} else if (token == 3) {
			*len = be32(p);
			if (same(strings + be32(p + 4), name))
				return p + 8;
			p += 8 + ((*len + 3) & ~3u);
		} else if (token != 2 && token != 4) {
			return NULL;
		}
	}
}

static uint64_t address(const uint8_t *tree, const char *name)
{
	uint32_t len;
	const uint8_t *p = property(tree, name, &len);

	if (p == NULL)
		return 0;
	return len == 8 ? (uint64_t)be32(p) << 32 | be32(p + 4) : be32(p);
}

void arm64_main(const uint8_t *tree)
{
	const uint64_t initrd = address(tree, "linux,initrd-start");
	const uint64_t end = address(tree, "linux,initrd-end");
	uint32_t len;
	const uint8_t *cmdline = property(tree, "bootargs", &len);

	tell("arm64", (const uint8_t *)(uintptr_t)initrd, end - initrd,
	     cmdline != NULL ? (const char *)cmdline : "");
}
