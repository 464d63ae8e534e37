/* The floor index: what is there, writing, locking. */
#include "boot/tpm/floor_index.h"

#include <string.h>

#include "base/bytes.h"

/* Bits that the TPM sets while an index lives. */
#define CHANGING (TPM_NV_WRITTEN | TPM_NV_WRITELOCKED)

static const struct {
	uint32_t index;
	uint16_t bytes;
} kinds[TPM_FLOOR_KINDS] = {
	[TPM_FLOOR_SYSTEMS] = { TPM_FLOOR_INDEX, TPM_FLOOR_BYTES },
	[TPM_FLOOR_LOADER] = { TPM_LOADER_INDEX, TPM_LOADER_BYTES },
};

#define MAX_BYTES TPM_FLOOR_BYTES

uint32_t tpm_floor_index(enum tpm_floor_kind kind)
{
	return kinds[kind].index;
}

struct platform_floors tpm_floor_part(enum tpm_floor_kind kind,
				      const struct platform_floors *floors)
{
	if (kind == TPM_FLOOR_LOADER)
		return (struct platform_floors){ .loader = floors->loader };
	return (struct platform_floors){ .kernel = floors->kernel,
					 .recovery = floors->recovery };
}

static void decode(enum tpm_floor_kind kind, const uint8_t bytes[MAX_BYTES],
		   struct platform_floors *out)
{
	if (kind == TPM_FLOOR_LOADER) {
		out->loader = lb_le32(bytes);
		return;
	}
	out->kernel = lb_le32(bytes);
	out->recovery = lb_le32(bytes + 4);
}

static void encode(enum tpm_floor_kind kind, const struct platform_floors *floors,
		   uint8_t bytes[MAX_BYTES])
{
	lb_put_le32(bytes, kind == TPM_FLOOR_LOADER ? floors->loader : floors->kernel);
	lb_put_le32(bytes + 4, floors->recovery); /* not stored of the other kind */
}

/* Where the platform hierarchy is ours an index of the owner's is somebody else's. */
static uint32_t attributes(const struct tpm *tpm)
{
	return tpm->platform ? TPM_FLOOR_OF_PLATFORM : TPM_FLOOR_ATTRIBUTES;
}

static bool policy_is_ours(const struct tpm *tpm, const struct tpm_nv_public *p)
{
	if (tpm->platform)
		return p->policy_bytes == 0;
	return p->policy_bytes == TPM_POLICY_BYTES &&
	       memcmp(p->policy, tpm_policy_unmeasured, TPM_POLICY_BYTES) == 0;
}

static bool is_ours(const struct tpm *tpm, enum tpm_floor_kind kind,
		    const struct tpm_nv_public *p)
{
	return (p->attributes & ~CHANGING) == attributes(tpm) &&
	       p->name_algorithm == TPM_ALG_SHA256 && policy_is_ours(tpm, p) &&
	       p->data_bytes == kinds[kind].bytes;
}

static enum lb_status read_value(struct tpm *tpm, struct tpm_floor *out)
{
	uint8_t bytes[MAX_BYTES];
	const enum lb_status status =
		tpm_nv_read(tpm, kinds[out->kind].index, bytes, kinds[out->kind].bytes);

	const bool written = (out->public.attributes & TPM_NV_WRITTEN) != 0;

	/* Ours has none. Asked of an empty one too: it would never become readable. */
	if (status != LB_OK && tpm_password_refused(tpm)) {
		out->state = TPM_FLOOR_FOREIGN;
		return LB_OK;
	}
	if (!written && status == LB_ERR_NOT_FOUND) {
		out->state = TPM_FLOOR_EMPTY;
		return LB_OK;
	}
	if (status != LB_OK || !written)
		return status != LB_OK ? status : LB_ERR_IO;
	out->state = TPM_FLOOR_GOOD;
	decode(out->kind, bytes, &out->value);
	return LB_OK;
}

enum lb_status tpm_floor_read(struct tpm *tpm, enum tpm_floor_kind kind,
			      struct tpm_floor *out)
{
	*out = (struct tpm_floor){ .kind = kind, .state = TPM_FLOOR_UNREADABLE };

	const enum lb_status status =
		tpm_nv_read_public(tpm, kinds[kind].index, &out->public);

	if (status == LB_ERR_NOT_FOUND) {
		out->state = TPM_FLOOR_MISSING;
		return LB_OK;
	}
	if (status == LB_ERR_UNSUPPORTED)
		out->state = TPM_FLOOR_NO_TPM;
	if (status != LB_OK)
		return status;
	out->locked = (out->public.attributes & TPM_NV_WRITELOCKED) != 0;
	if (!is_ours(tpm, kind, &out->public)) {
		out->state = TPM_FLOOR_FOREIGN;
		return LB_OK;
	}
	return read_value(tpm, out);
}

