/* Console: the log on every serial line, text on the firmware's console, and keys - told
 * apart by where they come from, because the profile may distrust serial lines. */
#include "boot/uefi/uefi.h"

#include <string.h>

#include "boot/uefi/device_path.h"

#define SHIFT_VALID      0x80000000u
#define SHIFT_RIGHT_CTRL 0x00000004u
#define SHIFT_LEFT_CTRL  0x00000008u

#define TEXT_PIECE 128u

static bool known_serial(const struct uefi_console *c, const SERIAL_IO_INTERFACE *io)
{
	for (size_t i = 0; i < c->serial_count; i++)
		if (c->serial[i].io == io)
			return true;
	return false;
}

/* EDK2 and what is made of it mark each device that is part of the console. */
static bool console_is_told(const struct uefi *u)
{
	EFI_GUID mark = UEFI_CONSOLE_OUT_DEVICE_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;

	if (u->bs->LocateHandleBuffer(ByProtocol, &mark, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return false;
	(void)u->bs->FreePool(handles); /* a leak at worst */
	return count > 0;
}

static void find_serial_lines(struct uefi *u)
{
	EFI_GUID guid = EFI_SERIAL_IO_PROTOCOL_GUID;
	struct uefi_console *c = &u->console;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;

	if (u->bs->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return;
	for (UINTN i = 0; i < count && c->serial_count < UEFI_MAX_SERIAL; i++) {
		SERIAL_IO_INTERFACE *io = uefi_protocol_of(u, handles[i], guid);

		if (io != NULL && !known_serial(c, io))
			c->serial[c->serial_count++] =
				(struct uefi_serial){ .handle = handles[i], .io = io };
	}
	(void)u->bs->FreePool(handles); /* a leak at worst */
}

/* A console that says nothing of itself may have one. */
static bool has_keyboard(struct uefi *u)
{
	EFI_GUID guid = EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;
	bool found = u->console.takes_log;

	if (u->bs->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return found;
	for (UINTN i = 0; i < count && !found; i++) {
		size_t bytes;
		const uint8_t *path = uefi_device_path(u, handles[i], &bytes);

		found = path != NULL && uefi_path_is_keyboard(path, bytes);
	}
	(void)u->bs->FreePool(handles); /* a leak at worst */
	return found;
}

void uefi_console_init(struct uefi *u)
{
	find_serial_lines(u);
	u->console.takes_log = u->console.serial_count == 0 && !console_is_told(u);
	u->machine.keyboard = has_keyboard(u);
}

/* A USB adapter may be pulled: then the handle, and the memory behind it, are gone. */
static bool serial_gone(const struct uefi *u, const struct uefi_serial *s)
{
	return uefi_protocol_of(u, s->handle, (EFI_GUID)EFI_SERIAL_IO_PROTOCOL_GUID) !=
	       s->io;
}

static void serial_write(struct uefi *u, struct uefi_serial *s, const char *text,
			 size_t len)
{
	while (len > 0 && !s->stuck) {
		UINTN written = len;
		const EFI_STATUS status =
			s->io->Write(s->io, &written, (void *)(uintptr_t)text);

		/* With flow control and nobody listening each piece would time out. */
		if (status != EFI_SUCCESS || written == 0 || written > len)
			s->stuck = true;
		else {
			text += written;
			len -= written;
		}
	}
	(void)u;
}

/* There is no way to tell that it failed. */
static void put_text(SIMPLE_TEXT_OUTPUT_INTERFACE *out, const char *text, size_t len)
{
	CHAR16 piece[TEXT_PIECE];
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			piece[used++] = '\r';
		piece[used++] = (CHAR16)(unsigned char)text[i];
		if (used + 3 > TEXT_PIECE) {
			piece[used] = 0;
			(void)out->OutputString(out, piece);
			used = 0;
		}
	}
	piece[used] = 0;
	if (used != 0)
		(void)out->OutputString(out, piece);
}

/* The console is the only way out, and may be the screen as well: uefi_picture_mend(). */
static void log_on_console(struct uefi *u, const char *text, size_t len)
{
	if (u->st->ConOut == NULL)
		return;
	put_text(u->st->ConOut, text, len);
	u->picture.disturbed = true;
}

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	struct uefi *u = ctx;

	if (u->console.takes_log)
		log_on_console(u, text, len);
	for (size_t i = 0; i < u->console.serial_count; i++) {
		struct uefi_serial *s = &u->console.serial[i];
		size_t from = 0;

		if (s->stuck || serial_gone(u, s)) {
			s->stuck = true;
			continue;
		}
		for (size_t at = 0; at < len; at++) {
			if (text[at] != '\n')
				continue;
			serial_write(u, s, text + from, at - from);
			serial_write(u, s, "\r\n", 2);
			from = at + 1;
		}
		serial_write(u, s, text + from, len - from);
	}
}

/* A terminal on one of the serial lines that the log goes to: everything shown has been
 * said there already. */
static bool has_the_log(const struct uefi *u, EFI_HANDLE terminal)
{
	size_t bytes, line_bytes;
	const uint8_t *path = uefi_device_path(u, terminal, &bytes);

	for (size_t i = 0; path != NULL && i < u->console.serial_count; i++) {
		const struct uefi_serial *s = &u->console.serial[i];
		const uint8_t *line = uefi_device_path(u, s->handle, &line_bytes);

		if (!s->stuck && line != NULL &&
		    uefi_path_begins_with(path, bytes, line, line_bytes))
			return true;
	}
	return false;
}

/* The devices that are the console, each by itself: the firmware marks them. */
void uefi_show_text(void *ctx, const char *text)
{
	EFI_GUID mark = UEFI_CONSOLE_OUT_DEVICE_GUID;
	struct uefi *u = ctx;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;
	bool marked = false;

	if (u->bs->LocateHandleBuffer(ByProtocol, &mark, NULL, &count, &handles) ==
	    EFI_SUCCESS) {
		for (UINTN i = 0; i < count; i++) {
			size_t bytes;
			SIMPLE_TEXT_OUTPUT_INTERFACE *out = uefi_protocol_of(
				u, handles[i],
				(EFI_GUID)EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID);

			/* The console as a whole is no device and has no path. */
			if (out == NULL ||
			    uefi_device_path(u, handles[i], &bytes) == NULL)
				continue;
			marked = true;
			if (!has_the_log(u, handles[i]))
				put_text(out, text, strlen(text));
		}
		(void)u->bs->FreePool(handles); /* a leak at worst */
	}
	if (!marked && !u->console.takes_log && u->st->ConOut != NULL)
		put_text(u->st->ConOut, text, strlen(text));
}

/* --- keys ------------------------------------------------------------------------- */

/* Ctrl-D is 'd' with a shift state from a keyboard and character 4 from a terminal. */
static bool is_control_letter(CHAR16 c)
{
	return c >= 1 && c <= 26 && c != '\b' && c != '\t' && c != '\n' && c != '\r';
}

static void convert_key(const EFI_INPUT_KEY *key, UINT32 shift, bool serial,
			struct platform_key *out)
{
	const bool ctrl = (shift & SHIFT_VALID) != 0 &&
			  (shift & (SHIFT_LEFT_CTRL | SHIFT_RIGHT_CTRL)) != 0;
	CHAR16 c = key->ScanCode != 0 ? 0 : key->UnicodeChar;
	bool control_letter = is_control_letter(c);

	if (control_letter)
		c = (CHAR16)(c + 'a' - 1);
	else if (ctrl && c >= 'A' && c <= 'Z')
		c = (CHAR16)(c - 'A' + 'a');
	*out = (struct platform_key){ .scan = key->ScanCode,
				      .unicode = c,
				      .ctrl = ctrl || control_letter,
				      .serial = serial };
}

static bool read_ex(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *in, bool serial,
		    struct platform_key *out)
{
	EFI_KEY_DATA data;

	memset(&data, 0, sizeof data);
	if (in->ReadKeyStrokeEx(in, &data) != EFI_SUCCESS)
		return false;
	/* Some drivers report a modifier alone as a key without code: nothing was
	 * typed. */
	if (data.Key.ScanCode == 0 && data.Key.UnicodeChar == 0)
		return false;
	convert_key(&data.Key, data.KeyState.KeyShiftState, serial, out);
	return true;
}

/* Every input device by itself; *told is set when there is at least one. A keyboard may
 * be plugged in while a screen stands, and pulled. */
static bool read_devices(struct uefi *u, bool *told, struct platform_key *out)
{
	EFI_GUID guid = EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;
	bool found = false, keyboard = u->console.takes_log;

	if (u->bs->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles) !=
	    EFI_SUCCESS)
		return false;
	for (UINTN i = 0; i < count; i++) {
		EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *in =
			uefi_protocol_of(u, handles[i], guid);
		size_t bytes;
		const uint8_t *path = uefi_device_path(u, handles[i], &bytes);

		if (in == NULL || path == NULL)
			continue;
		const bool typed = uefi_path_is_keyboard(path, bytes);

		*told = true;
		keyboard = keyboard || typed;
		found = found || read_ex(in, !typed, out);
	}
	(void)u->bs->FreePool(handles); /* a leak at worst */
	u->machine.keyboard = keyboard;
	return found;
}

/* The console as a whole. What cannot be told apart is taken for a serial line. */
static bool read_console(struct uefi *u, struct platform_key *out)
{
	EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *in =
		uefi_protocol_of(u, u->st->ConsoleInHandle,
				 (EFI_GUID)EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL_GUID);
	EFI_INPUT_KEY key = { 0 };

	if (in != NULL)
		return read_ex(in, true, out);
	if (u->st->ConIn == NULL ||
	    u->st->ConIn->ReadKeyStroke(u->st->ConIn, &key) != EFI_SUCCESS)
		return false;
	convert_key(&key, 0, true, out);
	return true;
}

enum lb_status uefi_read_key(void *ctx, struct platform_key *out)
{
	struct uefi *u = ctx;
	bool told = false;

	uefi_watchdog_pet(u);
	uefi_picture_mend(u);
	if (read_devices(u, &told, out) || (!told && read_console(u, out)))
		return LB_OK;
	return LB_ERR_NOT_FOUND;
}
