/* QR code: text to codewords, Reed-Solomon, placement, mask. Names follow ISO/IEC
 * 18004. */
#include "ui/qr.h"

#include <string.h>

#define MAX_CODEWORDS 346u /* version 10 */
#define MAX_ECC       30u
#define MASKS         8u

/* Level M. Blocks of the second kind hold one data codeword more. */
static const struct version {
	uint16_t codewords;
	uint8_t ecc; /* error correction codewords a block */
	uint8_t blocks[2];
	uint8_t data;     /* data codewords in a block of the first kind */
	uint8_t align[3]; /* centres of alignment patterns; 0 none */
} versions[QR_MAX_VERSION] = {
	{ 26, 10, { 1, 0 }, 16, { 0, 0, 0 } },
	{ 44, 16, { 1, 0 }, 28, { 6, 18, 0 } },
	{ 70, 26, { 1, 0 }, 44, { 6, 22, 0 } },
	{ 100, 18, { 2, 0 }, 32, { 6, 26, 0 } },
	{ 134, 24, { 2, 0 }, 43, { 6, 30, 0 } },
	{ 172, 16, { 4, 0 }, 27, { 6, 34, 0 } },
	{ 196, 18, { 4, 0 }, 31, { 6, 22, 38 } },
	{ 242, 22, { 2, 2 }, 38, { 6, 24, 42 } },
	{ 292, 22, { 3, 2 }, 36, { 6, 26, 46 } },
	{ 346, 26, { 4, 1 }, 43, { 6, 28, 50 } },
};

/* While it is being made: one byte a module. */
struct work {
	uint32_t side;
	uint8_t dark[QR_MAX_SIDE][QR_MAX_SIDE];
	uint8_t fixed[QR_MAX_SIDE][QR_MAX_SIDE]; /* not for data, not masked */
};

bool qr_dark(const struct qr_code *qr, uint32_t x, uint32_t y)
{
	const uint32_t at = y * qr->side + x;

	if (x >= qr->side || y >= qr->side || qr->side > QR_MAX_SIDE)
		return false;
	return (qr->dark[at / 8u] >> (at % 8u) & 1u) != 0;
}

/* --- codewords -------------------------------------------------------------------- */

static uint32_t data_codewords(const struct version *v)
{
	return (uint32_t)v->blocks[0] * v->data + (uint32_t)v->blocks[1] * (v->data + 1u);
}

static uint32_t header_bits(uint32_t number)
{
	return number < 10u ? 4u + 8u : 4u + 16u;
}

/* The smallest version that holds @len bytes, 0 when none does. */
static uint32_t pick_version(size_t len)
{
	for (uint32_t n = 1; n <= QR_MAX_VERSION; n++)
		if (header_bits(n) + 8u * len <= 8u * data_codewords(&versions[n - 1u]))
			return n;
	return 0;
}

struct bits {
	uint8_t *bytes;
	uint32_t used;
};

static void put(struct bits *b, uint32_t value, uint32_t count)
{
	for (uint32_t i = count; i-- > 0; b->used++)
		b->bytes[b->used / 8u] |=
			(uint8_t)((value >> i & 1u) << (7u - b->used % 8u));
}

static void make_data(uint32_t number, const uint8_t *text, size_t len, uint8_t *data)
{
	const uint32_t room = data_codewords(&versions[number - 1u]);
	struct bits b = { data, 0 };

	memset(data, 0, room);
	put(&b, 4, 4); /* byte mode */
	put(&b, (uint32_t)len, header_bits(number) - 4u);
	for (size_t i = 0; i < len; i++)
		put(&b, text[i], 8);
	/* The terminator: four zero bits, fewer at the end; then to a whole byte. */
	b.used += 8u * room - b.used < 4u ? 8u * room - b.used : 4u;
	b.used = (b.used + 7u) / 8u * 8u;
	for (uint32_t pad = 0xec; b.used < 8u * room; pad ^= 0xec ^ 0x11)
		put(&b, pad, 8);
}

