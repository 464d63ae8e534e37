/* Which of the stick's payloads, or of the server's. */
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "recovery/installer/online.h"

static void close_source(struct program *p)
{
	if (p->online.chosen)
		online_close(p, &p->source);
	else
		stick_close(&p->source);
}

static bool open_payload(struct program *p, size_t index)
{
	const char *wrong;

	if (p->online.chosen ? !online_open(p, index, &p->source, &wrong)
			     : !stick_open(&p->stick, index, &p->source, &wrong)) {
		(void)update_verdict_set(&p->why, UPDATE_READ, "%s", wrong);
		return false;
	}
	if (update_payload_open(&p->source, &p->device, &p->memory, &p->payload,
				&p->why) == UPDATE_OK)
		return true;
	close_source(p);
	return false;
}

void choose_close(struct program *p)
{
	update_payload_close(&p->payload);
	close_source(p);
}

/* The device's own authority before a developer's, then the newest. */
static bool better(const struct update_release *release, bool any, bool developer,
		   uint32_t version)
{
	if (!any)
		return true;
	if (release->developer != developer)
		return developer;
	return release->version > version;
}

/* What to say when none will do: who asks wants to know of the one that was meant for
 * this device, so a refusal that came late counts more. */
static bool closer(enum update_reason reason, enum update_reason than)
{
	static const enum update_reason order[] = {
		UPDATE_OK,        UPDATE_READ,     UPDATE_CONTAINER, UPDATE_NO_STATEMENT,
		UPDATE_STATEMENT, UPDATE_KEY,      UPDATE_SIGNATURE, UPDATE_MODEL,
		UPDATE_CPU,       UPDATE_HARDWARE, UPDATE_DEVELOPER, UPDATE_REFUSED,
		UPDATE_VERSION,
	};
	const size_t count = sizeof order / sizeof *order;
	size_t a = 0, b = 0;

	while (a < count && order[a] != reason)
		a++;
	while (b < count && order[b] != than)
		b++;
	return a > b;
}

bool choose_payload(struct program *p)
{
	struct update_verdict best = { .reason = UPDATE_OK };
	bool any = false, developer = false;
	uint32_t version = 0;
	size_t named = 0;

	told_device(&p->told, p->machine.facts.cpu, &p->device);
	p->memory = (struct update_memory){ program_platform(p), UPDATE_FULL_MEMORY_BYTES,
					    0, 0 };
	for (size_t i = 0; i < program_offers(p); i++) {
		const struct update_release *r = &p->payload.release;

		if (!open_payload(p, i)) {
			lb_log(&p->talk.log, "installer: %s refused: %s: %s",
			       program_offer_name(p, i),
			       update_reason_text(p->why.reason), p->why.detail);
			if (closer(p->why.reason, best.reason)) {
				best = p->why;
				named = i;
			}
			continue;
		}
		lb_log(&p->talk.log, "installer: %s: version %u.%u%s",
		       program_offer_name(p, i), LB_VERSION_PARTS(r->version),
		       r->developer ? ", signed by a developer" : "");
		if (better(r, any, developer, version)) {
			any = true;
			p->chosen = i;
			developer = r->developer;
			version = r->version;
		}
		choose_close(p);
	}
	if (any && open_payload(p, p->chosen))
		return true;
	if (program_offers(p) == 0)
		return program_fail(p, PROGRAM_NO_PAYLOAD, "no payload on the medium");
	if (!any)
		p->why = best;
	return program_fail_why(p, program_offer_name(p, any ? p->chosen : named));
}
