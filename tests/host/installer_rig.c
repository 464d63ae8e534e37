/* Setting it up. */
#include "tests/host/installer_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recovery/installer/esp.h"
#include "update/payload.h"

#define SECTOR      512u
#define MARK_AT     1080u /* of ext4's superblock */
#define FAT_MARK_AT 54u
#define RAID_BYTES  4096u /* before the end */

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
	r->place_count = 0;
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

static uint8_t *make_root(size_t bytes)
{
	uint8_t *root = calloc(1, bytes);

	for (size_t i = 0; root != NULL && i < bytes; i++)
		root[i] = (uint8_t)(i * 2654435761u >> 13);
	return root;
}

void installer_rig_payload(struct installer_rig *rig, size_t root_bytes)
{
	static struct test_key kernel_key, data_key;
	const struct test_kernel kernel = { .signer = &kernel_key,
					    .data = &data_key,
					    .flags = 5,
					    .version = 2,
					    .mark = 'N' };
	struct program *p = &rig->program;
	struct test_payload *plan = &rig->plan;

	if (kernel_key.pkey == NULL) {
		test_key_make(&kernel_key, 1);
		test_key_make(&data_key, 1);
	}
	*plan = (struct test_payload){ .root = make_root(root_bytes),
				       .root_bytes = root_bytes,
				       .kernel_key = &kernel_key,
				       .data_key = &data_key };
	plan->kernel = test_kernel_make(&kernel, &plan->kernel_bytes);
	rig->bytes.data = test_payload_make(plan, &rig->bytes.bytes);
	p->source = test_source(&rig->bytes);
	p->device = test_payload_device(plan);
	p->memory = (struct update_memory){ .plat = &p->machine.platform,
					    .limit = UPDATE_FULL_MEMORY_BYTES };
	if (update_payload_open(&p->source, &p->device, &p->memory, &p->payload,
				&p->why) != UPDATE_OK)
		abort();
	fill_release(&p->payload.release);
}

void installer_rig_system(struct installer_rig *rig)
{
	uint8_t guid[16];
	struct program *p = &rig->program;

	p->target.kind = DISK_SYSTEM;
	installer_rig_layout(rig);
	if (!layout_finish(&p->layout, &rig->host.plat, guid))
		abort();
	for (size_t i = 0; i < GPT_MAKE_ENTRIES; i++)
		p->layout.entry[i].attributes = 0;
	if (gpt_make(&rig->host.plat, &rig->disk.disk, guid, p->layout.entry) != LB_OK)
		abort();
}

void installer_rig_close(struct installer_rig *rig)
{
	if (rig->bytes.data != NULL)
		update_payload_close(&rig->program.payload);
	free((void *)(uintptr_t)rig->bytes.data);
	free((void *)(uintptr_t)rig->plan.kernel);
	free((void *)(uintptr_t)rig->plan.root);
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

void installer_rig_fat(uint8_t *at)
{
	memcpy(at + FAT_MARK_AT, "FAT16", 5);
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
	if (memcmp(at + FAT_MARK_AT, "FAT", 3) == 0)
		return PROBE_FAT;
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

/* --- in the place of Linux's FAT ---------------------------------------------------- */

bool esp_find(const struct platform *plat, const struct machine_disk *disk,
	      struct esp *out, struct update_area *area)
{
	(void)plat, (void)disk, (void)out;
	*area = the_rig.program.layout.efi;
	return area->sectors != 0;
}

bool esp_mount(const struct esp *esp)
{
	(void)esp;
	if (!the_rig.esp.looked)
		the_rig.esp.at_event = the_rig.host.disks[0].mem.event_count;
	the_rig.esp.looked = true;
	return the_rig.esp.mounts;
}

void esp_leave(void)
{
}

enum lb_status esp_read(const struct esp *esp, size_t limit, uint8_t **data, size_t *len)
{
	(void)esp;
	if (the_rig.esp.has == NULL || the_rig.esp.has_bytes > limit)
		return LB_ERR_NOT_FOUND;
	*data = malloc(the_rig.esp.has_bytes);
	if (*data == NULL)
		return LB_ERR_NOMEM;
	memcpy(*data, the_rig.esp.has, the_rig.esp.has_bytes);
	*len = the_rig.esp.has_bytes;
	return LB_OK;
}

const char *esp_write(const struct esp *esp, const uint8_t *data, size_t len)
{
	(void)esp, (void)data;
	if (the_rig.esp.refuses == NULL)
		the_rig.esp.written = len;
	return the_rig.esp.refuses;
}
