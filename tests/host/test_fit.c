/* Making FITs for tests. */
#include "tests/host/test_fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libfdt.h>

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put_string(struct test_fit *fit, const char *name, const char *value)
{
	if (value != NULL)
		must(fdt_property(fit->data, name, value, (int)strlen(value) + 1) == 0);
}

static void put_list(struct test_fit *fit, const char *name,
		     const char *const values[TEST_FIT_MAX_LIST])
{
	char list[1024];
	size_t used = 0;

	for (size_t i = 0; i < TEST_FIT_MAX_LIST && values[i] != NULL; i++) {
		must(used + strlen(values[i]) < sizeof list);
		strcpy(list + used, values[i]);
		used += strlen(values[i]) + 1;
	}
	if (used > 0)
		must(fdt_property(fit->data, name, list, (int)used) == 0);
}

struct test_fit *test_fit_start(void)
{
	struct test_fit *fit = calloc(1, sizeof *fit);

	must(fit != NULL);
	must(fdt_create(fit->data, TEST_FIT_TREE_BYTES) == 0);
	must(fdt_finish_reservemap(fit->data) == 0);
	must(fdt_begin_node(fit->data, "") == 0);
	put_string(fit, "description", "test");
	must(fdt_begin_node(fit->data, "images") == 0);
	return fit;
}

void test_fit_image(struct test_fit *fit, const struct test_image *image)
{
	must(fdt_begin_node(fit->data, image->name) == 0);
	if (image->external) {
		must(image->bytes <= sizeof fit->external - fit->external_bytes);
		must(fdt_property_u32(fit->data, "data-offset",
				      (uint32_t)fit->external_bytes) == 0);
		must(fdt_property_u32(fit->data, "data-size", (uint32_t)image->bytes) ==
		     0);
		memcpy(fit->external + fit->external_bytes, image->data, image->bytes);
		fit->external_bytes += (image->bytes + 3) & ~(size_t)3;
	} else {
		must(fdt_property(fit->data, "data", image->data, (int)image->bytes) ==
		     0);
	}
	put_string(fit, "type", image->type);
	put_string(fit, "arch", image->arch);
	put_string(fit, "os", image->os);
	put_string(fit, "compression", image->compression);
	must(fdt_end_node(fit->data) == 0);
}

void test_fit_configurations(struct test_fit *fit, const char *by_default)
{
	must(fdt_end_node(fit->data) == 0);
	must(fdt_begin_node(fit->data, "configurations") == 0);
	put_string(fit, "default", by_default);
}

void test_fit_configuration(struct test_fit *fit, const struct test_configuration *c)
{
	must(fdt_begin_node(fit->data, c->name) == 0);
	put_string(fit, "kernel", c->kernel);
	put_string(fit, "ramdisk", c->ramdisk);
	put_list(fit, "fdt", c->fdt);
	put_list(fit, "compatible", c->compatible);
	must(fdt_end_node(fit->data) == 0);
}

void test_fit_end(struct test_fit *fit)
{
	must(fdt_end_node(fit->data) == 0);
	must(fdt_end_node(fit->data) == 0);
	must(fdt_finish(fit->data) == 0);
	fit->bytes = ((size_t)fdt_totalsize(fit->data) + 3) & ~(size_t)3;
	memset(fit->data + fdt_totalsize(fit->data), 0,
	       fit->bytes - fdt_totalsize(fit->data));
	memcpy(fit->data + fit->bytes, fit->external, fit->external_bytes);
	fit->bytes += fit->external_bytes;
}

struct test_fit *test_fit_make(const struct test_image *images, size_t image_count,
			       const struct test_configuration *configurations,
			       size_t configuration_count, const char *by_default)
{
	struct test_fit *fit = test_fit_start();

	for (size_t i = 0; i < image_count; i++)
		test_fit_image(fit, &images[i]);
	test_fit_configurations(fit, by_default);
	for (size_t i = 0; i < configuration_count; i++)
		test_fit_configuration(fit, &configurations[i]);
	test_fit_end(fit);
	return fit;
}

static void write_all(const char *path, const void *data, size_t bytes)
{
	FILE *f = fopen(path, "wb");

	must(f != NULL && fwrite(data, 1, bytes, f) == bytes && fclose(f) == 0);
}

uint8_t *test_filter(const char *command, const void *data, size_t bytes,
		     size_t *out_bytes)
{
	char dir[] = "/tmp/lifeboat-test-XXXXXX", in[64], line[512];
	uint8_t *out = malloc(TEST_FIT_BYTES);

	must(out != NULL && mkdtemp(dir) != NULL);
	(void)snprintf(in, sizeof in, "%s/in", dir);
	write_all(in, data, bytes);
	(void)snprintf(line, sizeof line, "%s <%s", command, in);
	FILE *pipe = popen(line, "r");
	must(pipe != NULL);
	*out_bytes = fread(out, 1, TEST_FIT_BYTES, pipe);
	must(pclose(pipe) == 0 && *out_bytes > 0 && *out_bytes < TEST_FIT_BYTES);
	must(unlink(in) == 0 && rmdir(dir) == 0);
	return out;
}

uint8_t *test_dtb(const char *source, size_t *bytes)
{
	return test_filter("dtc -q -@ -I dts -O dtb -o - -", source, strlen(source),
			   bytes);
}
