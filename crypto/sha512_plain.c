/* SHA-512 in plain C: the reference for the CPU's own instructions, and what hashes where
 * there are none.
 *
 * The sums of rotations are nested: rotating x ^ rotated x by the difference costs fewer
 * instructions than rotating x three times. a ^ b of one round is b ^ c of the next, so
 * the majority needs it only once.
 *
 * Spec: FIPS 180-4, 6.4.2. */
#include "crypto/cpu.h"

#include "base/bytes.h"

static const uint64_t k[80] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static inline uint64_t rotate(uint64_t x, unsigned int n)
{
	return x >> n | x << (64 - n);
}

static inline uint64_t sum0(uint64_t x)
{
	return rotate(x ^ rotate(x ^ rotate(x, 5), 6), 28); /* 28, 34, 39 */
}

static inline uint64_t sum1(uint64_t x)
{
	return rotate(x ^ rotate(x ^ rotate(x, 23), 4), 14); /* 14, 18, 41 */
}

static inline uint64_t sigma0(uint64_t x)
{
	return rotate(x ^ rotate(x, 7), 1) ^ x >> 7; /* 1, 8, shift 7 */
}

static inline uint64_t sigma1(uint64_t x)
{
	return rotate(x ^ rotate(x, 42), 19) ^ x >> 6; /* 19, 61, shift 6 */
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
#define LOAD_LOW(i)  (w[i] = lb_be64(data + (size_t)8 * (i)))
#define LOAD_HIGH(i) (w[8 + (i)] = lb_be64(data + (size_t)8 * (8 + (i))))
#define NEXT(i)                                                                          \
	(w[i] +=                                                                         \
	 sigma0(w[((i) + 1) & 15]) + w[((i) + 9) & 15] + sigma1(w[((i) + 14) & 15]))
#define NEXT_LOW(i)  NEXT(i)
#define NEXT_HIGH(i) NEXT(8 + (i))

static void one_block(uint64_t state[8], const uint8_t *data)
{
	uint64_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint64_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint64_t w[16], x, y = b ^ c;

	EIGHT_ROUNDS(0, LOAD_LOW);
	EIGHT_ROUNDS(8, LOAD_HIGH);
	for (unsigned int t = 16; t < 80; t += 16) {
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

void crypto_plain_sha512_blocks(uint64_t state[8], const uint8_t *data, size_t blocks)
{
	for (; blocks != 0; blocks--, data += 128)
		one_block(state, data);
}
