/* Looking at recovery media. */
#include "recovery/media.h"

#include <string.h>

#include "gpt/gpt_source.h"
#include "gpt/gpt_table.h"

/* The names `lifeboat recovery-media` gives its kernel partitions. */
static const struct {
	const char *name;
	enum platform_cpu cpu;
} cpu_names[] = {
	{ "RECOVERY-X86_64", PLATFORM_CPU_X86_64 },
	{ "RECOVERY-AARCH64", PLATFORM_CPU_AARCH64 },
};

static bool name_is(const uint16_t name[36], const char *text)
{
	const size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (name[i] != (uint8_t)text[i])
			return false;
	return name[len] == 0;
}

static bool says_other_cpu(const uint16_t name[36], enum platform_cpu cpu)
{
	for (size_t i = 0; i < sizeof cpu_names / sizeof cpu_names[0]; i++)
		if (name_is(name, cpu_names[i].name))
			return cpu_names[i].cpu != cpu;
	return false;
}

static bool goes_before(const struct rec_candidate *a, const struct rec_candidate *b)
{
	if (a->other_cpu != b->other_cpu)
		return b->other_cpu;
	if (a->self_signed != b->self_signed)
		return b->self_signed;
	return a->version > b->version;
}

/* How much a reason tells the person: further down the chain is more. */
static unsigned int telling(enum lb_reason reason)
{
	switch (reason) {
	case LB_REASON_OK:
		return 0;
	case LB_REASON_NO_GPT:
	case LB_REASON_SECTOR_SIZE:
	case LB_REASON_NO_KERNEL_PARTITION:
	case LB_REASON_OWN_SLOTS: /* always there, so any stick says more */
		return 1;
	case LB_REASON_NOT_A_KERNEL:
		return 2;
	case LB_REASON_KEY_UNKNOWN:
	case LB_REASON_SELF_SIGNED:
		return 4;
	case LB_REASON_KEYBLOCK_FLAGS:
	case LB_REASON_SYSTEM_IMAGE:
		return 5;
	case LB_REASON_WRONG_CPU:
		return 6;
	case LB_REASON_VERSION_TOO_OLD:
		return 7;
	default:
		return lb_reason_class(reason) == LB_CLASS_DISK ? 3 : 8;
	}
}

/* --- which candidates are kept ------------------------------------------------------ */

static bool good(const struct rec_candidate *c)
{
	return c->verdict.reason == LB_REASON_OK;
}

static size_t of_its_medium(const struct rec_media *media, uint32_t disk)
{
	size_t n = 0;

	for (size_t i = 0; i < media->count; i++)
		n += media->candidate[i].disk.id == disk;
	return n;
}

/* Which of two goes when there is no room: what cannot start before what can, what tells
 * less before what tells more; of good ones those of the medium that has most of them, so
 * that no medium can crowd another out; then the one that would be tried later. */
static bool goes_out_before(const struct rec_media *media, const struct rec_candidate *a,
			    const struct rec_candidate *b)
{
	if (good(a) != good(b))
		return !good(a);
	if (!good(a))
		return telling(a->verdict.reason) < telling(b->verdict.reason);

	const size_t as = of_its_medium(media, a->disk.id);
	const size_t bs = of_its_medium(media, b->disk.id);

	return as != bs ? as > bs : goes_before(b, a);
}

/* Adds @c as the last one, if it is worth more than what has to go for it. */
static void keep(struct rec_media *media, const struct rec_candidate *c)
{
	size_t out = 0;

	if (media->count < REC_MAX_CANDIDATES) {
		media->candidate[media->count++] = *c;
		return;
	}
	for (size_t i = 1; i < media->count; i++)
		if (!goes_out_before(media, &media->candidate[out], &media->candidate[i]))
			out = i; /* of equals the last */
	if (!goes_out_before(media, &media->candidate[out], c))
		return;
	memmove(&media->candidate[out], &media->candidate[out + 1],
		(media->count - out - 1) * sizeof *c);
	media->candidate[media->count - 1] = *c;
}

static void check_headers(const struct platform *plat, const struct crypto_policy *policy,
			  uint8_t *head, struct rec_candidate *c)
{
	struct gpt_source partition = { plat, c->disk.id, c->disk.sector_bytes,
					c->first_lba, c->sectors };
	const struct lb_source source = gpt_source_open(&partition);
	struct crypto_headers headers;

	if (crypto_source_headers(policy, &source, head, &headers, &c->verdict) !=
	    LB_REASON_OK)
		return;
	c->version = headers.version;
	c->signed_bytes = headers.body_offset + headers.body_bytes;
	c->self_signed = headers.self_signed;
	crypto_key_id(&headers.keyblock.data_key, c->data_key_id);
}

/* Says for the whole medium why nothing on it counts. */
static void keep_verdict(struct rec_media *media, const struct platform_disk *disk,
			 const struct lb_verdict *why)
{
	const struct rec_candidate c = { .disk = *disk, .verdict = *why };

	keep(media, &c);
}

void rec_media_scan(const struct platform *plat, const struct platform_disk *disk,
		    const struct crypto_policy *policy, enum platform_cpu cpu,
		    uint8_t *head, struct rec_media *media)
{
	struct lb_verdict why;
	struct gpt_entry entry;
	bool any = false;
	struct gpt gpt;

	if (gpt_load(plat, disk, &gpt, &why) != LB_OK) {
		keep_verdict(media, disk, &why);
		return;
	}
	for (uint32_t i = 0; gpt_entry_get(&gpt, i, &entry) == LB_OK; i++) {
		struct rec_candidate c = {
			.disk = *disk,
			.partition = i + 1,
			.first_lba = entry.first_lba,
			.sectors = entry.last_lba - entry.first_lba + 1,
			.other_cpu = says_other_cpu(entry.name, cpu),
		};

		if (memcmp(entry.type, gpt_type_kernel, sizeof entry.type) != 0)
			continue;
		any = true;
		memcpy(c.guid, entry.guid, sizeof c.guid);
		check_headers(plat, policy, head, &c);
		keep(media, &c);
	}
	gpt_unload(plat, &gpt);
	if (!any) {
		lb_verdict_set(&why, LB_REASON_NO_KERNEL_PARTITION, NULL);
		keep_verdict(media, disk, &why);
	}
}

void rec_media_order(struct rec_media *media)
{
	media->order_count = 0;
	for (size_t i = 0; i < media->count; i++) {
		size_t at = media->order_count;

		if (media->candidate[i].verdict.reason != LB_REASON_OK)
			continue;
		for (; at > 0 && goes_before(&media->candidate[i],
					     &media->candidate[media->order[at - 1]]);
		     at--)
			media->order[at] = media->order[at - 1];
		media->order[at] = i;
		media->order_count++;
	}
}

/* The medium that carries the loader and nothing else is no bad stick: it says
 * nothing. */
static unsigned int says(const struct rec_candidate *c)
{
	return c->disk.boot_disk && c->verdict.reason == LB_REASON_NO_KERNEL_PARTITION
		       ? 0
		       : telling(c->verdict.reason);
}

const struct rec_candidate *rec_media_worst(const struct rec_media *media)
{
	const struct rec_candidate *most = NULL;

	for (size_t i = 0; i < media->count; i++) {
		const struct rec_candidate *c = &media->candidate[i];

		if (says(c) > (most != NULL ? says(most) : 0))
			most = c;
	}
	return most;
}
