/* Statements: the frame, and the judgement by the loader's code. */
#include "update/statement.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "update/details.h"

#define BLOCK_BYTES 4096u

static const uint8_t magic[8] = { 'L', 'B', 'S', 'T', 'M', 'T', 0, 1 };

/* Offsets in the frame; u32 each. Then key, headers, details, signature without gaps; key
 * and headers have sizes that are multiples of 4, so that keys stay aligned. */
enum {
	AT_TOTAL = 8,
	AT_KEY = 12,
	AT_HEADERS = 16,
	AT_DETAILS = 20,
	AT_SIGNATURE = 24,
	AT_ZERO = 28
};

void update_statement_frame(const struct update_statement_sizes *sizes,
			    uint8_t out[UPDATE_STATEMENT_FRAME_BYTES])
{
	memcpy(out, magic, sizeof magic);
	lb_put_le32(out + AT_TOTAL, UPDATE_STATEMENT_FRAME_BYTES + sizes->key +
					    sizes->headers + sizes->details +
					    sizes->signature);
	lb_put_le32(out + AT_KEY, sizes->key);
	lb_put_le32(out + AT_HEADERS, sizes->headers);
	lb_put_le32(out + AT_DETAILS, sizes->details);
	lb_put_le32(out + AT_SIGNATURE, sizes->signature);
	lb_put_le32(out + AT_ZERO, 0);
}

static bool sizes_fit(const uint8_t *bytes, size_t len)
{
	const uint32_t key = lb_le32(bytes + AT_KEY);
	const uint32_t headers = lb_le32(bytes + AT_HEADERS);
	const uint32_t details = lb_le32(bytes + AT_DETAILS);
	const uint32_t signature = lb_le32(bytes + AT_SIGNATURE);
	const uint64_t sum = (uint64_t)UPDATE_STATEMENT_FRAME_BYTES + key + headers +
			     details + signature;

	return sum == len && lb_le32(bytes + AT_TOTAL) == len &&
	       lb_le32(bytes + AT_ZERO) == 0 && key % 4 == 0 && headers % 4 == 0 &&
	       headers >= CRYPTO_KEYBLOCK_BYTES && headers <= CRYPTO_HEAD_BYTES &&
	       details <= UPDATE_MAX_DETAILS_BYTES && signature != 0 &&
	       signature <= CRYPTO_MAX_RSA_BYTES;
}

enum update_reason update_statement_parse(const uint8_t *bytes, size_t len,
					  struct update_statement *out,
					  struct update_verdict *why)
{
	if (len < UPDATE_STATEMENT_FRAME_BYTES || len > UPDATE_MAX_STATEMENT_BYTES)
		return update_verdict_set(why, UPDATE_STATEMENT, "%zu bytes, %u to %u",
					  len, UPDATE_STATEMENT_FRAME_BYTES,
					  UPDATE_MAX_STATEMENT_BYTES);
	if (memcmp(bytes, magic, sizeof magic) != 0)
		return update_verdict_set(why, UPDATE_STATEMENT,
					  "offset 0: not a statement");
	if (!sizes_fit(bytes, len))
		return update_verdict_set(
			why, UPDATE_STATEMENT,
			"offset 8: sizes %u = %u + %u + %u + %u + %u do not fit %zu "
			"bytes",
			lb_le32(bytes + AT_TOTAL), UPDATE_STATEMENT_FRAME_BYTES,
			lb_le32(bytes + AT_KEY), lb_le32(bytes + AT_HEADERS),
			lb_le32(bytes + AT_DETAILS), lb_le32(bytes + AT_SIGNATURE), len);

	const uint32_t key = lb_le32(bytes + AT_KEY);
	struct update_statement s = {
		.bytes = bytes,
		.total_bytes = len,
		.headers = bytes + UPDATE_STATEMENT_FRAME_BYTES + key,
		.header_bytes = lb_le32(bytes + AT_HEADERS),
		.details_bytes = lb_le32(bytes + AT_DETAILS),
		.signature_bytes = lb_le32(bytes + AT_SIGNATURE),
	};

