/* Making FITs for tests with libfdt's sequential writer, and compressing by the system's
 * own commands. */
#ifndef LIFEBOAT_TESTS_TEST_FIT_H
#define LIFEBOAT_TESTS_TEST_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEST_FIT_TREE_BYTES (1u << 20)
#define TEST_FIT_BYTES      (4u << 20)
#define TEST_FIT_MAX_LIST   8u

struct test_image {
	const char *name, *type, *arch, *os, *compression; /* NULL: property left out */
	const void *data;
	size_t bytes;
	bool external; /* behind the tree, by data-offset */
};

struct test_configuration {
	const char *name, *kernel, *ramdisk;
	const char *fdt[TEST_FIT_MAX_LIST]; /* NULL-terminated */
	const char *compatible[TEST_FIT_MAX_LIST];
};

/* A FIT in the making; data is its bytes when finished. */
struct test_fit {
	uint8_t data[TEST_FIT_BYTES] __attribute__((aligned(8)));
	size_t bytes;
	uint8_t external[TEST_FIT_BYTES - TEST_FIT_TREE_BYTES];
	size_t external_bytes;
};

/* In this order; each aborts on failure. */
struct test_fit *test_fit_start(void); /* test_free() it by free() */
void test_fit_image(struct test_fit *fit, const struct test_image *image);
void test_fit_configurations(struct test_fit *fit, const char *by_default);
void test_fit_configuration(struct test_fit *fit, const struct test_configuration *c);
void test_fit_end(struct test_fit *fit);

/** test_fit_make() - a whole FIT of images and configurations. */
struct test_fit *test_fit_make(const struct test_image *images, size_t image_count,
			       const struct test_configuration *configurations,
			       size_t configuration_count, const char *by_default);

/** test_filter() - @data through a shell command. Returns malloc'ed memory. */
uint8_t *test_filter(const char *command, const void *data, size_t bytes,
		     size_t *out_bytes);

/** test_dtb() - device-tree source through dtc -@. Returns malloc'ed memory. */
uint8_t *test_dtb(const char *source, size_t *bytes);

#endif
