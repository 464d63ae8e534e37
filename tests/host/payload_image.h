/* Payloads for tests, made by OpenSSL and protobuf-c, with every part at hand to be
 * wrong. */
#ifndef LIFEBOAT_TESTS_PAYLOAD_IMAGE_H
#define LIFEBOAT_TESTS_PAYLOAD_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/source.h"
#include "tests/host/signed_kernel.h"
#include "update/statement.h"

struct test_payload {
	const uint8_t *kernel, *root; /* multiples of 4096 bytes */
	size_t kernel_bytes, root_bytes;
	const struct test_key *kernel_key, *data_key;
	const char *model;                    /* NULL: "kiosk" */
	const char *hardware_id;              /* NULL: none */
	uint32_t cpu;                         /* 0: x86_64 */
	size_t operation_bytes;               /* 0: 4096 */
	bool twice;                           /* every operation is listed twice */
	const struct test_key *recipe_signer; /* NULL: the data key */
	/* What a delta is from; NULL: a full payload. */
	const uint8_t *old_kernel, *old_root;
	size_t old_kernel_bytes, old_root_bytes;
	const uint8_t *recipe_key_id; /* named in the statement; NULL: none */
};

/** test_payload_make() - malloc'ed bytes. Operations are raw, bzip2 or zeros, and those
 * of a delta copies and LZMA,
 * too. */
uint8_t *test_payload_make(const struct test_payload *payload, size_t *bytes);

/** test_source() - bytes in memory as a source. */
struct test_bytes {
	const uint8_t *data;
	size_t bytes;
};
struct lb_source test_source(struct test_bytes *bytes);

/** test_payload_device() - a device in normal mode that knows the kernel key by its
 * id. */
struct update_device test_payload_device(const struct test_payload *payload);

#endif
