/* What the coming operating system is told.
 *
 * Design: DESIGN 8 "Variables". */
#include "boot/flow/flow.h"

#include <string.h>

#include "base/format.h"
#include "boot/judge/policy.h"
#include "boot/kernel/told_words.h"

/* Room for one more value, named; values are cut to LB_HANDOVER_VALUE_BYTES. */
static char *add(struct lb_handover *h, const char *name)
{
	_Static_assert(LB_HANDOVER_MAX >= LB_HANDOVER_NAMES, "room for every name");
	char *value = h->item[h->count].value;

	lb_format(h->item[h->count].name, LB_HANDOVER_NAME_BYTES, "%s", name);
	h->count++;
	return value;
}

/* Profile strings are UTF-8 and were checked when the profile was: no escaping here. */
static void add_bytes(struct lb_handover *h, const char *name,
		      const struct profile_bytes *bytes)
{
	char *value = add(h, name);
	const size_t len = bytes->len < LB_HANDOVER_VALUE_BYTES
				   ? bytes->len
				   : LB_HANDOVER_VALUE_BYTES - 1;

	if (bytes->data != NULL)
		memcpy(value, bytes->data, len);
	value[bytes->data != NULL ? len : 0] = '\0';
}

static void add_key_ids(struct lb_handover *h, const struct profile *profile)
{
	const struct crypto_key *const keys[] = { &profile->kernel_key,
						  &profile->recovery_key };
	char *value = add(h, "Keys");

	for (size_t i = 0; i < 2; i++) {
		uint8_t id[CRYPTO_KEY_ID_BYTES] = { 0 };

		if (keys[i]->data != NULL)
			crypto_key_id(keys[i], id);
		lb_format_hex(value, id, sizeof id);
		value += 2 * sizeof id;
		*value++ = i == 0 ? ' ' : '\0';
	}
}

/* The slots' disk: by the record that stands in its history when the system looks, and by
 * its path for a disk without one. In recovery and on a developer's stick it is the
 * device's own disk, and the record is there already when this boot has written any. */
static void add_disk(struct lb_handover *h, const struct boot_ctx *ctx)
{
	const struct boot_history *history = &ctx->history;
	const bool record = history->usable && !history->disk.read_only &&
			    (ctx->target.loaded || history->now.update > 0);
	char tag[2 * HISTORY_TAG_BYTES + 1];
	char *value = add(h, "Disk");

	lb_format_hex(tag, history->now.tag, sizeof history->now.tag);
	if (!history->looked)
		value[0] = '\0'; /* no disk with slots was seen */
	else if (record)
		lb_format(value, LB_HANDOVER_VALUE_BYTES, "%llu %s %s",
			  (unsigned long long)history->now.boot, tag, history->disk.path);
	else
		lb_format(value, LB_HANDOVER_VALUE_BYTES, "- - %s", history->disk.path);
}

/* What developer mode accepts now, whatever mode this start is in. */
static void add_developer(struct lb_handover *h, const struct boot_ctx *ctx)
{
	const size_t keys = ctx->stored.dev_key_count;
	char *value = add(h, "Developer");

	_Static_assert(PLATFORM_MAX_DEV_KEYS * (2 * PLATFORM_KEY_ID_BYTES + 1) <=
			       LB_HANDOVER_VALUE_BYTES,
		       "room for all keys");
	if (!ctx->developer ||
	    !boot_self_signed_allowed(&ctx->profile, ctx->machine, keys)) {
		lb_format(value, LB_HANDOVER_VALUE_BYTES, "off");
		return;
	}
	if (keys == 0)
		lb_format(value, LB_HANDOVER_VALUE_BYTES, "self-signed");
	for (size_t i = 0; i < keys && i < PLATFORM_MAX_DEV_KEYS; i++) {
		if (i > 0)
			*value++ = ' ';
		lb_format_hex(value, ctx->stored.dev_key[i], PLATFORM_KEY_ID_BYTES);
		value += (size_t)2 * PLATFORM_KEY_ID_BYTES;
	}
}

/* Slots only: media have none of these states. */
static const char *started_as(const struct boot_ctx *ctx)
{
	return ctx->target.loaded ? history_start_text((uint8_t)boot_started_as(ctx))
				  : "media";
}

/* What was refused in this boot before this start: the system is what can tell
 * somebody, of an update whose attempt cannot be stored, say. Slots of its own disk
 * only; those that were not tried stand in the table. */
static void add_refused(struct lb_handover *h, const struct boot_ctx *ctx)
{
	char *value = add(h, "Refused");
	size_t used = 0;

	for (size_t i = 0; i < ctx->finding_count && ctx->target.loaded; i++) {
		const struct boot_finding *f = &ctx->findings[i];
		const char *name = lb_reason_name(f->verdict.reason);

		if (f->slot == '\0' || strcmp(f->disk, ctx->target.disk.name) != 0 ||
		    f->verdict.reason == LB_REASON_SLOT_DEAD ||
		    f->verdict.reason == LB_REASON_SLOT_PRIORITY_ZERO ||
		    used + strlen(name) + 4 > LB_HANDOVER_VALUE_BYTES)
			continue;
		used += lb_format(value + used, LB_HANDOVER_VALUE_BYTES - used, "%s%c:%s",
				  used > 0 ? " " : "", f->slot, name);
	}
}

