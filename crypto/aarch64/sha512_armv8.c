/* SHA-512 by the instructions of ARMv8.2: two rounds take two of them and some shuffling.
 *
 * Built for ARMv8.2 with the SHA512 instructions; only called where the CPU has them.
 * Spec: Arm ARM (DDI 0487), SHA512H, SHA512H2, SHA512SU0, SHA512SU1; FIPS 180-4,
 * 6.4.2. */
#include "crypto/aarch64/sha2_armv8.h"

#include <arm_neon.h>

#include "crypto/sha2_constants.h"

static const uint64_t k[80] = CRYPTO_SHA512_K;

struct lanes {
	uint64x2_t ab, cd, ef, gh; /* the first named in the low lane */
};

static inline uint64x2_t load_words(const uint8_t *data)
{
	return vreinterpretq_u64_u8(vrev64q_u8(vld1q_u8(data)));
}

/* SHA512H wants h and g with the inputs added, {f, g} and {d, e}; it gives what is added
 * to c and d, and SHA512H2 makes the new {a, b} of it. */
static inline struct lanes two_rounds(struct lanes s, uint64x2_t words,
				      unsigned int round)
{
	const uint64x2_t input = vaddq_u64(words, vld1q_u64(&k[round]));
	const uint64x2_t gh = vaddq_u64(s.gh, vextq_u64(input, input, 1));
	const uint64x2_t fg = vextq_u64(s.ef, s.gh, 1);
	const uint64x2_t de = vextq_u64(s.cd, s.ef, 1);
	const uint64x2_t sum = vsha512hq_u64(gh, fg, de);

	return (struct lanes){
		.ab = vsha512h2q_u64(sum, s.cd, s.ab),
		.cd = s.ab,
		.ef = vaddq_u64(s.cd, sum),
		.gh = s.ef,
	};
}

/* The schedule is a ring of eight pairs: pair i is followed, 16 words on, by this. */
static inline uint64x2_t next_words(const uint64x2_t w[8], unsigned int i)
{
	const uint64x2_t seven_back = vextq_u64(w[(i + 4) & 7], w[(i + 5) & 7], 1);

	return vsha512su1q_u64(vsha512su0q_u64(w[i], w[(i + 1) & 7]), w[(i + 7) & 7],
			       seven_back);
}

static inline struct lanes one_block(struct lanes s, const uint8_t *data)
{
	uint64x2_t w[8];

#pragma GCC unroll 8
	for (unsigned int i = 0; i < 8; i++) {
		w[i] = load_words(data + 16 * i);
		s = two_rounds(s, w[i], 2 * i);
	}
	for (unsigned int t = 16; t < 80; t += 16) {
#pragma GCC unroll 8
		for (unsigned int i = 0; i < 8; i++) {
			w[i] = next_words(w, i);
			s = two_rounds(s, w[i], t + 2 * i);
		}
	}
	return s;
}

void crypto_sha512_armv8_blocks(uint64_t state[8], const uint8_t *data, size_t blocks)
{
	struct lanes s = {
		.ab = vld1q_u64(&state[0]),
		.cd = vld1q_u64(&state[2]),
		.ef = vld1q_u64(&state[4]),
		.gh = vld1q_u64(&state[6]),
	};

	for (; blocks != 0; blocks--, data += 128) {
		const struct lanes after = one_block(s, data);

		s.ab = vaddq_u64(s.ab, after.ab);
		s.cd = vaddq_u64(s.cd, after.cd);
		s.ef = vaddq_u64(s.ef, after.ef);
		s.gh = vaddq_u64(s.gh, after.gh);
	}
	vst1q_u64(&state[0], s.ab);
	vst1q_u64(&state[2], s.cd);
	vst1q_u64(&state[4], s.ef);
	vst1q_u64(&state[6], s.gh);
}