	s.details = s.headers + s.header_bytes;
	s.signature = s.details + s.details_bytes;
	s.signed_bytes = len - s.signature_bytes;
	if (key != 0 && crypto_key_parse(bytes, UPDATE_STATEMENT_FRAME_BYTES + key,
					 UPDATE_STATEMENT_FRAME_BYTES, &s.key) != LB_OK)
		return update_verdict_set(why, UPDATE_STATEMENT,
					  "offset %u: malformed kernel key",
					  UPDATE_STATEMENT_FRAME_BYTES);
	*out = s;
	return update_verdict_set(why, UPDATE_OK, NULL);
}

/* --- judgement ---------------------------------------------------------------------- */

/* The device's own key: known, or the statement's if the device knows its SHA-256. */
static struct crypto_policy policy_for(const struct update_statement *s,
				       const struct update_device *device)
{
	struct crypto_policy policy = device->policy;
	uint8_t id[CRYPTO_KEY_ID_BYTES];

	if (policy.key.data != NULL || s->key.data == NULL)
		return policy;
	crypto_key_id(&s->key, id);
	if (memcmp(id, device->key_id, sizeof id) == 0)
		policy.key = s->key;
	return policy;
}

static enum update_reason reason_of(enum lb_reason reason)
{
	switch (reason) {
	case LB_REASON_KEY_UNKNOWN:
		return UPDATE_KEY;
	case LB_REASON_SELF_SIGNED:
	case LB_REASON_DEV_KEY_UNKNOWN:
		return UPDATE_DEVELOPER;
	case LB_REASON_VERSION_TOO_OLD:
		return UPDATE_VERSION;
	case LB_REASON_TOO_LITTLE_MEMORY:
		return UPDATE_MEMORY;
	default:
		return UPDATE_REFUSED;
	}
}

static enum update_reason judge_headers(const struct update_statement *s,
					const struct update_device *device,
					struct update_release *out,
					struct update_verdict *why)
{
	const struct crypto_policy policy = policy_for(s, device);
	struct lb_verdict verdict;

	if (policy.mode != CRYPTO_MODE_NORMAL && policy.mode != CRYPTO_MODE_DEVELOPER)
		return update_verdict_set(why, UPDATE_REFUSED,
					  "nothing is installed for %s mode",
					  crypto_mode_name(policy.mode));
	memcpy(out->head, s->headers, s->header_bytes);
	const enum lb_reason reason =
		crypto_headers_verify(&policy, out->head, CRYPTO_HEAD_BYTES, UINT64_MAX,
				      &out->headers, &verdict);

	if (reason != LB_REASON_OK) {
		(void)update_verdict_set(why, reason_of(reason), "%s: %s",
					 lb_reason_name(reason), verdict.detail);
		why->loader = reason;
		return why->reason;
	}
	out->developer = out->headers.self_signed;
	out->version = out->headers.version;
	return update_verdict_set(why, UPDATE_OK, NULL);
}

static enum update_reason judge_signature(const struct update_statement *s,
					  const struct crypto_key *data_key,
					  struct update_verdict *why)
{
	switch (crypto_verify_data(data_key, s->bytes, s->signed_bytes, s->signature,
				   s->signature_bytes)) {
	case LB_OK:
		return update_verdict_set(why, UPDATE_OK, NULL);
	case LB_ERR_NOMEM:
		return update_verdict_set(why, UPDATE_MEMORY, "for a signature");
	default:
		return update_verdict_set(why, UPDATE_SIGNATURE,
					  "%zu bytes, signature of %zu", s->signed_bytes,
					  s->signature_bytes);
	}
}

static bool named(const char *const *list, size_t count, const char *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], wanted) == 0)
			return true;
	return false;
}

static const char *cpu_name(enum platform_cpu cpu)
{
	return cpu == PLATFORM_CPU_AARCH64 ? "aarch64" : "x86_64";
}

