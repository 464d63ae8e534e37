/* Setting it up. */
#include "tests/host/installer_rig.h"

#include <stdio.h>
#include <string.h>

#define SECTOR     512u
#define MARK_AT    1080u /* of ext4's superblock */
#define RAID_BYTES 4096u /* before the end */

static struct installer_rig the_rig;
static struct talk_words words;

static void add(struct update_release *r, uint32_t number, const uint8_t *type,
		uint64_t mib, bool grows)
{
	struct update_place *p = &r->place[r->place_count++];

	*p = (struct update_place){
		.number = number, .name = "PART", .bytes = mib * RIG_MIB, .grows = grows
	};
	memcpy(p->type, type, 16);
}

static void fill_release(struct update_release *r)
{
	r->keeps_state = true;
	add(r, 12, gpt_type_efi, 4, false);
	add(r, 2, gpt_type_kernel, 1, false);
	add(r, 3, gpt_type_root, 1, false);
	add(r, 4, gpt_type_kernel, 1, false);
	add(r, 5, gpt_type_root, 1, false);
	add(r, 6, gpt_type_history, 1, false);
	add(r, 1, gpt_type_data, 1, true);
}

struct installer_rig *installer_rig_open(uint64_t disk_bytes)
{
	struct installer_rig *rig = &the_rig;
	struct program *p = &rig->program;

	memset(rig, 0, sizeof *rig);
	host_init(&rig->host);
	rig->host.time_limit_ms = UINT64_MAX;
	struct host_disk *d = host_add_disk(&rig->host, PLATFORM_ATTACHED_INTERNAL,
					    SECTOR, disk_bytes / SECTOR);

	d->info.sector_bytes = SECTOR;
	d->info.sectors = disk_bytes / SECTOR;
	rig->disk.disk = d->info;
	snprintf(rig->stick.device, sizeof rig->stick.device, RIG_PRESENT);
	p->machine.platform = rig->host.plat;
	p->stick.disk = &rig->stick;
	p->target.disk = &rig->disk;
	fill_release(&p->payload.release);
	lb_log_init(&p->talk.log, &p->machine.platform);
	p->talk.serial = true;
	talk_open(&p->talk, &p->machine.platform, &words);
	return rig;
}

void installer_rig_close(struct installer_rig *rig)
{
	host_release(&rig->host);
}

void installer_rig_layout(struct installer_rig *rig)
{
	struct program *p = &rig->program;
	char why[PROGRAM_WHAT_BYTES];

	(void)layout_make(&p->payload.release, &rig->disk.disk, &p->layout, why,
			  sizeof why);
}

uint8_t *installer_rig_bytes(struct installer_rig *rig, uint64_t lba)
{
	return mem_disk_sector(&rig->host.disks[0].mem, lba);
}

void installer_rig_file_system(uint8_t *at)
{
	at[MARK_AT] = 0x53;
	at[MARK_AT + 1] = 0xef;
}

void installer_rig_foreign(struct installer_rig *rig)
{
	uint8_t *mbr = installer_rig_bytes(rig, 0);

	mbr[450] = 0x83;
	mbr[510] = 0x55;
	mbr[511] = 0xaa;
}

/* --- in libblkid's place ------------------------------------------------------------ */

enum probe_result probe_area(const struct machine_disk *disk, uint64_t offset,
			     uint64_t bytes)
{
	const uint8_t *at = installer_rig_bytes(&the_rig, offset / SECTOR);

	(void)disk;
	if (the_rig.blind)
		return PROBE_UNKNOWN;
	return (at[MARK_AT] == 0x53 && at[MARK_AT + 1] == 0xef) ||
			       memcmp(at + bytes - RAID_BYTES, "RAID", 4) == 0
		       ? PROBE_SOMETHING
		       : PROBE_NOTHING;
}

bool probe_disk(const struct machine_disk *disk, char *what, size_t size)
{
	const uint8_t *mbr = installer_rig_bytes(&the_rig, 0);
	const bool table = mbr[510] == 0x55 && mbr[511] == 0xaa;
	const bool other =
		probe_area(disk, 0, the_rig.disk.disk.sectors * SECTOR) != PROBE_NOTHING;

	snprintf(what, size, "%s", table ? "dos" : other ? "ext4" : "empty");
	return table || other;
}
