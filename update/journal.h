/* The journal: how far an installation came. It lives in the slot itself, in the last two
 * blocks of the kernel partition's first 64 KiB, which are nothing but zeros from the
 * first write of an installation to its last. Pure.
 *
 * It is trusted with nothing: the whole slot is read back and hashed before the headers
 * are written, so a wrong journal costs time. Format: docs/formats/payload.md. */
#ifndef LIFEBOAT_UPDATE_JOURNAL_H
#define LIFEBOAT_UPDATE_JOURNAL_H

#include "base/status.h"
#include "crypto/digest.h"

#define UPDATE_JOURNAL_CELL_BYTES 4096u
#define UPDATE_JOURNAL_CELLS      2u

#define UPDATE_JOURNAL_OFFSET (65536u - UPDATE_JOURNAL_CELLS * UPDATE_JOURNAL_CELL_BYTES)

struct update_journal {
	uint64_t sequence;                    /* cell: sequence mod 2 */
	uint8_t payload[CRYPTO_SHA256_BYTES]; /* its id */
	uint64_t operations;                  /* so many are written and flushed */
};

/** update_journal_parse() - one cell. LB_ERR_MAGIC, LB_ERR_CRC, LB_ERR_RANGE. */
enum lb_status update_journal_parse(const uint8_t cell[UPDATE_JOURNAL_CELL_BYTES],
				    unsigned int index, struct update_journal *out);
void update_journal_encode(const struct update_journal *journal,
			   uint8_t cell[UPDATE_JOURNAL_CELL_BYTES]);

#endif