/* GF(256) with x^8 + x^4 + x^3 + x^2 + 1. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
	uint32_t product = 0;

	for (uint32_t i = 8; i-- > 0;) {
		product = product << 1 ^ (product >> 7) * 0x11du;
		product ^= ((uint32_t)b >> i & 1u) * a;
	}
	return (uint8_t)product;
}

/* The generator polynomial's coefficients below the leading 1. */
static void make_generator(uint8_t *g, uint32_t degree)
{
	uint8_t root = 1;

	memset(g, 0, degree);
	g[degree - 1u] = 1;
	for (uint32_t i = 0; i < degree; i++) {
		for (uint32_t j = 0; j < degree; j++)
			g[j] = (uint8_t)(multiply(g[j], root) ^
					 (j + 1u < degree ? g[j + 1u] : 0));
		root = multiply(root, 2);
	}
}

static void remainder_of(const uint8_t *data, uint32_t len, const uint8_t *g,
			 uint32_t degree, uint8_t *out)
{
	memset(out, 0, degree);
	for (uint32_t i = 0; i < len; i++) {
		const uint8_t factor = data[i] ^ out[0];

		memmove(out, out + 1, degree - 1u);
		out[degree - 1u] = 0;
		for (uint32_t j = 0; j < degree; j++)
			out[j] ^= multiply(g[j], factor);
	}
}

/* Data and error correction of all blocks, interleaved, into @out. */
static void make_codewords(const struct version *v, const uint8_t *data, uint8_t *out)
{
	const uint32_t blocks = (uint32_t)v->blocks[0] + v->blocks[1];
	const uint32_t total = data_codewords(v);
	uint8_t generator[MAX_ECC], ecc[MAX_ECC];
	uint32_t from = 0;

	make_generator(generator, v->ecc);
	for (uint32_t b = 0; b < blocks; b++) {
		const uint32_t len = v->data + (b >= v->blocks[0] ? 1u : 0u);

		for (uint32_t i = 0; i < len; i++) {
			/* The extra codeword of later blocks comes after all others. */
			const uint32_t at = i < v->data
						    ? i * blocks + b
						    : v->data * blocks + b - v->blocks[0];

			out[at] = data[from + i];
		}
		remainder_of(data + from, len, generator, v->ecc, ecc);
		for (uint32_t i = 0; i < v->ecc; i++)
			out[total + i * blocks + b] = ecc[i];
		from += len;
	}
}

/* --- modules ---------------------------------------------------------------------- */

static void set_fixed(struct work *w, uint32_t x, uint32_t y, bool dark)
{
	if (x >= w->side || y >= w->side)
		return;
	w->dark[y][x] = dark;
	w->fixed[y][x] = 1;
}

/* Rings around a centre: a module is dark unless its distance is in @light. */
static void place_rings(struct work *w, uint32_t cx, uint32_t cy, uint32_t reach,
			uint32_t light)
{
	for (uint32_t j = 0; j <= 2u * reach; j++)
		for (uint32_t i = 0; i <= 2u * reach; i++) {
			const uint32_t dx = i > reach ? i - reach : reach - i;
			const uint32_t dy = j > reach ? j - reach : reach - j;

			/* Below 0 wraps to what is outside. */
			set_fixed(w, cx + i - reach, cy + j - reach,
				  (light >> (dx > dy ? dx : dy) & 1u) == 0);
		}
}

static void place_alignment(struct work *w, const struct version *v)
{
	uint32_t n = 0;

	while (n < 3u && v->align[n] != 0)
		n++;
	for (uint32_t j = 0; j < n; j++)
		for (uint32_t i = 0; i < n; i++)
			if (!(i == 0 && j == 0) && !(i == 0 && j == n - 1u) &&
			    !(j == 0 && i == n - 1u))
				place_rings(w, v->align[i], v->align[j], 2, 1u << 1);
}

