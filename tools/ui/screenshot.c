/* screenshot: draws screens on the host with the loader's own code.
 *
 * usage: screenshot [-o FOLDER] [-s WxH]... [-n SAMPLE]... [-l LANGUAGE]... [-x
 * NAME=VALUE]...
 *                   [-c] [-d] [-t] [-a]
 *
 * -x  changes the samples: url, model, support, detail, reason, countdown, asked, offer,
 *     developer, typed, selected; as a real machine's screen has them
 * -o  writes FOLDER/SAMPLE-WxH-LANGUAGE.png and index.html
 * -c  checks the layout: nothing cut, nothing overlapping, nothing outside
 * -d  prints "SAMPLE WxH LANGUAGE digest" per picture
 * -t  prints each sample's plain text
 * -a  prints "PICTURE WxH digest" for the pictographs alone (no font is involved), and
 *     "font digest" for the built-in outlines
 * Without -s, -n, -l: all sizes, samples, languages. */
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "tools/ui/samples.h"
#include "ui/art.h"
#include "ui/glyph.h"
#include "ui/screens.h"

#define MAX_SELECTED 64

struct selection {
	const char *name[MAX_SELECTED];
	size_t count;
};

struct options {
	const char *folder;
	bool check, digest, plain, art;
	struct selection sizes, samples, languages, changes;
};

static const char *const all_sizes[] = { "640x480",   "800x600",   "1024x768", "1280x800",
					 "1920x1080", "3840x2160", "1080x1920" };

static struct ui ui;
static struct ui_report report;
static uint32_t *pixels;
static unsigned int problems;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "screenshot: %s\n", what);
	exit(2);
}

static bool selected(const struct selection *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->name[i], name) == 0)
			return true;
	return s->count == 0;
}

static void add(struct selection *s, const char *name)
{
	if (s->count == MAX_SELECTED)
		fail("too many names");
	s->name[s->count++] = name;
}

static void load_texts(void)
{
	uint8_t *table = malloc(ui_text_packed_room);
	z_stream z = { .next_in = (Bytef *)(uintptr_t)ui_text_packed,
		       .avail_in = ui_text_packed_bytes,
		       .next_out = table,
		       .avail_out = ui_text_packed_room };

	if (table == NULL || inflateInit2(&z, 15 + 16) != Z_OK ||
	    inflate(&z, Z_FINISH) != Z_STREAM_END || z.total_out != ui_text_packed_room)
		fail("the packed texts cannot be unpacked");
	inflateEnd(&z);
	if (ui_text_open(&ui.text, table, ui_text_packed_room) != LB_OK)
		fail("the table of texts is bad");
}

/* --- checking --------------------------------------------------------------------- */

static void problem(const char *where, const char *what, const char *a, const char *b)
{
	printf("%s: %s: %s%s%s\n", where, what, a, *b != '\0' ? " / " : "", b);
	problems++;
}

static bool overlap(struct canvas_rect a, struct canvas_rect b)
{
	return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

static bool outside(struct canvas_rect r)
{
	return r.x < 0 || r.y < 0 || r.x + r.w > ui.canvas.width ||
	       r.y + r.h > ui.canvas.height;
}

static void check_layout(const char *where)
{
	if (report.overflows != 0)
		problem(where, "a text does not fit", "", "");
	if (ui.canvas.paths_failed != 0)
		problem(where, "a path has too many edges", "", "");
	for (uint32_t i = 0; i < report.box_count; i++) {
		if (outside(report.boxes[i].rect))
			problem(where, "outside", report.boxes[i].what, "");
		for (uint32_t j = i + 1; j < report.box_count; j++)
			if (overlap(report.boxes[i].rect, report.boxes[j].rect))
				problem(where, "overlap", report.boxes[i].what,
					report.boxes[j].what);
	}
}

/* --- output ----------------------------------------------------------------------- */

static void write_png(const char *path, uint32_t w, uint32_t h)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
			    .width = w,
			    .height = h,
			    .format = PNG_FORMAT_BGR,
			    .flags = PNG_IMAGE_FLAG_FAST };
	uint8_t *rgb = malloc((size_t)w * h * 3u);

	if (rgb == NULL)
		fail("no memory");
	for (size_t i = 0; i < (size_t)w * h; i++)
		for (size_t j = 0; j < 3; j++)
			rgb[3 * i + j] = (uint8_t)(pixels[i] >> (8 * j));
	if (png_image_write_to_file(&image, path, 0, rgb, 0, NULL) == 0)
		fail("a picture cannot be written");
	free(rgb);
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

