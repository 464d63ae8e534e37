/* Making signed kernels and disks for tests. */
#include "tests/host/signed_kernel.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "base/bytes.h"
#include "base/crc32.h"
#include "gpt/gpt_table.h"

#define ALGORITHM      4u /* RSA-2048, SHA-256 */
#define RSA_BYTES      256u
#define HEAD_BYTES     65536u
#define KEYBLOCK_BYTES 112u
#define PREAMBLE_BYTES 116u
#define LOAD_ADDRESS   0x100000u
#define CONFIG_OFFSET  4096u
#define PARAMS_OFFSET  8192u
#define LOADER_OFFSET  12288u
#define KERNEL_BYTES   98304u /* of a slot's kernel partition */
#define ROOT_BYTES     8192u
#define TABLE_ENTRIES  128u

static void must(int ok)
{
	if (!ok)
		abort();
}

static void put_words(uint8_t *out, const BIGNUM *n)
{
	must(BN_bn2lebinpad(n, out, RSA_BYTES) == (int)RSA_BYTES);
}

/* n0inv = -1 / n[0] mod 2^32 and RR = 2^(2 * 2048) mod n. */
static void pack_public(struct test_key *key, uint16_t version)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = NULL, *rr = BN_new(), *two32 = BN_new(), *inverse = BN_new();
	uint8_t *p = key->packed;

	must(EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n));
	must(BN_set_bit(rr, (int)(2 * 8 * RSA_BYTES)) && BN_mod(rr, rr, n, ctx));
	must(BN_set_bit(two32, 32) && BN_mod_inverse(inverse, n, two32, ctx) != NULL);
	must(BN_sub(inverse, two32, inverse));
	memset(p, 0, sizeof key->packed);
	lb_put_le32(p, 32);
	lb_put_le32(p + 8, 8 + 2 * RSA_BYTES);
	lb_put_le32(p + 16, ALGORITHM);
	lb_put_le32(p + 24, version);
	lb_put_le32(p + 32, RSA_BYTES / 4);
	lb_put_le32(p + 36, (uint32_t)BN_get_word(inverse));
	put_words(p + 40, n);
	put_words(p + 40 + RSA_BYTES, rr);
	key->packed_bytes = sizeof key->packed;
	BN_free(n);
	BN_free(rr);
	BN_free(two32);
	BN_free(inverse);
	BN_CTX_free(ctx);
}

void test_key_make(struct test_key *key, uint16_t version)
{
	key->pkey = EVP_RSA_gen(8 * RSA_BYTES);
	must(key->pkey != NULL);
	pack_public(key, version);
}

