/* Which rules order the slots of a disk. Here, below gpt and crypto, because the device
 * profile names it and the partition table obeys it.
 *
 * Design: DESIGN 2. */
#ifndef LIFEBOAT_BASE_SLOT_ORDER_H
#define LIFEBOAT_BASE_SLOT_ORDER_H

enum gpt_slot_order {
	GPT_ORDER_ATTEMPTS_FIRST, /* the Autoupdate document */
	GPT_ORDER_PRIORITY,       /* disks that ChromeOS tools manage */
};

#endif
