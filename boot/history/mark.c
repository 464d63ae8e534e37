/* What the running system writes into the boot history. Each record is a copy of the
 * newest one of the boot with something added, so it does not matter whose cell it
 * takes. */
#include "boot/history/history.h"

#include <string.h>

/* Of the newest boot that is remembered, the newest record. */
static const struct history_record *newest(const struct boot_history *h)
{
	return h->usable && h->kept_count > 0 ? &h->kept[0] : NULL;
}

/* Writes @r as the next one of its boot, and keeps it as the newest. */
static enum lb_status add(const struct platform *plat, struct boot_history *h,
			  struct history_record r, enum history_stage stage)
{
	r.stage = (uint8_t)stage;
	if (r.update == UINT32_MAX) /* only a forged one gets there */
		return LB_ERR_FULL;
	r.update++;

	const enum lb_status status = boot_history_store(plat, h, &r);

	if (status == LB_OK)
		h->kept[0] = r;
	return status;
}

enum lb_status boot_history_mark(const struct platform *plat, struct boot_history *h,
				 const uint8_t slot[16])
{
	const struct history_record *last = newest(h);

	if (last == NULL || !history_is_start(last))
		return LB_ERR_NOT_FOUND;
	if (memcmp(last->slot, slot, sizeof last->slot) != 0)
		return LB_ERR_ARGUMENT;
	if ((last->flags & HISTORY_FLAG_MARKED) != 0)
		return LB_OK;
	struct history_record marked = *last;

	marked.flags |= HISTORY_FLAG_MARKED;
	history_slots_add(&marked.marking, slot);
	return add(plat, h, marked, HISTORY_STAGE_MARKED);
}

enum lb_status boot_history_set(const struct platform *plat, struct boot_history *h,
				const uint8_t slot[16])
{
	const struct history_record *last = newest(h);

	if (last == NULL || history_slots_have(&last->set, slot))
		return LB_OK;
	struct history_record set = *last;

	history_slots_add(&set.set, slot);
	return add(plat, h, set, HISTORY_STAGE_SET);
}
