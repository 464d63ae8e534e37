/* SHA-512 by the instructions of ARMv8.2: two rounds take two of them and some shuffling.
 *
 * Built for ARMv8.2 with the SHA512 instructions; only called where the CPU has them.
 * Spec: Arm ARM (DDI 0487), SHA512H, SHA512H2, SHA512SU0, SHA512SU1; FIPS 180-4,
 * 6.4.2. */
#include "crypto/aarch64/sha2_armv8.h"

#include <arm_neon.h>

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
