/* TPM 2.0 messages, byte by byte: a command being written, a response being read. All
 * numbers are big-endian. Pure.
 *
 * Both remember that something did not fit, so that a caller asks once at the end.
 * Spec: TPM 2.0 Library, part 1, 18 and part 2, 6. */
#ifndef LIFEBOAT_BOOT_TPM_WIRE_H
#define LIFEBOAT_BOOT_TPM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TPM_HEADER_BYTES   10u
#define TPM_COMMAND_BYTES  1088u /* more than any command we send */
#define TPM_RESPONSE_BYTES 512u  /* more than any response we ask for */

#define TPM_ST_NO_SESSIONS 0x8001u
#define TPM_ST_SESSIONS    0x8002u

struct tpm_out {
	uint8_t bytes[TPM_COMMAND_BYTES];
	size_t len;
	bool full;
	unsigned sessions; /* that authorize it, and answer in the response */
	bool policy;       /* authorized by a policy session, not by a password */
};

/* Big-endian; what does not fit makes the command full. */
void tpm_put_bytes(struct tpm_out *out, const uint8_t *bytes, size_t len);
void tpm_put_u8(struct tpm_out *out, uint8_t value);
void tpm_put_u16(struct tpm_out *out, uint16_t value);
void tpm_put_u32(struct tpm_out *out, uint32_t value);

/* A part of a response that is still to be read; untrusted. */
struct tpm_in {
	const uint8_t *at;
	size_t left;
	bool bad; /* it ended before what it announced */
};

/* The next @len bytes, or NULL (and bad) when there are fewer. */
const uint8_t *tpm_take_bytes(struct tpm_in *in, size_t len);

/* Numbers; 0 when bad. */
uint16_t tpm_take_u16(struct tpm_in *in);
uint32_t tpm_take_u32(struct tpm_in *in);

/* A sized buffer (TPM2B): its content as a part of its own. */
struct tpm_in tpm_take_sized(struct tpm_in *in);

/* Everything was there, and nothing more. */
bool tpm_in_done(const struct tpm_in *in);

#endif
