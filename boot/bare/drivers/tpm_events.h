/* Measuring where no firmware does it: a TPM that was just switched on is started, hashes
 * what it is given into a PCR of every active bank, and a log is kept of that.
 *
 * Spec: TPM 2.0 Library, part 3; TCG PC Client Platform Firmware Profile 1.05, 10
 * (log). */
#ifndef LIFEBOAT_BARE_TPM_EVENTS_H
#define LIFEBOAT_BARE_TPM_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"

#define TPM_EVENTS_MAX_BANKS  5u
#define TPM_EVENTS_LOG_BYTES  0x10000u
#define TPM_EVENTS_CHUNK      1024u /* every TPM 2.0 takes that much at once */
#define TPM_EVENTS_MAX_DIGEST 64u

struct tpm_bank {
	uint16_t algorithm, digest_bytes;
};

struct tpm_events {
	const struct platform *plat; /* tpm_submit and sleep_ms are used */
	size_t bank_count;           /* active ones */
	struct tpm_bank bank[TPM_EVENTS_MAX_BANKS];
	uint8_t *log; /* TPM_EVENTS_LOG_BYTES; zeros behind the last event */
	size_t log_used;
	uint8_t message[TPM_EVENTS_CHUNK + 64];
};

/**
 * tpm_events_start() - TPM2_Startup where nobody did it, and a log with its header event.
 * @log: TPM_EVENTS_LOG_BYTES that stay
 *
 * LB_ERR_IO, LB_ERR_TIMEOUT: it does not work; LB_ERR_ALGORITHM: a bank of an unknown
 * kind.
 */
enum lb_status tpm_events_start(struct tpm_events *t, const struct platform *plat,
				uint8_t *log);

/** tpm_events_measure() - @data into PCR @pcr of every active bank, and @event into the
 * log; LB_OK also when that is full. */
enum lb_status tpm_events_measure(struct tpm_events *t, uint32_t pcr, uint32_t event_type,
				  const void *data, size_t len, const void *event,
				  size_t event_len);

#endif
