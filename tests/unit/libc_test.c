/* The firmware's libc against the host's: same inputs, same results. The sources are
 * included under other names, because the host's functions are the judge here. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "boot/libc/heap.h"
#include "boot/libc/panic.h"

void *own_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *own_memmove(void *dst, const void *src, size_t n);
void *own_memset(void *dst, int c, size_t n);
int own_memcmp(const void *a, const void *b, size_t n);
void *own_memchr(const void *p, int c, size_t n);
size_t own_strlen(const char *s);
size_t own_strnlen(const char *s, size_t max);
int own_strcmp(const char *a, const char *b);
int own_strncmp(const char *a, const char *b, size_t n);
char *own_strchr(const char *s, int c);
char *own_strrchr(const char *s, int c);
unsigned long own_strtoul(const char *text, char **end, int base);
void *own_calloc(size_t count, size_t size);
void own_free(void *p);

#define memcpy  own_memcpy
#define memmove own_memmove
#define memset  own_memset
#define memcmp  own_memcmp
#define memchr  own_memchr
#define strlen  own_strlen
#define strnlen own_strnlen
#define strcmp  own_strcmp
#define strncmp own_strncmp
#define strchr  own_strchr
#define strrchr own_strrchr
#define strtoul own_strtoul
#define calloc  own_calloc
#define free    own_free
#include "boot/libc/memory.c"
#include "boot/libc/string.c"
#include "boot/libc/heap.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strtoul
#undef calloc
#undef free

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define AREA     160

static void number(uint8_t *p)
{
	for (size_t i = 0; i < AREA; i++)
		p[i] = (uint8_t)(i * 7 + 1);
}

/* Every alignment of both sides, every length over several words; nothing beside it. */
static void copies_at_every_alignment(void **state)
{
	uint8_t from[AREA], got[AREA], want[AREA];

	(void)state;
	number(from);
	for (size_t d = 0; d < 16; d++) {
		for (size_t s = 0; s < 16; s++) {
			for (size_t n = 0; n < 70; n++) {
				memset(got, 0xee, AREA);
				memset(want, 0xee, AREA);
				memcpy(want + d, from + s, n);
				assert_ptr_equal(own_memcpy(got + d, from + s, n),
						 got + d);
				assert_memory_equal(got, want, AREA);
			}
		}
	}
}

static void moves_overlapping_areas(void **state)
{
	uint8_t got[AREA], want[AREA];

	(void)state;
	for (size_t d = 0; d < 40; d++) {
		for (size_t s = 0; s < 40; s++) {
			for (size_t n = 0; n < 70; n += 3) {
				number(got);
				number(want);
				memmove(want + d, want + s, n);
				assert_ptr_equal(own_memmove(got + d, got + s, n),
						 got + d);
				assert_memory_equal(got, want, AREA);
			}
		}
	}
}

static void sets_at_every_alignment(void **state)
{
	uint8_t got[AREA], want[AREA];

	(void)state;
	for (size_t d = 0; d < 16; d++) {
		for (size_t n = 0; n < 70; n++) {
			number(got);
			number(want);
			memset(want + d, 0x1a5, n);
			assert_ptr_equal(own_memset(got + d, 0x1a5, n), got + d);
			assert_memory_equal(got, want, AREA);
		}
	}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void compares_and_finds_bytes(void **state)
{
	static const uint8_t a[] = { 1, 2, 0x80, 0, 5 }, b[] = { 1, 2, 0x7f, 0, 5 };

	(void)state;
	for (size_t n = 0; n <= sizeof(a); n++) {
		assert_int_equal(sign(own_memcmp(a, b, n)), sign(memcmp(a, b, n)));
		assert_int_equal(sign(own_memcmp(b, a, n)), sign(memcmp(b, a, n)));
		assert_ptr_equal(own_memchr(a, 0x80, n), memchr(a, 0x80, n));
		assert_ptr_equal(own_memchr(a, 5, n), memchr(a, 5, n));
		assert_null(own_memchr(a, 9, n));
	}
}

static const char *const words[] = { "",  "a",    "ab",  "abc", "abd",
				     "b", "\x80", "aba", "abab" };

static void strings_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		const char *s = words[i];

		assert_int_equal(own_strlen(s), strlen(s));
		for (size_t n = 0; n < 6; n++)
			assert_int_equal(own_strnlen(s, n), strnlen(s, n));
		for (const char *c = "ab\x80z"; *c != '\0'; c++) {
			assert_ptr_equal(own_strchr(s, *c), strchr(s, *c));
			assert_ptr_equal(own_strrchr(s, *c), strrchr(s, *c));
		}
		assert_ptr_equal(own_strchr(s, 0), s + strlen(s));
		assert_ptr_equal(own_strrchr(s, 0), s + strlen(s));
		for (size_t j = 0; j < COUNT(words); j++) {
			assert_int_equal(sign(own_strcmp(s, words[j])),
					 sign(strcmp(s, words[j])));
			for (size_t n = 0; n < 6; n++)
				assert_int_equal(sign(own_strncmp(s, words[j], n)),
						 sign(strncmp(s, words[j], n)));
		}
	}
}