/* Who may answer: the recovery program asks as the loader does. */
static void add_input(struct lb_handover *h, const struct profile *profile)
{
	static const char *const keyboard[] = {
		[PROFILE_KEYBOARD_FULL] = "full",
		[PROFILE_KEYBOARD_RECOVERY] = "recovery",
		[PROFILE_KEYBOARD_NONE] = "none",
	};
	static const char *const serial[] = {
		[PROFILE_SERIAL_RECOVERY] = "recovery",
		[PROFILE_SERIAL_FULL] = "full",
		[PROFILE_SERIAL_NONE] = "none",
	};

	lb_format(add(h, "Input"), LB_HANDOVER_VALUE_BYTES, "%s %s",
		  keyboard[profile->keyboard_input], serial[profile->serial_input]);
}

/* What a loader that takes this one's place must not loosen. */
static void add_limits(struct lb_handover *h, const struct profile *profile)
{
	static const char *const modes[] = {
		[PROFILE_DEVELOPER_FORBIDDEN] = "forbidden",
		[PROFILE_DEVELOPER_ALLOWED] = "allowed",
		[PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT] = "allowed-secure-boot",
	};
	uint8_t sum[CRYPTO_MAX_DIGEST_BYTES];
	char ca[2 * CRYPTO_KEY_ID_BYTES + 1] = "-";

	if (profile->server_ca.data != NULL) {
		crypto_digest_once(CRYPTO_SHA256, profile->server_ca.data,
				   profile->server_ca.len, sum);
		lb_format_hex(ca, sum, CRYPTO_KEY_ID_BYTES);
	}
	lb_format(add(h, "Limits"), LB_HANDOVER_VALUE_BYTES, "%s %u %s",
		  modes[profile->developer_mode], profile->recovery_floor, ca);
}

void boot_handover_make(struct boot_ctx *ctx, char letter, const uint8_t guid[16])
{
	struct lb_handover *h = &ctx->handover;
	char text[LB_GUID_TEXT_BYTES];

	memset(h, 0, sizeof *h);
	add_bytes(h, "Model", &ctx->profile.model);
	add_bytes(h, "HardwareId", &ctx->profile.hardware_id);
	lb_format(add(h, "Mode"), LB_HANDOVER_VALUE_BYTES, "%s",
		  crypto_mode_name(ctx->policy.mode));
	lb_format_guid(text, guid);
	lb_format(add(h, "Slot"), LB_HANDOVER_VALUE_BYTES, "%c %s", letter, text);
	add_disk(h, ctx);
	add_developer(h, ctx);
	add_refused(h, ctx);
	lb_format(add(h, "Reason"), LB_HANDOVER_VALUE_BYTES, "%u",
		  ctx->policy.mode == CRYPTO_MODE_RECOVERY ? (unsigned int)ctx->reason
							   : 0);
	lb_format(add(h, "Floors"), LB_HANDOVER_VALUE_BYTES, "%u %u", ctx->floors.kernel,
		  ctx->floors.recovery);
	lb_format(add(h, "Generation"), LB_HANDOVER_VALUE_BYTES, "%u %u",
		  ctx->profile.generation, ctx->floors.loader);
	add_key_ids(h, &ctx->profile);
	lb_format(add(h, "Language"), LB_HANDOVER_VALUE_BYTES, "%s",
		  ctx->person.language);
	add_input(h, &ctx->profile);
	add_limits(h, &ctx->profile);
	add_bytes(h, "Server", &ctx->profile.update_server);
	lb_format(add(h, "WatchdogDied"), LB_HANDOVER_VALUE_BYTES, "%u",
		  ctx->watchdog_died ? 1 : 0);
	lb_format(add(h, "Start"), LB_HANDOVER_VALUE_BYTES, "%s", started_as(ctx));
	boot_past_words(ctx, add(h, "Behind"), LB_HANDOVER_VALUE_BYTES);
	lb_format(add(h, "Version"), LB_HANDOVER_VALUE_BYTES, "%s", ctx->config->version);
}

static const char *value_of(const struct lb_handover *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->item[i].name, name) == 0)
			return h->item[i].value;
	return NULL;
}

/* Variables first; what could not be told so is said on the command line. */
void boot_tell_os(struct boot_ctx *ctx)
{
	ctx->told_words[0] = '\0';
	for (size_t i = 0; i < LB_HANDOVER_NAMES; i++) {
		const char *name = lb_handover_names[i];
		const char *value = value_of(&ctx->handover, name);

		if (value == NULL)
			continue;
		const enum lb_status status =
			ctx->plat->hand_over(ctx->plat->ctx, name, value);

		if (status == LB_OK || value[0] == '\0')
			continue;
		const bool said = kernel_told_prepend(
			ctx->told_words, sizeof ctx->told_words, name, value);

		lb_log(&ctx->log, "hand-over: %s: %s%s", name, lb_status_name(status),
		       said ? ", said on the command line" : "");
	}
}
