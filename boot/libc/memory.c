/* memcpy() and its relatives, in whole words where the addresses allow it. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes at any address: plain loads and stores where the CPU allows it unaligned,
 * byte by byte where the build forbids it (-mstrict-align, before the MMU is on). */
struct any8 {
	uint64_t v;
} __attribute__((packed, may_alias));

struct aligned8 {
	uint64_t v;
} __attribute__((may_alias));

#define WORD_BYTES sizeof(uint64_t)

static bool both_aligned(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & (WORD_BYTES - 1)) == 0;
}

/* Ascending, so right for overlapping areas with dst below src: each step reads its 16
 * bytes before it writes them. Returns how many bytes were done. */
static size_t copy_words_up(uint8_t *dst, const uint8_t *src, size_t n)
{
	size_t i = 0;

	if (both_aligned(dst, src)) {
		for (; n - i >= 2 * WORD_BYTES; i += 2 * WORD_BYTES) {
			const struct aligned8 *s =
				(const struct aligned8 *)(const void *)(src + i);
			struct aligned8 *d = (struct aligned8 *)(void *)(dst + i);
			const uint64_t a = s[0].v, b = s[1].v;
			d[0].v = a;
			d[1].v = b;
		}
		return i;
	}
	for (; n - i >= 2 * WORD_BYTES; i += 2 * WORD_BYTES) {
		const struct any8 *s = (const struct any8 *)(src + i);
		struct any8 *d = (struct any8 *)(dst + i);
		const uint64_t a = s[0].v, b = s[1].v;
		d[0].v = a;
		d[1].v = b;
	}
	return i;
}

static void copy_up(uint8_t *dst, const uint8_t *src, size_t n)
{
	for (size_t i = copy_words_up(dst, src, n); i < n; i++)
		dst[i] = src[i];
}

static void copy_down(uint8_t *dst, const uint8_t *src, size_t n)
{
	for (; n >= WORD_BYTES; n -= WORD_BYTES) {
		const uint64_t v = ((const struct any8 *)(src + n - WORD_BYTES))->v;
		((struct any8 *)(dst + n - WORD_BYTES))->v = v;
	}
	while (n-- > 0)
		dst[n] = src[n];
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	uint8_t *p = dst;
	const uint64_t word = 0x0101010101010101u * (uint8_t)c;

	for (; n > 0 && !both_aligned(p, p); n--)
		*p++ = (uint8_t)c;
	for (; n >= 2 * WORD_BYTES; n -= 2 * WORD_BYTES, p += 2 * WORD_BYTES) {
		struct aligned8 *w = (struct aligned8 *)(void *)p;
		w[0].v = word;
		w[1].v = word;
	}
	for (; n > 0; n--)
		*p++ = (uint8_t)c;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	for (size_t i = 0; i < n; i++)
		if (p[i] != q[i])
			return p[i] - q[i];
	return 0;
}

void *memchr(const void *p, int c, size_t n)
{
	const uint8_t *s = p;

	for (size_t i = 0; i < n; i++)
		if (s[i] == (uint8_t)c)
			return (void *)(uintptr_t)(s + i);
	return NULL;
}
