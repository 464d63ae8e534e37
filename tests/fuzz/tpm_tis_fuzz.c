/* A TPM whose registers read as whatever they like: every command ends, in the time that
 * the driver grants, and nothing is written beyond the room for the response. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/bare/drivers/tpm_tis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 64u

static const uint8_t *input;
static size_t input_bytes, at;
static uint64_t time_us;

static uint8_t read8(void *ctx, uint32_t offset)
{
	(void)ctx;
	(void)offset;
	return input_bytes == 0 ? 0 : input[at++ % input_bytes];
}

static uint32_t read32(void *ctx, uint32_t offset)
{
	return read8(ctx, offset) * 0x01010101u;
}

static void write8(void *ctx, uint32_t offset, uint8_t value)
{
	(void)ctx, (void)offset, (void)value;
}

static void write32(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx, (void)offset, (void)value;
}

static uint64_t now_us(void *ctx)
{
	(void)ctx;
	return time_us += 1000;
}

static void relax(void *ctx)
{
	(void)ctx;
	time_us += 100000;
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t command[20] = { 0x80, 1, 0, 0, 0, 20 };
	struct tpm_tis tis = {
		.io = { .read32 = read32,
			.write32 = write32,
			.read8 = read8,
			.write8 = write8 },
		.clock = { .now_us = now_us, .relax = relax },
	};
	uint8_t *response = malloc(ROOM);

	must(response != NULL);
	input = data;
	input_bytes = size;
	at = 0;
	time_us = 0;
	(void)tpm_tis_probe(&tis);
	for (int i = 0; i < 2; i++) {
		size_t bytes = ROOM;
		const enum lb_status status =
			tpm_tis_submit(&tis, command, sizeof command, response, &bytes);

		must((status == LB_OK) == (bytes != 0));
		must(bytes <= ROOM && (bytes == 0 || bytes == lb_be32(response + 2)));
	}
	/* Each byte may be waited for, but not without end. */
	must(time_us < (uint64_t)2 * (TPM_TIS_COMMAND_US + 200 * TPM_TIS_TIMEOUT_US));
	free(response);
	return 0;
}
