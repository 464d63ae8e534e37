/* SHA-256 in plain C: the reference for the CPU's own instructions, and what hashes where
 * there are none.
 *
 * The sums of rotations are nested: rotating x ^ rotated x by the difference costs fewer
 * instructions than rotating x three times. a ^ b of one round is b ^ c of the next, so
 * the majority needs it only once.
 *
 * Spec: FIPS 180-4, 6.2.2. */
#include "crypto/cpu.h"

#include "base/bytes.h"
#include "crypto/sha2_constants.h"

static const uint32_t k[64] = CRYPTO_SHA256_K;

static inline uint32_t rotate(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

static inline uint32_t sum0(uint32_t x)
{
	return rotate(x ^ rotate(x ^ rotate(x, 9), 11), 2); /* 2, 13, 22 */
}

static inline uint32_t sum1(uint32_t x)
{
	return rotate(x ^ rotate(x ^ rotate(x, 14), 5), 6); /* 6, 11, 25 */
}

static inline uint32_t sigma0(uint32_t x)
{
	return rotate(x ^ rotate(x, 11), 7) ^ x >> 3; /* 7, 18, shift 3 */
}

static inline uint32_t sigma1(uint32_t x)
{
	return rotate(x ^ rotate(x, 2), 17) ^ x >> 10; /* 17, 19, shift 10 */
}

/* One round. The caller renames a..h instead of moving them; ab takes a ^ b and bc holds
 * b ^ c; then they change places. */
#define ROUND(a, b, c, d, e, f, g, h, ab, bc, input)                                     \
	do {                                                                             \
		h += sum1(e) + (g ^ (e & (f ^ g))) + (input);                            \
		d += h;                                                                  \
		ab = a ^ b;                                                              \
		h += sum0(a) + (b ^ (ab & bc));                                          \
	} while (0)

#define EIGHT_ROUNDS(t, input)                                                           \
	do {                                                                             \
		ROUND(a, b, c, d, e, f, g, h, x, y, k[(t) + 0] + input(0));              \
		ROUND(h, a, b, c, d, e, f, g, y, x, k[(t) + 1] + input(1));              \
		ROUND(g, h, a, b, c, d, e, f, x, y, k[(t) + 2] + input(2));              \
		ROUND(f, g, h, a, b, c, d, e, y, x, k[(t) + 3] + input(3));              \
		ROUND(e, f, g, h, a, b, c, d, x, y, k[(t) + 4] + input(4));              \
		ROUND(d, e, f, g, h, a, b, c, y, x, k[(t) + 5] + input(5));              \
		ROUND(c, d, e, f, g, h, a, b, x, y, k[(t) + 6] + input(6));              \
		ROUND(b, c, d, e, f, g, h, a, y, x, k[(t) + 7] + input(7));              \
	} while (0)

/* The message schedule in a ring of 16 words; LOW and HIGH name its halves. */
#define LOAD_LOW(i)  (w[i] = lb_be32(data + (size_t)4 * (i)))
#define LOAD_HIGH(i) (w[8 + (i)] = lb_be32(data + (size_t)4 * (8 + (i))))
#define NEXT(i)                                                                          \
	(w[i] +=                                                                         \
	 sigma0(w[((i) + 1) & 15]) + w[((i) + 9) & 15] + sigma1(w[((i) + 14) & 15]))
#define NEXT_LOW(i)  NEXT(i)
#define NEXT_HIGH(i) NEXT(8 + (i))

static void one_block(uint32_t state[8], const uint8_t *data)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[16], x, y = b ^ c;

	EIGHT_ROUNDS(0, LOAD_LOW);
	EIGHT_ROUNDS(8, LOAD_HIGH);
	for (unsigned int t = 16; t < 64; t += 16) {
		EIGHT_ROUNDS(t, NEXT_LOW);
		EIGHT_ROUNDS(t + 8, NEXT_HIGH);
	}

	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void crypto_plain_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	for (; blocks != 0; blocks--, data += 64)
		one_block(state, data);
}