/* Bose-Chaudhuri-Hocquenghem: @value followed by its remainder. */
static uint32_t with_check(uint32_t value, uint32_t polynomial, uint32_t degree)
{
	uint32_t rest = value;

	for (uint32_t i = 0; i < degree; i++)
		rest = rest << 1 ^ (rest >> (degree - 1u)) * polynomial;
	return value << degree | rest;
}

static void place_format(struct work *w, uint32_t mask)
{
	/* Level M is 00. */
	const uint32_t bits = with_check(mask, 0x537, 10) ^ 0x5412;

	for (uint32_t i = 0; i < 15u; i++) {
		const bool dark = (bits >> i & 1u) != 0;
		/* Down the column beside the upper left finder, then along its row. */
		static const uint8_t column[8] = { 0, 1, 2, 3, 4, 5, 7, 8 };
		static const uint8_t row[7] = { 7, 5, 4, 3, 2, 1, 0 };

		if (i < 8u) {
			set_fixed(w, 8, column[i], dark);
			set_fixed(w, w->side - 1u - i, 8, dark);
		} else {
			set_fixed(w, row[i - 8u], 8, dark);
			set_fixed(w, 8, w->side - 15u + i, dark);
		}
	}
	set_fixed(w, 8, w->side - 8u, true);
}

static void place_version(struct work *w, uint32_t number)
{
	const uint32_t bits = with_check(number, 0x1f25, 12);

	if (number < 7u)
		return;
	for (uint32_t i = 0; i < 18u; i++) {
		const uint32_t a = w->side - 11u + i % 3u, b = i / 3u;

		set_fixed(w, a, b, (bits >> i & 1u) != 0);
		set_fixed(w, b, a, (bits >> i & 1u) != 0);
	}
}

static void place_patterns(struct work *w, uint32_t number)
{
	for (uint32_t i = 0; i < w->side; i++) {
		set_fixed(w, 6, i, i % 2u == 0);
		set_fixed(w, i, 6, i % 2u == 0);
	}
	place_alignment(w, &versions[number - 1u]);
	place_rings(w, 3, 3, 4, 1u << 2 | 1u << 4);
	place_rings(w, w->side - 4u, 3, 4, 1u << 2 | 1u << 4);
	place_rings(w, 3, w->side - 4u, 4, 1u << 2 | 1u << 4);
	place_format(w, 0); /* reserves the room */
	place_version(w, number);
}

/* Bits in pairs of columns from the right, upwards and downwards in turn. */
static void place_data(struct work *w, const uint8_t *codewords, uint32_t count)
{
	uint32_t bit = 0;

	for (uint32_t pair = 0; pair < (w->side - 1u) / 2u; pair++) {
		uint32_t right = w->side - 1u - 2u * pair;

		if (right <= 6u)
			right--; /* the timing column is passed over */
		for (uint32_t step = 0; step < 2u * w->side; step++) {
			const uint32_t down = step / 2u;
			const uint32_t y = pair % 2u == 0 ? w->side - 1u - down : down;
			const uint32_t x = right - step % 2u;

			if (w->fixed[y][x])
				continue;
			if (bit < 8u * count)
				w->dark[y][x] = (uint8_t)((uint32_t)codewords[bit / 8u] >>
								  (7u - bit % 8u) &
							  1u);
			bit++;
		}
	}
}

static bool mask_bit(uint32_t mask, uint32_t x, uint32_t y)
{
	switch (mask) {
	case 0:
		return (x + y) % 2u == 0;
	case 1:
		return y % 2u == 0;
	case 2:
		return x % 3u == 0;
	case 3:
		return (x + y) % 3u == 0;
	case 4:
		return (x / 3u + y / 2u) % 2u == 0;
	case 5:
		return x * y % 2u + x * y % 3u == 0;
	case 6:
		return (x * y % 2u + x * y % 3u) % 2u == 0;
	default:
		return ((x + y) % 2u + x * y % 3u) % 2u == 0;
	}
}

