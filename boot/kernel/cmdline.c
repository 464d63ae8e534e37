/* The kernel command line: checks, substitutions, additions. */
#include "boot/kernel/cmdline.h"

#include <stdbool.h>
#include <string.h>

#include "base/format.h"
#include "boot/kernel/cmdline_args.h"

struct text {
	char *out;
	size_t size; /* with NUL */
	size_t used;
	bool full;
};

static void put(struct text *t, const char *s, size_t len)
{
	if (t->full || len >= t->size - t->used) {
		t->full = true;
		return;
	}
	memcpy(t->out + t->used, s, len);
	t->used += len;
	t->out[t->used] = '\0';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Length of the text without trailing spaces, or an error and where it is. */
static enum lb_status check(const uint8_t *page, size_t page_bytes, size_t *len,
			    size_t *error_at)
{
	const uint8_t *end = memchr(page, '\0', page_bytes);

	*error_at = page_bytes;
	if (end == NULL)
		return LB_ERR_TRUNCATED;
	*len = (size_t)(end - page);
	for (size_t i = 0; i < *len; i++) {
		*error_at = i;
		if (!is_space(page[i]) && (page[i] < 0x20 || page[i] > 0x7e))
			return LB_ERR_RANGE;
	}
	while (*len > 0 && is_space(page[*len - 1]))
		(*len)--;
	return LB_OK;
}

/* Offset of a "--" that stands alone outside double quotes, or @len. What follows it
 * belongs to init, so additions must go before it. */
static size_t find_lone_dashes(const uint8_t *s, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		if (!quoted && s[i] == '-' && i + 1 < len && s[i + 1] == '-' &&
		    (i == 0 || is_space(s[i - 1])) &&
		    (i + 2 == len || is_space(s[i + 2])))
			return i;
	}
	return len;
}

static void put_expanded(struct text *t, const uint8_t *s, size_t len,
			 const char guid[LB_GUID_TEXT_BYTES], const size_t page_offset,
			 size_t *error_at)
{
	for (size_t i = 0; i < len && !t->full; i++) {
		*error_at = page_offset + i;
		if (s[i] == '%' && i + 1 < len && s[i + 1] == 'U') {
			put(t, guid, LB_GUID_TEXT_BYTES - 1);
			i++;
		} else if (s[i] == '%' && i + 1 < len && s[i + 1] == '%') {
			put(t, "%", 1);
			i++;
		} else {
			const char c = is_space(s[i]) ? ' ' : (char)s[i];
			put(t, &c, 1);
		}
	}
}

static void put_additions(struct text *t, const char *additions, bool more_follows)
{
	if (additions[0] == '\0')
		return;
	if (t->used > 0 && t->out[t->used - 1] != ' ')
		put(t, " ", 1);
	put(t, additions, strlen(additions));
	if (more_follows)
		put(t, " ", 1);
}

enum lb_status kernel_cmdline_make(const uint8_t *page, size_t page_bytes,
				   const uint8_t guid[16], const char *additions,
				   char *out, size_t out_bytes, size_t *error_at)
{
	struct text text = { .out = out, .size = out_bytes };
	char guid_text[LB_GUID_TEXT_BYTES];
	size_t len, unwanted;

	if (out_bytes == 0)
		return LB_ERR_ARGUMENT;
	out[0] = '\0';
	if (error_at == NULL)
		error_at = &unwanted;
	*error_at = 0;

	const enum lb_status status = check(page, page_bytes, &len, error_at);
	if (status != LB_OK)
		return status;

	const size_t dashes = find_lone_dashes(page, len);
	lb_format_guid(guid_text, guid);
	put_expanded(&text, page, dashes, guid_text, 0, error_at);
	put_additions(&text, additions, dashes < len);
	put_expanded(&text, page + dashes, len - dashes, guid_text, dashes, error_at);
	return text.full ? LB_ERR_FULL : LB_OK;
}

/* --- lifeboat.recovery-floor= ------------------------------------------------------- */

#define FLOOR_NAME "lifeboat.recovery-floor"

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* All of @s is one number of 32 bits, in its only spelling. */
static bool parse_number(const uint8_t *s, size_t len, uint32_t *out)
{
	const bool hex = len > 2 && s[0] == '0' && s[1] == 'x';
	const uint32_t base = hex ? 16 : 10;
	uint64_t value = 0;

	if (hex) {
		s += 2;
		len -= 2;
	}
	if (len == 0 || len > 10 || (!hex && len > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		const uint32_t digit = (uint32_t)digit_of(s[i]);

		if (digit >= base)
			return false;
		value = value * base + digit;
	}
	*out = (uint32_t)value;
	return value <= UINT32_MAX;
}

enum lb_status kernel_cmdline_recovery_floor(const uint8_t *text, size_t len,
					     uint32_t *out)
{
	const uint8_t *nul = len > 0 ? memchr(text, '\0', len) : NULL;
	const char *at = (const char *)text;
	const char *end = nul != NULL ? (const char *)nul : at + len;
	struct kernel_argument a;
	bool found = false;
	uint32_t value = 0;

	while (kernel_argument_next_within(&at, end, &a)) {
		if (a.value == NULL || !kernel_argument_is(&a, FLOOR_NAME))
			continue;
		if (found)
			return LB_ERR_DUPLICATE;
		found = true;
		if (!parse_number((const uint8_t *)a.value, a.value_len, &value))
			return LB_ERR_RANGE;
	}
	*out = value;
	return LB_OK;
}
