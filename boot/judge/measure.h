/* Measured boot: what starts goes into PCR 8 of the TPM, in a fixed order, right before
 * the hand-off. Portable; the platform's `measure` extends every active bank and keeps
 * the log.
 *
 * Design: DESIGN 8 "Measured boot". Events: docs/formats/measurements.md. */
#ifndef LIFEBOAT_BOOT_JUDGE_MEASURE_H
#define LIFEBOAT_BOOT_JUDGE_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "boot/tpm/tpm.h"
#include "crypto/kernel_verify.h"

/* Types of events. Spec: TCG PC Client Platform Firmware Profile 1.05, 10.4.1. */
#define MEASURE_EV_SEPARATOR 0x00000004u
#define MEASURE_EV_EVENT_TAG 0x00000006u

/* The tag of the first event, the next ones follow; then its data's size, then text. */
#define MEASURE_TAG_FIRST 0x4c420001u
#define MEASURE_TAG_BYTES 8u

/* Data of the separators: the end of our measurements, and their failure. */
#define MEASURE_SEPARATOR_BYTES 4u
#define MEASURE_SEPARATOR_END   0u
#define MEASURE_SEPARATOR_ERROR 1u

/* All that a start is measured by. */
struct boot_measured {
	/* the section; its first bytes say how much of it is used */
	const uint8_t *profile;
	size_t profile_bytes;
	enum crypto_mode mode;
	const struct crypto_headers *headers;
	const uint8_t *body_digest; /* the verifier's: the body is not hashed again */
	size_t body_digest_bytes;
	const char *cmdline; /* as the kernel gets it; "" for none */
};

/**
 * boot_measure() - all events of one start into PCR 8.
 * @failed: the name of the event that could not be measured, unless LB_OK
 *
 * LB_ERR_UNSUPPORTED: there is no TPM. On any other error the events before may have been
 * measured; none after is, but PCR 8 is closed by an error separator if the TPM still
 * takes one, so that nobody can add what is missing.
 */
enum lb_status boot_measure(const struct platform *plat, const struct boot_measured *m,
			    const char **failed);

/**
 * boot_measure_ready() - is the TPM alive? Asked before anything is written for a start
 * that needs it; nothing is measured.
 *
 * LB_OK, also without a TPM; LB_ERR_IO, LB_ERR_TIMEOUT: it is not.
 */
enum lb_status boot_measure_ready(struct tpm *tpm);

/** boot_measured_kernel() - what a prepared kernel is measured by, in @mode.
 * @profile, @profile_bytes: the section, of which profile_select() accepted one */
struct prepared_kernel;
struct boot_measured boot_measured_kernel(const struct prepared_kernel *prepared,
					  enum crypto_mode mode, const uint8_t *profile,
					  size_t profile_bytes);

#endif
