/* The x86_64 side of the test kernel: COM1, QEMU's q35 power and reset ports, and what
 * the 64-bit boot protocol passes in the zero page. */
#include "console.h"
#include "efi.h"

void linux64_main(const uint8_t *zero_page) __attribute__((noreturn));

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void put_byte(char c)
{
	while ((in8(0x3fd) & 0x20) == 0)
		;
	out8(0x3f8, (uint8_t)c);
}

void power_off(void)
{
	for (;;)
		__asm__ volatile("outw %0, %1"
				 :
				 : "a"((uint16_t)0x2000), "Nd"((uint16_t)0x604));
}

void restart(void)
{
	for (;;)
		out8(0xcf9, 6);
}

void wait_for_interrupt(void)
{
	__asm__ volatile("hlt");
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint64_t wide(const uint8_t *zero_page, unsigned low, unsigned high)
{
	return (uint64_t)le32(zero_page + high) << 32 | le32(zero_page + low);
}

void linux64_main(const uint8_t *zero_page)
{
	const uint64_t initrd = wide(zero_page, 0x218, 0x0c0);
	const uint64_t initrd_bytes = wide(zero_page, 0x21c, 0x0c4);
	const uint64_t cmdline = wide(zero_page, 0x228, 0x0c8);

	put("\r\nKERNEL zero page efi=");
	put_hex(le32(zero_page + 0x1c0));
	put(" e820=");
	put_hex(zero_page[0x1e8]);
	put(" secure_boot=");
	put_hex(zero_page[0x1ec]);
	efi_tell_seed((const void *)(uintptr_t)wide(zero_page, 0x1c4,
						    0x1d8)); /* system table */
	tell("linux64", (const uint8_t *)(uintptr_t)initrd, initrd_bytes,
	     (const char *)(uintptr_t)cmdline);
}
