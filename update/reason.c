/* Names and words of the reasons. */
#include "update/reason.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/format.h"

#define UPDATE_REASON(number, id, name, text) { UPDATE_##id, name, text },
static const struct {
	enum update_reason reason;
	const char *name, *text;
} table[] = {
#include "update/reasons.def"
};
#undef UPDATE_REASON

#define COUNT (sizeof table / sizeof table[0])

static size_t find(enum update_reason reason)
{
	size_t i = 0;

	while (i < COUNT && table[i].reason != reason)
		i++;
	return i;
}

const char *update_reason_name(enum update_reason reason)
{
	const size_t i = find(reason);

	return i < COUNT ? table[i].name : "unknown";
}

const char *update_reason_text(enum update_reason reason)
{
	const size_t i = find(reason);

	return i < COUNT ? table[i].text : "unknown reason";
}

bool update_reason_next(enum update_reason *reason)
{
	const size_t i = find(*reason);

	if (i + 1 >= COUNT)
		return false;
	*reason = table[i + 1].reason;
	return true;
}

enum update_reason update_verdict_set(struct update_verdict *verdict,
				      enum update_reason reason, const char *fmt, ...)
{
	va_list args;

	verdict->reason = reason;
	verdict->loader = LB_REASON_OK;
	verdict->detail[0] = '\0';
	if (fmt != NULL) {
		va_start(args, fmt);
		(void)lb_vformat(verdict->detail, sizeof verdict->detail, fmt, args);
		va_end(args);
	}
	return reason;
}
