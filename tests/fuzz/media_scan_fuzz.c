/* Any bytes as two sticks, scanned for recovery images; every signature is taken as
 * right. What is kept is in bounds and in order, what can start is never given up for
 * what cannot, and nothing is written.
 *
 * First byte: bit 0 developer mode, bit 1 the second stick is the first again, bit 2
 * 4096-byte sectors, bits 4.. the processor; the disk follows, with its checksums set
 * right. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "recovery/media.h"
#include "tests/host/gpt_image.h"
#include "tests/host/host_platform.h"

#define MAX_SECTORS 600u

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static struct host_platform host;
static struct rec_media media;
static uint8_t head[CRYPTO_HEAD_BYTES];

static void must(bool held)
{
	if (!held)
		abort();
}

static void fix(struct mem_disk *disk)
{
	uint8_t *h = gpt_image_header(disk, 0);
	const uint64_t lba = lb_le64(h + GPT_AT_ENTRIES_LBA);
	const uint64_t bytes =
		(uint64_t)lb_le32(h + GPT_AT_COUNT) * lb_le32(h + GPT_AT_ENTRY_BYTES);
	const uint32_t header = lb_le32(h + GPT_AT_SIZE);

	if (lba < disk->sectors &&
	    bytes <= mem_disk_bytes(disk) - lba * disk->sector_bytes)
		lb_put_le32(h + GPT_AT_ENTRIES_CRC,
			    lb_crc32(0, mem_disk_sector(disk, lba), (size_t)bytes));
	if (header > disk->sector_bytes)
		return;
	lb_put_le32(h + GPT_AT_CRC, 0);
	lb_put_le32(h + GPT_AT_CRC, lb_crc32(0, h, header));
}

static void add_stick(const uint8_t *bytes, uint32_t sector_bytes, size_t sectors)
{
	struct host_disk *disk =
		host_add_disk(&host, PLATFORM_ATTACHED_USB, sector_bytes, sectors);

	memcpy(disk->mem.now, bytes, sectors * sector_bytes);
	fix(&disk->mem);
}

static void check(void)
{
	size_t good = 0,
	       silent = 0; /* silent: the loader's own medium without a system */

	must(media.count <= REC_MAX_CANDIDATES && media.count >= 1);
	for (size_t i = 0; i < media.count; i++) {
		const struct rec_candidate *c = &media.candidate[i];

		good += c->verdict.reason == LB_REASON_OK;
		silent += c->disk.boot_disk &&
			  c->verdict.reason == LB_REASON_NO_KERNEL_PARTITION;
	}
	rec_media_order(&media);
	must(media.order_count == good);
	for (size_t i = 1; i < good; i++) {
		const struct rec_candidate *a = &media.candidate[media.order[i - 1]];
		const struct rec_candidate *b = &media.candidate[media.order[i]];

		must(a->other_cpu <= b->other_cpu);
		if (a->other_cpu == b->other_cpu && a->self_signed == b->self_signed)
			must(a->version >= b->version);
	}
	must((rec_media_worst(&media) == NULL) == (good + silent == media.count));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	static uint8_t key_bytes[256];
	struct crypto_policy policy = { .mode = CRYPTO_MODE_RECOVERY };

	if (len < 1)
		return 0;
	const uint32_t sector_bytes = (input[0] & 4) != 0 ? 4096 : 512;
	const size_t sectors = (len - 1) / sector_bytes;

	if (sectors < 4 || sectors > MAX_SECTORS)
		return 0;
	policy.key.data = key_bytes; /* never looked at: see the stub */
	policy.key.rsa_bytes = 256;
	if ((input[0] & 1) != 0) {
		policy.mode = CRYPTO_MODE_DEVELOPER;
		policy.self_signed_allowed = true;
	}
	host_init(&host);
	memset(&media, 0, sizeof media);
	add_stick(input + 1, sector_bytes, sectors);
	if ((input[0] & 2) != 0)
		add_stick(input + 1, sector_bytes, sectors);
	for (size_t i = 0; i < host.disk_count; i++)
		rec_media_scan(&host.plat, &host.disks[i].info, &policy,
			       (enum platform_cpu)(input[0] >> 4 & 1), head, &media);
	check();
	for (size_t i = 0; i < host.disk_count; i++)
		must(host.disks[i].mem.writes == 0);
	must(host_release(&host) == 0);
	return 0;
}
