/* TIS: request the locality, make the TPM ready, write the command, read the response. */
#include "boot/bare/drivers/tpm_tis.h"

#include "base/bytes.h"

#define REG_ACCESS     0x000u
#define REG_STATUS     0x018u
#define REG_BURST      0x019u /* two bytes of it */
#define REG_FIFO       0x024u
#define REG_DEVICE     0xf00u
#define DEVICE_NOTHING 0xffffffffu

#define ACCESS_VALID   0x80u
#define ACCESS_ACTIVE  0x20u /* written: give the locality back */
#define ACCESS_REQUEST 0x02u

#define STATUS_VALID  0x80u
#define STATUS_READY  0x40u
#define STATUS_GO     0x20u
#define STATUS_DATA   0x10u
#define STATUS_EXPECT 0x08u

#define HEADER_BYTES 10u

static uint8_t get8(const struct tpm_tis *tis, uint32_t offset)
{
	return tis->io.read8(tis->io.ctx, offset);
}

static void put8(const struct tpm_tis *tis, uint32_t offset, uint8_t value)
{
	tis->io.write8(tis->io.ctx, offset, value);
}

/* Waits until the bits of @mask in a register have the value @want. */
static enum lb_status await(const struct tpm_tis *tis, uint32_t offset, uint8_t mask,
			    uint8_t want, uint64_t timeout_us)
{
	const uint64_t start = tis->clock.now_us(tis->clock.ctx);

	for (;;) {
		/* The time first: a change that came while we were away still counts. */
		const uint64_t waited = tis->clock.now_us(tis->clock.ctx) - start;

		if ((get8(tis, offset) & mask) == want)
			return LB_OK;
		if (waited > timeout_us)
			return LB_ERR_TIMEOUT;
		tis->clock.relax(tis->clock.ctx);
	}
}

static enum lb_status await_status(const struct tpm_tis *tis, uint8_t mask, uint8_t want)
{
	return await(tis, REG_STATUS, STATUS_VALID | mask, STATUS_VALID | want,
		     TPM_TIS_TIMEOUT_US);
}

/* How many bytes may be written or read now, at least one. */
static enum lb_status burst(const struct tpm_tis *tis, size_t *count)
{
	const uint64_t start = tis->clock.now_us(tis->clock.ctx);

	for (;;) {
		const uint64_t waited = tis->clock.now_us(tis->clock.ctx) - start;

		*count = (size_t)get8(tis, REG_BURST) | (size_t)get8(tis, REG_BURST + 1)
								<< 8;
		if (*count > 0)
			return LB_OK;
		if (waited > TPM_TIS_TIMEOUT_US)
			return LB_ERR_TIMEOUT;
		tis->clock.relax(tis->clock.ctx);
	}
}

enum lb_status tpm_tis_probe(const struct tpm_tis *tis)
{
	const uint32_t device = tis->io.read32(tis->io.ctx, REG_DEVICE);

	if (device == 0 || device == DEVICE_NOTHING)
		return LB_ERR_NOT_FOUND;
	return await(tis, REG_ACCESS, ACCESS_VALID, ACCESS_VALID, TPM_TIS_TIMEOUT_US);
}

static enum lb_status take_locality(const struct tpm_tis *tis)
{
	put8(tis, REG_ACCESS, ACCESS_REQUEST);
	return await(tis, REG_ACCESS, ACCESS_VALID | ACCESS_ACTIVE,
		     ACCESS_VALID | ACCESS_ACTIVE, TPM_TIS_TIMEOUT_US);
}

/* From wherever it is: the first write may only lead back to idle. */
static enum lb_status make_ready(const struct tpm_tis *tis)
{
	put8(tis, REG_STATUS, STATUS_READY);
	if ((get8(tis, REG_STATUS) & STATUS_READY) != 0)
		return LB_OK;
	put8(tis, REG_STATUS, STATUS_READY);
	return await(tis, REG_STATUS, STATUS_READY, STATUS_READY, TPM_TIS_TIMEOUT_US);
}

static enum lb_status write_bytes(const struct tpm_tis *tis, const uint8_t *bytes,
				  size_t len)
{
	while (len > 0) {
		size_t count;
		const enum lb_status status = burst(tis, &count);

		if (status != LB_OK)
			return status;
		for (; count > 0 && len > 0; count--, len--)
			put8(tis, REG_FIFO, *bytes++);
	}
	return LB_OK;
}

/* It expects more until the last byte, and then no more. */
static enum lb_status write_command(const struct tpm_tis *tis, const uint8_t *command,
				    size_t len)
{
	enum lb_status status = write_bytes(tis, command, len - 1);

	if (status == LB_OK)
		status = await_status(tis, STATUS_EXPECT, STATUS_EXPECT);
	if (status == LB_OK)
		status = write_bytes(tis, command + len - 1, 1);
	if (status == LB_OK)
		status = await_status(tis, STATUS_EXPECT, 0);
	return status;
}

static enum lb_status read_bytes(const struct tpm_tis *tis, uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t count;
		enum lb_status status = await_status(tis, STATUS_DATA, STATUS_DATA);

		if (status == LB_OK)
			status = burst(tis, &count);
		if (status != LB_OK)
			return status;
		for (; count > 0 && len > 0; count--, len--)
			*bytes++ = get8(tis, REG_FIFO);
	}
	return LB_OK;
}

static enum lb_status read_response(const struct tpm_tis *tis, uint8_t *response,
				    size_t room, size_t *len)
{
	if (room < HEADER_BYTES)
		return LB_ERR_RANGE;

	enum lb_status status = await(tis, REG_STATUS, STATUS_VALID | STATUS_DATA,
				      STATUS_VALID | STATUS_DATA, TPM_TIS_COMMAND_US);

	if (status == LB_OK)
		status = read_bytes(tis, response, HEADER_BYTES);
	if (status != LB_OK)
		return status;

	const uint32_t bytes = lb_be32(response + 2);

	if (bytes < HEADER_BYTES || bytes > room)
		return LB_ERR_RANGE;
	status = read_bytes(tis, response + HEADER_BYTES, bytes - HEADER_BYTES);
	if (status == LB_OK)
		status = await_status(tis, STATUS_DATA, 0);
	if (status == LB_OK)
		*len = bytes;
	return status;
}

enum lb_status tpm_tis_submit(struct tpm_tis *tis, const uint8_t *command, size_t len,
			      uint8_t *response, size_t *response_len)
{
	const size_t room = *response_len;

	*response_len = 0;
	if (len < HEADER_BYTES)
		return LB_ERR_RANGE;
	if (tis->dead)
		return LB_ERR_IO;

	enum lb_status status = take_locality(tis);

	if (status == LB_OK)
		status = make_ready(tis);
	if (status == LB_OK)
		status = write_command(tis, command, len);
	if (status == LB_OK) {
		put8(tis, REG_STATUS, STATUS_GO);
		status = read_response(tis, response, room, response_len);
	}
	/* Back to idle, whatever came; whoever is next finds it free. */
	put8(tis, REG_STATUS, STATUS_READY);
	put8(tis, REG_ACCESS, ACCESS_ACTIVE);
	tis->dead = status == LB_ERR_TIMEOUT || status == LB_ERR_IO;
	return status;
}
