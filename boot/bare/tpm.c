/* A TPM with registers in memory, and the log that Linux gets of it. */
#include "boot/bare/tpm.h"

#include <string.h>

#include "boot/bare/devices.h"

#define PCR_STARTS 8u

static enum lb_status find(struct bare_tpm *tpm, struct board *board)
{
	const struct bare_driver *driver;
	const int node = bare_device_next(&board->fdt, -1, BARE_TPM, &driver);
	struct bare_device device;
	struct dma_device none; /* it works in no memory of ours */

	if (node < 0)
		return LB_ERR_NOT_FOUND;

	const enum lb_status status =
		board_device(board, node, driver->register_bytes, &none, &device);

	if (status != LB_OK)
		return status;
	tpm->tis.io = device.io;
	tpm->tis.clock = device.clock;
	return tpm_tis_probe(&tpm->tis);
}

static uint8_t *take_log(struct board *board)
{
	uint64_t base;

	if (bare_memory_alloc(&board->memory, PCR_LOG_BYTES, BARE_PAGE_BYTES,
			      PLATFORM_ANY_ADDRESS, &base) != LB_OK)
		return NULL;
	return (uint8_t *)(uintptr_t)base;
}

void bare_tpm_start(struct bare_tpm *tpm, struct board *board,
		    const struct platform *plat)
{
	memset(tpm, 0, sizeof *tpm);

	enum lb_status status = find(tpm, board);

	if (status == LB_ERR_NOT_FOUND)
		return;
	/* From here on there is one, be it that it does not work. */
	tpm->present = true;

	uint8_t *log = status == LB_OK ? take_log(board) : NULL;

	if (status == LB_OK)
		status = log == NULL ? LB_ERR_NOMEM : pcr_log_start(&tpm->log, plat, log);
	tpm->started = status;
	if (status != LB_OK) {
		board_say(board, "bare: the TPM does not start: %s",
			  lb_status_name(status));
		return;
	}
	board->machine.tpm_log = log;
	board->machine.tpm_log_bytes = PCR_LOG_BYTES;
}

enum lb_status bare_tpm_submit(struct bare_tpm *tpm, const uint8_t *command, size_t len,
			       uint8_t *response, size_t *response_len)
{
	if (tpm->present && tpm->tis.io.read8 != NULL)
		return tpm_tis_submit(&tpm->tis, command, len, response, response_len);
	*response_len = 0;
	return tpm->present ? LB_ERR_IO : LB_ERR_UNSUPPORTED;
}

enum lb_status bare_tpm_measure(struct bare_tpm *tpm, uint32_t event_type,
				const void *data, size_t len, const void *event,
				size_t event_len)
{
	if (!tpm->present)
		return LB_ERR_UNSUPPORTED;
	if (tpm->started != LB_OK)
		return tpm->started == LB_ERR_UNSUPPORTED ? LB_ERR_IO : tpm->started;
	return pcr_log_measure(&tpm->log, PCR_STARTS, event_type, data, len, event,
			       event_len);
}
