/* Text for people on a made-up firmware: on every console device once, on none twice. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boot/uefi/uefi.h"

#define END     0x7f, 0xff, 4, 0
#define PCI(d)  1, 1, 6, 0, 0, d
#define UART(b) 3, 14, 19, 0, 0, 0, 0, 0, b, 0xc2, 1, 0, 0, 0, 0, 0, 8, 1, 1
#define VT100   3, 10, 20, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
#define ACPI    2, 3, 8, 0, 0, 1, 1, 0x80

/* What a test machine may have; the address of one is its handle. */
enum { SERIAL, TERMINAL, OTHER_TERMINAL, SCREEN, WHOLE, HANDLES };

static const uint8_t paths[HANDLES][64] = {
	[SERIAL] = { PCI(1), UART(0), END },
	[TERMINAL] = { PCI(1), UART(0), VT100, END },
	[OTHER_TERMINAL] = { PCI(2), UART(0), VT100, END },
	[SCREEN] = { PCI(3), ACPI, END },
};

static struct fake {
	bool there, marked; /* as a device of the console */
	SIMPLE_TEXT_OUTPUT_INTERFACE out;
	char text[600];
} fake[HANDLES];

static SERIAL_IO_INTERFACE serial;
static EFI_STATUS serial_status;
static EFI_BOOT_SERVICES bs;
static EFI_SYSTEM_TABLE st;
static struct uefi u;

void uefi_watchdog_pet(struct uefi *unused)
{
	(void)unused;
}

