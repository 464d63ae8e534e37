/* TPM messages: numbers and sized buffers. */
#include "boot/tpm/wire.h"

#include <string.h>

#include "base/bytes.h"

void tpm_put_bytes(struct tpm_out *out, const uint8_t *bytes, size_t len)
{
	out->full = out->full || !lb_within(out->len, len, sizeof out->bytes);
	if (out->full || len == 0)
		return;
	memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
}

void tpm_put_u8(struct tpm_out *out, uint8_t value)
{
	tpm_put_bytes(out, &value, 1);
}

void tpm_put_u16(struct tpm_out *out, uint16_t value)
{
	const uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	tpm_put_bytes(out, bytes, sizeof bytes);
}

void tpm_put_u32(struct tpm_out *out, uint32_t value)
{
	uint8_t bytes[4];

	lb_put_be32(bytes, value);
	tpm_put_bytes(out, bytes, sizeof bytes);
}

const uint8_t *tpm_take_bytes(struct tpm_in *in, size_t len)
{
	const uint8_t *bytes = in->at;

	in->bad = in->bad || len > in->left;
	if (in->bad)
		return NULL;
	in->at += len;
	in->left -= len;
	return bytes;
}

uint16_t tpm_take_u16(struct tpm_in *in)
{
	const uint8_t *p = tpm_take_bytes(in, 2);

	return (uint16_t)(p == NULL ? 0 : p[0] << 8 | p[1]);
}

uint32_t tpm_take_u32(struct tpm_in *in)
{
	const uint8_t *p = tpm_take_bytes(in, 4);

	return p == NULL ? 0 : lb_be32(p);
}

struct tpm_in tpm_take_sized(struct tpm_in *in)
{
	const size_t len = tpm_take_u16(in);
	const uint8_t *bytes = tpm_take_bytes(in, len);

	return (struct tpm_in){ bytes, bytes == NULL ? 0 : len, bytes == NULL };
}

bool tpm_in_done(const struct tpm_in *in)
{
	return !in->bad && in->left == 0;
}
