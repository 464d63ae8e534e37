/* Fuzzes the boot history: a partition's cells as the fuzzer wants them, with right CRCs
 * where it asks for them, opened, written and read back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "boot/history/history.h"
#include "tests/host/history_image.h"
#include "tests/host/host_platform.h"

/* One cell in the input: its number, what is made right, the first bytes of the
 * record. */
#define INPUT_BYTES 52u
#define FIX_MAGIC   1u
#define FIX_CRC     2u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct host_platform host;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put_cells(struct mem_disk *disk, const uint8_t *data, size_t size)
{
	for (; size >= INPUT_BYTES; data += INPUT_BYTES, size -= INPUT_BYTES) {
		uint8_t *cell = history_image_cell(disk, data[0] % HISTORY_CELLS);

		memset(cell, 0, HISTORY_RECORD_BYTES);
		memcpy(cell, data + 2, INPUT_BYTES - 2);
		if (data[1] & FIX_MAGIC)
			memcpy(cell, "LBHIST\0\1", 8);
		if (data[1] & FIX_CRC)
			lb_put_le32(cell + 508, lb_crc32(0, cell, 508));
	}
}

static void check(const struct boot_history *h)
{
	must(h->looked && h->usable && h->kept_count <= HISTORY_KEPT);
	for (size_t i = 1; i < h->kept_count; i++)
		must(!history_newer(&h->kept[i], &h->kept[i - 1]));
	must(h->kept_count > 0 || h->now.boot == 1);
	if (h->kept_count == 0)
		return;
	must(h->now.boot == h->kept[0].boot + 1 ||
	     (h->kept[0].boot == UINT64_MAX && h->now.boot == HISTORY_CELLS / 2 - 1));
}

static struct boot_history opened(const struct platform_disk *disk, const struct gpt *gpt)
{
	struct boot_history history = { 0 };

	boot_history_open(&host.plat, disk, gpt, &history);
	return history;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct history_record record = { .stage = HISTORY_STAGE_HANDOFF,
					       .version = 7 };
	struct host_disk *disk;
	struct lb_verdict why;
	struct gpt gpt;

	if (size < 1)
		return 0;
	const uint32_t sector_bytes = 512u << (data[0] % 4);

	host_init(&host);
	disk = host_add_disk(&host, PLATFORM_ATTACHED_INTERNAL, sector_bytes,
			     history_image_sectors(sector_bytes));
	history_image_make(&disk->mem, HISTORY_PARTITION_BYTES);
	put_cells(&disk->mem, data + 1, size - 1);
	must(gpt_load(&host.plat, &disk->info, &gpt, &why) == LB_OK);
	struct boot_history h = opened(&disk->info, &gpt);

	check(&h);
	const uint64_t boot = h.now.boot;
	const bool was_last = h.kept_count > 0 && h.kept[0].boot == UINT64_MAX;

	must(boot_history_write(&host.plat, &h, record) == LB_OK);
	const struct boot_history after = opened(&disk->info, &gpt);

	/* The new record is the newest, but where numbers began again. */
	must(was_last || (after.kept[0].boot == boot && after.kept[0].version == 7));
	gpt_unload(&host.plat, &gpt);
	(void)host_release(&host); /* nothing is left when nothing crashed */
	return 0;
}
