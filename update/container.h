/* The first 24 bytes of a payload. Pure. Format: docs/formats/payload.md. */
#ifndef LIFEBOAT_UPDATE_CONTAINER_H
#define LIFEBOAT_UPDATE_CONTAINER_H

#include <stdint.h>

#include "update/reason.h"

#define UPDATE_HEADER_BYTES         24u
#define UPDATE_MAJOR_VERSION        2u
#define UPDATE_MAX_MANIFEST_BYTES   (64u << 20)
#define UPDATE_MAX_SIGNATURES_BYTES (64u << 10)
#define UPDATE_BLOCK_BYTES          4096u
/* From this minor version on there are kinds of operations that not every reader
 * knows. */
#define UPDATE_OWN_MINOR_VERSION 10u

struct update_header {
	uint64_t manifest_bytes;
	uint32_t signature_bytes; /* of the metadata signatures behind the manifest */
};

/**
 * update_header_parse() - decode the header.
 * @payload_bytes: of the whole payload, which manifest and signatures must lie in
 */
enum update_reason update_header_parse(const uint8_t bytes[UPDATE_HEADER_BYTES],
				       uint64_t payload_bytes, struct update_header *out,
				       struct update_verdict *why);
void update_header_encode(const struct update_header *header,
			  uint8_t out[UPDATE_HEADER_BYTES]);

#endif