void test_key_free(struct test_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

static void sign(const struct test_key *key, const uint8_t *data, size_t len,
		 uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t sig_len = RSA_BYTES;

	must(ctx != NULL &&
	     EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1);
	must(EVP_DigestSign(ctx, out, &sig_len, data, len) == 1 && sig_len == RSA_BYTES);
	EVP_MD_CTX_free(ctx);
}

/* A vb2_signature at @at: where its bytes are (from the struct), their size, what they
 * cover. */
static void put_signature(uint8_t *at, size_t offset, size_t size, size_t covers)
{
	lb_put_le32(at, (uint32_t)offset);
	lb_put_le32(at + 8, (uint32_t)size);
	lb_put_le32(at + 16, (uint32_t)covers);
}

static size_t put_keyblock(uint8_t *p, const struct test_kernel *k)
{
	const size_t key_bytes = k->data->packed_bytes - 32;
	const size_t covered = KEYBLOCK_BYTES + key_bytes;
	const size_t hash = covered, signature = covered + 64;
	const size_t bytes = signature + (k->signer != NULL ? RSA_BYTES : 0);

	memcpy(p, "CHROMEOS", 8);
	lb_put_le32(p + 8, 2);
	lb_put_le32(p + 12, 1);
	lb_put_le32(p + 16, (uint32_t)bytes);
	if (k->signer != NULL)
		put_signature(p + 24, signature - 24, RSA_BYTES, covered);
	put_signature(p + 48, hash - 48, 64, covered);
	lb_put_le32(p + 72, k->flags);
	memcpy(p + 80, k->data->packed, 32);
	memcpy(p + KEYBLOCK_BYTES, k->data->packed + 32, key_bytes);
	SHA512(p, covered, p + hash);
	if (k->signer != NULL)
		sign(k->signer, p, covered, p + signature);
	return bytes;
}

/* A kernel of no use but with a setup header that the 64-bit boot protocol accepts. */
static void put_body(uint8_t *body, const struct test_kernel *k)
{
	uint8_t *header = body + PARAMS_OFFSET;

	memset(body, 0xf4, CONFIG_OFFSET); /* hlt */
	body[0] = k->mark;
	strcpy((char *)body + CONFIG_OFFSET,
	       k->cmdline != NULL ? k->cmdline : "console=ttyS0");
	header[0x1f1] = 4;
	lb_put_le32(header + 0x1f4, CONFIG_OFFSET / 16); /* syssize */
	memcpy(header + 0x201, "\x66HdrS", 5);
	header[0x200] = 0xeb;
	lb_put_le16(header + 0x206, 0x20f);      /* protocol 2.15 */
	header[0x211] = 1;                       /* loaded high */
	lb_put_le32(header + 0x22c, 0x7fffffff); /* initrd_addr_max */
	lb_put_le32(header + 0x230, 0x200000);   /* kernel_alignment */
	header[0x234] = 1;                       /* relocatable */
	header[0x235] = 21;                      /* min_alignment */
	lb_put_le16(header + 0x236, 0x3);        /* 64-bit entry, above 4 GiB */
	lb_put_le32(header + 0x238, 2047);       /* cmdline_size */
	lb_put_le64(header + 0x258, 0x1000000);  /* pref_address */
	lb_put_le32(header + 0x260, 0x10000);    /* init_size */
	memcpy(body + LOADER_OFFSET, "stub", 4);
}

static void put_preamble(uint8_t *p, size_t room, const struct test_kernel *k,
			 const uint8_t *body)
{
	const size_t covered = PREAMBLE_BYTES + RSA_BYTES;

	lb_put_le32(p, (uint32_t)room);
	put_signature(p + 8, covered - 8, RSA_BYTES, covered);
	lb_put_le32(p + 32, 2);
	lb_put_le32(p + 36, 2);
	lb_put_le32(p + 40, k->version);
	lb_put_le64(p + 48, LOAD_ADDRESS);
	lb_put_le64(p + 56, LOAD_ADDRESS + LOADER_OFFSET);
	lb_put_le32(p + 64, 4096);
	put_signature(p + 72, PREAMBLE_BYTES - 72, RSA_BYTES, TEST_KERNEL_BODY_BYTES);
	sign(k->data, body, TEST_KERNEL_BODY_BYTES, p + PREAMBLE_BYTES);
	sign(k->data, p, covered, p + covered);
}

uint8_t *test_kernel_make(const struct test_kernel *kernel, size_t *bytes)
{
	uint8_t *p = calloc(1, HEAD_BYTES + TEST_KERNEL_BODY_BYTES);

	must(p != NULL);
	const size_t keyblock = put_keyblock(p, kernel);

	put_body(p + HEAD_BYTES, kernel);
	put_preamble(p + keyblock, HEAD_BYTES - keyblock, kernel, p + HEAD_BYTES);
	*bytes = HEAD_BYTES + TEST_KERNEL_BODY_BYTES;
	return p;
}

static uint64_t table_sectors(uint32_t sector_bytes)
{
	return TABLE_ENTRIES * 128u / sector_bytes;
}

uint64_t test_disk_slot_lba(uint32_t sector_bytes, size_t index)
{
	return 2 + table_sectors(sector_bytes) +
	       index * ((KERNEL_BYTES + ROOT_BYTES) / sector_bytes);
}

uint64_t test_disk_sectors(uint32_t sector_bytes, size_t count)
{
	return test_disk_slot_lba(sector_bytes, count) + table_sectors(sector_bytes) + 1;
}

static void put_entry(uint8_t *entry, const uint8_t type[16], uint8_t seed,
		      uint8_t number, uint64_t first, uint64_t sectors)
{
	memcpy(entry, type, 16);
	memset(entry + 16, seed, 16);
	entry[16] = number;
	lb_put_le64(entry + 32, first);
	lb_put_le64(entry + 40, first + sectors - 1);
}

static void put_header(struct mem_disk *disk, uint64_t lba, uint64_t other,
		       uint64_t entries, const uint8_t *table, uint8_t seed)
{
	uint8_t *h = mem_disk_sector(disk, lba);

	memset(h, 0, disk->sector_bytes);
	memcpy(h, "EFI PART\0\0\1\0", 12);
	lb_put_le32(h + 12, 92);
	lb_put_le64(h + 24, lba);
	lb_put_le64(h + 32, other);
	lb_put_le64(h + 40, 2 + table_sectors(disk->sector_bytes));
	lb_put_le64(h + 48, disk->sectors - 2 - table_sectors(disk->sector_bytes));
	memset(h + 56, seed ^ 0x5a, 16);
	lb_put_le64(h + 72, entries);
	lb_put_le32(h + 80, TABLE_ENTRIES);
	lb_put_le32(h + 84, 128);
	lb_put_le32(h + 88, lb_crc32(0, table, TABLE_ENTRIES * 128u));
	lb_put_le32(h + 16, lb_crc32(0, h, 92));
	memcpy(mem_disk_sector(disk, entries), table, TABLE_ENTRIES * 128u);
}

static uint64_t attributes(const struct test_slot *slot)
{
	return (uint64_t)slot->priority << 48 | (uint64_t)slot->attempts << 52 |
	       (uint64_t)slot->bootable << 56;
}

void test_disk_set_states(struct mem_disk *disk, const struct test_slot *slots,
			  size_t count)
{
	const uint64_t last = disk->sectors - 1;
	const uint64_t entries[] = { 2, last - table_sectors(disk->sector_bytes) };
	const uint64_t headers[] = { 1, last };

	for (size_t copy = 0; copy < 2; copy++) {
		uint8_t *table = mem_disk_sector(disk, entries[copy]);
		uint8_t *h = mem_disk_sector(disk, headers[copy]);

		for (size_t i = 0; i < count; i++)
			lb_put_le64(table + 2 * i * 128 + 48, attributes(&slots[i]));
		lb_put_le32(h + 88, lb_crc32(0, table, TABLE_ENTRIES * 128u));
		lb_put_le32(h + 16, 0);
		lb_put_le32(h + 16, lb_crc32(0, h, 92));
	}
}

void test_disk_fill(struct mem_disk *disk, const struct test_slot *slots, size_t count,
		    uint8_t seed)
{
	static uint8_t table[TABLE_ENTRIES * 128u];
	const uint32_t sector = disk->sector_bytes;

	memset(table, 0, sizeof table);
	for (size_t i = 0; i < count; i++) {
		const uint64_t first = test_disk_slot_lba(sector, i);
		uint8_t *kernel = table + 2 * i * 128, *root = kernel + 128;

		put_entry(kernel, gpt_type_kernel, seed, (uint8_t)(2 * i), first,
			  KERNEL_BYTES / sector);
		put_entry(root, gpt_type_root, seed, (uint8_t)(2 * i + 1),
			  first + KERNEL_BYTES / sector, ROOT_BYTES / sector);
		lb_put_le64(kernel + 48, attributes(&slots[i]));
		memset(mem_disk_sector(disk, first), 0, KERNEL_BYTES);
		if (slots[i].kernel != NULL)
			memcpy(mem_disk_sector(disk, first), slots[i].kernel,
			       slots[i].kernel_bytes);
	}
	const uint64_t last = disk->sectors - 1;

	put_header(disk, 1, last, 2, table, seed);
	put_header(disk, last, 1, last - table_sectors(sector), table, seed);
}
