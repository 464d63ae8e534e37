/* SHA-256 by the instructions of ARMv8: four rounds take two of them.
 *
 * Built for ARMv8.0 with the SHA2 instructions. Spec: Arm ARM (DDI 0487), SHA256H,
 * SHA256H2, SHA256SU0, SHA256SU1; FIPS 180-4, 6.2.2. */
#include "crypto/aarch64/sha2_armv8.h"

#include <arm_neon.h>

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

struct lanes {
	uint32x4_t abcd, efgh;
};

static inline uint32x4_t load_words(const uint8_t *data)
{
	return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data)));
}

static inline struct lanes four_rounds(struct lanes s, uint32x4_t words,
				       unsigned int round)
{
	const uint32x4_t input = vaddq_u32(words, vld1q_u32(&k[round]));

	return (struct lanes){
		.abcd = vsha256hq_u32(s.abcd, s.efgh, input),
		.efgh = vsha256h2q_u32(s.efgh, s.abcd, input),
	};
}

/* The four words that follow a, b, c, d (four each) in the message schedule. */
static inline uint32x4_t next_words(uint32x4_t a, uint32x4_t b, uint32x4_t c,
				    uint32x4_t d)
{
	return vsha256su1q_u32(vsha256su0q_u32(a, b), c, d);
}

static inline struct lanes one_block(struct lanes s, const uint8_t *data)
{
	uint32x4_t a = load_words(data), b = load_words(data + 16);
	uint32x4_t c = load_words(data + 32), d = load_words(data + 48);

	s = four_rounds(s, a, 0);
	s = four_rounds(s, b, 4);
	s = four_rounds(s, c, 8);
	s = four_rounds(s, d, 12);
#pragma GCC unroll 3
	for (unsigned int t = 16; t < 64; t += 16) {
		a = next_words(a, b, c, d);
		s = four_rounds(s, a, t);
		b = next_words(b, c, d, a);
		s = four_rounds(s, b, t + 4);
		c = next_words(c, d, a, b);
		s = four_rounds(s, c, t + 8);
		d = next_words(d, a, b, c);
		s = four_rounds(s, d, t + 12);
	}
	return s;
}

void crypto_sha256_armv8_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	struct lanes s = { .abcd = vld1q_u32(&state[0]), .efgh = vld1q_u32(&state[4]) };

	for (; blocks != 0; blocks--, data += 64) {
		const struct lanes after = one_block(s, data);

		s.abcd = vaddq_u32(s.abcd, after.abcd);
		s.efgh = vaddq_u32(s.efgh, after.efgh);
	}
	vst1q_u32(&state[0], s.abcd);
	vst1q_u32(&state[4], s.efgh);
}
