/* Manufacturing files: frame, signatures, words. */
#include "recovery/manufacturing.h"

#include <stdarg.h>
#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "crypto/kernel_verify.h"

static const uint8_t magic[8] = { 'L', 'B', 'M', 'A', 'N', 'U', 0, 1 };

/* Offsets in the frame; u32 each. Then key, keyblock, words, signature without gaps. */
enum {
	AT_TOTAL = 8,
	AT_KEY = 12,
	AT_KEYBLOCK = 16,
	AT_TEXT = 20,
	AT_SIGNATURE = 24,
	AT_ZERO = 28
};

__attribute__((format(printf, 2, 3))) static bool no(
	char why[REC_MANUFACTURING_WHY_BYTES], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lb_vformat(why, REC_MANUFACTURING_WHY_BYTES, fmt, args);
	va_end(args);
	return false;
}

/* --- frame -------------------------------------------------------------------------- */

void rec_manufacturing_frame(const struct rec_manufacturing_sizes *sizes,
			     uint8_t out[REC_MANUFACTURING_FRAME_BYTES])
{
	memcpy(out, magic, sizeof magic);
	lb_put_le32(out + AT_TOTAL, REC_MANUFACTURING_FRAME_BYTES + sizes->key +
					    sizes->keyblock + sizes->text +
					    sizes->signature);
	lb_put_le32(out + AT_KEY, sizes->key);
	lb_put_le32(out + AT_KEYBLOCK, sizes->keyblock);
	lb_put_le32(out + AT_TEXT, sizes->text);
	lb_put_le32(out + AT_SIGNATURE, sizes->signature);
	lb_put_le32(out + AT_ZERO, 0);
}

static bool sizes_fit(const uint8_t *bytes, size_t len)
{
	const uint32_t key = lb_le32(bytes + AT_KEY);
	const uint32_t keyblock = lb_le32(bytes + AT_KEYBLOCK);
	const uint32_t text = lb_le32(bytes + AT_TEXT);
	const uint32_t signature = lb_le32(bytes + AT_SIGNATURE);
	const uint64_t sum = (uint64_t)REC_MANUFACTURING_FRAME_BYTES + key + keyblock +
			     text + signature;

	return sum == len && lb_le32(bytes + AT_TOTAL) == len &&
	       lb_le32(bytes + AT_ZERO) == 0 && key % 4 == 0 && keyblock % 4 == 0 &&
	       text <= REC_MANUFACTURING_MAX_TEXT && signature != 0 &&
	       signature <= CRYPTO_MAX_RSA_BYTES;
}

bool rec_manufacturing_parse(const uint8_t *bytes, size_t len,
			     struct rec_manufacturing_parts *out,
			     char why[REC_MANUFACTURING_WHY_BYTES])
{
	struct rec_manufacturing_parts p = { .bytes = bytes };
	struct lb_verdict verdict;

	if (len < REC_MANUFACTURING_FRAME_BYTES || len > REC_MANUFACTURING_MAX_BYTES)
		return no(why, "%zu bytes, %u to %u", len, REC_MANUFACTURING_FRAME_BYTES,
			  REC_MANUFACTURING_MAX_BYTES);
	if (memcmp(bytes, magic, sizeof magic) != 0)
		return no(why, "offset 0: not a manufacturing file");
	if (!sizes_fit(bytes, len))
		return no(why, "offset 8: sizes do not fit %zu bytes", len);
	const size_t keyblock = REC_MANUFACTURING_FRAME_BYTES + lb_le32(bytes + AT_KEY);
	const size_t text = keyblock + lb_le32(bytes + AT_KEYBLOCK);

	p.text = (const char *)bytes + text;
	p.text_bytes = lb_le32(bytes + AT_TEXT);
	p.signed_bytes = text + p.text_bytes;
	p.signature = bytes + p.signed_bytes;
	p.signature_bytes = lb_le32(bytes + AT_SIGNATURE);
	if (crypto_key_parse(bytes, keyblock, REC_MANUFACTURING_FRAME_BYTES,
			     &p.recovery_key) != LB_OK)
		return no(why, "offset %u: malformed recovery key",
			  REC_MANUFACTURING_FRAME_BYTES);
	if (crypto_keyblock_parse(bytes + keyblock, text - keyblock, &p.keyblock,
				  &verdict) != LB_REASON_OK)
		return no(why, "offset %zu: keyblock: %s", keyblock, verdict.detail);
	*out = p;
	return true;
}

