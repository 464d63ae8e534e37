/* Measuring into a TPM that answers whatever it likes. The input is a row of responses,
 * each two length bytes and that many bytes; with bit 7 of the first input byte the
 * header's length and tag are made right. Whatever comes, the log stays one that its
 * readers can walk. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/tpm/pcr_log.h"
#include "boot/tpm/wire.h"
#include "boot/uefi/x86_64/tcg_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVENTS 3

struct script {
	const uint8_t *data;
	size_t left;
	bool mend;
};

static struct pcr_log events;
static uint8_t event_log[PCR_LOG_BYTES], measured[2100];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static enum lb_status answer(void *ctx, const uint8_t *command, size_t len,
			     uint8_t *response, size_t *response_len)
{
	struct script *s = ctx;
	const size_t room = *response_len;

	must(len >= TPM_HEADER_BYTES && lb_be32(command + 2) == len);
	*response_len = 0;
	if (s->left < 2)
		return LB_ERR_IO;

	size_t bytes = lb_le16(s->data);

	if (bytes > s->left - 2)
		bytes = s->left - 2;
	if (bytes > room)
		bytes = room;
	memcpy(response, s->data + 2, bytes);
	s->data += bytes + 2;
	s->left -= bytes + 2;
	if (s->mend && bytes >= TPM_HEADER_BYTES)
		lb_put_be32(response + 2, (uint32_t)bytes);
	*response_len = bytes;
	return LB_OK;
}

static void sleep_ms(void *ctx, uint32_t ms)
{
	(void)ctx, (void)ms;
}

static void check_log(size_t last)
{
	size_t bytes;

	must(events.log_used <= sizeof event_log);
	must(tcg_log_bytes(event_log, last, sizeof event_log, &bytes) == LB_OK);
	must(bytes == events.log_used);
	for (size_t i = bytes; i < bytes + 16 && i < sizeof event_log; i++)
		must(event_log[i] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;

	struct script s = { data + 1, size - 1, (data[0] & 0x80) != 0 };
	const struct platform plat = { .ctx = &s,
				       .tpm_submit = answer,
				       .sleep_ms = sleep_ms };
	size_t last = 0;

	if (pcr_log_start(&events, &plat, event_log) != LB_OK)
		return 0;
	check_log(last);
	for (int i = 0; i < EVENTS; i++) {
		const size_t before = events.log_used;
		const enum lb_status status = pcr_log_measure(
			&events, 8, 6, measured, sizeof measured, "event", 5);

		must(status == LB_OK || events.log_used == before);
		if (events.log_used != before)
			last = before;
		check_log(last);
	}
	return 0;
}
