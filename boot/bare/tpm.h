/* The board's TPM: found in the device tree, started, and measured into. */
#ifndef LIFEBOAT_BARE_TPM_H
#define LIFEBOAT_BARE_TPM_H

#include "boot/bare/board.h"
#include "boot/tpm/pcr_log.h"
#include "boot/bare/drivers/tpm_tis.h"

struct bare_tpm {
	bool present;
	enum lb_status started; /* unless LB_OK nothing can be measured */
	struct tpm_tis tis;
	struct pcr_log log;
};

/** bare_tpm_start() - look for a TPM and start it; its log is named in the board's
 * machine.
 * @plat: of this board; its tpm_submit comes back here */
void bare_tpm_start(struct bare_tpm *tpm, struct board *board,
		    const struct platform *plat);

/* As in struct platform. */
enum lb_status bare_tpm_submit(struct bare_tpm *tpm, const uint8_t *command, size_t len,
			       uint8_t *response, size_t *response_len);
enum lb_status bare_tpm_measure(struct bare_tpm *tpm, uint32_t event_type,
				const void *data, size_t len, const void *event,
				size_t event_len);

#endif