/* --- signatures --------------------------------------------------------------------- */

bool rec_manufacturing_verify(const struct rec_manufacturing_parts *parts,
			      const uint8_t key_id[CRYPTO_KEY_ID_BYTES], uint32_t floor,
			      char why[REC_MANUFACTURING_WHY_BYTES])
{
	const struct crypto_keyblock *block = &parts->keyblock;
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	struct lb_verdict verdict;

	crypto_key_id(&parts->recovery_key, id);
	if (memcmp(id, key_id, sizeof id) != 0)
		return no(why, "made for devices with another recovery key");
	if (crypto_keyblock_verify(block, &parts->recovery_key, &verdict) != LB_REASON_OK)
		return no(why, "its keyblock: %s", lb_reason_text(verdict.reason));
	if (!crypto_flags_allowed(CRYPTO_MODE_RECOVERY, block->flags))
		return no(why, "its keyblock is none for recovery (flags %u)",
			  block->flags);
	if (block->data_key.version < floor >> 16)
		return no(why, "key version %u is older than %u, the recovery floor's",
			  block->data_key.version, floor >> 16);
	if (crypto_verify_data(&block->data_key, parts->bytes, parts->signed_bytes,
			       parts->signature, parts->signature_bytes) != LB_OK)
		return no(why, "not signed by its keyblock's data key");
	return true;
}

/* --- words -------------------------------------------------------------------------- */

struct word {
	const char *at;
	size_t len;
};

static bool is(const struct word *w, const char *text)
{
	return w->len == strlen(text) && memcmp(w->at, text, w->len) == 0;
}

static struct word trimmed(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return (struct word){ at, (size_t)(end - at) };
}

/* What was said so far. */
struct reading {
	struct rec_manufacturing *out;
	const char *model;
	bool named, wipe, end;
	unsigned int line;
	char *why;
};

static bool take_end(struct reading *r, const struct word *value)
{
	static const char *const ends[] = { [REC_END_PULL] = "pull",
					    [REC_END_RESTART] = "restart",
					    [REC_END_OFF] = "off" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends && !r->end; i++) {
		if (!is(value, ends[i]))
			continue;
		r->out->end = (enum rec_manufacturing_end)i;
		r->end = true;
		return true;
	}
	return no(r->why, "line %u: end is once pull, restart or off", r->line);
}

static bool take_pair(struct reading *r, const struct word *key, const struct word *value)
{
	if (value->len == 0)
		return no(r->why, "line %u: nothing behind '='", r->line);
	if (is(key, "model")) {
		r->out->model_count++;
		r->named = r->named || r->model == NULL || is(value, r->model);
		return true;
	}
	if (is(key, "end"))
		return take_end(r, value);
	if (!is(key, "wipe"))
		return no(r->why, "line %u: neither model, wipe nor end", r->line);
	if (r->wipe || (!is(value, "any") && !is(value, "empty")))
		return no(r->why, "line %u: wipe is once empty or any", r->line);
	r->wipe = true;
	r->out->wipe_any = is(value, "any");
	return true;
}

static bool take_line(struct reading *r, const char *at, const char *end)
{
	const struct word line = trimmed(at, end);
	const char *equals;

	if (line.len == 0 || *line.at == '#')
		return true;
	equals = memchr(line.at, '=', line.len);
	if (equals == NULL)
		return no(r->why, "line %u: no '='", r->line);
	const struct word key = trimmed(line.at, equals);
	const struct word value = trimmed(equals + 1, line.at + line.len);

	return take_pair(r, &key, &value);
}

bool rec_manufacturing_read(const char *text, size_t len, const char *model,
			    struct rec_manufacturing *out,
			    char why[REC_MANUFACTURING_WHY_BYTES])
{
	struct rec_manufacturing words = { .wipe_any = false };
	struct reading r = { .out = &words, .model = model, .why = why };
	const char *end = text + len;

	for (const char *at = text; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop != NULL ? stop : end;
		r.line++;
		if (!take_line(&r, at, stop))
			return false;
		at = stop < end ? stop + 1 : end;
	}
	if (words.model_count == 0)
		return no(why, "it names no model");
	if (!r.named)
		return no(why, "it is not for %.60s", model);
	/* The machine might start the medium again, and again. */
	if (words.wipe_any && words.end == REC_END_RESTART)
		return no(why, "wipe = any with end = restart would never end");
	*out = words;
	return true;
}
