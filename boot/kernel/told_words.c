/* Hand-over values as words of a command line. */
#include "boot/kernel/told_words.h"

#include <string.h>

#include "base/format.h"
#include "base/handover.h"
#include "boot/kernel/cmdline_args.h"

#define PREFIX       "lifeboat."
#define PREFIX_BYTES (sizeof PREFIX - 1)

/* --- saying ------------------------------------------------------------------------- */

/* What stands for itself: nothing that a command line, a shell or "%U" gives a
 * meaning. */
static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || (c != '\0' && strchr("._:,/()+-", c) != NULL);
}

static size_t encoded_bytes(const char *value)
{
	size_t bytes = 0;

	for (; *value != '\0'; value++)
		bytes += is_plain(*value) ? 1 : 3;
	return bytes;
}

static void encode(const char *value, char *out)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *value != '\0'; value++) {
		const uint8_t byte = (uint8_t)*value;

		if (is_plain(*value)) {
			*out++ = *value;
			continue;
		}
		*out++ = '%';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
}

bool kernel_told_prepend(char *words, size_t size, const char *name, const char *value)
{
	char property[LB_HANDOVER_PROPERTY_BYTES];
	const size_t used = strlen(words);

	lb_handover_property(name, property);
	const size_t name_bytes = strlen(property);
	const size_t word = PREFIX_BYTES + name_bytes + 1 + encoded_bytes(value);
	const size_t shift = word + (used > 0);

	if (shift >= size - used)
		return false;
	memmove(words + shift, words, used + 1);
	memcpy(words, PREFIX, PREFIX_BYTES);
	property[name_bytes] = '=';
	memcpy(words + PREFIX_BYTES, property, name_bytes + 1);
	encode(value, words + PREFIX_BYTES + name_bytes + 1);
	if (used > 0)
		words[word] = ' ';
	return true;
}

const char *kernel_told_drop(const char *words)
{
	const char *space = strchr(words, ' ');

	return space != NULL ? space + 1 : words + strlen(words);
}

/* --- being told --------------------------------------------------------------------- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at @in and how many characters it is; 0: none that encode() writes. */
static size_t decode_byte(const char *in, size_t len, char *out)
{
	*out = *in;
	if (is_plain(*in))
		return 1;
	const int high = *in == '%' && len > 2 ? digit_of(in[1]) : -1;
	const int low = high >= 0 ? digit_of(in[2]) : -1;

	if (low < 0)
		return 0;
	*out = (char)(high << 4 | low);
	return *out == '\0' || is_plain(*out) ? 0 : 3;
}

static enum lb_status decode(const char *in, size_t len, char *out, size_t size)
{
	while (len > 0 && size > 1) {
		const size_t used = decode_byte(in, len, out);

		if (used == 0)
			return LB_ERR_RANGE;
		in += used, len -= used;
		out++, size--;
	}
	*out = '\0';
	return len == 0 ? LB_OK : LB_ERR_RANGE;
}

enum lb_status kernel_told_find(const char *cmdline, const char *name, char *out,
				size_t size)
{
	char wanted[PREFIX_BYTES + LB_HANDOVER_PROPERTY_BYTES] = PREFIX;
	enum lb_status status = LB_ERR_NOT_FOUND;
	struct kernel_argument argument;

	lb_handover_property(name, wanted + PREFIX_BYTES);
	while (kernel_argument_next(&cmdline, &argument)) {
		if (!kernel_argument_is(&argument, wanted))
			continue;
		if (status != LB_ERR_NOT_FOUND)
			return LB_ERR_DUPLICATE;
		status = argument.value != NULL
				 ? decode(argument.value, argument.value_len, out, size)
				 : LB_ERR_RANGE;
	}
	return status;
}

/* --- who else says it --------------------------------------------------------------- */

static bool is_name_character(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* @text begins with one of the loader's names, '-' or '_' in it. */
static bool is_name(const uint8_t *text, size_t len)
{
	size_t bytes = 0;

	while (bytes < len && is_name_character(text[bytes]))
		bytes++;
	const struct kernel_argument argument = { .name = (const char *)text,
						  .name_len = bytes };

	for (size_t i = 0; i < LB_HANDOVER_NAMES; i++) {
		char property[LB_HANDOVER_PROPERTY_BYTES];

		lb_handover_property(lb_handover_names[i], property);
		if (kernel_argument_is(&argument, property))
			return true;
	}
	return false;
}

bool kernel_told_reserved(const uint8_t *text, size_t len, size_t *at)
{
	const uint8_t *end = len > 0 ? memchr(text, '\0', len) : NULL;

	if (end != NULL)
		len = (size_t)(end - text);
	for (size_t i = 0; i + PREFIX_BYTES <= len; i++) {
		if (memcmp(text + i, PREFIX, PREFIX_BYTES) != 0 ||
		    !is_name(text + i + PREFIX_BYTES, len - i - PREFIX_BYTES))
			continue;
		*at = i;
		return true;
	}
	return false;
}
