/* Rollback floors in the boot flow: three stores - the TPM's index, the protected
 * variable, the profile - of which the highest counts.
 *
 * Design: DESIGN 8 "Rollback floors"; rules and reasons: docs/formats/floors.md. */
#include "boot/flow/flow.h"

#include "base/format.h"
#include "boot/judge/disk.h"

#define VERSION_TEXT_BYTES 12u /* "65535.65535" */

static const char *version_text(char out[VERSION_TEXT_BYTES], uint32_t version)
{
	(void)lb_format(out, VERSION_TEXT_BYTES, "%u.%u", LB_VERSION_PARTS(version));
	return out;
}

static void rise(uint32_t *floor, uint32_t to)
{
	if (*floor < to)
		*floor = to;
}

static void rise_all(struct platform_floors *floors, const struct platform_floors *to)
{
	rise(&floors->kernel, to->kernel);
	rise(&floors->recovery, to->recovery);
	rise(&floors->loader, to->loader);
}

static bool covers(const struct platform_floors *a, const struct platform_floors *b)
{
	return a->kernel >= b->kernel && a->recovery >= b->recovery &&
	       a->loader >= b->loader;
}

/* --- reading ------------------------------------------------------------------------ */

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
	s->variable = (struct platform_floors){ 0 };
	if (s->variable_status != LB_ERR_NOT_FOUND &&
	    s->variable_status != LB_ERR_UNSUPPORTED)
		lb_log(&ctx->log, "floors: variable: cannot be read: %s",
		       lb_status_name(s->variable_status));
}

static void log_index(struct boot_ctx *ctx, const struct tpm_floor *index,
		      enum lb_status status)
{
	const uint32_t number = tpm_floor_index(index->kind);
	const char *locked = index->locked ? ", locked already" : "";

	switch (index->state) {
	case TPM_FLOOR_NO_TPM:
		lb_log(&ctx->log, "floors: TPM: there is none");
		return;
	case TPM_FLOOR_UNREADABLE:
		lb_log(&ctx->log, "floors: TPM: cannot be read: %s (code 0x%x)",
		       tpm_why(&ctx->floor_stores.tpm, status),
		       ctx->floor_stores.tpm.code);
		return;
	case TPM_FLOOR_MISSING:
		lb_log(&ctx->log, "floors: TPM: index 0x%x is not there", number);
		return;
	case TPM_FLOOR_FOREIGN:
		lb_log(&ctx->log,
		       "floors: TPM: index 0x%x is not ours (attributes 0x%x, %u bytes): "
		       "does not count",
		       number, index->public.attributes, index->public.data_bytes);
		return;
	case TPM_FLOOR_EMPTY:
		lb_log(&ctx->log, "floors: TPM: index 0x%x was never written", number);
		return;
	case TPM_FLOOR_GOOD:
		if (index->kind == TPM_FLOOR_LOADER)
			lb_log(&ctx->log, "floors: TPM: loader generation %u%s",
			       index->value.loader, locked);
		else
			log_pair(ctx, "TPM: ", &index->value, locked);
		return;
	}
}

/* Where nothing ran before us the platform hierarchy is ours, and what is made in it
 * nobody can plant or remove after the hand-off. */
static void take_platform(struct boot_ctx *ctx, struct tpm *tpm)
{
	enum lb_status status;

	if (!ctx->machine->first_code)
		return;
	status = tpm_platform_take(tpm);
	if (status != LB_OK && status != LB_ERR_UNSUPPORTED)
		lb_log(&ctx->log,
		       "floors: TPM: its platform hierarchy is not ours: %s (code 0x%x)",
		       tpm_why(tpm, status), tpm->code);
}

static void load_indices(struct boot_ctx *ctx)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	tpm_init(&s->tpm, ctx->plat);
	take_platform(ctx, &s->tpm);
	for (enum tpm_floor_kind k = 0; k < TPM_FLOOR_KINDS; k++) {
		const enum lb_status status = tpm_floor_read(&s->tpm, k, &s->index[k]);

		/* Said once about a TPM as a whole. */
		if (k == 0 || s->index[k].state > TPM_FLOOR_MISSING ||
		    (s->index[k].state == TPM_FLOOR_UNREADABLE &&
		     s->index[0].state != TPM_FLOOR_UNREADABLE))
			log_index(ctx, &s->index[k], status);
	}
}

