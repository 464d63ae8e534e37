/* Recovery reasons: why the device is in recovery, with numbers that never change.
 * (Why one disk or image was refused is base/reason.h.)
 *
 * Design: DESIGN 5, 8; table: docs/formats/recovery-reasons.md. */
#ifndef LIFEBOAT_RECOVERY_REC_REASON_H
#define LIFEBOAT_RECOVERY_REC_REASON_H

#include <stdbool.h>

#define REC_REASON(number, id, name, text) REC_REASON_##id = number,
enum rec_reason {
#include "recovery/reasons.def"
};
#undef REC_REASON

/** rec_reason_name(), rec_reason_text() - "unknown" for a number that is not in the
 * table. */
const char *rec_reason_name(enum rec_reason reason);
const char *rec_reason_text(enum rec_reason reason);

/** rec_reason_by_person() - somebody at the machine asked: nothing starts by itself but
 * recovery media, and the way to developer mode is open (DESIGN 5). */
bool rec_reason_by_person(enum rec_reason reason);

/** rec_reason_asked() - a person, the operating system or a boot entry asked: nothing is
 * known to be wrong with the device. */
bool rec_reason_asked(enum rec_reason reason);

/** rec_reason_unasked() - nobody asked: internal disks are looked at again and again. */
bool rec_reason_unasked(enum rec_reason reason);

#endif
