/* Cells of the boot history. */
#include "boot/history/history_cell.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

static const uint8_t magic[8] = { 'L', 'B', 'H', 'I', 'S', 'T', 0, 1 };

enum {
	AT_BOOT = 8,
	AT_UPDATE = 16,
	AT_STAGE = 20,
	AT_MODE = 21,
	AT_REASON = 22,
	AT_VERSION = 24,
	AT_FLOOR = 28,
	AT_SLOT = 32,
	AT_FLAGS = 48,
	AT_STARTED_AS = 49,
	AT_DUMP_COUNT = 50,
	AT_MARKING_COUNT = 51,
	AT_SET_COUNT = 52,
	AT_TAG = 56,
	AT_BEHIND = 64,
	AT_DUMPS = 68,
	AT_MARKING = AT_DUMPS + 4 * HISTORY_DUMPS,
	AT_SET = AT_MARKING + 4 * HISTORY_SLOTS,
	AT_END = AT_SET + 4 * HISTORY_SLOTS,
	AT_CRC = HISTORY_RECORD_BYTES - 4,
};

_Static_assert(AT_END <= AT_CRC, "everything has its place");

static void get_numbers(uint32_t *out, const uint8_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = lb_le32(from + 4 * i);
}

static void put_numbers(uint8_t *out, const uint32_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		lb_put_le32(out + 4 * i, from[i]);
}

static size_t dumps(uint8_t count)
{
	return count == HISTORY_DUMPS_UNKNOWN ? 0 : count;
}

enum lb_status history_decode(const uint8_t record[HISTORY_RECORD_BYTES],
			      struct history_record *out)
{
	if (memcmp(record, magic, sizeof magic) != 0)
		return LB_ERR_MAGIC;
	if (lb_crc32(0, record, AT_CRC) != lb_le32(record + AT_CRC))
		return LB_ERR_CRC;
	if (dumps(record[AT_DUMP_COUNT]) > HISTORY_DUMPS ||
	    record[AT_MARKING_COUNT] > HISTORY_SLOTS ||
	    record[AT_SET_COUNT] > HISTORY_SLOTS)
		return LB_ERR_RANGE;

	*out = (struct history_record){
		.boot = lb_le64(record + AT_BOOT),
		.update = lb_le32(record + AT_UPDATE),
		.stage = record[AT_STAGE],
		.mode = record[AT_MODE],
		.reason = lb_le16(record + AT_REASON),
		.version = lb_le32(record + AT_VERSION),
		.floor = lb_le32(record + AT_FLOOR),
		.flags = record[AT_FLAGS],
		.started_as = record[AT_STARTED_AS],
		.behind = lb_le32(record + AT_BEHIND),
		.dump_count = record[AT_DUMP_COUNT],
		.marking.count = record[AT_MARKING_COUNT],
		.set.count = record[AT_SET_COUNT],
	};
	memcpy(out->slot, record + AT_SLOT, sizeof out->slot);
	memcpy(out->tag, record + AT_TAG, sizeof out->tag);
	get_numbers(out->dump, record + AT_DUMPS, dumps(out->dump_count));
	get_numbers(out->marking.id, record + AT_MARKING, out->marking.count);
	get_numbers(out->set.id, record + AT_SET, out->set.count);
	return LB_OK;
}

void history_encode(const struct history_record *record,
		    uint8_t out[HISTORY_RECORD_BYTES])
{
	memset(out, 0, HISTORY_RECORD_BYTES);
	memcpy(out, magic, sizeof magic);
	lb_put_le64(out + AT_BOOT, record->boot);
	lb_put_le32(out + AT_UPDATE, record->update);
	out[AT_STAGE] = record->stage;
	out[AT_MODE] = record->mode;
	lb_put_le16(out + AT_REASON, record->reason);
	lb_put_le32(out + AT_VERSION, record->version);
	lb_put_le32(out + AT_FLOOR, record->floor);
	memcpy(out + AT_SLOT, record->slot, sizeof record->slot);
	out[AT_FLAGS] = record->flags;
	memcpy(out + AT_TAG, record->tag, sizeof record->tag);
	out[AT_STARTED_AS] = record->started_as;
	out[AT_DUMP_COUNT] = record->dump_count;
	out[AT_MARKING_COUNT] = record->marking.count;
	out[AT_SET_COUNT] = record->set.count;
	lb_put_le32(out + AT_BEHIND, record->behind);
	put_numbers(out + AT_DUMPS, record->dump, dumps(record->dump_count));
	put_numbers(out + AT_MARKING, record->marking.id, record->marking.count);
	put_numbers(out + AT_SET, record->set.id, record->set.count);
	lb_put_le32(out + AT_CRC, lb_crc32(0, out, AT_CRC));
}

uint32_t history_cell(uint64_t boot, uint32_t update)
{
	return (uint32_t)(boot % (HISTORY_CELLS / 2)) * 2 + (update & 1);
}

const char *history_stage_text(uint8_t stage)
{
	switch (stage) {
	case HISTORY_STAGE_MODE:
		return "mode switched";
	case HISTORY_STAGE_HANDOFF:
		return "slot started";
	case HISTORY_STAGE_RECOVERY:
		return "recovery";
	case HISTORY_STAGE_MARKED:
		return "marked good";
	case HISTORY_STAGE_SET:
		return "set by hand";
	default:
		return "unknown";
	}
}

const char *history_start_text(uint8_t started_as)
{
	switch (started_as) {
	case HISTORY_START_TRYING:
		return "trying";
	case HISTORY_START_PROVEN:
		return "proven";
	case HISTORY_START_LAST_RESORT:
		return "last-resort";
	default:
		return "unknown";
	}
}

bool history_newer(const struct history_record *a, const struct history_record *b)
{
	return a->boot != b->boot ? a->boot > b->boot : a->update > b->update;
}

bool history_is_start(const struct history_record *record)
{
	return record->stage >= HISTORY_STAGE_HANDOFF &&
	       record->stage <= HISTORY_STAGE_SET &&
	       record->stage != HISTORY_STAGE_RECOVERY &&
	       !lb_all_zero(record->slot, sizeof record->slot);
}

uint32_t history_slot_id(const uint8_t guid[16])
{
	return lb_crc32(0, guid, 16);
}

bool history_slots_have(const struct history_slots *set, const uint8_t guid[16])
{
	const uint32_t id = history_slot_id(guid);

	for (size_t i = 0; i < set->count; i++)
		if (set->id[i] == id)
			return true;
	return false;
}

void history_slots_add(struct history_slots *set, const uint8_t guid[16])
{
	if (set->count < HISTORY_SLOTS && !history_slots_have(set, guid))
		set->id[set->count++] = history_slot_id(guid);
}
