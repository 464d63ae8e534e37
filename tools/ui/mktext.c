/* mktext: ui/strings to C.
 *
 * usage: mktext STRINGS-FOLDER FONT.c TEXT.c
 *
 * FONT.c gets what is there without unpacking: ASCII outlines (proportional and fixed)
 * and the English texts. TEXT.c gets all other languages, gzipped. The output depends
 * only on the texts, the fonts and the versions of HarfBuzz, FriBidi and zlib. */
#include "tools/ui/mktext.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define ASCII_FIRST 0x20
#define ASCII_LAST  0x7e

_Noreturn void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("mktext: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void put_byte(struct bytes *b, uint32_t value)
{
	if (b->len == b->room) {
		b->room = b->room == 0 ? 64 : 2 * b->room;
		b->data = realloc(b->data, b->room);
		if (b->data == NULL)
			die("no memory");
	}
	b->data[b->len++] = (uint8_t)value;
}

void put_u16(struct bytes *b, uint32_t value)
{
	put_byte(b, value & 0xff);
	put_byte(b, value >> 8 & 0xff);
}

void put_u32(struct bytes *b, uint32_t value)
{
	put_u16(b, value & 0xffff);
	put_u16(b, value >> 16);
}

void put_varint(struct bytes *b, uint32_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_byte(b, value | 0x80);
	put_byte(b, value);
}

void put_signed(struct bytes *b, int32_t value)
{
	put_varint(b, value < 0 ? ((uint32_t)-value << 1) - 1u : (uint32_t)value << 1);
}

void put_bytes(struct bytes *b, const struct bytes *from)
{
	for (size_t i = 0; i < from->len; i++)
		put_byte(b, from->data[i]);
}

/* --- C output --------------------------------------------------------------------- */

static FILE *open_output(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		die("%s: cannot be written", path);
	fputs("/* Made by tools/ui/mktext. */\n#include <stdint.h>\n\n", f);
	return f;
}

static void close_output(FILE *f, const char *path)
{
	if (ferror(f) || fclose(f) != 0)
		die("%s: cannot be written", path);
}

static void write_array(FILE *f, const char *name, const struct bytes *b)
{
	fprintf(f, "extern const uint8_t %s[];\nconst uint8_t %s[] = {", name, name);
	for (size_t i = 0; i < b->len; i++)
		fprintf(f, "%s%u,", i % 24 == 0 ? "\n" : "", b->data[i]);
	fputs("\n};\n\n", f);
}

static void write_number(FILE *f, const char *name, size_t value)
{
	fprintf(f, "extern const uint32_t %s;\nconst uint32_t %s = %zuu;\n\n", name, name,
		value);
}

/* The keys in order: a table for other strings must not be taken into use. */
static uint32_t strings_digest(void)
{
	struct bytes all = { 0 };

	for (size_t i = 0; i < UI_STRING_COUNT; i++)
		for (const char *c = string_keys[i];; c++) {
			put_byte(&all, (uint8_t)*c);
			if (*c == '\0')
				break;
		}
	return (uint32_t)crc32(0, all.data, (uInt)all.len);
}

/* Offsets of the 95 characters, their advances, and one end. */
static void write_ascii(FILE *f, const char *prefix, const char *font_name)
{
	struct font *font = font_open(font_name);
	struct bytes outlines = { 0 }, offsets = { 0 }, advances = { 0 };
	char name[64];

	for (uint32_t c = ASCII_FIRST; c <= ASCII_LAST; c++) {
		struct glyph g;

		if (!font_has(font, c))
			die("no ASCII glyph for %u", (unsigned int)c);
		outline_of(font, font_glyph(font, c), &g);
		put_u16(&offsets, (uint32_t)outlines.len);
		put_u16(&advances, (uint32_t)g.advance);
		put_bytes(&outlines, &g.outline);
	}
	if (outlines.len > 0xffff)
		die("ASCII outlines are too large");
	put_u16(&offsets, (uint32_t)outlines.len);
	snprintf(name, sizeof name, "ui_%s_outlines", prefix);
	write_array(f, name, &outlines);
	snprintf(name, sizeof name, "ui_%s_offsets", prefix);
	write_array(f, name, &offsets);
	snprintf(name, sizeof name, "ui_%s_advances", prefix);
	write_array(f, name, &advances);
}

static void write_english(FILE *f, const struct locale *en)
{
	fprintf(f, "extern const char *const ui_english[];\nconst char *const "
		   "ui_english[] = {\n");
	for (size_t i = 0; i < UI_STRING_COUNT; i++) {
		fputs("\t\"", f);
		for (const char *c = en->text[i]; *c != '\0'; c++) {
			if (*c < ASCII_FIRST || *c > ASCII_LAST)
				die("en: %s is not ASCII", string_keys[i]);
			fprintf(f, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
		}
		fputs("\",\n", f);
	}
	fputs("};\n\n", f);
	write_number(f, "ui_strings_digest", strings_digest());
}

/* --- the packed table ------------------------------------------------------------- */

static void make_runs(const struct locale *l, struct bytes *languages,
		      struct bytes *offsets, struct bytes *runs)
{
	int32_t top = 0, bottom = 0;

	for (size_t i = 0; i < UI_STRING_COUNT; i++) {
		put_u32(offsets, (uint32_t)runs->len);
		shape_run(l, l->text[i], runs, &top, &bottom);
	}
	for (size_t i = 0; i < 8; i++)
		put_byte(languages, i < strlen(l->code) ? (uint8_t)l->code[i] : 0);
	put_byte(languages, l->rtl);
	put_byte(languages, 0);
	put_u16(languages, (uint32_t)top);
	put_u16(languages, (uint32_t)-bottom);
	put_u16(languages, 0);
}

static void make_glyphs(struct bytes *table, struct bytes *outlines)
{
	for (uint32_t i = 0; i < glyph_count; i++) {
		put_u32(table, (uint32_t)outlines->len);
		put_u16(table, (uint32_t)glyphs[i].advance);
		put_bytes(outlines, &glyphs[i].outline);
	}
	put_u32(table, (uint32_t)outlines->len);
	put_u16(table, 0);
}

static void make_table(const struct locale *locales, size_t count, struct bytes *out)
{
	struct bytes languages = { 0 }, offsets = { 0 }, runs = { 0 }, table = { 0 },
		     outlines = { 0 };

	for (size_t i = 0; i < count; i++)
		make_runs(&locales[i], &languages, &offsets, &runs);
	put_u32(&offsets, (uint32_t)runs.len);
	make_glyphs(&table, &outlines);
	for (const char *c = "LBTEXT\0\1"; out->len < 8; c++)
		put_byte(out, (uint8_t)*c);
	put_u32(out, strings_digest());
	put_u32(out, (uint32_t)count);
	put_u32(out, UI_STRING_COUNT);
	put_u32(out, glyph_count);
	put_u32(out, (uint32_t)runs.len);
	put_u32(out, (uint32_t)outlines.len);
	put_bytes(out, &languages);
	put_bytes(out, &offsets);
	put_bytes(out, &table);
	put_bytes(out, &runs);
	put_bytes(out, &outlines);
}

static void compress_table(const struct bytes *in, struct bytes *out)
{
	z_stream z = { 0 };

	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		die("zlib");
	out->room = deflateBound(&z, in->len) + 64;
	out->data = malloc(out->room);
	if (out->data == NULL)
		die("no memory");
	z.next_in = in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = out->data;
	z.avail_out = (uInt)out->room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("zlib");
	out->len = z.total_out;
	deflateEnd(&z);
}

/* --- all locales ------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t list_locales(const char *folder, char *names[MAX_LOCALES])
{
	DIR *d = opendir(folder);
	size_t count = 0;

	if (d == NULL)
		die("%s: cannot be read", folder);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.' || strchr(e->d_name, '.') != NULL ||
		    strcmp(e->d_name, "en") == 0)
			continue;
		if (count == MAX_LOCALES)
			die("too many locales");
		names[count++] = strdup(e->d_name);
	}
	closedir(d);
	qsort(names, count, sizeof names[0], by_name);
	return count;
}

static void read_locale(const char *folder, const char *code, struct locale *out)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, code);
	locale_read(path, code, out);
}

int main(int argc, char **argv)
{
	static struct locale locales[MAX_LOCALES], english;
	struct bytes table = { 0 }, packed = { 0 };
	char *names[MAX_LOCALES];

	if (argc != 4)
		die("usage: mktext STRINGS-FOLDER FONT.c TEXT.c");
	const size_t count = list_locales(argv[1], names);

	read_locale(argv[1], "en", &english);
	FILE *f = open_output(argv[2]);
	write_ascii(f, "sans", "");
	write_ascii(f, "mono", "Mono");
	write_english(f, &english);
	close_output(f, argv[2]);

	for (size_t i = 0; i < count; i++)
		read_locale(argv[1], names[i], &locales[i]);
	make_table(locales, count, &table);
	compress_table(&table, &packed);
	f = open_output(argv[3]);
	write_array(f, "ui_text_packed", &packed);
	write_number(f, "ui_text_packed_bytes", packed.len);
	write_number(f, "ui_text_packed_room", table.len);
	close_output(f, argv[3]);
	printf("mktext: %zu languages, %u glyphs, %zu bytes, packed %zu\n", count + 1u,
	       (unsigned int)glyph_count, table.len, packed.len);
	return 0;
}