static bool change_number(struct ui_state *s, const char *name, const char *value)
{
	if (strcmp(name, "reason") == 0)
		s->reason = (enum lb_reason)number(value);
	else if (strcmp(name, "countdown") == 0)
		s->countdown_s = number(value);
	else if (strcmp(name, "selected") == 0)
		s->selected = number(value);
	else if (strcmp(name, "asked") == 0)
		s->asked = number(value) != 0;
	else if (strcmp(name, "offer") == 0)
		s->developer_offer = number(value) != 0;
	else if (strcmp(name, "developer") == 0)
		s->developer = number(value) != 0;
	else
		return false;
	return true;
}

static void change(struct ui_state *s, const char *what)
{
	const char *value = strchr(what, '=');
	char name[16];

	if (value == NULL || (size_t)(value - what) >= sizeof name)
		fail("a change is NAME=VALUE");
	snprintf(name, sizeof name, "%.*s", (int)(value++ - what), what);
	if (strcmp(name, "url") == 0)
		s->url = value;
	else if (strcmp(name, "model") == 0)
		s->model = value;
	else if (strcmp(name, "support") == 0)
		s->support = value;
	else if (strcmp(name, "detail") == 0)
		s->detail = value;
	else if (strcmp(name, "typed") == 0)
		snprintf(s->typed, sizeof s->typed, "%s", value);
	else if (!change_number(s, name, value))
		fail("unknown change");
}

static void shoot(const struct options *o, const struct ui_sample *sample,
		  uint32_t language, uint32_t w, uint32_t h, FILE *index)
{
	struct ui_state state = sample->state;
	char code[UI_LANGUAGE_CODE_BYTES], name[128], path[512];

	state.language = (uint8_t)language;
	for (size_t i = 0; i < o->changes.count; i++)
		change(&state, o->changes.name[i]);
	ui_text_code(&ui.text, language, code);
	snprintf(name, sizeof name, "%s-%ux%u-%s", sample->name, w, h, code);
	memset(&report, 0, sizeof report);
	ui.canvas.paths_failed = 0;
	ui_draw(&ui.canvas, &ui.text, &state, &report);
	if (o->check)
		check_layout(name);
	if (o->digest)
		printf("%s %ux%u %s %08lx\n", sample->name, w, h, code,
		       crc32(0, (const Bytef *)pixels, (uInt)((size_t)w * h * 4)));
	if (o->folder == NULL)
		return;
	snprintf(path, sizeof path, "%s/%s.png", o->folder, name);
	write_png(path, w, h);
	fprintf(index,
		"<a href=\"%s.png\"><img src=\"%s.png\" alt=\"%s\" title=\"%s\"></a>\n",
		name, name, name, name);
}

static void shoot_size(const struct options *o, const char *size, FILE *index)
{
	unsigned int w = 0, h = 0;

	if (sscanf(size, "%ux%u", &w, &h) != 2 ||
	    canvas_init(&ui.canvas, pixels, (size_t)CANVAS_MAX_SIDE * 4320u, w, h) !=
		    LB_OK)
		fail("bad size");
	if (index != NULL)
		fprintf(index, "<h2>%s</h2>\n", size);
	for (size_t i = 0; i < ui_sample_count; i++) {
		if (!selected(&o->samples, ui_samples[i].name))
			continue;
		if (index != NULL)
			fprintf(index, "<h3>%s</h3>\n", ui_samples[i].name);
		for (uint32_t l = 0; l < ui_text_languages(&ui.text); l++) {
			char code[UI_LANGUAGE_CODE_BYTES];

			ui_text_code(&ui.text, l, code);
			if (selected(&o->languages, code))
				shoot(o, &ui_samples[i], l, w, h, index);
		}
	}
}

