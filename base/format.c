/* The small snprintf. */
#include "base/format.h"

#include <stdbool.h>

struct out {
	char *text;
	size_t size;
	size_t used;
};

struct spec {
	bool left;
	bool zero;
	int width;
	int precision; /* -1: none */
	int longs;     /* 0 int, 1 long, 2 long long, 3 size_t */
};

static void put(struct out *o, char c)
{
	if (o->used + 1 < o->size)
		o->text[o->used++] = c;
}

static char printable(char c)
{
	return c >= 0x20 && c < 0x7f ? c : '?';
}

static void put_padded(struct out *o, const struct spec *s, const char *text, size_t len)
{
	const size_t width = s->width > 0 ? (size_t)s->width : 0;

	for (size_t n = len; !s->left && n < width; n++)
		put(o, ' ');
	for (size_t i = 0; i < len; i++)
		put(o, printable(text[i]));
	for (size_t n = len; s->left && n < width; n++)
		put(o, ' ');
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t len = 0;

	if (text == NULL)
		text = "(null)";
	while ((s->precision < 0 || len < (size_t)s->precision) && text[len] != '\0')
		len++;
	put_padded(o, s, text, len);
}

/* The sign, and zeros before @digits digits. */
static void put_zeros(struct out *o, const struct spec *s, bool negative, size_t digits)
{
	const size_t width = s->width > 0 ? (size_t)s->width : 0;

	if (negative)
		put(o, '-');
	for (size_t n = digits + (negative ? 1 : 0); n < width; n++)
		put(o, '0');
}

static void put_number(struct out *o, const struct spec *s, uint64_t v, bool negative,
		       unsigned int base, bool upper)
{
	static const struct spec bare = { .precision = -1 };
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24]; /* the longest number of 64 bits and its sign */
	size_t at = sizeof text;

	do {
		text[--at] = digits[v % base];
		v /= base;
	} while (v != 0);
	if (s->zero && !s->left) {
		put_zeros(o, s, negative, sizeof text - at);
		put_padded(o, &bare, text + at, sizeof text - at);
		return;
	}
	if (negative)
		text[--at] = '-';
	put_padded(o, s, text + at, sizeof text - at);
}

static int64_t next_signed(const struct spec *s, va_list *args)
{
	switch (s->longs) {
	case 0:
		return va_arg(*args, int);
	case 1:
		return va_arg(*args, long);
	case 2:
		return va_arg(*args, long long);
	default:
		return (int64_t)va_arg(*args, size_t);
	}
}

static uint64_t next_unsigned(const struct spec *s, va_list *args)
{
	switch (s->longs) {
	case 0:
		return va_arg(*args, unsigned int);
	case 1:
		return va_arg(*args, unsigned long);
	case 2:
		return va_arg(*args, unsigned long long);
	default:
		return va_arg(*args, size_t);
	}
}

/* A decimal number or '*' of a width or precision. */
static int parse_count(const char **fmt, va_list *args)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*args, int);
	}
	while (**fmt >= '0' && **fmt <= '9' && n < 1000)
		n = n * 10 + (*(*fmt)++ - '0');
	return n;
}

static struct spec parse_spec(const char **fmt, va_list *args)
{
	struct spec s = { .precision = -1 };

	for (; **fmt == '-' || **fmt == '0'; (*fmt)++) {
		s.left = s.left || **fmt == '-';
		s.zero = s.zero || **fmt == '0';
	}
	s.width = parse_count(fmt, args);
	if (**fmt == '.') {
		(*fmt)++;
		s.precision = parse_count(fmt, args);
	}
	for (;; (*fmt)++) {
		if (**fmt == 'l')
			s.longs++;
		else if (**fmt == 'z')
			s.longs = 3;
		else if (**fmt != 'h')
			return s;
	}
}

static void put_conversion(struct out *o, char conversion, const struct spec *s,
			   va_list *args)
{
	int64_t v;
	char c;

	switch (conversion) {
	case 'd':
	case 'i':
		v = next_signed(s, args);
		put_number(o, s, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0, 10, false);
		break;
	case 'u':
		put_number(o, s, next_unsigned(s, args), false, 10, false);
		break;
	case 'x':
	case 'X':
		put_number(o, s, next_unsigned(s, args), false, 16, conversion == 'X');
		break;
	case 'p':
		put_number(o, s, (uintptr_t)va_arg(*args, void *), false, 16, false);
		break;
	case 's':
		put_string(o, s, va_arg(*args, const char *));
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_padded(o, s, &c, 1);
		break;
	default:
		put(o, '%');
		if (conversion != '%' && conversion != '\0')
			put(o, conversion);
	}
}

size_t lb_vformat(char *out, size_t size, const char *fmt, va_list args)
{
	struct out o = { out, size, 0 };
	va_list mine;

	va_copy(mine, args);
	while (*fmt != '\0') {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt++;
		const struct spec s = parse_spec(&fmt, &mine);

		put_conversion(&o, *fmt, &s, &mine);
		if (*fmt != '\0')
			fmt++;
	}
	va_end(mine);
	if (size > 0)
		out[o.used] = '\0';
	return o.used;
}

size_t lb_format(char *out, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	const size_t used = lb_vformat(out, size, fmt, args);
	va_end(args);
	return used;
}

void lb_format_hex(char *out, const uint8_t *bytes, size_t len)
{
	static const char digits[16] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

void lb_format_guid(char out[LB_GUID_TEXT_BYTES], const uint8_t guid[16])
{
	/* Byte order in the text; the first three fields are little-endian on disk. */
	static const uint8_t order[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
					   8, 9, 10, 11, 12, 13, 14, 15 };
	char *p = out;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		lb_format_hex(p, &guid[order[i]], 1);
		p += 2;
	}
}
