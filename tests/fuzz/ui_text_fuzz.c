/* Fuzzes the table of texts: whatever opens can be laid out and drawn. By the first byte
 * an input is a whole table, or one whose magic and digest are made right, or runs and
 * outlines that get a sound table around them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ui/label.h"
#include "ui/table.h"
#include "ui/text.h"

#define SIDE      160
#define LABELS    40u
#define LANGUAGES 2u
#define GLYPHS    8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const uint32_t ui_strings_digest;

static struct canvas canvas;
static uint32_t pixels[SIDE * SIDE];

static void repair(uint8_t *bytes)
{
	memcpy(bytes, "LBTEXT\0\1", 8);
	lb_put_le32(bytes + 8, ui_strings_digest);
	lb_put_le32(bytes + 16, UI_STRING_COUNT);
}

/* Offsets that divide @len evenly. */
static uint8_t *put_offsets(uint8_t *p, uint32_t count, uint32_t stride, size_t len)
{
	for (uint32_t i = 0; i <= count; i++, p += stride)
		lb_put_le32(p, (uint32_t)(len * i / count));
	return p;
}

static uint8_t *build(const uint8_t *data, size_t size, size_t *len)
{
	const size_t half = size / 2;
	const size_t head = 32 + LANGUAGES * 16 + (LANGUAGES * UI_STRING_COUNT + 1) * 4 +
			    (GLYPHS + 1) * 6;
	uint8_t *bytes = calloc(1, head + size), *p;

	if (bytes == NULL)
		abort();
	repair(bytes);
	lb_put_le32(bytes + 12, LANGUAGES);
	lb_put_le32(bytes + 20, GLYPHS);
	lb_put_le32(bytes + 24, (uint32_t)half);
	lb_put_le32(bytes + 28, (uint32_t)(size - half));
	bytes[32 + 8] = 1; /* the first from right to left */
	p = put_offsets(bytes + 32 + LANGUAGES * 16, LANGUAGES * UI_STRING_COUNT, 4,
			half);
	p = put_offsets(p, GLYPHS, 6, size - half);
	memcpy(p, data, size);
	*len = head + size;
	return bytes;
}

static void draw(const struct ui_text *text, uint32_t language, uint32_t string)
{
	const struct label_style style = { 24, 6, LABEL_CENTRE, true, 0 };
	const struct canvas_rect rect = { 4, 4, SIDE - 8, SIDE - 8 };
	struct label l;

	label_string(&l, text, language, (enum ui_string)string, 7);
	(void)label_draw(&canvas, &l, rect, &style, NULL); /* false is an answer too */
}

/* A copy of exactly its size: reading past it is found. */
static uint8_t *make_input(const uint8_t *data, size_t size, size_t *len)
{
	uint8_t *bytes;

	if (data[0] % 4 != 0)
		return build(data + 1, size - 1, len);
	bytes = malloc(size - 1);
	if (bytes == NULL)
		abort();
	memcpy(bytes, data + 1, size - 1);
	if (data[0] % 8 != 0)
		repair(bytes);
	*len = size - 1;
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char code[UI_LANGUAGE_CODE_BYTES];
	struct ui_text text;
	size_t len;

	if (size < 34 || size > 8192)
		return 0;
	uint8_t *bytes = make_input(data, size, &len);
	const enum lb_status status = ui_text_open(&text, bytes, len);

	if (data[0] % 4 != 0 && status != LB_OK)
		abort();
	if (status == LB_OK) {
		if (canvas_init(&canvas, pixels, SIDE * SIDE, SIDE, SIDE) != LB_OK)
			abort();
		for (uint32_t i = 0; i < LABELS; i++)
			draw(&text, 1 + i % LANGUAGES, i);
		for (uint32_t i = 0; i <= text.languages; i++)
			ui_text_code(&text, i, code);
		(void)ui_text_find(&text, "xx-YY"); /* any number will do */
	}
	free(bytes);
	return 0;
}
