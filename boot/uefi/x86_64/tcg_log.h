/* Sizes in a TPM event log of the crypto-agile format. Pure and bounds-checked.
 *
 * Spec: TCG PC Client Platform Firmware Profile 1.05, 10.2 (events), 10.4.5.1
 * (header). */
#ifndef LIFEBOAT_BOOT_UEFI_X86_64_TCG_LOG_H
#define LIFEBOAT_BOOT_UEFI_X86_64_TCG_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define TCG_LOG_MAX_BYTES      0x400000u
#define TCG_LOG_MAX_ALGORITHMS 16u

/**
 * tcg_log_bytes() - length of a whole log.
 * @log:  starts with the header event that lists the digest algorithms
 * @last: offset of the last event in it
 * @max:  bytes that may be looked at
 *
 * Errors: LB_ERR_MAGIC (no header event), LB_ERR_TRUNCATED, LB_ERR_RANGE.
 */
enum lb_status tcg_log_bytes(const uint8_t *log, size_t last, size_t max, size_t *bytes);

/**
 * tcg_events_bytes() - length of @count events that follow each other at @events.
 * @log, @max: the log whose header describes them; @max holds for both
 */
enum lb_status tcg_events_bytes(const uint8_t *log, const uint8_t *events, uint64_t count,
				size_t max, size_t *bytes);

#endif
