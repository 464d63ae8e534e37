/* Rollback floors in the boot flow: three stores - the TPM's index, the protected variable,
 * the profile - of which the highest counts.
 *
 * Design: DESIGN 8 "Rollback floors"; rules and reasons: docs/formats/floors.md. */
#include "boot/flow/flow.h"

#include "base/format.h"
#include "boot/judge/disk.h"

#define VERSION_TEXT_BYTES 12u /* "65535.65535" */

static const char *version_text(char out[VERSION_TEXT_BYTES], uint32_t version)
{
	(void)lb_format(out, VERSION_TEXT_BYTES, "%u.%u", version >> 16,
			version & 0xffff);
	return out;
}

static void rise(uint32_t *floor, uint32_t to)
{
	if (*floor < to)
		*floor = to;
}

static void rise_both(struct platform_floors *floors, const struct platform_floors *to)
{
	rise(&floors->kernel, to->kernel);
	rise(&floors->recovery, to->recovery);
}

static bool covers(const struct platform_floors *a, const struct platform_floors *b)
{
	return a->kernel >= b->kernel && a->recovery >= b->recovery;
}

/* --- reading -------------------------------------------------------------------------- */

static void log_pair(struct boot_ctx *ctx, const char *what,
		     const struct platform_floors *floors, const char *more)
{
	char kernel[VERSION_TEXT_BYTES], recovery[VERSION_TEXT_BYTES];

	lb_log(&ctx->log, "floors: %skernel %s, recovery %s%s", what,
	       version_text(kernel, floors->kernel),
	       version_text(recovery, floors->recovery), more);
}

static void load_variable(struct boot_ctx *ctx)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	s->variable_status = ctx->plat->read_floors(ctx->plat->ctx, &s->variable);
	if (s->variable_status == LB_OK)
		return;
	s->variable = (struct platform_floors){ 0, 0 };
	if (s->variable_status != LB_ERR_NOT_FOUND &&
	    s->variable_status != LB_ERR_UNSUPPORTED)
		lb_log(&ctx->log, "floors: variable: cannot be read: %s",
		       lb_status_name(s->variable_status));
}

static void load_index(struct boot_ctx *ctx)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	tpm_init(&s->tpm, ctx->plat);

	const enum lb_status status = tpm_floor_read(&s->tpm, &s->index);

	switch (s->index.state) {
	case TPM_FLOOR_NO_TPM:
		lb_log(&ctx->log, "floors: TPM: there is none");
		return;
	case TPM_FLOOR_UNREADABLE:
		lb_log(&ctx->log, "floors: TPM: cannot be read: %s (code 0x%x)",
		       tpm_why(&s->tpm, status), s->tpm.code);
		return;
	case TPM_FLOOR_MISSING:
		lb_log(&ctx->log, "floors: TPM: index 0x%x is not there",
		       TPM_FLOOR_INDEX);
		return;
	case TPM_FLOOR_FOREIGN:
		lb_log(&ctx->log,
		       "floors: TPM: index 0x%x is not ours (attributes 0x%x, %u bytes): "
		       "does not count",
		       TPM_FLOOR_INDEX, s->index.public.attributes,
		       s->index.public.data_bytes);
		return;
	case TPM_FLOOR_EMPTY:
		lb_log(&ctx->log, "floors: TPM: index 0x%x was never written",
		       TPM_FLOOR_INDEX);
		return;
	case TPM_FLOOR_GOOD:
		log_pair(ctx, "TPM: ", &s->index.value,
			 s->index.locked ? ", locked already" : "");
		return;
	}
}

void boot_floors_load(struct boot_ctx *ctx)
{
	load_variable(ctx);
	load_index(ctx);
	ctx->floors = ctx->floor_stores.variable;
	rise_both(&ctx->floors, &ctx->floor_stores.index.value);
	rise(&ctx->floors.recovery, ctx->profile.recovery_floor);
	log_pair(ctx, "", &ctx->floors, "");
}

