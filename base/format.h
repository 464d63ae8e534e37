/* A small snprintf for code that has no C library, with the standard meaning of what it
 * knows: %s %c %d %i %u %x %X %p %%, flags 0 and -, field width (also *), precision of
 * strings (also *), length modifiers h, l, ll and z. Pure. */
#ifndef LIFEBOAT_BASE_FORMAT_H
#define LIFEBOAT_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/**
 * lb_format() - format into @out, always NUL-terminated when @size > 0.
 *
 * Bytes of %s and %c outside printable ASCII come out as '?', so that untrusted text
 * cannot drive a terminal. A NULL string is "(null)". An unknown conversion is copied
 * as it stands. Returns the length written, without the NUL (never more than size - 1).
 */
size_t lb_format(char *out, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
size_t lb_vformat(char *out, size_t size, const char *fmt, va_list args);

/* A signed version as "%u.%u" shows it everywhere: of the key, and of what it signed. */
#define LB_VERSION_PARTS(version)                                                        \
	(unsigned)((uint32_t)(version) >> 16), (unsigned)((uint32_t)(version)&0xffffu)

#define LB_GUID_TEXT_BYTES 37u /* 36 characters and NUL */

/** lb_format_guid() - the 16 bytes of a GUID as on disk (mixed-endian), in lower case. */
void lb_format_guid(char out[LB_GUID_TEXT_BYTES], const uint8_t guid[16]);

/** lb_format_hex() - @len bytes as lower-case hex; @out holds 2 * len + 1 bytes. */
void lb_format_hex(char *out, const uint8_t *bytes, size_t len);

#endif
