/* The table of reasons, made from reasons.def. */
#include "base/reason.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/format.h"

static const struct entry {
	enum lb_reason reason;
	enum lb_reason_class class;
	const char *name;
	const char *text;
} table[] = {
#define LB_REASON(number, id, name, text, class)                                         \
	{ LB_REASON_##id, LB_CLASS_##class, name, text },
#include "base/reasons.def"
#undef LB_REASON
};

#define TABLE_ENTRIES (sizeof table / sizeof table[0])

static const struct entry *find(enum lb_reason reason)
{
	for (size_t i = 0; i < TABLE_ENTRIES; i++)
		if (table[i].reason == reason)
			return &table[i];
	return NULL;
}

const char *lb_reason_name(enum lb_reason reason)
{
	const struct entry *e = find(reason);

	return e != NULL ? e->name : "unknown";
}

const char *lb_reason_text(enum lb_reason reason)
{
	const struct entry *e = find(reason);

	return e != NULL ? e->text : "unknown reason";
}

enum lb_reason_class lb_reason_class(enum lb_reason reason)
{
	const struct entry *e = find(reason);

	return e != NULL ? e->class : LB_CLASS_SKIP;
}

bool lb_reason_next(enum lb_reason *reason)
{
	const struct entry *e = find(*reason);

	if (e == NULL || e + 1 == table + TABLE_ENTRIES)
		return false;
	*reason = e[1].reason;
	return true;
}

enum lb_reason lb_verdict_set(struct lb_verdict *verdict, enum lb_reason reason,
			      const char *fmt, ...)
{
	va_list args;

	verdict->reason = reason;
	va_start(args, fmt);
	lb_vformat(verdict->detail, sizeof verdict->detail, fmt != NULL ? fmt : "", args);
	va_end(args);
	return reason;
}