void boot_floors_load(struct boot_ctx *ctx)
{
	load_variable(ctx);
	load_indices(ctx);
	ctx->floors = ctx->floor_stores.variable;
	for (size_t k = 0; k < TPM_FLOOR_KINDS; k++)
		rise_all(&ctx->floors, &ctx->floor_stores.index[k].value);
	rise(&ctx->floors.recovery, ctx->profile.recovery_floor);
	log_pair(ctx, "", &ctx->floors, "");
	if (ctx->profile.generation < ctx->floors.loader)
		lb_log(&ctx->log,
		       "floors: this loader has generation %u, the device has seen %u",
		       ctx->profile.generation, ctx->floors.loader);
}

struct platform_floors boot_floors_again(struct boot_ctx *ctx,
					 const struct profile *profile)
{
	struct platform_floors floors = ctx->floors, variable = { 0 };

	if (ctx->plat->read_floors(ctx->plat->ctx, &variable) == LB_OK)
		rise_all(&floors, &variable);
	for (enum tpm_floor_kind k = 0; k < TPM_FLOOR_KINDS; k++) {
		struct tpm_floor index;
		struct tpm tpm;

		/* A TPM that did not answer is not waited for a second time. */
		if (ctx->floor_stores.index[k].state == TPM_FLOOR_UNREADABLE)
			continue;
		tpm_init(&tpm, ctx->plat);
		tpm.platform = ctx->floor_stores.tpm.platform;
		if (tpm_floor_read(&tpm, k, &index) == LB_OK)
			rise_all(&floors, &index.value);
	}
	rise(&floors.recovery, profile->recovery_floor);
	return floors;
}

/* --- what they may rise to ---------------------------------------------------------- */

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

/* --- storing ------------------------------------------------------------------------ */

static bool variable_usable(const struct boot_floor_stores *s)
{
	return s->variable_status != LB_ERR_UNSUPPORTED;
}

static bool index_usable(const struct boot_floor_stores *s, size_t kind)
{
	return s->index[kind].state != TPM_FLOOR_NO_TPM &&
	       s->index[kind].state != TPM_FLOOR_UNREADABLE && !s->index_refused[kind];
}

static enum lb_status store_variable(struct boot_ctx *ctx,
				     const struct platform_floors *want)
{
	struct boot_floor_stores *s = &ctx->floor_stores;

	if (covers(&s->variable, want))
		return LB_OK;
	const enum lb_status status = ctx->plat->raise_floors(ctx->plat->ctx, want);

	if (status == LB_OK)
		rise_all(&s->variable, want);
	return status;
}

static enum lb_status store_index(struct boot_ctx *ctx, enum tpm_floor_kind kind,
				  const struct platform_floors *want)
{
	struct boot_floor_stores *s = &ctx->floor_stores;
	const struct platform_floors part = tpm_floor_part(kind, want);

	if (covers(&s->index[kind].value, &part))
		return LB_OK;
	const enum lb_status status = tpm_floor_store(&s->tpm, &part, &s->index[kind]);

	s->index_refused[kind] = status != LB_OK;
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
	if (s->index[0].state == TPM_FLOOR_NO_TPM)
		return "none";
	return status == LB_ERR_READ_ONLY && s->tpm.code == 0 ? "it is locked already"
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

static void log_loader(struct boot_ctx *ctx, uint32_t from, uint32_t to,
		       enum lb_status variable, enum lb_status index)
{
	const struct boot_floor_stores *s = &ctx->floor_stores;

	if (to != 0)
		lb_log(&ctx->log,
		       "floors: loader generation %u -> %u (variable: %s, TPM: %s)", from,
		       to, variable_result(s, variable), index_result(s, index));
}

/* Puts @want (0: nothing to store) into every store there is. */
static void store(struct boot_ctx *ctx, const struct platform_floors *want)
{
	const struct boot_floor_stores *s = &ctx->floor_stores;
	const struct platform_floors before = ctx->floors;
	enum lb_status variable = LB_ERR_UNSUPPORTED;
	enum lb_status index[TPM_FLOOR_KINDS];

	if (variable_usable(s))
		variable = store_variable(ctx, want);
	for (enum tpm_floor_kind k = 0; k < TPM_FLOOR_KINDS; k++) {
		const struct platform_floors part = tpm_floor_part(k, want);

		index[k] = index_usable(s, k) ? store_index(ctx, k, want)
					      : LB_ERR_UNSUPPORTED;
		if (variable == LB_OK || index[k] == LB_OK)
			rise_all(&ctx->floors, &part);
	}
	log_rise(ctx, "kernel", before.kernel, want->kernel, variable,
		 index[TPM_FLOOR_SYSTEMS]);
	log_rise(ctx, "recovery", before.recovery, want->recovery, variable,
		 index[TPM_FLOOR_SYSTEMS]);
	log_loader(ctx, before.loader, want->loader, variable, index[TPM_FLOOR_LOADER]);
}

static void sink(uint32_t *value, uint32_t to)
{
	if (*value > to)
		*value = to;
}

/* What the emptiest usable store has. False when there is no store at all. */
static bool lowest_stored(const struct boot_floor_stores *s, struct platform_floors *out)
{
	const struct platform_floors *systems = &s->index[TPM_FLOOR_SYSTEMS].value;
	const struct platform_floors *loader = &s->index[TPM_FLOOR_LOADER].value;
	const bool variable = variable_usable(s);
	bool any = variable;

	*out = variable ? s->variable
			: (struct platform_floors){ UINT32_MAX, UINT32_MAX, UINT32_MAX };
	if (index_usable(s, TPM_FLOOR_SYSTEMS)) {
		sink(&out->kernel, systems->kernel);
		sink(&out->recovery, systems->recovery);
		any = true;
	}
	if (index_usable(s, TPM_FLOOR_LOADER)) {
		sink(&out->loader, loader->loader);
		any = true;
	}
	return any;
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
		.loader = ctx->profile.generation,
	};

	if (!lowest_stored(&ctx->floor_stores, &have))
		return;
	if (version > have.kernel)
		want.kernel = allowed_kernel_floor(ctx, version);
	if (want.kernel <= have.kernel)
		want.kernel = 0;
	if (want.recovery <= have.recovery)
		want.recovery = 0;
	if (want.loader <= have.loader)
		want.loader = 0;
	if (want.kernel != 0 || want.recovery != 0 || want.loader != 0)
		store(ctx, &want);
}