static const struct {
	const char *text;
	int base;
} numbers[] = {
	{ "0", 10 },
	{ "123x", 10 },
	{ "18446744073709551615", 10 },
	{ "18446744073709551616", 10 },
	{ "99999999999999999999999", 10 },
	{ "0x1fG", 0 },
	{ "0x", 0 },
	{ "0xg", 16 },
	{ "017", 0 },
	{ "08", 0 },
	{ "ff", 16 },
	{ "ffffffffffffffff", 16 },
	{ "10000000000000000", 16 },
	{ "zZ", 36 },
	{ "102", 2 },
	{ "", 10 },
	{ "x", 10 },
};

static void numbers_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		char *got_end, *want_end;

		print_message("%s\n", numbers[i].text);
		const unsigned long got =
			own_strtoul(numbers[i].text, &got_end, numbers[i].base);
		const unsigned long want =
			strtoul(numbers[i].text, &want_end, numbers[i].base);
		assert_true(got == want);
		assert_ptr_equal(got_end, want_end);
		assert_true(own_strtoul(numbers[i].text, NULL, numbers[i].base) == want);
	}
}

struct pool {
	size_t given;
	bool empty;
};

static const char *panicked;
static jmp_buf after_panic;

_Noreturn void lb_panic(const char *what, const char *file, int line)
{
	(void)file;
	(void)line;
	panicked = what;
	longjmp(after_panic, 1);
}

static void *pool_alloc(void *ctx, size_t bytes)
{
	struct pool *pool = ctx;
	void *p = pool->empty ? NULL : malloc(bytes);

	if (p != NULL) {
		memset(p, 0xcc, bytes);
		pool->given += bytes;
	}
	return p;
}

static void pool_free(void *ctx, void *p, size_t bytes)
{
	((struct pool *)ctx)->given -= bytes;
	free(p);
}

static void heap_gives_zeroed_memory_back(void **state)
{
	struct pool pool = { 0, false };

	(void)state;
	lb_heap_init(NULL, NULL, NULL);
	assert_null(own_calloc(1, 1));
	lb_heap_init(pool_alloc, pool_free, &pool);
	for (size_t n = 0; n < 100; n++) {
		uint8_t *p = own_calloc(3, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < 3 * n; i++)
			assert_int_equal(p[i], 0);
		assert_true(pool.given >= 3 * n);
		own_free(p);
		assert_int_equal(pool.given, 0);
	}
	own_free(NULL);
	pool.empty = true;
	assert_null(own_calloc(1, 1));
}

static void heap_refuses_sizes_that_wrap(void **state)
{
	struct pool pool = { 0, false };

	(void)state;
	lb_heap_init(pool_alloc, pool_free, &pool);
	assert_null(own_calloc(SIZE_MAX / 2 + 1, 2));
	assert_null(own_calloc(SIZE_MAX, 1));
	assert_null(own_calloc(SIZE_MAX - 15, 1));
	assert_int_equal(pool.given, 0);
}

static void heap_notices_a_strange_block(void **state)
{
	static uint64_t block[4]; /* no header that calloc() made */

	(void)state;
	panicked = NULL;
	if (setjmp(after_panic) == 0)
		own_free(block + 2);
	assert_non_null(panicked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_at_every_alignment),
		cmocka_unit_test(moves_overlapping_areas),
		cmocka_unit_test(sets_at_every_alignment),
		cmocka_unit_test(compares_and_finds_bytes),
		cmocka_unit_test(strings_agree),
		cmocka_unit_test(numbers_agree),
		cmocka_unit_test(heap_gives_zeroed_memory_back),
		cmocka_unit_test(heap_refuses_sizes_that_wrap),
		cmocka_unit_test(heap_notices_a_strange_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
