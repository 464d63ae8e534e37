/* Fuzzes the QR encoder: any bytes give a symbol of the right form, or are too long. */
#include <stdint.h>
#include <stdlib.h>

#include "ui/qr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* The three finders, the timing lines, the one module that is always dark. */
static void check_form(const struct qr_code *qr)
{
	const uint32_t end = qr->side - 1u;

	for (uint32_t i = 0; i < 7u; i++) {
		must(qr_dark(qr, i, 0) && qr_dark(qr, 0, i) && qr_dark(qr, end - i, 0));
		must(qr_dark(qr, 0, end - i) && !qr_dark(qr, 7, i) && !qr_dark(qr, i, 7));
		must(!qr_dark(qr, end - 7u, i) && !qr_dark(qr, i, end - 7u));
	}
	for (uint32_t i = 8; i < qr->side - 8u; i++)
		must(qr_dark(qr, i, 6) == (i % 2u == 0) &&
		     qr_dark(qr, 6, i) == (i % 2u == 0));
	must(qr_dark(qr, 8, qr->side - 8u));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qr_code qr;
	const enum lb_status status = qr_encode(data, size, &qr);

	must((status == LB_OK) == (size <= QR_MAX_TEXT_BYTES));
	if (status != LB_OK)
		return 0;
	must(qr.side >= 21u && qr.side <= QR_MAX_SIDE && qr.side % 4u == 1u);
	check_form(&qr);
	return 0;
}