/* Twice gives back what was there. */
static void apply_mask(struct work *w, uint32_t mask)
{
	for (uint32_t y = 0; y < w->side; y++)
		for (uint32_t x = 0; x < w->side; x++)
			if (!w->fixed[y][x] && mask_bit(mask, x, y))
				w->dark[y][x] ^= 1u;
}

/* --- choosing the mask ------------------------------------------------------------ */

static uint32_t module(const struct work *w, bool across, uint32_t line, uint32_t i)
{
	return across ? w->dark[line][i] : w->dark[i][line];
}

/* Runs of five and more, and what looks like a finder (1:1:3:1:1 beside four light). */
static uint32_t line_penalty(const struct work *w, bool across, uint32_t line)
{
	uint32_t penalty = 0, run = 0, last = 2, window = 0;

	for (uint32_t i = 0; i < w->side; i++) {
		const uint32_t dark = module(w, across, line, i);

		run = dark == last ? run + 1u : 1u;
		last = dark;
		penalty += run == 5u ? 3u : run > 5u ? 1u : 0u;
		window = (window << 1 | dark) & 0x7ffu;
		if (i >= 10u && (window == 0x05du || window == 0x5d0u))
			penalty += 40u;
	}
	return penalty;
}

static uint32_t square_penalty(const struct work *w)
{
	uint32_t penalty = 0;

	for (uint32_t y = 0; y + 1u < w->side; y++)
		for (uint32_t x = 0; x + 1u < w->side; x++) {
			const uint32_t sum = (uint32_t)w->dark[y][x] +
					     w->dark[y][x + 1u] + w->dark[y + 1u][x] +
					     w->dark[y + 1u][x + 1u];

			penalty += sum % 4u == 0 ? 3u : 0u;
		}
	return penalty;
}

static uint32_t balance_penalty(const struct work *w)
{
	const uint32_t all = w->side * w->side;
	uint32_t dark = 0, off;

	for (uint32_t y = 0; y < w->side; y++)
		for (uint32_t x = 0; x < w->side; x++)
			dark += w->dark[y][x];
	off = 2u * dark > all ? 2u * dark - all : all - 2u * dark;
	return 10u * (off * 10u / all); /* whole steps of 5 % from half */
}

static uint32_t penalty_of(const struct work *w)
{
	uint32_t penalty = square_penalty(w) + balance_penalty(w);

	for (uint32_t i = 0; i < w->side; i++)
		penalty += line_penalty(w, true, i) + line_penalty(w, false, i);
	return penalty;
}

static void choose_mask(struct work *w)
{
	uint32_t best = 0, least = UINT32_MAX;

	for (uint32_t mask = 0; mask < MASKS; mask++) {
		apply_mask(w, mask);
		place_format(w, mask);
		const uint32_t penalty = penalty_of(w);

		if (penalty < least) {
			least = penalty;
			best = mask;
		}
		apply_mask(w, mask);
	}
	apply_mask(w, best);
	place_format(w, best);
}

enum lb_status qr_encode(const uint8_t *text, size_t len, struct qr_code *out)
{
	uint8_t data[MAX_CODEWORDS], codewords[MAX_CODEWORDS];
	const uint32_t number = len <= QR_MAX_TEXT_BYTES ? pick_version(len) : 0;
	struct work w;

	if (number == 0)
		return LB_ERR_RANGE;
	const struct version *v = &versions[number - 1u];

	memset(&w, 0, sizeof w);
	w.side = 17u + 4u * number;
	make_data(number, text, len, data);
	make_codewords(v, data, codewords);
	place_patterns(&w, number);
	place_data(&w, codewords, v->codewords);
	choose_mask(&w);

	memset(out, 0, sizeof *out);
	out->side = w.side;
	for (uint32_t y = 0; y < w.side; y++)
		for (uint32_t x = 0; x < w.side; x++)
			out->dark[(y * w.side + x) / 8u] |=
				(uint8_t)(w.dark[y][x] << ((y * w.side + x) % 8u));
	return LB_OK;
}
