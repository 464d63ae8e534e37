/* Recovery media, known by their kernels. */
#include "tools/lib/media_found.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/kernel_verify.h"
#include "crypto/keyblock.h"
#include "gpt/gpt_source.h"
#include "tools/lib/tool.h"

#define NAME_PREFIX "RECOVERY-"

static bool named_so(const struct gpt *gpt, const struct gpt_slot *slot)
{
	const char *prefix = NAME_PREFIX;
	struct gpt_entry entry;

	if (gpt_entry_get(gpt, slot->kernel, &entry) != LB_OK)
		return false;
	for (size_t i = 0; prefix[i] != '\0'; i++)
		if (entry.name[i] != (uint8_t)prefix[i])
			return false;
	return true;
}

/* For recovery and for nothing else: a normal kernel has rec0 as well. */
static bool for_recovery(uint32_t flags)
{
	return (flags & CRYPTO_FLAG_REC1) != 0 && (flags & CRYPTO_FLAG_REC0) == 0;
}

static bool is_recovery(const struct platform *plat, const struct platform_disk *disk,
			const struct gpt *gpt, const struct gpt_slot *slot, uint8_t *head)
{
	struct gpt_source partition = { plat, disk->id, disk->sector_bytes,
					slot->first_lba, slot->sectors };
	const struct lb_source source = gpt_source_open(&partition);
	const size_t len = source.bytes < CRYPTO_HEAD_BYTES ? (size_t)source.bytes
							    : CRYPTO_HEAD_BYTES;
	struct crypto_keyblock keyblock;
	struct lb_verdict why;

	if (source.read(source.ctx, 0, head, len) != LB_OK ||
	    crypto_keyblock_parse(head, len, &keyblock, &why) != LB_REASON_OK)
		return named_so(gpt, slot);
	return for_recovery(keyblock.flags);
}

bool tool_media_found(const struct platform *plat, const struct platform_disk *disk,
		      const struct gpt *gpt, const struct gpt_slot *slot, size_t count)
{
	uint8_t *head = tool_alloc(CRYPTO_HEAD_BYTES);
	bool all = count != 0;

	for (size_t i = 0; all && i < count; i++)
		all = is_recovery(plat, disk, gpt, &slot[i], head);
	free(head);
	return all;
}
