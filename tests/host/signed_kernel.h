/* Signed kernel partitions and whole disks for tests, made with OpenSSL so that the code
 * under test meets signatures it did not make itself. */
#ifndef LIFEBOAT_TESTS_SIGNED_KERNEL_H
#define LIFEBOAT_TESTS_SIGNED_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "tests/host/mem_disk.h"

#define TEST_KERNEL_BODY_BYTES 16384u

/* One RSA-2048 / SHA-256 key (algorithm 4) with its packed public half. */
struct test_key {
	EVP_PKEY *pkey;
	uint8_t packed[32 + 8 +
		       2 * 256]; /* vb2_packed_key and its data, as in a .vbpubk file */
	size_t packed_bytes;
};

/** test_key_make() - a new key of @version. Aborts on failure. test_key_free() releases
 * it. */
void test_key_make(struct test_key *key, uint16_t version);
void test_key_free(struct test_key *key);

struct test_kernel {
	const struct test_key *signer; /* of the keyblock; NULL: self-signed, hash only */
	const struct test_key *data;   /* in the keyblock; signs preamble and body */
	uint32_t flags;                /* of the keyblock */
	uint16_t version;
	const char *cmdline; /* NULL: "console=ttyS0" */
	uint8_t mark;        /* first byte of the kernel, tells images apart */
};

/**
 * test_kernel_make() - a signed cros-x86 partition: 64 KiB of headers, then a body of
 * TEST_KERNEL_BODY_BYTES that boot/kernel accepts. Returns malloc'ed memory.
 */
uint8_t *test_kernel_make(const struct test_kernel *kernel, size_t *bytes);

/* One kernel partition and the root partition behind it. */
struct test_slot {
	uint8_t priority, attempts, bootable;
	const uint8_t *kernel; /* NULL: zeros */
	size_t kernel_bytes;
};

/**
 * test_disk_fill() - write a GPT with @count slots (each 96 KiB kernel, 8 KiB root) and
 * their kernels onto @disk, which must hold test_disk_sectors(). @seed makes the GUIDs.
 */
uint64_t test_disk_sectors(uint32_t sector_bytes, size_t count);
void test_disk_fill(struct mem_disk *disk, const struct test_slot *slots, size_t count,
		    uint8_t seed);
/** test_disk_set_states() - only the attributes, on a disk that test_disk_fill()
 * filled. */
void test_disk_set_states(struct mem_disk *disk, const struct test_slot *slots,
			  size_t count);
/** test_disk_slot_lba() - first sector of slot @index's kernel partition. */
uint64_t test_disk_slot_lba(uint32_t sector_bytes, size_t index);

#endif
