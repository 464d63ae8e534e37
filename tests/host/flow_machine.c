/* The usual machine, its keys and its history. */
#include "tests/host/flow_machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/history/history.h"
#include "tests/host/gpt_image.h"

#define HISTORY_ENTRY 20u /* as rig_history() has it */

static void make(struct boot_rig *rig, uint8_t bootable)
{
	struct test_slot slots[2] = { { 2, 0, bootable, NULL, 0 },
				      { 1, 0, bootable, NULL, 0 } };

	rig_init(rig, GPT_ORDER_ATTEMPTS_FIRST);
	slots[0].kernel = rig_kernel('A', 2, &slots[0].kernel_bytes);
	slots[1].kernel = rig_kernel('B', 2, &slots[1].kernel_bytes);
	rig_disk(rig, PLATFORM_ATTACHED_INTERNAL, slots, 2);
	rig->host.time_limit_ms = 5u * 60u * 1000u;
}

void flow_machine(struct boot_rig *rig, bool bootable)
{
	make(rig, bootable);
	rig_history(rig);
}

void flow_machine_without_history(struct boot_rig *rig)
{
	make(rig, true);
}

void flow_set_attributes(struct boot_rig *rig, size_t disk, size_t index,
			 uint64_t attributes)
{
	for (int copy = 0; copy < 2; copy++)
		gpt_image_set_attributes(&rig->host.disks[disk].mem, copy,
					 (uint32_t)(2 * index), attributes);
}

void flow_set_slot(struct boot_rig *rig, size_t index, uint8_t attempts)
{
	flow_set_attributes(rig, 0, index, GPT_IMAGE_ATTR(5, attempts, 0));
}

void flow_put_kernel(struct boot_rig *rig, size_t index, const struct rig_image *image)
{
	struct mem_disk *disk = &rig->host.disks[0].mem;
	size_t bytes;
	const uint8_t *kernel = rig_image_bytes(image, &bytes);

	memcpy(mem_disk_sector(disk, test_disk_slot_lba(disk->sector_bytes, index)),
	       kernel, bytes);
}

void flow_ask_recovery(struct boot_rig *rig)
{
	flow_scan(rig, 0, PLATFORM_KEY_ESC);
	flow_scan(rig, 200, PLATFORM_KEY_ESC);
}

void flow_key(struct boot_rig *rig, uint64_t at_ms, char c)
{
	host_press(&rig->host, at_ms, (struct platform_key){ .unicode = (uint8_t)c });
}

void flow_ctrl(struct boot_rig *rig, uint64_t at_ms, char c)
{
	host_press(&rig->host, at_ms,
		   (struct platform_key){ .unicode = (uint8_t)c, .ctrl = true });
}

void flow_scan(struct boot_rig *rig, uint64_t at_ms, uint16_t scan)
{
	host_press(&rig->host, at_ms, (struct platform_key){ .scan = scan });
}

void flow_serial(struct boot_rig *rig, uint64_t at_ms, char c)
{
	host_press(&rig->host, at_ms,
		   (struct platform_key){ .unicode = (uint8_t)c, .serial = true });
}

void flow_serial_ctrl(struct boot_rig *rig, uint64_t at_ms, char c)
{
	host_press(&rig->host, at_ms,
		   (struct platform_key){
			   .unicode = (uint8_t)c, .ctrl = true, .serial = true });
}

static struct {
	enum lb_status (*real)(void *ctx, struct platform_key *out);
	uint64_t at_ms;
	size_t typed;
	bool serial;
} reader;

static const char *asked_for(const struct host_platform *host)
{
	const char *at = host->shown, *last = NULL;

	while ((at = strstr(at, "type:\n")) != NULL)
		last = at += strlen("type:\n");
	return last;
}

static enum lb_status read_and_type(void *ctx, struct platform_key *out)
{
	struct host_platform *host = ctx;
	const char *text = reader.typed < 4 ? asked_for(host) : NULL;

	if (text == NULL || host->now_ms < reader.at_ms)
		return reader.real(ctx, out);
	*out = (struct platform_key){ .unicode = (uint8_t)text[reader.typed++],
				      .serial = reader.serial };
	reader.at_ms = host->now_ms + HOST_TYPING_MS;
	return LB_OK;
}

void flow_answer(struct boot_rig *rig, uint64_t at_ms, bool serial)
{
	if (rig->host.plat.read_key != read_and_type)
		reader.real = rig->host.plat.read_key;
	rig->host.plat.read_key = read_and_type;
	reader.at_ms = at_ms;
	reader.typed = 0;
	reader.serial = serial;
}

const char *flow_told(const struct boot_rig *rig, const char *name)
{
	const struct lb_handover *h = &rig->host.handed_over;

	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->item[i].name, name) == 0)
			return h->item[i].value;
	return "(not told)";
}

uint8_t *flow_history_cell(struct boot_rig *rig, uint32_t cell)
{
	struct mem_disk *disk = &rig->host.disks[0].mem;
	const uint64_t first = lb_le64(gpt_image_entry(disk, 0, HISTORY_ENTRY) + 32);

	return mem_disk_sector(
		disk, first + (uint64_t)cell * (HISTORY_CELL_BYTES / disk->sector_bytes));
}

struct history_record flow_record(struct boot_rig *rig, uint64_t boot, uint32_t update)
{
	struct history_record record;

	if (history_decode(flow_history_cell(rig, history_cell(boot, update)), &record) ==
		    LB_OK &&
	    record.boot == boot && record.update == update)
		return record;
	return (struct history_record){ 0 };
}

static void say(struct boot_rig *rig, size_t index,
		enum lb_status (*what)(const struct platform *plat,
				       struct boot_history *history,
				       const uint8_t slot[16]))
{
	const struct platform *plat = &rig->host.plat;
	struct host_disk *disk = &rig->host.disks[0];
	struct platform_disk info = disk->info;
	struct boot_history *history = calloc(1, sizeof *history);
	const struct gpt_slot slot = rig_slot(rig, 0, index);
	struct lb_verdict why;
	struct gpt gpt;

	info.sector_bytes = disk->mem.sector_bytes;
	info.sectors = disk->mem.sectors;
	if (history == NULL || gpt_load(plat, &info, &gpt, &why) != LB_OK)
		abort();
	boot_history_open(plat, &info, &gpt, history);
	gpt_unload(plat, &gpt);
	if (what(plat, history, slot.guid) != LB_OK)
		abort();
	free(history);
}

void flow_mark(struct boot_rig *rig, size_t index)
{
	say(rig, index, boot_history_mark);
}

void flow_set_by_hand(struct boot_rig *rig, size_t index)
{
	say(rig, index, boot_history_set);
}