static uint32_t higher(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* An index of ours that can be written, whatever was there. */
static enum lb_status make_room(struct tpm *tpm, const struct tpm_floor *now)
{
	enum lb_status status = LB_OK;

	if (now->state == TPM_FLOOR_EMPTY || now->state == TPM_FLOOR_GOOD)
		return now->locked ? LB_ERR_READ_ONLY : LB_OK;
	if (now->state == TPM_FLOOR_FOREIGN)
		status = tpm_nv_undefine(tpm, kinds[now->kind].index);
	if (status != LB_OK)
		return status;
	return tpm_nv_define(tpm, kinds[now->kind].index, attributes(tpm),
			     kinds[now->kind].bytes);
}

/* What writing and locking go with: the policy, shown to be fulfilled now. */
static enum lb_status open_session(struct tpm *tpm, uint32_t *session)
{
	*session = TPM_NV_BY_PASSWORD;
	return tpm->platform ? LB_OK : tpm_policy_begin(tpm, session);
}

static void close_session(struct tpm *tpm, uint32_t session, enum lb_status status)
{
	if (status != LB_OK && session != TPM_NV_BY_PASSWORD)
		tpm_policy_end(tpm, session);
}

/* The policy first: nothing is removed or made that could not be written then. */
static enum lb_status write_value(struct tpm *tpm, const struct tpm_floor *now,
				  const struct platform_floors *goal)
{
	uint8_t bytes[MAX_BYTES];
	uint32_t session;
	enum lb_status status = open_session(tpm, &session);

	if (status != LB_OK)
		return status;
	encode(now->kind, goal, bytes);
	status = make_room(tpm, now);
	if (status == LB_OK)
		status = tpm_nv_write(tpm, kinds[now->kind].index, session, bytes,
				      kinds[now->kind].bytes);
	close_session(tpm, session, status);
	return status;
}

static bool same(const struct platform_floors *a, const struct platform_floors *b)
{
	return a->kernel == b->kernel && a->recovery == b->recovery &&
	       a->loader == b->loader;
}

enum lb_status tpm_floor_store(struct tpm *tpm, const struct platform_floors *want,
			       struct tpm_floor *now)
{
	const enum tpm_floor_kind kind = now->kind;
	/* Read again: what cannot be read now may be higher, and must not be lowered. */
	enum lb_status status = tpm_floor_read(tpm, kind, now);

	if (status != LB_OK)
		return status;

	const struct platform_floors all = {
		.kernel = higher(want->kernel, now->value.kernel),
		.recovery = higher(want->recovery, now->value.recovery),
		.loader = higher(want->loader, now->value.loader),
	};
	const struct platform_floors goal = tpm_floor_part(kind, &all);

	if (same(&goal, &now->value))
		return LB_OK;
	status = write_value(tpm, now, &goal);
	if (status != LB_OK)
		return status;
	status = tpm_floor_read(tpm, kind, now);
	if (status != LB_OK)
		return status;
	return now->state == TPM_FLOOR_GOOD && same(&now->value, &goal) ? LB_OK
									: LB_ERR_IO;
}

static enum lb_status lock(struct tpm *tpm, enum tpm_floor_kind kind)
{
	uint32_t session;
	enum lb_status status = open_session(tpm, &session);

	if (status != LB_OK)
		return status;
	status = tpm_nv_write_lock(tpm, kinds[kind].index, session);
	close_session(tpm, session, status);
	return status;
}

enum lb_status tpm_floor_lock(struct tpm *tpm, enum tpm_floor_kind kind)
{
	struct tpm_nv_public public;
	enum lb_status status = tpm_nv_read_public(tpm, kinds[kind].index, &public);

	if (status == LB_OK && !is_ours(tpm, kind, &public))
		return LB_ERR_NOT_FOUND;
	if (status == LB_OK && (public.attributes & TPM_NV_WRITELOCKED) != 0)
		return LB_OK;
	/* Also when it could not be looked at: locking may work all the same. */
	if (status == LB_OK || status == LB_ERR_IO || status == LB_ERR_TIMEOUT)
		status = lock(tpm, kind);
	if (status != LB_OK)
		return status;
	status = tpm_nv_read_public(tpm, kinds[kind].index, &public);
	if (status != LB_OK)
		return status;
	return (public.attributes & TPM_NV_WRITELOCKED) != 0 ? LB_OK : LB_ERR_IO;
}
