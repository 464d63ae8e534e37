/* Why a payload was refused, or why an installation ended: a number that never changes,
 * and the words for this one case. */
#ifndef LIFEBOAT_UPDATE_REASON_H
#define LIFEBOAT_UPDATE_REASON_H

#include "base/reason.h"

#define UPDATE_REASON(number, id, name, text) UPDATE_##id = number,
enum update_reason {
#include "update/reasons.def"
};
#undef UPDATE_REASON

struct update_verdict {
	enum update_reason reason;
	enum lb_reason loader; /* for UPDATE_REFUSED and the like: what the loader says */
	char detail[LB_DETAIL_BYTES]; /* printable ASCII; may be empty */
};

/** update_reason_name() - "wrong-model"; "unknown" for a number that is none. */
const char *update_reason_name(enum update_reason reason);
/** update_reason_text() - one English clause for people. */
const char *update_reason_text(enum update_reason reason);
/** update_reason_next() - the next one of the list; false at its end. Starts at
 * UPDATE_OK. */
bool update_reason_next(enum update_reason *reason);

/** update_verdict_set() - fill it; @fmt as of lb_format(), NULL for none. Returns
 * @reason. */
enum update_reason update_verdict_set(struct update_verdict *verdict,
				      enum update_reason reason, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