struct platform_floors boot_floors_again(struct boot_ctx *ctx,
					 const struct profile *profile)
{
	struct platform_floors floors = ctx->floors, variable = { 0, 0 };
	struct tpm_floor index = { 0 };
	struct tpm tpm;

	if (ctx->plat->read_floors(ctx->plat->ctx, &variable) == LB_OK)
		rise_both(&floors, &variable);
	/* A TPM that did not answer is not waited for a second time. */
	if (ctx->floor_stores.index.state != TPM_FLOOR_UNREADABLE) {
		tpm_init(&tpm, ctx->plat);
		if (tpm_floor_read(&tpm, &index) == LB_OK)
			rise_both(&floors, &index.value);
	}
	rise(&floors.recovery, profile->recovery_floor);
	return floors;
}

/* --- what they may rise to -------------------------------------------------------------- */

/* The combined version of @slot's headers. LB_REASON_OK, or why it has none. */
static enum lb_reason slot_version(struct boot_ctx *ctx, const struct gpt_slot *slot,
				   uint8_t *head, uint32_t *version)
{
	struct lb_verdict why;

	return boot_slot_headers(ctx->plat, &ctx->target.disk, slot, &ctx->policy, head,
				 version, &why);
}

/* The lowest version that a fall-back could still need, or false when a read error
 * leaves that open: the floor must never rise over a slot that is only unreadable now. */
static bool lowest_bootable(struct boot_ctx *ctx, uint8_t *head, uint32_t *lowest)
{
	for (size_t i = 0; i < ctx->target.slot_count; i++) {
		const struct gpt_slot *slot = &ctx->target.slots[i];
		uint32_t version;

		if (!slot->bootable || slot == ctx->target.slot)
			continue;
		const enum lb_reason reason = slot_version(ctx, slot, head, &version);

		if (lb_reason_class(reason) == LB_CLASS_READ)
			return false;
		if (reason == LB_REASON_OK && version < *lowest)
			*lowest = version;
	}
	return true;
}

/* --- storing ------------------------------------------------------------------------------ */

static bool variable_usable(const struct boot_floor_stores *s)
{
	return s->variable_status != LB_ERR_UNSUPPORTED;
}

static bool index_usable(const struct boot_floor_stores *s)
{
	return s->index.state != TPM_FLOOR_NO_TPM &&
	       s->index.state != TPM_FLOOR_UNREADABLE && !s->index_refused;
}

static enum lb_status store_variable(struct boot_ctx *ctx,
				     const struct platform_floors *want)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	if (covers(&s->variable, want))
		return LB_OK;
	const enum lb_status status = ctx->plat->raise_floors(ctx->plat->ctx, want);

	if (status == LB_OK)
		rise_both(&s->variable, want);
	return status;
}

static enum lb_status store_index(struct boot_ctx *ctx,
				  const struct platform_floors *want)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	if (covers(&s->index.value, want))
		return LB_OK;
	const enum lb_status status = tpm_floor_store(&s->tpm, want, &s->index);

	s->index_refused = status != LB_OK;
	return status;
}

/* "ok", or why not; "none" where there is no such store. */
static const char *variable_result(const struct boot_floor_stores *s,
				   enum lb_status status)
{
	return variable_usable(s) ? lb_status_name(status) : "none";
}

static const char *index_result(const struct boot_floor_stores *s, enum lb_status status)
{
	if (s->index.state == TPM_FLOOR_NO_TPM)
		return "none";
	return status == LB_ERR_READ_ONLY ? "it is locked already"
					  : tpm_why(&s->tpm, status);
}

static void log_rise(struct boot_ctx *ctx, const char *which, uint32_t from, uint32_t to,
		     enum lb_status variable, enum lb_status index)
{
	const struct boot_floor_stores *s = &ctx->floor_stores;
	char old[VERSION_TEXT_BYTES], new[VERSION_TEXT_BYTES];
	const bool stored = variable == LB_OK || index == LB_OK;

