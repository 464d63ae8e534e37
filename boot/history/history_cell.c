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
	AT_TAG = 56,
	AT_CRC = HISTORY_RECORD_BYTES - 4,
};

enum lb_status history_decode(const uint8_t record[HISTORY_RECORD_BYTES],
			      struct history_record *out)
{
	if (memcmp(record, magic, sizeof magic) != 0)
		return LB_ERR_MAGIC;
	if (lb_crc32(0, record, AT_CRC) != lb_le32(record + AT_CRC))
		return LB_ERR_CRC;

	*out = (struct history_record){
		.boot = lb_le64(record + AT_BOOT),
		.update = lb_le32(record + AT_UPDATE),
		.stage = record[AT_STAGE],
		.mode = record[AT_MODE],
		.reason = lb_le16(record + AT_REASON),
		.version = lb_le32(record + AT_VERSION),
		.floor = lb_le32(record + AT_FLOOR),
		.flags = record[AT_FLAGS],
	};
	memcpy(out->slot, record + AT_SLOT, sizeof out->slot);
	memcpy(out->tag, record + AT_TAG, sizeof out->tag);
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
	default:
		return "unknown";
	}
}

bool history_newer(const struct history_record *a, const struct history_record *b)
{
	return a->boot != b->boot ? a->boot > b->boot : a->update > b->update;
}
