/* SHA-256 by the SHA extensions of x86: four rounds take two instructions.
 *
 * Spec: Intel SDM volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2; FIPS 180-4, 6.2.2. */
#include "crypto/x86_64/sha256_ni.h"

#include <immintrin.h>

#include "crypto/sha2_constants.h"

static const uint32_t k[64] __attribute__((aligned(16))) = CRYPTO_SHA256_K;

/* The instructions want the state as {a, b, e, f} and {c, d, g, h}, highest word
 * first. */
struct lanes {
	__m128i abef, cdgh;
};

static inline struct lanes load_state(const uint32_t state[8])
{
	const __m128i abcd = _mm_loadu_si128((const __m128i *)(const void *)&state[0]);
	const __m128i efgh = _mm_loadu_si128((const __m128i *)(const void *)&state[4]);
	const __m128i badc = _mm_shuffle_epi32(abcd, 0xb1);
	const __m128i hgfe = _mm_shuffle_epi32(efgh, 0x1b);

	return (struct lanes){
		.abef = _mm_alignr_epi8(badc, hgfe, 8),
		.cdgh = _mm_blend_epi16(hgfe, badc, 0xf0),
	};
}

static inline void store_state(uint32_t state[8], struct lanes s)
{
	const __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
	const __m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)(void *)&state[0], _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)&state[4], _mm_alignr_epi8(dchg, feba, 8));
}

static inline __m128i load_words(const uint8_t *data)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)data),
				swap);
}

static inline struct lanes four_rounds(struct lanes s, __m128i words, unsigned int round)
{
	const __m128i constants =
		_mm_load_si128((const __m128i *)(const void *)&k[round]);
	const __m128i input = _mm_add_epi32(words, constants);

	s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, input);
	s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(input, 0x0e));
	return s;
}

/* The four words that follow a, b, c, d (four each) in the message schedule. */
static inline __m128i next_words(__m128i a, __m128i b, __m128i c, __m128i d)
{
	const __m128i with_sigma0 = _mm_sha256msg1_epu32(a, b);
	const __m128i seven_back = _mm_alignr_epi8(d, c, 4);

	return _mm_sha256msg2_epu32(_mm_add_epi32(with_sigma0, seven_back), d);
}

static inline struct lanes one_block(struct lanes s, const uint8_t *data)
{
	__m128i a = load_words(data), b = load_words(data + 16);
	__m128i c = load_words(data + 32), d = load_words(data + 48);

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

/* Under UEFI the firmware may call back into the loader (Design: DESIGN 3,
 * FileAuthentication) and expects xmm6-xmm15 unchanged, while code built for general
 * registers cannot save them. So the function that uses them does, by its calling
 * convention. */
__attribute__((ms_abi, noinline)) static void keep_registers(uint32_t state[8],
							     const uint8_t *data,
							     size_t blocks)
{
	struct lanes s = load_state(state);

	for (; blocks != 0; blocks--, data += 64) {
		const struct lanes after = one_block(s, data);

		s.abef = _mm_add_epi32(s.abef, after.abef);
		s.cdgh = _mm_add_epi32(s.cdgh, after.cdgh);
	}
	store_state(state, s);
}

void crypto_sha256_ni_blocks(uint32_t state[8], const uint8_t *data, size_t blocks)
{
	keep_registers(state, data, blocks);
}
