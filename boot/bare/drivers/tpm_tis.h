/* A TPM behind the FIFO interface (TIS): one command at a time, as locality 0.
 *
 * Spec: TCG PC Client Platform TPM Profile 1.05, 6.5 (FIFO interface). */
#ifndef LIFEBOAT_BARE_TPM_TIS_H
#define LIFEBOAT_BARE_TPM_TIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "boot/bare/io.h"

#define TPM_TIS_REGISTER_BYTES 0x1000u   /* of locality 0 */
#define TPM_TIS_TIMEOUT_US     2000000u  /* of the interface: the longest of the four */
#define TPM_TIS_COMMAND_US     30000000u /* until a command is answered */

struct tpm_tis {
	struct bare_io io;
	struct bare_clock clock;
	bool dead; /* it did not keep to the protocol: LB_ERR_IO from then on, at once */
};

/** tpm_tis_probe() - LB_OK when there is a TPM behind the registers, LB_ERR_NOT_FOUND
 * when not, LB_ERR_TIMEOUT when it does not get ready. */
enum lb_status tpm_tis_probe(const struct tpm_tis *tis);

/**
 * tpm_tis_submit() - send one command, wait for the response.
 * @response_len: room in @response; then the bytes of the response, 0 when there is none
 *
 * LB_ERR_TIMEOUT, LB_ERR_IO, LB_ERR_RANGE (the response has no header, or does not fit).
 * All waits are bounded; after LB_ERR_TIMEOUT or LB_ERR_IO the TPM is not asked again.
 */
enum lb_status tpm_tis_submit(struct tpm_tis *tis, const uint8_t *command, size_t len,
			      uint8_t *response, size_t *response_len);

#endif
