/* The machine for tests of the boot flow. */
#include "tests/host/boot_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/base/bytes.h"
#include "boot/base/crc32.h"
#include "boot/kernel/prepare.h"
#include "crypto/profile.h"

#define SECTOR_BYTES 512u
/* Enough for the flow and these kernels; more only costs the sanitizers time. */
#define MEMORY_BYTES ((size_t)2 << 20)

const struct rig_keys *rig_keys(void)
{
	static struct rig_keys keys;

	if (keys.kernel.pkey == NULL) {
		test_key_make(&keys.kernel, 1);
		test_key_make(&keys.data, 1);
		test_key_make(&keys.recovery, 1);
		test_key_make(&keys.stranger, 1);
	}
	return &keys;
}

static size_t put_item(uint8_t *p, uint16_t tag, const void *bytes, size_t len)
{
	memset(p, 0, 8 + len + 7);
	lb_put_le16(p, tag);
	lb_put_le32(p + 4, (uint32_t)len);
	memcpy(p + 8, bytes, len);
	return 8 + (len + 7) / 8 * 8;
}

static void make_profile(struct boot_rig *rig)
{
	const uint8_t order = (uint8_t)rig->order;
	uint8_t *p = rig->profile;
	size_t at = PROFILE_HEADER_BYTES;

	memcpy(p, "LBPROF\0\1", 8);
	at += put_item(p + at, PROFILE_TAG_MODEL, "rig", 3);
	at += put_item(p + at, PROFILE_TAG_KERNEL_KEY, rig->keys->kernel.packed,
		       rig->keys->kernel.packed_bytes);
	at += put_item(p + at, PROFILE_TAG_RECOVERY_KEY, rig->keys->recovery.packed,
		       rig->keys->recovery.packed_bytes);
	at += put_item(p + at, PROFILE_TAG_SLOT_ORDER, &order, 1);
	at += put_item(p + at, PROFILE_TAG_INTERNAL_DISK, "pi/slot", 7);
	lb_put_le32(p + 8, (uint32_t)at);
	lb_put_le32(p + 12, 0);
	lb_put_le32(p + 12, lb_crc32(0, p, at));
	rig->profile_bytes = at;
}

static void look_at_start(struct host_platform *host)
{
	struct boot_rig *rig = host->test;
	const struct kernel_layout *layout = kernel_prepared_layout(host->prepared);

	rig->started = layout->image[0];
	snprintf(rig->cmdline, sizeof rig->cmdline, "%s", layout->cmdline);
}

void rig_init(struct boot_rig *rig, enum gpt_slot_order order)
{
	memset(rig, 0, sizeof *rig);
	host_init(&rig->host);
	rig->host.test = rig;
	rig->host.memory_limit = MEMORY_BYTES;
	rig->host.on_start = look_at_start;
	rig->keys = rig_keys();
	rig->order = order;
	make_profile(rig);
}

size_t rig_release(struct boot_rig *rig)
{
	return host_release(&rig->host);
}

const uint8_t *rig_kernel(uint8_t mark, uint16_t version, size_t *bytes)
{
	static struct {
		uint8_t mark;
		uint16_t version;
		uint8_t *p;
		size_t bytes;
	} made[16];
	size_t i = 0;

	while (i < 16 && made[i].p != NULL &&
	       (made[i].mark != mark || made[i].version != version))
		i++;
	if (i == 16)
		abort();
	if (made[i].p == NULL) {
		const struct test_kernel k = { .signer = &rig_keys()->kernel,
					       .data = &rig_keys()->data,
					       .flags = 23,
					       .version = version,
					       .mark = mark };

		made[i].p = test_kernel_make(&k, &made[i].bytes);
		made[i].mark = mark;
		made[i].version = version;
	}
	*bytes = made[i].bytes;
	return made[i].p;
}

struct host_disk *rig_disk(struct boot_rig *rig, enum platform_attachment how,
			   const struct test_slot *slots, size_t count)
{
	struct host_disk *disk = host_add_disk(&rig->host, how, SECTOR_BYTES,
					       test_disk_sectors(SECTOR_BYTES, count));

	test_disk_fill(&disk->mem, slots, count, (uint8_t)(0x10 + rig->host.disk_count));
	return disk;
}

static void run(void *arg)
{
	struct boot_rig *rig = arg;
	const struct boot_config config = { .profile = rig->profile,
					    .profile_bytes = rig->profile_bytes,
					    .version = "test" };

	(void)boot_run(&rig->host.plat, &config); /* the end tells */
}

void rig_power_off(struct boot_rig *rig)
{
	rig->started = RIG_NOTHING;
	rig->cmdline[0] = '\0';
	host_forget(&rig->host);
}

enum host_end rig_boot_on(struct boot_rig *rig)
{
	return host_run(&rig->host, run, rig);
}

enum host_end rig_boot(struct boot_rig *rig)
{
	rig_power_off(rig);
	return rig_boot_on(rig);
}

struct gpt_slot rig_slot(struct boot_rig *rig, size_t disk, size_t index)
{
	const struct platform *plat = &rig->host.plat;
	struct host_disk *d = &rig->host.disks[disk];
	struct platform_disk info = d->info;
	struct gpt_slot slots[GPT_MAX_SLOTS];
	struct lb_verdict why;
	struct gpt gpt;

	info.sector_bytes = d->mem.sector_bytes;
	info.sectors = d->mem.sectors;
	if (gpt_load(plat, &info, &gpt, &why) != LB_OK || gpt_slots(&gpt, slots) <= index)
		abort();
	gpt_unload(plat, &gpt);
	return slots[index];
}
