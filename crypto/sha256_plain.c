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

static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

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
