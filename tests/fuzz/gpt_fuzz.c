/* Fuzzing of partition tables: the input is a whole small disk. Whatever is on it,
 * loading, slots, repair and storing stay in bounds, and these hold: a repair changes
 * neither the entries nor the slots; after it the next load finds nothing to repair; what
 * was stored is what the next load sees.
 *
 * First byte: bit 0 4096-byte sectors, bit 1 repair, bit 2 store, bit 3 slot order, bits
 * 4..7 which slot; the disk follows. Checksums are set right where the input says with a
 * set bit in its second byte (primary header, primary entries, backup header, backup
 * entries), so that what lies behind them is reached. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "gpt/gpt_slot.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define CONTROL_BYTES 2u
#define MAX_SECTORS   512u

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static struct host_platform host;

static void must(bool held)
{
	if (!held)
		abort();
}

static void fix_entries(struct mem_disk *disk, int copy)
{
	uint8_t *h = gpt_image_header(disk, copy);
	const uint64_t lba = lb_le64(h + GPT_AT_ENTRIES_LBA);
	const uint64_t bytes =
		(uint64_t)lb_le32(h + GPT_AT_COUNT) * lb_le32(h + GPT_AT_ENTRY_BYTES);

	if (lba < disk->sectors &&
	    bytes <= mem_disk_bytes(disk) - lba * disk->sector_bytes)
		lb_put_le32(h + GPT_AT_ENTRIES_CRC,
			    lb_crc32(0, mem_disk_sector(disk, lba), (size_t)bytes));
}

static void fix_sums(struct mem_disk *disk, uint8_t which)
{
	for (int copy = 0; copy < 2; copy++) {
		uint8_t *h = gpt_image_header(disk, copy);
		const uint32_t bytes = lb_le32(h + GPT_AT_SIZE);

		if ((which >> (2 * copy) & 2) != 0)
			fix_entries(disk, copy);
		if ((which >> (2 * copy) & 1) == 0 || bytes > disk->sector_bytes)
			continue;
		lb_put_le32(h + GPT_AT_CRC, 0);
		lb_put_le32(h + GPT_AT_CRC, lb_crc32(0, h, bytes));
	}
}

static bool load(struct gpt *gpt)
{
	struct lb_verdict why = { .reason = LB_REASON_OK };
	const bool loaded = gpt_load(&host.plat, &host.disks[0].info, gpt, &why) == LB_OK;

	must(loaded == (why.reason == LB_REASON_OK));
	must(why.detail[sizeof why.detail - 1] == '\0');
	return loaded;
}

static void check_slots(const struct gpt *gpt, const struct gpt_slot *slots, size_t count)
{
	size_t sequence[GPT_MAX_SLOTS];
	const struct gpt_header *h = gpt_header_in_use(gpt);

	must(count <= GPT_MAX_SLOTS);
	for (size_t i = 0; i < count; i++) {
		must(slots[i].kernel < h->entry_count);
		must(slots[i].sectors > 0 && slots[i].first_lba >= h->first_usable_lba);
		must(lb_within(slots[i].first_lba, slots[i].sectors, gpt->disk.sectors));
		must(gpt_slot_encode(&slots[i]) == slots[i].attributes);
	}
	for (int order = 0; order < 2; order++)
		must(gpt_slot_sort(slots, count, (enum gpt_slot_order)order, sequence) <=
		     count);
}

/* The same entries, by the same rules. */
static void check_same(const struct gpt *a, const struct gpt *b)
{
	const uint32_t bytes = gpt_header_table_bytes(gpt_header_in_use(a));

	must(bytes == gpt_header_table_bytes(gpt_header_in_use(b)));
	must(memcmp(a->entries, b->entries, bytes) == 0);
}

static void repair(struct gpt *gpt)
{
	char fixed[200];
	struct gpt again;

	must(gpt_repair(&host.plat, &host.disks[0].info, gpt, fixed, sizeof fixed) ==
	     LB_OK);
	must(load(&again));
	check_same(gpt, &again);
	must(gpt_state(&again) == gpt_state(gpt));
	gpt_unload(&host.plat, &again);

	const uint64_t writes = host.disks[0].mem.writes;

	must(gpt_repair(&host.plat, &host.disks[0].info, gpt, fixed, sizeof fixed) ==
	     LB_OK);
	must(fixed[0] == '\0' && host.disks[0].mem.writes == writes);
}

static void store(struct gpt *gpt, const struct gpt_slot *slot, enum gpt_slot_order order)
{
	const uint64_t wanted = gpt_slot_charged(slot, order);
	enum lb_status second;
	struct gpt again;
	struct gpt_entry e;
	const enum lb_status status = gpt_store_attributes(
		&host.plat, &host.disks[0].info, gpt, slot->kernel, wanted, &second);

	must(status == LB_OK || status == LB_ERR_READ_ONLY);
	must(load(&again));
	check_same(gpt, &again);
	must(gpt_entry_get(&again, slot->kernel, &e) == LB_OK);
	must(e.attributes == (status == LB_OK ? wanted : slot->attributes));
	gpt_unload(&host.plat, &again);
}

static void use(uint8_t control)
{
	struct gpt_slot slots[GPT_MAX_SLOTS];
	struct gpt gpt;

	if (!load(&gpt))
		return;
	const size_t count = gpt_slots(&gpt, slots);

	check_slots(&gpt, slots, count);
	must(host.disks[0].mem.writes == 0);
	if ((control & 2) != 0)
		repair(&gpt);
	if ((control & 4) != 0 && count > 0)
		store(&gpt, &slots[(control >> 4) % count],
		      (control & 8) != 0 ? GPT_ORDER_PRIORITY : GPT_ORDER_ATTEMPTS_FIRST);
	gpt_unload(&host.plat, &gpt);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	if (len < CONTROL_BYTES)
		return 0;
	const uint8_t control = input[0];
	const uint32_t sector_bytes = (control & 1) != 0 ? 4096 : 512;
	const size_t sectors = (len - CONTROL_BYTES) / sector_bytes;

	if (sectors < 2 || sectors > MAX_SECTORS)
		return 0;
	host_init(&host);
	struct host_disk *disk =
		host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes, sectors);

	memcpy(disk->mem.now, input + CONTROL_BYTES, sectors * sector_bytes);
	fix_sums(&disk->mem, input[1]);
	use(control);
	must(host_release(&host) == 0);
	return 0;
}
