/* TPM event log sizes. */
#include "boot/uefi/x86_64/tcg_log.h"

#include <string.h>

#include "base/bytes.h"

#define HEADER_FIXED_BYTES 32u /* pcr, type, SHA-1 digest, event size */
#define SPEC_FIXED_BYTES   28u /* signature .. number of algorithms */
#define EVENT_FIXED_BYTES  12u /* pcr, type, number of digests */

struct algorithms {
	size_t count;
	struct {
		uint16_t id, digest_bytes;
	} of[TCG_LOG_MAX_ALGORITHMS];
};

static enum lb_status parse_header(const uint8_t *log, size_t max, struct algorithms *out,
				   size_t *bytes)
{
	if (max < HEADER_FIXED_BYTES + SPEC_FIXED_BYTES)
		return LB_ERR_TRUNCATED;

	const uint8_t *spec = log + HEADER_FIXED_BYTES;
	const uint32_t spec_bytes = lb_le32(log + 28);

	if (memcmp(spec, "Spec ID Event03", 16) != 0)
		return LB_ERR_MAGIC;
	if (!lb_within(HEADER_FIXED_BYTES, spec_bytes, max))
		return LB_ERR_TRUNCATED;

	const uint32_t count = lb_le32(spec + 24);

	if (count > TCG_LOG_MAX_ALGORITHMS ||
	    !lb_within(SPEC_FIXED_BYTES, (uint64_t)count * 4, spec_bytes))
		return LB_ERR_RANGE;
	out->count = count;
	for (size_t i = 0; i < count; i++) {
		out->of[i].id = lb_le16(spec + SPEC_FIXED_BYTES + i * 4);
		out->of[i].digest_bytes = lb_le16(spec + SPEC_FIXED_BYTES + i * 4 + 2);
	}
	*bytes = HEADER_FIXED_BYTES + spec_bytes;
	return LB_OK;
}

static bool digest_bytes(const struct algorithms *a, uint16_t id, size_t *bytes)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->of[i].id == id) {
			*bytes = a->of[i].digest_bytes;
			return true;
		}
	}
	return false;
}

/* Moves *at behind the event there. */
static enum lb_status skip_event(const struct algorithms *a, const uint8_t *p, size_t max,
				 size_t *at)
{
	size_t pos = *at, bytes;

	if (!lb_within(pos, EVENT_FIXED_BYTES, max))
		return LB_ERR_TRUNCATED;

	const uint32_t count = lb_le32(p + pos + 8);

	if (count > a->count)
		return LB_ERR_RANGE;
	pos += EVENT_FIXED_BYTES;
	for (uint32_t i = 0; i < count; i++) {
		if (!lb_within(pos, 2, max))
			return LB_ERR_TRUNCATED;
		if (!digest_bytes(a, lb_le16(p + pos), &bytes))
			return LB_ERR_RANGE;
		if (!lb_within(pos, 2 + bytes, max))
			return LB_ERR_TRUNCATED;
		pos += 2 + bytes;
	}
	if (!lb_within(pos, 4, max) || !lb_within(pos + 4, lb_le32(p + pos), max))
		return LB_ERR_TRUNCATED;
	*at = pos + 4 + lb_le32(p + pos);
	return LB_OK;
}

enum lb_status tcg_log_bytes(const uint8_t *log, size_t last, size_t max, size_t *bytes)
{
	struct algorithms a;
	size_t end;
	enum lb_status status = parse_header(log, max, &a, &end);

	if (status != LB_OK)
		return status;
	if (last != 0) {
		if (last < end)
			return LB_ERR_RANGE;
		end = last;
		status = skip_event(&a, log, max, &end);
	}
	if (status == LB_OK)
		*bytes = end;
	return status;
}

enum lb_status tcg_events_bytes(const uint8_t *log, const uint8_t *events, uint64_t count,
				size_t max, size_t *bytes)
{
	struct algorithms a;
	size_t at = 0, unused;
	enum lb_status status = parse_header(log, max, &a, &unused);

	for (uint64_t i = 0; i < count && status == LB_OK; i++)
		status = skip_event(&a, events, max, &at);
	if (status == LB_OK)
		*bytes = at;
	return status;
}
