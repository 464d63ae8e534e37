/* Fields of protobuf messages. */
#include "update/wire.h"

#include "base/bytes.h"

#define MAX_NUMBER ((UINT64_C(1) << 29) - 1)

enum lb_status update_varint(const uint8_t *data, size_t bytes, size_t *at, uint64_t *out)
{
	uint64_t value = 0;
	size_t i = *at;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (i >= bytes)
			return LB_ERR_TRUNCATED;
		const uint8_t byte = data[i++];

		if (shift == 63 && byte > 1)
			return LB_ERR_RANGE;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0) {
			*at = i;
			*out = value;
			return LB_OK;
		}
	}
	return LB_ERR_RANGE;
}

static enum lb_status fixed(struct update_wire *w, size_t bytes, struct update_field *f)
{
	if (!lb_within(w->at, bytes, w->bytes))
		return LB_ERR_TRUNCATED;
	f->value = bytes == 8 ? lb_le64(w->data + w->at) : lb_le32(w->data + w->at);
	w->at += bytes;
	return LB_OK;
}

static enum lb_status counted(struct update_wire *w, struct update_field *f)
{
	uint64_t bytes;
	const enum lb_status status = update_varint(w->data, w->bytes, &w->at, &bytes);

	if (status != LB_OK)
		return status;
	if (!lb_within(w->at, bytes, w->bytes))
		return LB_ERR_TRUNCATED;
	f->data = w->data + w->at;
	f->bytes = (size_t)bytes;
	w->at += f->bytes;
	return LB_OK;
}

enum lb_status update_wire_next(struct update_wire *w, struct update_field *out)
{
	struct update_field f = { .offset = w->at };
	uint64_t tag;

	if (w->at == w->bytes)
		return LB_ERR_NOT_FOUND;
	enum lb_status status = update_varint(w->data, w->bytes, &w->at, &tag);

	if (status != LB_OK)
		return status;
	if (tag >> 3 == 0 || tag >> 3 > MAX_NUMBER)
		return LB_ERR_RANGE;
	f.number = (uint32_t)(tag >> 3);
	f.type = (enum update_wire_type)(tag & 7);
	switch (f.type) {
	case UPDATE_WIRE_VARINT:
		status = update_varint(w->data, w->bytes, &w->at, &f.value);
		break;
	case UPDATE_WIRE_FIXED64:
		status = fixed(w, 8, &f);
		break;
	case UPDATE_WIRE_FIXED32:
		status = fixed(w, 4, &f);
		break;
	case UPDATE_WIRE_BYTES:
		status = counted(w, &f);
		break;
	default:
		status = LB_ERR_RANGE;
	}
	if (status == LB_OK)
		*out = f;
	return status;
}

size_t update_wire_put_varint(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

size_t update_wire_put_tag(uint8_t *out, uint32_t number, enum update_wire_type type)
{
	return update_wire_put_varint(out, (uint64_t)number << 3 | type);
}
