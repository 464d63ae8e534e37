/* The floor index: what is there, writing, locking. */
#include "boot/tpm/floor_index.h"

#include "base/bytes.h"

/* Bits that the TPM sets while an index lives. */
#define CHANGING (TPM_NV_WRITTEN | TPM_NV_WRITELOCKED)

static bool is_ours(const struct tpm_nv_public *p)
{
	return (p->attributes & ~CHANGING) == TPM_FLOOR_ATTRIBUTES &&
	       p->name_algorithm == TPM_ALG_SHA256 && p->policy_bytes == 0 &&
	       p->data_bytes == TPM_FLOOR_BYTES;
}

static enum lb_status read_value(struct tpm *tpm, struct tpm_floor *out)
{
	uint8_t bytes[TPM_FLOOR_BYTES];
	const enum lb_status status =
		tpm_nv_read(tpm, TPM_FLOOR_INDEX, bytes, sizeof bytes);

	if (status != LB_OK && tpm_password_refused(tpm)) {
		out->state = TPM_FLOOR_FOREIGN; /* ours has none */
		return LB_OK;
	}
	if (status != LB_OK)
		return status;
	out->state = TPM_FLOOR_GOOD;
	out->value.kernel = lb_le32(bytes);
	out->value.recovery = lb_le32(bytes + 4);
	return LB_OK;
}

enum lb_status tpm_floor_read(struct tpm *tpm, struct tpm_floor *out)
{
	*out = (struct tpm_floor){ .state = TPM_FLOOR_UNREADABLE };

	const enum lb_status status =
		tpm_nv_read_public(tpm, TPM_FLOOR_INDEX, &out->public);

	if (status == LB_ERR_NOT_FOUND) {
		out->state = TPM_FLOOR_MISSING;
		return LB_OK;
	}
	if (status == LB_ERR_UNSUPPORTED)
		out->state = TPM_FLOOR_NO_TPM;
	if (status != LB_OK)
		return status;
	out->locked = (out->public.attributes & TPM_NV_WRITELOCKED) != 0;
	if (!is_ours(&out->public)) {
		out->state = TPM_FLOOR_FOREIGN;
		return LB_OK;
	}
	if ((out->public.attributes & TPM_NV_WRITTEN) == 0) {
		out->state = TPM_FLOOR_EMPTY;
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
		status = tpm_nv_undefine(tpm, TPM_FLOOR_INDEX);
	if (status != LB_OK)
		return status;
	return tpm_nv_define(tpm, TPM_FLOOR_INDEX, TPM_FLOOR_ATTRIBUTES, TPM_FLOOR_BYTES);
}

enum lb_status tpm_floor_store(struct tpm *tpm, const struct platform_floors *want,
			       struct tpm_floor *now)
{
	uint8_t bytes[TPM_FLOOR_BYTES];
	/* Read again: what cannot be read now may be higher, and must not be lowered. */
	enum lb_status status = tpm_floor_read(tpm, now);

	if (status != LB_OK)
		return status;

	const struct platform_floors goal = {
		.kernel = higher(want->kernel, now->value.kernel),
		.recovery = higher(want->recovery, now->value.recovery),
	};
	if (goal.kernel == now->value.kernel && goal.recovery == now->value.recovery)
		return LB_OK;
	status = make_room(tpm, now);
	if (status != LB_OK)
		return status;
	lb_put_le32(bytes, goal.kernel);
	lb_put_le32(bytes + 4, goal.recovery);
	status = tpm_nv_write(tpm, TPM_FLOOR_INDEX, bytes, sizeof bytes);
	if (status != LB_OK)
		return status;
	status = tpm_floor_read(tpm, now);
	if (status != LB_OK)
		return status;
	return now->state == TPM_FLOOR_GOOD && now->value.kernel == goal.kernel &&
			       now->value.recovery == goal.recovery
		       ? LB_OK
		       : LB_ERR_IO;
}

enum lb_status tpm_floor_lock(struct tpm *tpm)
{
	struct tpm_nv_public public;
	enum lb_status status = tpm_nv_read_public(tpm, TPM_FLOOR_INDEX, &public);

	if (status == LB_OK && !is_ours(&public))
		return LB_ERR_NOT_FOUND;
	if (status == LB_OK && (public.attributes & TPM_NV_WRITELOCKED) != 0)
		return LB_OK;
	/* Also when it could not be looked at: locking may work all the same. */
	if (status == LB_OK || status == LB_ERR_IO || status == LB_ERR_TIMEOUT)
		status = tpm_nv_write_lock(tpm, TPM_FLOOR_INDEX);
	if (status != LB_OK)
		return status;
	status = tpm_nv_read_public(tpm, TPM_FLOOR_INDEX, &public);
	if (status != LB_OK)
		return status;
	return (public.attributes & TPM_NV_WRITELOCKED) != 0 ? LB_OK : LB_ERR_IO;
}
