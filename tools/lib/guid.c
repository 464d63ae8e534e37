/* GUIDs from a seed. */
#include "tools/lib/guid.h"

#include <openssl/evp.h>
#include <string.h>

#include "tools/lib/buffer.h"
#include "tools/lib/tool.h"

/* Text order to the mixed-endian order on disk, and back. */
static const uint8_t disk_order[16] = { 3, 2, 1,  0,  5,  4,  7,  6,
					8, 9, 10, 11, 12, 13, 14, 15 };

#define MARKED_BYTES 12u /* what the mark in the last four is of */
#define MARK_BYTES   4u

static void digest_of(const void *bytes, size_t len, uint8_t out[32])
{
	if (EVP_Q_digest(NULL, "SHA256", NULL, bytes, len, out, NULL) != 1)
		tool_fatal("SHA-256 is not available");
}

/* @text: bytes in text order. */
static void mark_of(const uint8_t text[MARKED_BYTES], uint8_t mark[MARK_BYTES])
{
	static const char what[] = "lifeboat image GUID";
	uint8_t bytes[sizeof(what) + MARKED_BYTES], digest[32];

	memcpy(bytes, what, sizeof(what));
	memcpy(bytes + sizeof(what), text, MARKED_BYTES);
	digest_of(bytes, sizeof(bytes), digest);
	memcpy(mark, digest, MARK_BYTES);
}

void tool_guid_make(const char *seed, const char *name, uint8_t out[16])
{
	struct tool_buffer text = { 0 };
	uint8_t digest[32];

	tool_buffer_append(&text, seed, strlen(seed) + 1);
	tool_buffer_text(&text, name);
	digest_of(text.data, text.len, digest);
	tool_buffer_free(&text);
	digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x80);
	digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
	mark_of(digest, digest + MARKED_BYTES);
	for (size_t i = 0; i < 16; i++)
		out[i] = digest[disk_order[i]];
}

bool tool_guid_is_made(const uint8_t guid[16])
{
	uint8_t text[16], mark[MARK_BYTES];

	for (size_t i = 0; i < 16; i++)
		text[disk_order[i]] = guid[i];
	mark_of(text, mark);
	return memcmp(mark, text + MARKED_BYTES, MARK_BYTES) == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool tool_guid_parse(const char *text, uint8_t out[16])
{
	uint8_t bytes[16];

	for (size_t i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		const int high = hex_digit(text[0]);
		const int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text != '\0')
		return false;
	for (size_t i = 0; i < 16; i++)
		out[i] = bytes[disk_order[i]];
	return true;
}
