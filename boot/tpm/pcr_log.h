/* Measuring where no firmware does it: a TPM that was just switched on is started, hashes
 * what it is given into a PCR of every active bank, and a log is kept of that.
 *
 * Spec: TPM 2.0 Library, part 3; TCG PC Client Platform Firmware Profile 1.05, 10
 * (log). */
#ifndef LIFEBOAT_BOOT_TPM_PCR_LOG_H
#define LIFEBOAT_BOOT_TPM_PCR_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "boot/tpm/tpm.h"

#define PCR_LOG_MAX_BANKS 5u
#define PCR_LOG_BYTES     0x10000u
#define PCR_LOG_CHUNK     1024u /* every TPM 2.0 takes that much at once */

struct pcr_bank {
	uint16_t algorithm, digest_bytes;
};

struct pcr_log {
	struct tpm tpm;
	size_t bank_count; /* active ones */
	struct pcr_bank bank[PCR_LOG_MAX_BANKS];
	uint8_t *log; /* PCR_LOG_BYTES; zeros behind the last event */
	size_t log_used;
};

/**
 * pcr_log_start() - TPM2_Startup where nobody did it, and a log with its header event.
 * @log: PCR_LOG_BYTES that stay
 *
 * LB_ERR_IO, LB_ERR_TIMEOUT: it does not work; LB_ERR_ALGORITHM: a bank of an unknown
 * kind.
 */
enum lb_status pcr_log_start(struct pcr_log *t, const struct platform *plat,
			     uint8_t *log);

/** pcr_log_measure() - @data into PCR @pcr of every active bank, and @event into the
 * log; LB_OK also when that is full. */
enum lb_status pcr_log_measure(struct pcr_log *t, uint32_t pcr, uint32_t event_type,
			       const void *data, size_t len, const void *event,
			       size_t event_len);

#endif
