/* What the test kernels share: they say how they were started and then obey one word of
 * their command line. Freestanding, position independent, no data but constants. */
#ifndef LIFEBOAT_QEMU_CONSOLE_H
#define LIFEBOAT_QEMU_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the CPU's own file supplies. */
void put_byte(char c);
void power_off(void) __attribute__((noreturn));
void restart(void) __attribute__((noreturn));
void wait_for_interrupt(void);

static inline void put(const char *text)
{
	while (*text != '\0')
		put_byte(*text++);
}

static inline void put_hex(uint64_t value)
{
	bool started = false;

	for (int shift = 60; shift >= 0; shift -= 4) {
		const unsigned digit = (unsigned)(value >> shift) & 15u;

		started = started || digit != 0 || shift == 0;
		if (started)
			put_byte((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
	}
}

/* True when @word stands alone in the space-separated @text. */
static inline bool has_word(const char *text, const char *word)
{
	for (bool start = true; *text != '\0'; start = *text == ' ', text++) {
		size_t n = 0;

		while (start && word[n] != '\0' && text[n] == word[n])
			n++;
		if (start && word[n] == '\0' && (text[n] == ' ' || text[n] == '\0'))
			return true;
	}
	return false;
}

/* Sum of the bytes: enough to see whether all of an initrd came. */
static inline uint64_t byte_sum(const uint8_t *data, uint64_t len)
{
	uint64_t sum = 0;

	while (len-- > 0)
		sum += *data++;
	return sum;
}

/* One line that the tests match, then test.reset, test.hang or (the default) power
 * off. */
static inline void __attribute__((noreturn))
tell(const char *start, const uint8_t *initrd, uint64_t initrd_bytes, const char *cmdline)
{
	put("\r\nKERNEL start=");
	put(start);
	put(" initrd=");
	put_hex(initrd_bytes);
	put(":");
	put_hex(byte_sum(initrd, initrd_bytes));
	put(" cmdline=");
	put(cmdline);
	put("\r\nKERNEL end\r\n");
	if (has_word(cmdline, "test.reset"))
		restart();
	if (has_word(cmdline, "test.hang"))
		for (;;)
			wait_for_interrupt(); /* for the sake of the machine beneath */
	power_off();
}

#endif