	if (to == 0)
		return;
	(void)version_text(old, from);
	(void)version_text(new, to);
	lb_log(&ctx->log, "floors: %s %s%s%s: %s (variable: %s, TPM: %s)", which,
	       from < to ? old : "", from < to ? " -> " : "stored again as ", new,
	       stored ? "ok" : "not stored", variable_result(s, variable),
	       index_result(s, index));
}

/* Puts @want (0: nothing to store) into every store there is. */
static void store(struct boot_ctx *ctx, const struct platform_floors *want)
{
	const struct boot_floor_stores *s = &ctx->floor_stores;
	const struct platform_floors before = ctx->floors;
	enum lb_status variable = LB_ERR_UNSUPPORTED, index = LB_ERR_UNSUPPORTED;

	if (variable_usable(s))
		variable = store_variable(ctx, want);
	if (index_usable(s))
		index = store_index(ctx, want);
	if (variable == LB_OK || index == LB_OK)
		rise_both(&ctx->floors, want);
	log_rise(ctx, "kernel", before.kernel, want->kernel, variable, index);
	log_rise(ctx, "recovery", before.recovery, want->recovery, variable, index);
}

/* What the emptiest usable store has. False when there is no store at all. */
static bool lowest_stored(const struct boot_floor_stores *s, struct platform_floors *out)
{
	*out = variable_usable(s) ? s->variable : s->index.value;
	if (variable_usable(s) && index_usable(s)) {
		if (out->kernel > s->index.value.kernel)
			out->kernel = s->index.value.kernel;
		if (out->recovery > s->index.value.recovery)
			out->recovery = s->index.value.recovery;
	}
	return variable_usable(s) || index_usable(s);
}

/* What the fall-back allows, @version being started; 0 when that is not known. */
static uint32_t allowed_kernel_floor(struct boot_ctx *ctx, uint32_t version)
{
	const struct platform *plat = ctx->plat;
	uint8_t *head =
		plat->alloc(plat->ctx, CRYPTO_HEAD_BYTES, 4096, PLATFORM_ANY_ADDRESS);

	if (head == NULL)
		return 0; /* no harm: the next boot raises it */
	if (!lowest_bootable(ctx, head, &version))
		version = 0;
	plat->free(plat->ctx, head, CRYPTO_HEAD_BYTES);
	return version;
}

void boot_floors_raise(struct boot_ctx *ctx)
{
	const uint32_t version =
		crypto_kernel_headers(kernel_prepared_verified(ctx->prepared))->version;
	struct platform_floors have, want = {
		.recovery = kernel_prepared_layout(ctx->prepared)->recovery_floor,
	};

	if (!lowest_stored(&ctx->floor_stores, &have))
		return;
	if (version > have.kernel)
		want.kernel = allowed_kernel_floor(ctx, version);
	if (want.kernel <= have.kernel)
		want.kernel = 0;
	if (want.recovery <= have.recovery)
		want.recovery = 0;
	if (want.kernel != 0 || want.recovery != 0)
		store(ctx, &want);
}

/* --- before the hand-off ------------------------------------------------------------------ */

/* An index that vanished, or holds less than the variable. */
static void mend_index(struct boot_ctx *ctx)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	if (!index_usable(s) || covers(&s->index.value, &s->variable))
		return;
	const enum lb_status status = store_index(ctx, &s->variable);

	lb_log(&ctx->log, "floors: TPM: stored again from the variable: %s",
	       index_result(s, status));
}

void boot_floors_seal(struct boot_ctx *ctx)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	if (s->sealed || s->index.state == TPM_FLOOR_NO_TPM)
		return;
	mend_index(ctx);

	const enum lb_status status = tpm_floor_lock(&s->tpm);

	s->sealed = status == LB_OK || status == LB_ERR_NOT_FOUND;
	if (status == LB_OK)
		lb_log(&ctx->log, "floors: TPM: locked until the next reset");
	else if (status != LB_ERR_NOT_FOUND)
		lb_log(&ctx->log, "floors: TPM: cannot be locked: %s (code 0x%x)",
		       tpm_why(&s->tpm, status), s->tpm.code);
}
