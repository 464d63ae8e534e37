/* What all parts of the program ask: the time, and why it ended. */
#include <stdarg.h>
#include <stdio.h>

#include "recovery/installer/program.h"

uint64_t program_now(const struct program *p)
{
	return p->machine.platform.clock_ms(p->machine.platform.ctx);
}

bool program_fail(struct program *p, enum program_reason reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->failure, sizeof p->failure, fmt, args);
	va_end(args);
	snprintf(p->code, sizeof p->code, "I%u", (unsigned int)reason);
	return false;
}

bool program_fail_why(struct program *p, const char *what)
{
	const char *detail = p->why.detail;

	snprintf(p->failure, sizeof p->failure, "%.40s%s%.60s%s%.110s", what,
		 what[0] != '\0' ? ": " : "", update_reason_text(p->why.reason),
		 detail[0] != '\0' ? ": " : "", detail);
	snprintf(p->code, sizeof p->code, "P%u", (unsigned int)p->why.reason);
	return false;
}

size_t program_offers(const struct program *p)
{
	return p->online.chosen ? p->online.offers.count : p->stick.count;
}

const char *program_offer_name(const struct program *p, size_t index)
{
	return p->online.chosen ? p->online.offers.offer[index].path
				: p->stick.name[index];
}
