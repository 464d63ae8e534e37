/* What may start, written a second time. */
#include "tests/host/flow_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key.h"
#include "tests/host/flow_machine.h"

#define FLAGS_DEV_ONLY 22u /* not DEV0; DEV1, REC0, MINIOS0 */

const struct rig_image flow_images[FLOW_IMAGES] = {
	[FLOW_OFFICIAL] = { 'o', 3, RIG_BY_KERNEL_KEY, 0, NULL, false },
	[FLOW_OFFICIAL_TOO] = { 'p', 3, RIG_BY_KERNEL_KEY, 0, NULL, false },
	[FLOW_OLD] = { 'q', 1, RIG_BY_KERNEL_KEY, 0, NULL, false },
	[FLOW_DEV_ONLY] = { 'v', 3, RIG_BY_KERNEL_KEY, FLAGS_DEV_ONLY, NULL, false },
	[FLOW_RECOVERY] = { 'r', 3, RIG_BY_RECOVERY_KEY, 0, NULL, false },
	[FLOW_RECOVERY_OLD] = { 's', 1, RIG_BY_RECOVERY_KEY, 0, NULL, false },
	[FLOW_OWN] = { 'w', 3, RIG_BY_DEVELOPER, 0, NULL, false },
	[FLOW_STRANGERS] = { 'x', 3, RIG_BY_STRANGER, 0, NULL, false },
};

static void key_id(const struct test_key *key, uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	struct crypto_key parsed;

	if (crypto_key_parse(key->packed, key->packed_bytes, 0, &parsed) != LB_OK)
		abort();
	crypto_key_id(&parsed, id);
}

void flow_oracle_trust(struct boot_rig *rig)
{
	struct platform_state *s = &rig->host.state;

	key_id(&rig->keys->developer, s->dev_key[s->dev_key_count++]);
}

static const struct rig_image *image_of(int mark)
{
	for (size_t i = 0; i < FLOW_IMAGES; i++)
		if (flow_images[i].mark == mark)
			return &flow_images[i];
	return NULL;
}

/* Of the data key of what nobody official signed. */
static bool enrolled(const struct boot_rig *rig, const struct rig_image *image,
		     const struct platform_state *state)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];

	key_id(image->signer == RIG_BY_DEVELOPER ? &rig->keys->developer
						 : &rig->keys->data,
	       id);
	for (size_t i = 0; i < state->dev_key_count; i++)
		if (memcmp(state->dev_key[i], id, sizeof id) == 0)
			return true;
	return false;
}

static const char *self_signed_wrong(const struct boot_rig *rig,
				     const struct rig_image *image,
				     const struct platform_state *before, bool answered)
{
	const bool stick = flow_told(rig, "Slot")[0] == 'U';

	if (enrolled(rig, image, before))
		return NULL;
	if (stick && !answered)
		return "self-signed, and nobody was asked";
	if (stick && enrolled(rig, image, &rig->host.state))
		return NULL; /* since then */
	if (before->dev_key_count > 0)
		return "self-signed, and another key is enrolled";
	if (rig->host.machine.secure_boot &&
	    rig->developer != PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT)
		return "self-signed under Secure Boot";
	return NULL;
}

static const char *developer_wrong(const struct boot_rig *rig,
				   const struct rig_image *image,
				   const struct platform_state *before, bool answered)
{
	if (rig->developer == PROFILE_DEVELOPER_FORBIDDEN)
		return "developer mode is forbidden";
	if (!before->developer)
		return "developer mode was off";
	if (image->signer == RIG_BY_KERNEL_KEY)
		return image->version < 2 ? "official, and too old" : NULL;
	return self_signed_wrong(rig, image, before, answered);
}

static const char *signed_wrong(const struct rig_image *image, enum rig_signer by)
{
	if (image->signer != by)
		return "signed with another key";
	if (image->flags != 0)
		return "signed for another mode";
	return image->version < 2 ? "too old" : NULL;
}

/* The last announcement in the log is about what started. */
static bool announced(const struct boot_rig *rig, const struct rig_image *image,
		      const struct platform_state *before)
{
	const char *at = rig->host.log, *last = NULL;
	const bool official = image->signer == RIG_BY_KERNEL_KEY ||
			      (image->signer == RIG_BY_RECOVERY_KEY &&
			       strcmp(flow_told(rig, "Mode"), "recovery") == 0);
	char want[80];

	while ((at = strstr(at, "verified, version ")) != NULL)
		last = at++;
	snprintf(want, sizeof want, "verified, version 1.%u, signed by %s\n",
		 image->version,
		 official                       ? "the official key"
		 : enrolled(rig, image, before) ? "an enrolled key"
						: "itself");
	return last != NULL && strncmp(last, want, strlen(want)) == 0;
}

const char *flow_oracle_wrong(const struct boot_rig *rig,
			      const struct platform_state *before, bool answered)
{
	const struct rig_image *image = image_of(rig->started);
	const char *mode = flow_told(rig, "Mode"), *wrong;

	if (rig->started == RIG_NOTHING)
		return NULL;
	if (image == NULL)
		return "no image of ours";
	if (strcmp(mode, "normal") == 0)
		wrong = signed_wrong(image, RIG_BY_KERNEL_KEY);
	else if (strcmp(mode, "recovery") == 0)
		wrong = signed_wrong(image, RIG_BY_RECOVERY_KEY);
	else
		wrong = developer_wrong(rig, image, before, answered);
	if (wrong == NULL && !announced(rig, image, before))
		wrong = "not what was announced";
	return wrong;
}