static void print_plain(const struct options *o)
{
	char text[4096];

	for (size_t i = 0; i < ui_sample_count; i++) {
		if (!selected(&o->samples, ui_samples[i].name))
			continue;
		ui_plain_text(&ui_samples[i].state, &ui.text, text, sizeof text);
		printf("== %s\n%s", ui_samples[i].name, text);
	}
}

static void print_picture(uint32_t id, uint32_t w, uint32_t h, bool mirrored)
{
	if (canvas_init(&ui.canvas, pixels, (size_t)w * h, w, h) != LB_OK)
		fail("bad size");
	art_draw(&ui.canvas, (enum art_id)id,
		 (struct canvas_rect){ 0, 0, (int32_t)w, (int32_t)h }, mirrored);
	printf("%u %ux%u%s %08lx\n", id, w, h, mirrored ? " mirrored" : "",
	       crc32(0, (const Bytef *)pixels, (uInt)(w * h * 4u)));
}

static void print_art(void)
{
	uLong font = 0;

	for (uint32_t id = ART_NONE + 1; id < ART_COUNT; id++) {
		print_picture(id, 320, 240, false);
		print_picture(id, 107, 80, true);
	}
	for (char c = ' '; c <= '~'; c++)
		for (int face = GLYPH_SANS; face <= GLYPH_MONO; face++) {
			const struct glyph g = glyph_ascii((enum glyph_face)face, c);

			font = crc32(font, g.outline, g.len);
		}
	printf("font %08lx\n", font);
}

static FILE *open_index(const struct options *o)
{
	char path[512];
	FILE *f;

	if (o->folder == NULL)
		return NULL;
	(void)mkdir(o->folder, 0777); /* writing fails if that did */
	snprintf(path, sizeof path, "%s/index.html", o->folder);
	f = fopen(path, "w");
	if (f == NULL)
		fail("the folder cannot be written");
	fputs("<!DOCTYPE html><meta charset=\"utf-8\"><title>Lifeboat screens</title>\n"
	      "<style>body{font-family:sans-serif;background:#777}"
	      "img{width:320px;margin:4px}</style>\n",
	      f);
	return f;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	FILE *index;

	for (int c; (c = getopt(argc, argv, "o:s:n:l:x:cdta")) != -1;) {
		if (c == 'o')
			o.folder = optarg;
		else if (c == 's')
			add(&o.sizes, optarg);
		else if (c == 'n')
			add(&o.samples, optarg);
		else if (c == 'l')
			add(&o.languages, optarg);
		else if (c == 'x')
			add(&o.changes, optarg);
		else if (c == 'c')
			o.check = true;
		else if (c == 'd')
			o.digest = true;
		else if (c == 't')
			o.plain = true;
		else if (c == 'a')
			o.art = true;
		else
			fail("usage: screenshot [-o FOLDER] [-s WxH] [-n SAMPLE] [-l "
			     "LANGUAGE] [-x NAME=VALUE] [-c] [-d] [-t] [-a]");
	}
	pixels = malloc((size_t)CANVAS_MAX_SIDE * 4320u * 4u);
	if (pixels == NULL)
		fail("no memory");
	load_texts();
	if (o.sizes.count == 0)
		for (size_t i = 0; i < sizeof all_sizes / sizeof all_sizes[0]; i++)
			add(&o.sizes, all_sizes[i]);
	index = open_index(&o);
	if (o.plain)
		print_plain(&o);
	if (o.art)
		print_art();
	if (o.folder != NULL || o.check || o.digest)
		for (size_t i = 0; i < o.sizes.count; i++)
			shoot_size(&o, o.sizes.name[i], index);
	if (index != NULL && fclose(index) != 0)
		fail("the index cannot be written");
	if (o.check)
		printf("layout: %u problems\n", problems);
	return problems != 0;
}
