/* Which of the disks are media, and whether others are there now. */
#include "boot/flow/media_flow.h"

#include "boot/flow/flow.h"
#include "boot/judge/disk.h"

static bool is_media(const struct boot_ctx *ctx, const struct platform_disk *disk)
{
	return boot_disk_role(disk, &ctx->profile) == BOOT_ROLE_RECOVERY_MEDIA;
}

size_t boot_media_list(struct boot_ctx *ctx)
{
	size_t count = 0, media = 0;

	if (ctx->plat->list_disks(ctx->plat->ctx, ctx->disks, PLATFORM_MAX_DISKS,
				  &count) != LB_OK)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (is_media(ctx, &ctx->disks[i])) {
			const struct platform_disk disk = ctx->disks[i];

			ctx->disks[media++] = disk;
		}
	return media;
}

bool boot_media_changed(struct boot_ctx *ctx)
{
	const struct boot_media *m = &ctx->media;
	const size_t count = boot_media_list(ctx);

	if (count != m->present_count)
		return true;
	for (size_t i = 0; i < count; i++)
		if (ctx->disks[i].id != m->present[i])
			return true;
	return false;
}
