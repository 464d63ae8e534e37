/* Registers in memory: one access of the asked width each. */
#include "boot/bare/registers.h"

static void *at(void *ctx, uint32_t offset)
{
	return (uint8_t *)ctx + offset;
}

static uint8_t read8(void *ctx, uint32_t offset)
{
	return *(volatile uint8_t *)at(ctx, offset);
}

static uint16_t read16(void *ctx, uint32_t offset)
{
	return *(volatile uint16_t *)at(ctx, offset);
}

static uint32_t read32(void *ctx, uint32_t offset)
{
	return *(volatile uint32_t *)at(ctx, offset);
}

static uint64_t read64(void *ctx, uint32_t offset)
{
	return *(volatile uint64_t *)at(ctx, offset);
}

static void write8(void *ctx, uint32_t offset, uint8_t value)
{
	*(volatile uint8_t *)at(ctx, offset) = value;
}

static void write16(void *ctx, uint32_t offset, uint16_t value)
{
	*(volatile uint16_t *)at(ctx, offset) = value;
}

static void write32(void *ctx, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)at(ctx, offset) = value;
}

static void write64(void *ctx, uint32_t offset, uint64_t value)
{
	*(volatile uint64_t *)at(ctx, offset) = value;
}

struct bare_io registers_at(uintptr_t base)
{
	return (struct bare_io){
		.ctx = (void *)base,
		.read8 = read8,
		.read16 = read16,
		.read32 = read32,
		.read64 = read64,
		.write8 = write8,
		.write16 = write16,
		.write32 = write32,
		.write64 = write64,
	};
}
