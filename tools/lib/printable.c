/* Printing of untrusted text. */
#include "tools/lib/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* First and last of what is never printed as it is, besides ASCII. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x80, 0x9f },       /* C1 */
	{ 0xad, 0xad },       /* soft hyphen */
	{ 0x61c, 0x61c },     /* direction */
	{ 0x200b, 0x200f },   /* no width, direction */
	{ 0x2028, 0x202e },   /* other line ends, direction */
	{ 0x2060, 0x206f },   /* no width, direction */
	{ 0xd800, 0xdfff },   /* no characters */
	{ 0xfe00, 0xfe0f },   /* variants of the character before */
	{ 0xfeff, 0xfeff },   /* no width */
	{ 0xfff0, 0xfffb },   /* annotations */
	{ 0xe0000, 0xfffff }, /* tags, private use */
	{ 0x100000, 0xffffffff },
};

static bool may_be_seen(uint32_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	return c >= 0x20 && c != 0x7f;
}

/* Bytes of the character at @p when it is whole, in its shortest form and may be seen;
 * else
 * 0. @p ends in NUL. */
static size_t character(const unsigned char *p)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const size_t more = p[0] < 0x80 ? 0 : p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	if (p[0] >= 0xf8 || (more > 0 && p[0] < 0xc0))
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	return c >= least[more] && may_be_seen(c) ? more + 1 : 0;
}

size_t tool_print_text(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t printed = 0;

	while (*p != '\0') {
		const size_t bytes = character(p);

		if (bytes == 0)
			printed += (size_t)fprintf(out, "\\x%02x", *p++);
		else {
			(void)fwrite(p, 1, bytes, out);
			printed++;
			p += bytes;
		}
	}
	return printed;
}
