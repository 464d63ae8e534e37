/* The machine for tests of the boot flow. */
#include "tests/host/boot_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "boot/flow/boot.h"
#include "boot/kernel/prepare.h"
#include "crypto/profile.h"
#include "tests/host/gpt_image.h"
#include "tests/host/media_image.h"

#define SECTOR_BYTES    512u
#define HISTORY_SECTORS 512u
#define HISTORY_ENTRY   20u /* behind every slot */
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
		test_key_make(&keys.developer, 1);
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

static size_t put_byte(uint8_t *p, uint16_t tag, int value)
{
	const uint8_t byte = (uint8_t)value;

	return put_item(p, tag, &byte, 1);
}

void rig_profile(struct boot_rig *rig)
{
	uint8_t *p = rig->profile, floor[4], seconds[4], generation[4];
	size_t at = PROFILE_HEADER_BYTES;

	lb_put_le32(floor, rig->recovery_floor);
	memcpy(p, "LBPROF\0\1", 8);
	at += put_item(p + at, PROFILE_TAG_MODEL, "rig", 3);
	at += put_item(p + at, PROFILE_TAG_KERNEL_KEY, rig->keys->kernel.packed,
		       rig->keys->kernel.packed_bytes);
	at += put_item(p + at, PROFILE_TAG_RECOVERY_KEY, rig->keys->recovery.packed,
		       rig->keys->recovery.packed_bytes);
	at += put_item(p + at, PROFILE_TAG_RECOVERY_URL, "example.com/recover", 19);
	at += put_item(p + at, PROFILE_TAG_RECOVERY_FLOOR, floor, 4);
	at += put_byte(p + at, PROFILE_TAG_DEVELOPER_MODE, (int)rig->developer);
	at += put_byte(p + at, PROFILE_TAG_SLOT_ORDER, (int)rig->order);
	at += put_item(p + at, PROFILE_TAG_INTERNAL_DISK, "pi/slot0", 8);
	lb_put_le32(seconds, rig->watchdog_s);
	at += put_item(p + at, PROFILE_TAG_WATCHDOG_S, seconds, 4);
	at += put_byte(p + at, PROFILE_TAG_SERIAL_INPUT, (int)rig->serial);
	at += put_byte(p + at, PROFILE_TAG_KEYBOARD_INPUT, (int)rig->keyboard);
	lb_put_le32(generation, rig->generation);
	at += put_item(p + at, PROFILE_TAG_GENERATION, generation, 4);
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
	rig->started_slot = layout->slot;
	rig->guarded_s = host->watchdog_s;
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
	rig_profile(rig);
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

void rig_history(struct boot_rig *rig)
{
	static const uint8_t type[16] = {
		0xb6, 0xc2, 0xf5, 0x88, 0x39, 0x33, 0x83, 0x4d,
		0xa9, 0xf5, 0x0b, 0x9e, 0xb0, 0x8f, 0x67, 0x12
	};
	struct mem_disk *disk = &rig->host.disks[0].mem;
	const uint64_t last = disk->sectors - 1;
	const uint64_t tables =
		(last - lb_le64(gpt_image_header(disk, 1) + GPT_AT_ENTRIES_LBA));
	const uint64_t first = last - tables;
	uint8_t old[SECTOR_BYTES], entries[128 * 128];

	memcpy(old, gpt_image_header(disk, 1), sizeof old);
	memcpy(entries, gpt_image_entry(disk, 1, 0), sizeof entries);
	mem_disk_resize(disk, disk->sectors + HISTORY_SECTORS);
	memset(mem_disk_sector(disk, first), 0, HISTORY_SECTORS * SECTOR_BYTES);
	for (int copy = 0; copy < 2; copy++) {
		const uint64_t end = disk->sectors - 1;

		memcpy(gpt_image_header(disk, copy), old, sizeof old);
		gpt_image_put(disk, copy, GPT_AT_MY_LBA, 8, copy == 0 ? 1 : end);
		gpt_image_put(disk, copy, GPT_AT_ALTERNATE, 8, copy == 0 ? end : 1);
		gpt_image_put(disk, copy, GPT_AT_LAST_USABLE, 8, end - tables - 1);
		gpt_image_put(disk, copy, GPT_AT_ENTRIES_LBA, 8,
			      copy == 0 ? 2 : end - tables);
		memcpy(gpt_image_entry(disk, copy, 0), entries, sizeof entries);
		uint8_t *e = gpt_image_entry(disk, copy, HISTORY_ENTRY);

		memcpy(e, type, sizeof type);
		memset(e + 16, 0x99, 16);
		lb_put_le64(e + 32, first);
		lb_put_le64(e + 40, first + HISTORY_SECTORS - 1);
		gpt_image_fix(disk, copy);
	}
}

/* Kept until exit: signing costs time. */
const uint8_t *rig_image_bytes(const struct rig_image *image, size_t *out_bytes)
{
	static struct {
		struct rig_image image;
		uint8_t *p;
		size_t bytes;
	} made[48];
	const struct rig_keys *keys = rig_keys();
	const struct test_key *const signers[] = { &keys->recovery, &keys->kernel,
						   &keys->stranger, NULL };
	size_t i = 0;

	while (i < 48 && made[i].p != NULL &&
	       (made[i].image.mark != image->mark ||
		made[i].image.version != image->version ||
		made[i].image.signer != image->signer ||
		made[i].image.flags != image->flags))
		i++;
	if (i == 48)
		abort();
	if (made[i].p == NULL) {
		const bool recovery = image->signer == RIG_BY_RECOVERY_KEY;
		const struct test_kernel k = {
			.signer = signers[image->signer],
			.data = image->signer == RIG_BY_DEVELOPER ? &keys->developer
								  : &keys->data,
			.flags = image->flags != 0 ? image->flags
				 : recovery        ? 27
						   : 23,
			.version = image->version,
			.mark = image->mark,
		};

		made[i].image = *image;
		made[i].p = test_kernel_make(&k, &made[i].bytes);
	}
	*out_bytes = made[i].bytes;
	return made[i].p;
}

struct host_disk *rig_stick(struct boot_rig *rig, const struct rig_image *images,
			    size_t count)
{
	struct media_image_kernel kernels[MEDIA_IMAGE_MAX_KERNELS] = { 0 };
	struct host_disk *disk =
		host_add_disk(&rig->host, PLATFORM_ATTACHED_USB, SECTOR_BYTES,
			      media_image_sectors(SECTOR_BYTES, count));

	size_t bytes;

	disk->info.boot_disk = false;
	for (size_t i = 0; i < count; i++) {
		kernels[i].name = images[i].name;
		kernels[i].bytes = rig_image_bytes(&images[i], &bytes);
	}
	media_image_make(&disk->mem, kernels, count);
	for (size_t i = 0; i < count; i++)
		if (images[i].damaged)
			mem_disk_sector(&disk->mem,
					media_image_lba(SECTOR_BYTES, i))[70000] ^= 1;
	return disk;
}

static void run(void *arg)
{
	struct boot_rig *rig = arg;
	const struct boot_config config = { .profile = rig->profile,
					    .profile_bytes = rig->profile_bytes,
					    .version = "test",
					    .recovery_requested =
						    rig->recovery_requested };

	(void)boot_run(&rig->host.plat, &config); /* the end tells */
}

void rig_power_off(struct boot_rig *rig)
{
	rig->started = RIG_NOTHING;
	rig->guarded_s = 0;
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
