/* Modes to policies. */
#include "boot/judge/policy.h"

#include <string.h>

_Static_assert(CRYPTO_MAX_DEV_KEYS == PLATFORM_MAX_DEV_KEYS &&
		       CRYPTO_KEY_ID_BYTES == PLATFORM_KEY_ID_BYTES,
	       "stored keys are the verifier's keys");

bool boot_developer_allowed(const struct profile *profile)
{
	return profile->developer_mode == PROFILE_DEVELOPER_ALLOWED ||
	       profile->developer_mode == PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT;
}

bool boot_self_signed_allowed(const struct profile *profile,
			      const struct platform_machine *machine,
			      size_t enrolled_keys)
{
	if (profile->developer_mode == PROFILE_DEVELOPER_ALLOWED_SECURE_BOOT)
		return true;
	return profile->developer_mode == PROFILE_DEVELOPER_ALLOWED &&
	       (!machine->secure_boot || enrolled_keys > 0);
}

bool boot_generation_counts(const struct profile *profile,
			    const struct platform_floors *floors)
{
	return profile->generation >= floors->loader;
}

struct crypto_policy boot_policy_make(enum crypto_mode mode,
				      const struct profile *profile,
				      const struct platform_state *state,
				      const struct platform_machine *machine,
				      const struct platform_floors *floors)
{
	struct crypto_policy policy = { .mode = mode };

	policy.key = mode == CRYPTO_MODE_RECOVERY ? profile->recovery_key
						  : profile->kernel_key;
	policy.floor = mode == CRYPTO_MODE_RECOVERY ? floors->recovery : floors->kernel;
	if (mode != CRYPTO_MODE_DEVELOPER)
		return policy;
	policy.self_signed_allowed =
		boot_self_signed_allowed(profile, machine, state->dev_key_count);
	policy.dev_key_count = state->dev_key_count < CRYPTO_MAX_DEV_KEYS
				       ? state->dev_key_count
				       : CRYPTO_MAX_DEV_KEYS;
	memcpy(policy.dev_key_id, state->dev_key, sizeof policy.dev_key_id);
	return policy;
}

void boot_policy_for_stick(struct crypto_policy *policy)
{
	policy->self_signed_allowed = true;
	policy->dev_key_count = 0;
}

void boot_policy_for_stick_start(struct crypto_policy *policy,
				 const struct boot_consent *consent)
{
	if (policy->dev_key_count > 0)
		return; /* theirs only, and nobody is asked */
	policy->self_signed_allowed = policy->self_signed_allowed && consent->given;
	policy->dev_key_count = 1;
	memcpy(policy->dev_key_id[0], consent->key_id, sizeof consent->key_id);
}

enum boot_signer boot_signer_of(const struct crypto_headers *headers,
				const struct platform_state *state)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];

	if (!headers->self_signed)
		return BOOT_SIGNER_OFFICIAL;
	crypto_key_id(&headers->keyblock.data_key, id);
	for (size_t i = 0; i < state->dev_key_count && i < PLATFORM_MAX_DEV_KEYS; i++)
		if (memcmp(state->dev_key[i], id, sizeof id) == 0)
			return BOOT_SIGNER_ENROLLED;
	return BOOT_SIGNER_SELF;
}

const char *boot_signer_name(enum boot_signer signer)
{
	switch (signer) {
	case BOOT_SIGNER_OFFICIAL:
		return "the official key";
	case BOOT_SIGNER_ENROLLED:
		return "an enrolled key";
	default:
		return "itself";
	}
}
