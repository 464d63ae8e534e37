/* Byte readers and checked sums for untrusted data. Pure, inline. */
#ifndef LIFEBOAT_BASE_BYTES_H
#define LIFEBOAT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pages of memory, on both processors as they are set up by firmware and by us. */
#define LB_PAGE_BYTES 4096u
/* What 32 bits can address. */
#define LB_4_GIB 0x100000000u

static inline uint16_t lb_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t lb_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static inline uint64_t lb_le64(const uint8_t *p)
{
	return lb_le32(p) | (uint64_t)lb_le32(p + 4) << 32;
}

static inline uint16_t lb_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t lb_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
	       (uint32_t)p[3];
}

static inline uint64_t lb_be64(const uint8_t *p)
{
	return (uint64_t)lb_be32(p) << 32 | lb_be32(p + 4);
}

static inline void lb_put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void lb_put_le32(uint8_t *p, uint32_t v)
{
	lb_put_le16(p, (uint16_t)v);
	lb_put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void lb_put_le64(uint8_t *p, uint64_t v)
{
	lb_put_le32(p, (uint32_t)v);
	lb_put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline void lb_put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void lb_put_be64(uint8_t *p, uint64_t v)
{
	lb_put_be32(p, (uint32_t)(v >> 32));
	lb_put_be32(p + 4, (uint32_t)v);
}

/* True when [off, off + size) lies in [0, limit). Cannot overflow. */
static inline bool lb_within(uint64_t off, uint64_t size, uint64_t limit)
{
	return off <= limit && size <= limit - off;
}

/* *out = a + b, or false (and *out untouched) when that wraps. */
static inline bool lb_add(uint64_t a, uint64_t b, uint64_t *out)
{
	if (b > UINT64_MAX - a)
		return false;
	*out = a + b;
	return true;
}

/* *out = v rounded up to a multiple of @align (a power of two), or false when that
 * wraps. */
static inline bool lb_round_up(uint64_t v, uint64_t align, uint64_t *out)
{
	if (v > UINT64_MAX - (align - 1))
		return false;
	*out = (v + align - 1) & ~(align - 1);
	return true;
}

static inline bool lb_is_power_of_two(uint64_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

/* True when all @len bytes are zero. */
static inline bool lb_all_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

#endif