/* --- before the hand-off ------------------------------------------------------------ */

/* Indices that vanished, or hold less than the variable. */
static void mend_index(struct boot_ctx *ctx, enum tpm_floor_kind kind)
{
	struct boot_floor_stores *s = &ctx->floor_stores;
	const struct platform_floors part = tpm_floor_part(kind, &s->variable);

	if (!index_usable(s, kind) || covers(&s->index[kind].value, &part))
		return;
	const enum lb_status status = store_index(ctx, kind, &s->variable);

	lb_log(&ctx->log, "floors: TPM: %sstored again from the variable: %s",
	       kind == TPM_FLOOR_LOADER ? "loader generation " : "",
	       index_result(s, status));
}

/* True when there is nothing left to lock. */
static bool lock_index(struct boot_ctx *ctx, enum tpm_floor_kind kind)
{
	struct boot_floor_stores *s = &ctx->floor_stores;
	const enum lb_status status = tpm_floor_lock(&s->tpm, kind);
	const char *what = kind == TPM_FLOOR_LOADER ? "loader generation " : "";

	if (status == LB_OK)
		lb_log(&ctx->log, "floors: TPM: %slocked until the next reset", what);
	else if (status == LB_ERR_READ_ONLY)
		lb_log(&ctx->log,
		       "floors: TPM: %scannot be written before the next reset: %s", what,
		       tpm_why(&s->tpm, status));
	else if (status != LB_ERR_NOT_FOUND)
		lb_log(&ctx->log, "floors: TPM: %scannot be locked: %s (code 0x%x)", what,
		       tpm_why(&s->tpm, status), s->tpm.code);
	return status == LB_OK || status == LB_ERR_NOT_FOUND ||
	       status == LB_ERR_READ_ONLY;
}

/* What comes now is not the machine's first code any more. */
static bool close_platform(struct boot_ctx *ctx)
{
	struct tpm *tpm = &ctx->floor_stores.tpm;

	if (!tpm->platform)
		return true;
	const enum lb_status status = tpm_platform_close(tpm);

	if (status == LB_OK)
		lb_log(&ctx->log, "floors: TPM: platform hierarchy closed");
	else
		lb_log(&ctx->log,
		       "floors: TPM: platform hierarchy cannot be closed: %s (code 0x%x)",
		       tpm_why(tpm, status), tpm->code);
	return status == LB_OK;
}

void boot_floors_seal(struct boot_ctx *ctx)
{
	struct boot_floor_stores *s = &ctx->floor_stores;
	bool sealed = true;

	if (s->sealed || s->index[0].state == TPM_FLOOR_NO_TPM)
		return;
	for (enum tpm_floor_kind k = 0; k < TPM_FLOOR_KINDS; k++) {
		mend_index(ctx, k);
		sealed = lock_index(ctx, k) && sealed;
	}
	s->sealed = close_platform(ctx) && sealed;
}
