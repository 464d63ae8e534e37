/* Reasons: why a disk, slot or image was not trusted, with numbers that never change,
 * and the verdict that carries one together with its details.
 *
 * Design: DESIGN 1 promise 4, DESIGN 2. Table: docs/formats/reasons.md. */
#ifndef LIFEBOAT_BASE_REASON_H
#define LIFEBOAT_BASE_REASON_H

#include <stdbool.h>
#include <stdint.h>

#define LB_REASON(number, id, name, text, class) LB_REASON_##id = number,
enum lb_reason {
#include "base/reasons.def"
};
#undef LB_REASON

enum lb_reason_class {
	LB_CLASS_OK,
	LB_CLASS_SKIP,
	LB_CLASS_READ,
	LB_CLASS_DAMAGED,
	LB_CLASS_DISK,
};

#define LB_DETAIL_BYTES 160u

/* A reason and the words for this one case ("preamble at offset 2232: ..."). The detail
 * may be empty, is always NUL-terminated, and may hold bytes from untrusted data only
 * after lb_format's escaping (printable ASCII). */
struct lb_verdict {
	enum lb_reason reason;
	char detail[LB_DETAIL_BYTES];
};

/** lb_reason_name() - stable short name ("keyblock-flags"); "unknown" for a number not in
 * the table. */
const char *lb_reason_name(enum lb_reason reason);

/** lb_reason_text() - one English clause for people. */
const char *lb_reason_text(enum lb_reason reason);

/** lb_reason_class() - what the reason means for a trying slot; SKIP when unknown. */
enum lb_reason_class lb_reason_class(enum lb_reason reason);

/** lb_reason_next() - walk the table: the entry after @reason, or false at the end.
 * Start with *reason = LB_REASON_OK, which is itself the first entry. */
bool lb_reason_next(enum lb_reason *reason);

/**
 * lb_verdict_set() - fill a verdict; the detail is formatted as by lb_format().
 * @fmt: NULL or "" for no detail
 *
 * Returns @reason, so that a check can end in `return lb_verdict_set(...)`.
 */
enum lb_reason lb_verdict_set(struct lb_verdict *verdict, enum lb_reason reason,
			      const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
