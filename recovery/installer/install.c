/* The installation itself. */
#include "recovery/installer/install.h"

#include <stdio.h>
#include <string.h>

#include "gpt/gpt_slot.h"

#define SLOTS "AB"

static const struct platform *platform_of(const struct install *in)
{
	return &in->machine->platform;
}

static bool fail(struct install *in, const char *what)
{
	const char *detail = in->why.detail;

	snprintf(in->failure, sizeof in->failure, "%.40s%s%.60s%s%.80s", what,
		 what[0] != '\0' ? ": " : "", update_reason_text(in->why.reason),
		 detail[0] != '\0' ? ": " : "", detail);
	return false;
}

/* --- payload ------------------------------------------------------------------------ */

static bool open_payload(struct install *in, size_t index)
{
	if (!stick_open(in->stick, index, &in->source)) {
		(void)update_verdict_set(&in->why, UPDATE_READ, "cannot be opened");
		return false;
	}
	if (update_payload_open(&in->source, &in->device, &in->memory, &in->payload,
				&in->why) == UPDATE_OK)
		return true;
	stick_close(&in->source);
	return false;
}

void install_close(struct install *in)
{
	update_payload_close(&in->payload);
	stick_close(&in->source);
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

bool install_choose_payload(struct install *in)
{
	bool any = false, developer = false;
	uint32_t version = 0;

	told_device(in->told, in->machine->facts.cpu, &in->device);
	in->memory =
		(struct update_memory){ platform_of(in), UPDATE_FULL_MEMORY_BYTES, 0, 0 };
	for (size_t i = 0; i < in->stick->count; i++) {
		if (!open_payload(in, i)) {
			lb_log(&in->talk->log, "installer: %s refused: %s: %s",
			       in->stick->name[i], update_reason_text(in->why.reason),
			       in->why.detail);
			continue;
		}
		const struct update_release *r = &in->payload.release;

		lb_log(&in->talk->log, "installer: %s: version %u.%u", in->stick->name[i],
		       r->version >> 16, r->version & 0xffff);
		if (better(r, any, developer, version)) {
			any = true;
			in->chosen = i;
			developer = r->developer;
			version = r->version;
		}
		install_close(in);
	}
	if (any && open_payload(in, in->chosen))
		return true;
	return fail(in, in->stick->name[any ? in->chosen : in->stick->count - 1]);
}

/* --- disk --------------------------------------------------------------------------- */

static bool has_slots(const struct platform *plat, const struct platform_disk *disk)
{
	struct gpt_slot slot[GPT_MAX_SLOTS];
	struct lb_verdict why;
	struct gpt gpt;

	if (gpt_load(plat, disk, &gpt, &why) != LB_OK)
		return false;
	const size_t count = gpt_slots(&gpt, slot);
	bool good = count >= strlen(SLOTS);

	for (size_t i = 0; good && i < strlen(SLOTS); i++)
		good = slot[i].letter == SLOTS[i] && slot[i].has_root;
	gpt_unload(plat, &gpt);
	return good;
}

bool install_choose_disk(struct install *in)
{
	struct machine *m = in->machine;
	size_t fitting = 0, internal = 0;

	in->disk = NULL;
	machine_scan(m);
	for (size_t i = 0; i < m->disk_count; i++) {
		const struct machine_disk *d = &m->disk[i];

		if (d->disk.attachment != PLATFORM_ATTACHED_INTERNAL ||
		    d == in->stick->disk || !machine_disk_present(d))
			continue;
		internal++;
		if (d->disk.read_only || !has_slots(platform_of(in), &d->disk))
			continue;
		fitting++;
		in->disk = &d->disk;
	}
	if (fitting == 1) {
		lb_log(&in->talk->log, "installer: disk %s", in->disk->name);
		return true;
	}
	snprintf(in->failure, sizeof in->failure,
		 "%zu internal disks, of which %zu have slots A and B: one is needed. "
		 "Nothing was written",
		 internal, fitting);
	return false;
}

/* --- writing ------------------------------------------------------------------------ */

static bool write_slot(struct install *in, char letter)
{
	struct update_job job = { .payload = &in->payload,
				  .progress = talk_progress,
				  .progress_ctx = in->talk };
	char text[32];

	snprintf(text, sizeof text, "writing slot %c", letter);
	talk_stage(in->talk, text);
	if (update_target_find(platform_of(in), in->disk, letter, &job.target,
			       &in->why) != UPDATE_OK ||
	    update_install(&job, &in->why) != UPDATE_OK)
		return fail(in, text);
	lb_log(&in->talk->log, "installer: slot %c written and read back%s", letter,
	       job.resumed ? ", gone on with an interrupted run" : "");
	return true;
}

bool install_run(struct install *in)
{
	struct update_job job = { .payload = &in->payload,
				  .progress = talk_progress,
				  .progress_ctx = in->talk };

	in->talk->share = 0;
	in->talk->shares = 1 + (uint32_t)strlen(SLOTS);
	talk_stage(in->talk, "checking the payload");
	if (update_check(&job, &in->why) != UPDATE_OK)
		return fail(in, in->stick->name[in->chosen]);
	for (const char *letter = SLOTS; *letter != '\0'; letter++)
		if (!write_slot(in, *letter))
			return false;
	talk_stage(in->talk, "putting both slots on trial");
	if (update_activate(platform_of(in), in->disk, SLOTS, &in->why) != UPDATE_OK)
		return fail(in, "the table");
	return true;
}
