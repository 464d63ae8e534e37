/* Fuzzes everything that reads a payload before somebody vouches for it, and - since a
 * recipe key can be stolen - all that comes after, too: header, statement, details,
 * manifest, operations, decoders; and the journal. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/host_platform.h"
#include "tests/host/payload_image.h"
#include "update/apply.h"
#include "update/journal.h"
#include "update/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static enum update_reason take(void *ctx, uint64_t offset, const void *buf, size_t len,
			       struct update_verdict *why)
{
	const struct update_partition *p = ctx;
	volatile uint8_t last = ((const uint8_t *)buf)[len - 1];

	(void)why;
	(void)last;
	must(len > 0 && offset % UPDATE_BLOCK_BYTES == 0);
	must(offset + len <= p->bytes + UPDATE_BLOCK_BYTES);
	return UPDATE_OK;
}

/* An installed version of noise that is any length. */
static enum update_reason read_old(const void *ctx, const char *name, uint64_t offset,
				   void *buf, size_t len, struct update_verdict *why)
{
	(void)ctx, (void)name, (void)why;
	must(offset % UPDATE_BLOCK_BYTES == 0 && len % UPDATE_BLOCK_BYTES == 0);
	memset(buf, (int)(offset / UPDATE_BLOCK_BYTES), len);
	return UPDATE_OK;
}

static bool few(void *ctx, const struct update_progress *progress)
{
	(void)progress;
	return (*(unsigned int *)ctx)++ < 16;
}

static void fuzz_journal(const uint8_t *data, size_t size)
{
	uint8_t cell[UPDATE_JOURNAL_CELL_BYTES] = { 0 }, again[UPDATE_JOURNAL_CELL_BYTES];
	struct update_journal j;

	memcpy(cell, data, size < sizeof cell ? size : sizeof cell);
	if (update_journal_parse(cell, 0, &j) != LB_OK)
		return;
	update_journal_encode(&j, again);
	must(memcmp(cell, again, 508) == 0 || cell[56] != 0);
}

static void fuzz_payload(const struct lb_source *source, struct update_memory *memory)
{
	struct update_payload p;
	struct update_verdict why;
	unsigned int calls = 0;

	if (update_payload_open(source, NULL, memory, &p, &why) != UPDATE_OK) {
		must(why.reason != UPDATE_OK && why.detail[0] != '\0');
		return;
	}
	const struct update_origin origin = { NULL, read_old };
	struct update_job job = { .payload = &p,
				  .origin = &origin,
				  .origin_count = 1,
				  .progress = few,
				  .progress_ctx = &calls };

	(void)update_check(&job, &why);
	for (size_t i = 0; i < p.partition_count; i++) {
		const struct update_sink sink = { &p.partition[i], take };

		calls = 0;
		/* Zeros of terabytes are legal; nobody waits for them here. */
		if (p.output_bytes < UPDATE_FULL_MEMORY_BYTES)
			(void)update_extract(&job, &p.partition[i], &sink, &why);
	}
	must(!p.judged && update_install(&job, &why) == UPDATE_SIGNATURE);
	update_payload_close(&p);
}

static void fuzz_signatures(const uint8_t *data, size_t size)
{
	static const uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	static const uint8_t no_key[8 + 2 * 256]; /* nothing may be right */
	static struct update_release release;
	struct update_verdict why;

	release.headers.keyblock.data_key =
		(struct crypto_key){ .algorithm = 4,
				     .hash = CRYPTO_SHA256,
				     .rsa_bytes = 256,
				     .data = no_key,
				     .data_bytes = sizeof no_key };
	must(update_signed(&release, data, size, digest, digest, &why) ==
	     UPDATE_RECIPE_SIGNATURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host_platform host;
	struct test_bytes bytes = { data, size };
	const struct lb_source source = test_source(&bytes);

	host_init(&host);
	struct update_memory memory = { .plat = &host.plat,
					.limit = UPDATE_FULL_MEMORY_BYTES };

	fuzz_payload(&source, &memory);
	must(memory.used == 0);
	fuzz_signatures(data, size);
	fuzz_journal(data, size);
	must(host_release(&host) == 0);
	return 0;
}
