/* TPM 2.0 messages, byte by byte: a command being written, a response being read. All
 * numbers are big-endian. Pure, inline.
 *
 * Both remember that something did not fit, so that a caller asks once at the end.
 * Spec: TPM 2.0 Library, part 1, 18 and part 2, 6. */
#ifndef LIFEBOAT_BOOT_TPM_WIRE_H
#define LIFEBOAT_BOOT_TPM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "boot/base/bytes.h"

#define TPM_HEADER_BYTES   10u
#define TPM_COMMAND_BYTES  128u /* more than any command we send */
#define TPM_RESPONSE_BYTES 512u /* more than any response we ask for */

#define TPM_ST_NO_SESSIONS 0x8001u
#define TPM_ST_SESSIONS    0x8002u

struct tpm_out {
	uint8_t bytes[TPM_COMMAND_BYTES];
	size_t len;
	bool full;
};

static inline void tpm_put_bytes(struct tpm_out *out, const uint8_t *bytes, size_t len)
{
	out->full = out->full || !lb_within(out->len, len, sizeof out->bytes);
	if (out->full || len == 0)
		return;
	memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
}

static inline void tpm_put_u8(struct tpm_out *out, uint8_t value)
{
	tpm_put_bytes(out, &value, 1);
}

static inline void tpm_put_u16(struct tpm_out *out, uint16_t value)
{
	const uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	tpm_put_bytes(out, bytes, sizeof bytes);
}

static inline void tpm_put_u32(struct tpm_out *out, uint32_t value)
{
	uint8_t bytes[4];

	lb_put_be32(bytes, value);
	tpm_put_bytes(out, bytes, sizeof bytes);
}

/* A part of a response that is still to be read; untrusted. */
struct tpm_in {
	const uint8_t *at;
	size_t left;
	bool bad; /* it ended before what it announced */
};

/* The next @len bytes, or NULL (and bad) when there are fewer. */
static inline const uint8_t *tpm_take_bytes(struct tpm_in *in, size_t len)
{
	const uint8_t *bytes = in->at;

	in->bad = in->bad || len > in->left;
	if (in->bad)
		return NULL;
	in->at += len;
	in->left -= len;
	return bytes;
}

/* Numbers; 0 when bad. */
static inline uint16_t tpm_take_u16(struct tpm_in *in)
{
	const uint8_t *p = tpm_take_bytes(in, 2);

	return (uint16_t)(p == NULL ? 0 : p[0] << 8 | p[1]);
}

static inline uint32_t tpm_take_u32(struct tpm_in *in)
{
	const uint8_t *p = tpm_take_bytes(in, 4);

	return p == NULL ? 0 : lb_be32(p);
}

/* A sized buffer (TPM2B): its content as a part of its own. */
static inline struct tpm_in tpm_take_sized(struct tpm_in *in)
{
	const size_t len = tpm_take_u16(in);
	const uint8_t *bytes = tpm_take_bytes(in, len);

	return (struct tpm_in){ bytes, bytes == NULL ? 0 : len, bytes == NULL };
}

/* Everything was there, and nothing more. */
static inline bool tpm_in_done(const struct tpm_in *in)
{
	return !in->bad && in->left == 0;
}

#endif
