/* Media with this device's system on them. "Made for another device" would be wrong, and
 * whoever reads it would look in the wrong place: one has taken the wrong download, the
 * other has a profile without internal-disk. */
#include "boot/flow/systems.h"

#include <string.h>

#include "boot/flow/flow.h"
#include "boot/judge/policy.h"
#include "gpt/gpt_source.h"

#define PREFIX_BYTES (LB_DETAIL_BYTES - sizeof "internal-disk = ")

/* Signed for this device in normal mode, too old or not. */
static bool is_system(struct boot_ctx *ctx, const struct rec_candidate *c)
{
	const struct crypto_policy policy =
		boot_policy_make(CRYPTO_MODE_NORMAL, &ctx->profile, &ctx->stored,
				 ctx->machine, &ctx->floors);
	struct gpt_source partition = { ctx->plat, c->disk.id, c->disk.sector_bytes,
					c->first_lba, c->sectors };
	const struct lb_source source = gpt_source_open(&partition);
	struct crypto_headers headers;
	struct lb_verdict why;
	const enum lb_reason reason =
		crypto_source_headers(&policy, &source, ctx->media.head, &headers, &why);

	return reason == LB_REASON_OK || reason == LB_REASON_VERSION_TOO_OLD;
}

static bool was_started_from(const struct platform *plat,
			     const struct platform_disk *disk, const struct gpt *gpt)
{
	struct history_record record;
	uint64_t first_lba;

	if (!history_find(gpt, &first_lba))
		return false;
	for (uint32_t cell = 0; cell < HISTORY_CELLS; cell++)
		if (history_read(plat, disk, first_lba, cell, &record) == LB_OK)
			return true;
	return false;
}

/* The loader came from there, or one has kept its history there: no fresh image. */
static bool is_lived_in(struct boot_ctx *ctx, const struct platform_disk *disk)
{
	struct lb_verdict why;
	struct gpt gpt;
	bool lived_in;

	if (disk->boot_disk)
		return true;
	if (gpt_load(ctx->plat, disk, &gpt, &why) != LB_OK)
		return false;
	lived_in = was_started_from(ctx->plat, disk, &gpt);
	gpt_unload(ctx->plat, &gpt);
	return lived_in;
}

/* What the profile has to say for the disk to be internal: its path, or the nodes of it
 * that fit here, which do as well. */
static void tell_prefix(struct lb_verdict *verdict, const char *path)
{
	char prefix[PLATFORM_DISK_PATH_BYTES];
	char *slash;

	memcpy(prefix, path, sizeof prefix);
	prefix[sizeof prefix - 1] = '\0';
	while (strlen(prefix) >= PREFIX_BYTES && (slash = strrchr(prefix, '/')) != NULL)
		*slash = '\0';
	lb_verdict_set(verdict, LB_REASON_OWN_SLOTS, "internal-disk = %s", prefix);
}

void boot_name_systems(struct boot_ctx *ctx)
{
	struct rec_media *found = &ctx->media.found;

	for (size_t i = 0; i < found->count && ctx->profile_valid; i++) {
		struct rec_candidate *c = &found->candidate[i];

		if ((c->verdict.reason != LB_REASON_KEY_UNKNOWN &&
		     c->verdict.reason != LB_REASON_KEYBLOCK_FLAGS) ||
		    !is_system(ctx, c))
			continue;
		if (is_lived_in(ctx, &c->disk))
			tell_prefix(&c->verdict, c->disk.path);
		else
			lb_verdict_set(&c->verdict, LB_REASON_SYSTEM_IMAGE, NULL);
	}
}
