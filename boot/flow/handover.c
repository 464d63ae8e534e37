/* What the coming operating system is told.
 *
 * Design: DESIGN 8 "Variables". */
#include "boot/flow/flow.h"

#include <string.h>

#include "base/format.h"

/* Room for one more value, named; values are cut to LB_HANDOVER_VALUE_BYTES. */
static char *add(struct lb_handover *h, const char *name)
{
	_Static_assert(LB_HANDOVER_MAX >= 11, "room for every name of DESIGN 8");
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
	lb_format(add(h, "WatchdogDied"), LB_HANDOVER_VALUE_BYTES, "%u",
		  ctx->watchdog_died ? 1 : 0);
	lb_format(add(h, "Version"), LB_HANDOVER_VALUE_BYTES, "%s", ctx->config->version);
}