static enum update_reason judge_device(const struct update_release *r,
				       const struct update_device *device,
				       struct update_verdict *why)
{
	if (device->model != NULL && !named(r->model, r->model_count, device->model))
		return update_verdict_set(
			why, UPDATE_MODEL, "for %s%s, this is %s", r->model[0],
			r->model_count > 1 ? " and others" : "", device->model);
	if (r->hardware_id_count != 0 && device->hardware_id != NULL &&
	    device->hardware_id[0] != '\0' &&
	    !named(r->hardware_id, r->hardware_id_count, device->hardware_id))
		return update_verdict_set(why, UPDATE_HARDWARE, "for %s%s, this is %s",
					  r->hardware_id[0],
					  r->hardware_id_count > 1 ? " and others" : "",
					  device->hardware_id);
	if (!device->any_cpu && r->cpu != device->cpu)
		return update_verdict_set(why, UPDATE_CPU, "for %s, this is %s",
					  cpu_name(r->cpu), cpu_name(device->cpu));
	if (device->running != 0 && device->running < r->minimum_version)
		return update_verdict_set(why, UPDATE_STEP, "%u.%u runs, %u.%u is needed",
					  LB_VERSION_PARTS(device->running),
					  LB_VERSION_PARTS(r->minimum_version));
	return update_verdict_set(why, UPDATE_OK, NULL);
}

/* Headers and details must be about one kernel. */
static enum update_reason judge_content(const struct update_release *r,
					struct update_verdict *why)
{
	const struct update_content *kernel = update_release_content(r, "kernel");

	if (kernel == NULL || update_release_content(r, "root") == NULL)
		return update_verdict_set(why, UPDATE_STATEMENT, "no kernel, or no root");
	const uint64_t root = update_release_content(r, "root")->bytes;

	if (kernel->bytes % BLOCK_BYTES != 0 || root % BLOCK_BYTES != 0)
		return update_verdict_set(why, UPDATE_STATEMENT,
					  "kernel or root are not whole blocks");
	if (kernel->bytes < CRYPTO_HEAD_BYTES ||
	    !lb_within(r->headers.body_offset, r->headers.body_bytes, kernel->bytes))
		return update_verdict_set(why, UPDATE_STATEMENT,
					  "kernel of %llu bytes, its headers say %llu",
					  (unsigned long long)kernel->bytes,
					  (unsigned long long)(r->headers.body_offset +
							       r->headers.body_bytes));
	return update_verdict_set(why, UPDATE_OK, NULL);
}

enum update_reason update_statement_judge(const struct update_statement *statement,
					  const struct update_device *device,
					  struct update_memory *memory,
					  struct update_release *out,
					  struct update_verdict *why)
{
	struct update_release r = { .head = update_alloc(memory, CRYPTO_HEAD_BYTES) };
	enum update_reason reason =
		r.head != NULL ? UPDATE_OK
			       : update_verdict_set(why, UPDATE_MEMORY, "for headers");

	if (reason == UPDATE_OK)
		reason = judge_headers(statement, device, &r, why);
	if (reason == UPDATE_OK)
		reason = judge_signature(statement, &r.headers.keyblock.data_key, why);
	if (reason == UPDATE_OK)
		reason = update_details_unpack(statement, memory, &r, why);
	if (reason == UPDATE_OK)
		reason = judge_device(&r, device, why);
	if (reason == UPDATE_OK)
		reason = judge_content(&r, why);
	if (reason != UPDATE_OK)
		update_release_free(memory, &r);
	else
		*out = r;
	return reason;
}

enum update_reason update_statement_read(const struct update_statement *statement,
					 struct update_memory *memory,
					 struct update_release *out,
					 struct update_verdict *why)
{
	struct update_release r = { .head = update_alloc(memory, CRYPTO_HEAD_BYTES) };

	if (r.head == NULL)
		return update_verdict_set(why, UPDATE_MEMORY, "for headers");
	memcpy(r.head, statement->headers, statement->header_bytes);
	if (update_details_unpack(statement, memory, &r, why) != UPDATE_OK)
		update_release_free(memory, &r);
	else
		*out = r;
	return why->reason;
}

void update_release_free(struct update_memory *memory, struct update_release *release)
{
	update_free(memory, release->head, CRYPTO_HEAD_BYTES);
	update_free(memory, release->room, release->room_bytes);
	*release = (struct update_release){ 0 };
}
