/* The table of recovery reasons. */
#include "recovery/rec_reason.h"

#include <stddef.h>

static const struct {
	enum rec_reason reason;
	const char *name;
	const char *text;
} table[] = {
#define REC_REASON(number, id, name, text) { REC_REASON_##id, name, text },
#include "recovery/reasons.def"
#undef REC_REASON
};

const char *rec_reason_name(enum rec_reason reason)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].reason == reason)
			return table[i].name;
	return "unknown";
}

const char *rec_reason_text(enum rec_reason reason)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].reason == reason)
			return table[i].text;
	return "unknown";
}

bool rec_reason_by_person(enum rec_reason reason)
{
	/* Not a boot entry: the operating system can write those, too. */
	return reason == REC_REASON_KEY || reason == REC_REASON_BUTTON ||
	       reason == REC_REASON_SCREEN;
}

bool rec_reason_asked(enum rec_reason reason)
{
	return rec_reason_by_person(reason) || reason == REC_REASON_OS_REQUEST ||
	       reason == REC_REASON_BOOT_ENTRY;
}

bool rec_reason_unasked(enum rec_reason reason)
{
	return reason == REC_REASON_NO_SLOT;
}
