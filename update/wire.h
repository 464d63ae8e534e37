/* The wire format of protobuf, one field at a time: for walking long lists without
 * unpacking them, and for the few bytes that must be read before anything is
 * authenticated. Pure.
 *
 * Spec: protobuf.dev, "Encoding". */
#ifndef LIFEBOAT_UPDATE_WIRE_H
#define LIFEBOAT_UPDATE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum update_wire_type {
	UPDATE_WIRE_VARINT = 0,
	UPDATE_WIRE_FIXED64 = 1,
	UPDATE_WIRE_BYTES = 2,
	UPDATE_WIRE_FIXED32 = 5,
};

#define UPDATE_VARINT_MAX_BYTES 10u

struct update_wire {
	const uint8_t *data;
	size_t bytes;
	size_t at; /* the next field */
};

struct update_field {
	uint32_t number;
	enum update_wire_type type;
	size_t offset;       /* of its tag */
	uint64_t value;      /* of a number */
	const uint8_t *data; /* of UPDATE_WIRE_BYTES */
	size_t bytes;
};

/** update_varint() - decode one at @*at, which is moved behind it.
 * LB_ERR_TRUNCATED; LB_ERR_RANGE when it has over 64 bits. */
enum lb_status update_varint(const uint8_t *data, size_t bytes, size_t *at,
			     uint64_t *out);

/** update_wire_next() - the next field. LB_ERR_NOT_FOUND at the end; LB_ERR_TRUNCATED;
 * LB_ERR_RANGE for a number, type (groups are none of ours) or length out of bounds. */
enum lb_status update_wire_next(struct update_wire *wire, struct update_field *out);

/** update_wire_put_varint(), update_wire_put_tag() - encode; return how many bytes. @out
 * has UPDATE_VARINT_MAX_BYTES. */
size_t update_wire_put_varint(uint8_t *out, uint64_t value);
size_t update_wire_put_tag(uint8_t *out, uint32_t number, enum update_wire_type type);

#endif
