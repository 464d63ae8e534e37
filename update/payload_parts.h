/* An opened payload: what update/payload.h fills in, and its operations are read from. */
#ifndef LIFEBOAT_UPDATE_PAYLOAD_PARTS_H
#define LIFEBOAT_UPDATE_PAYLOAD_PARTS_H

#include <stdbool.h>

#include "base/source.h"
#include "update/container.h"
#include "update/memory.h"
#include "update/release.h"

#define UPDATE_MAX_PARTITIONS       UPDATE_MAX_CONTENTS
#define UPDATE_PARTITION_NAME_BYTES 32u
#define UPDATE_MAX_OPERATION_BYTES  (16u << 20) /* of output, unless it is zeros */
#define UPDATE_FULL_MEMORY_BYTES    (32u << 20) /* applying a full one takes no more */

#define UPDATE_DELTA_MEMORY_BYTES (24u << 20) /* and a delta */

/* The numbers are update_engine's. Those that are not here are not known. */
enum update_operation_type {
	UPDATE_REPLACE = 0,
	UPDATE_REPLACE_BZ = 1,
	UPDATE_SOURCE_COPY = 4,
	UPDATE_SOURCE_BSDIFF = 5,
	UPDATE_ZERO = 6,
	UPDATE_DISCARD = 7,
	UPDATE_REPLACE_XZ = 8,
	UPDATE_PUFFDIFF = 9,
	UPDATE_BROTLI_BSDIFF = 10,
	UPDATE_REPLACE_ZSTD = 14,
	/* Ours: */
	UPDATE_SOURCE_LZMA = 1000, /* raw LZMA2, the source as preset dictionary */
};

#define UPDATE_FIRST_OWN_TYPE   1000u
#define UPDATE_MAX_SOURCE_BYTES (16u << 20) /* of an operation that holds its source */

struct update_partition {
	char name[UPDATE_PARTITION_NAME_BYTES];
	uint64_t bytes; /* of the result */
	uint8_t sha256[CRYPTO_SHA256_BYTES];
	uint64_t old_bytes; /* of what a delta is from; 0: it is full */
	uint8_t old_sha256[CRYPTO_SHA256_BYTES];
	bool delta;   /* needs what is installed */
	bool unknown; /* has an operation that cannot be done here, this one */
	uint32_t unknown_type;
	uint32_t operations;
	const uint8_t *message; /* its PartitionUpdate, in the manifest */
	size_t message_bytes;
};

struct update_payload {
	struct lb_source source;
	struct update_memory *memory;
	struct update_header header;
	uint8_t *manifest; /* header and manifest as they were read, once */
	size_t manifest_bytes;
	uint8_t id[CRYPTO_SHA256_BYTES]; /* of these bytes: names this very payload */
	uint8_t *statement_bytes;
	struct update_statement statement; /* bytes == NULL: there is none */
	bool judged;                       /* statement and recipe are vouched for */
	struct update_release release;     /* filled in when there is a statement */
	uint32_t minor_version;
	/* that the recipe says applying it takes; 0: nothing said */
	uint64_t memory_bytes;
	size_t partition_count;
	struct update_partition partition[UPDATE_MAX_PARTITIONS];
	uint64_t blobs_offset;
	uint64_t signatures_offset,
		signatures_bytes; /* of the whole payload's signatures */
	uint64_t data_bytes;      /* sum of all blobs */
	uint64_t output_bytes;    /* sum of all that operations write */
	size_t largest_blob, largest_output;
	size_t largest_source; /* held while something is unpacked against it */
	uint32_t operations;
};

/** update_payload_partition() - by name; NULL when there is none. */
const struct update_partition *update_payload_partition(
	const struct update_payload *payload, const char *name);

#endif
