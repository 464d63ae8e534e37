/* SHA-256 by the instructions of ARMv8: four rounds take two of them.
 *
 * Built for ARMv8.0 with the SHA2 instructions. Spec: Arm ARM (DDI 0487), SHA256H,
 * SHA256H2, SHA256SU0, SHA256SU1; FIPS 180-4, 6.2.2. */
#include "crypto/aarch64/sha2_armv8.h"

#include <arm_neon.h>

#include "crypto/sha2_constants.h"

static const uint32_t k[64] = CRYPTO_SHA256_K;

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
