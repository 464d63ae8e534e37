/* Cells of the journal. */
#include "update/journal.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"

enum { AT_SEQUENCE = 8, AT_PAYLOAD = 16, AT_OPERATIONS = 48, AT_CRC = 508, USED = 512 };

static const uint8_t magic[8] = { 'L', 'B', 'J', 'R', 'N', 'L', 0, 1 };

enum lb_status update_journal_parse(const uint8_t cell[UPDATE_JOURNAL_CELL_BYTES],
				    unsigned int index, struct update_journal *out)
{
	if (memcmp(cell, magic, sizeof magic) != 0)
		return LB_ERR_MAGIC;
	if (lb_crc32(0, cell, AT_CRC) != lb_le32(cell + AT_CRC))
		return LB_ERR_CRC;
	struct update_journal j = { .sequence = lb_le64(cell + AT_SEQUENCE),
				    .operations = lb_le64(cell + AT_OPERATIONS) };

	if (j.sequence == UINT64_MAX || j.sequence % UPDATE_JOURNAL_CELLS != index)
		return LB_ERR_RANGE;
	memcpy(j.payload, cell + AT_PAYLOAD, sizeof j.payload);
	*out = j;
	return LB_OK;
}

void update_journal_encode(const struct update_journal *journal,
			   uint8_t cell[UPDATE_JOURNAL_CELL_BYTES])
{
	memset(cell, 0, UPDATE_JOURNAL_CELL_BYTES);
	memcpy(cell, magic, sizeof magic);
	lb_put_le64(cell + AT_SEQUENCE, journal->sequence);
	memcpy(cell + AT_PAYLOAD, journal->payload, sizeof journal->payload);
	lb_put_le64(cell + AT_OPERATIONS, journal->operations);
	lb_put_le32(cell + AT_CRC, lb_crc32(0, cell, AT_CRC));
}