static bool same(const EFI_GUID *a, EFI_GUID b)
{
	return memcmp(a, &b, sizeof b) == 0;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
{
	const struct fake *f = handle;
	const size_t i = (size_t)(f - fake);

	assert_true(i < HANDLES);
	*out = NULL;
	if (same(guid, (EFI_GUID)EFI_DEVICE_PATH_PROTOCOL_GUID) && paths[i][0] != 0)
		*out = (void *)(uintptr_t)paths[i];
	else if (same(guid, (EFI_GUID)EFI_SERIAL_IO_PROTOCOL_GUID) && i == SERIAL)
		*out = &serial;
	else if (same(guid, (EFI_GUID)EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID) &&
		 i != SERIAL)
		*out = &fake[i].out;
	return *out != NULL ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI locate_handles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid,
					void *key, UINTN *count, EFI_HANDLE **out)
{
	(void)how;
	(void)key;
	*out = malloc(HANDLES * sizeof **out);
	*count = 0;
	for (size_t i = 0; i < HANDLES; i++) {
		const bool is_serial = same(guid, (EFI_GUID)EFI_SERIAL_IO_PROTOCOL_GUID);
		const bool is_mark = same(guid, (EFI_GUID)UEFI_CONSOLE_OUT_DEVICE_GUID);

		if (fake[i].there &&
		    ((is_serial && i == SERIAL) || (is_mark && fake[i].marked)))
			(*out)[(*count)++] = &fake[i];
	}
	if (*count > 0)
		return EFI_SUCCESS;
	free(*out);
	return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI free_pool(void *memory)
{
	free(memory);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *this, CHAR16 *text)
{
	for (size_t i = 0; i < HANDLES; i++)
		for (size_t n = strlen(fake[i].text);
		     &fake[i].out == this && *text != 0 && n + 1 < sizeof fake[i].text;
		     n++)
			fake[i].text[n] = (char)*text++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI write_serial(SERIAL_IO_INTERFACE *this, UINTN *bytes, void *text)
{
	(void)this;
	if (serial_status == EFI_SUCCESS)
		strncat(fake[SERIAL].text, text, *bytes);
	return serial_status;
}

static int set_up(void **state)
{
	(void)state;
	memset(fake, 0, sizeof fake);
	memset(&u, 0, sizeof u);
	for (size_t i = 0; i < HANDLES; i++) {
		fake[i].there = true;
		fake[i].marked = i != SERIAL;
		fake[i].out.OutputString = output;
	}
	serial.Write = write_serial;
	serial_status = EFI_SUCCESS;
	bs.HandleProtocol = handle_protocol;
	bs.LocateHandleBuffer = locate_handles;
	bs.FreePool = free_pool;
	st.ConOut = &fake[WHOLE].out;
	u.bs = &bs;
	u.st = &st;
	return 0;
}

/* As boot/person/person.c does it: the log first, then what is shown. */
static void say(const char *text)
{
	uefi_console_init(&u);
	uefi_write_log(&u, text, strlen(text));
	uefi_show_text(&u, text);
}

static void once_on_every_device(void **state)
{
	(void)state;
	say("one\ntwo\n");
	assert_string_equal(fake[SERIAL].text, "one\r\ntwo\r\n");
	assert_string_equal(fake[TERMINAL].text, "");
	assert_string_equal(fake[OTHER_TERMINAL].text, "one\r\ntwo\r\n");
	assert_string_equal(fake[SCREEN].text, "one\r\ntwo\r\n");
	assert_string_equal(fake[WHOLE].text, "");
}

/* A line that takes no log gets the text as the firmware's terminal. */
static void a_stuck_line_keeps_its_terminal(void **state)
{
	(void)state;
	serial_status = EFI_TIMEOUT;
	say("text\n");
	assert_string_equal(fake[TERMINAL].text, "text\r\n");
}

static void without_serial_lines(void **state)
{
	(void)state;
	fake[SERIAL].there = false;
	say("text\n");
	assert_string_equal(fake[TERMINAL].text, "text\r\n");
	assert_string_equal(fake[SCREEN].text, "text\r\n");
}

/* Firmware without marks: the console as a whole, rather twice than not at all. */
static void without_marks(void **state)
{
	(void)state;
	for (size_t i = 0; i < HANDLES; i++)
		fake[i].marked = i == WHOLE;
	say("text\n");
	assert_string_equal(fake[WHOLE].text, "text\r\n");
	for (size_t i = 0; i < HANDLES; i++)
		fake[i].marked = false;
	say("more\n");
	assert_string_equal(fake[WHOLE].text, "text\r\nmore\r\n");
	st.ConOut = NULL;
	say("nowhere\n");
}

/* U-Boot: neither a protocol for serial lines nor marks. The log goes to the console, and
 * what is shown, which the log has said already, does not come a second time. */
static void neither_serial_lines_nor_marks(void **state)
{
	(void)state;
	fake[SERIAL].there = false;
	for (size_t i = 0; i < HANDLES; i++)
		fake[i].marked = false;
	say("text\n");
	assert_string_equal(fake[WHOLE].text, "text\r\n");
	assert_true(u.picture.disturbed);
	st.ConOut = NULL;
	say("nowhere\n");
}

/* A PC without serial lines keeps its screen as it is. */
static void a_marked_screen_takes_no_log(void **state)
{
	(void)state;
	fake[SERIAL].there = false;
	uefi_console_init(&u);
	uefi_write_log(&u, "log\n", 4);
	for (size_t i = 0; i < HANDLES; i++)
		assert_string_equal(fake[i].text, "");
}

static void long_texts_arrive_whole(void **state)
{
	char text[500];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	text[sizeof text - 1] = '\0';
	say(text);
	assert_string_equal(fake[SCREEN].text, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(once_on_every_device, set_up),
		cmocka_unit_test_setup(a_stuck_line_keeps_its_terminal, set_up),
		cmocka_unit_test_setup(without_serial_lines, set_up),
		cmocka_unit_test_setup(without_marks, set_up),
		cmocka_unit_test_setup(neither_serial_lines_nor_marks, set_up),
		cmocka_unit_test_setup(a_marked_screen_takes_no_log, set_up),
		cmocka_unit_test_setup(long_texts_arrive_whole, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
