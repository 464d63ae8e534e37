/* QR code encoder: byte mode, versions 1 to 10, error correction level M. Pure, no
 * allocation. Spec: ISO/IEC 18004:2015. */
#ifndef LIFEBOAT_UI_QR_H
#define LIFEBOAT_UI_QR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define QR_MAX_VERSION    10u
#define QR_MAX_SIDE       (17u + 4u * QR_MAX_VERSION)
#define QR_MAX_TEXT_BYTES 213u
#define QR_QUIET          4u /* light modules that must surround the symbol */

struct qr_code {
	uint32_t side; /* modules: 21, 25, ... 57 */
	uint8_t dark[(QR_MAX_SIDE * QR_MAX_SIDE + 7u) / 8u];
};

/**
 * qr_encode() - @len bytes of @text as the smallest symbol that holds them.
 *
 * LB_ERR_RANGE for more than QR_MAX_TEXT_BYTES; @out is written only on LB_OK.
 */
enum lb_status qr_encode(const uint8_t *text, size_t len, struct qr_code *out);

/** qr_dark() - the module at column @x, row @y; light outside of the symbol. */
bool qr_dark(const struct qr_code *qr, uint32_t x, uint32_t y);

#endif
