/* Systems on media: systems.c. */
#ifndef LIFEBOAT_BOOT_FLOW_SYSTEMS_H
#define LIFEBOAT_BOOT_FLOW_SYSTEMS_H

struct boot_ctx;

/** boot_name_systems() - call what recovery refuses what it is: an image of this device's
 * system on a stick, or the system itself on a card or USB disk that the profile does not
 * count as internal. Changes verdicts only; ctx->media.head is used up. */
void boot_name_systems(struct boot_ctx *ctx);

#endif
