/* Who may have signed what, in which mode: from profile, stored state and machine to the
 * policy that the verifier obeys. Pure.
 *
 * Design: DESIGN 5 "Modes". Table test: tests/unit/policy_test.c. */
#ifndef LIFEBOAT_BOOT_JUDGE_POLICY_H
#define LIFEBOAT_BOOT_JUDGE_POLICY_H

#include <stdbool.h>

#include "base/platform.h"
#include "crypto/kernel_verify.h"
#include "crypto/profile.h"

/** boot_developer_allowed() - may this device be in developer mode at all? */
bool boot_developer_allowed(const struct profile *profile);

/**
 * boot_self_signed_allowed() - may hash-only keyblocks start in developer mode?
 *
 * Under enforcing Secure Boot only with developer-mode = allowed-secure-boot, or, with
 * `allowed`, when a key is enrolled (then only that key's).
 */
bool boot_self_signed_allowed(const struct profile *profile,
			      const struct platform_machine *machine,
			      size_t enrolled_keys);

/** boot_generation_counts() - this loader is not older than one that the device has
 * started its system with; an older one starts nothing but recovery. */
bool boot_generation_counts(const struct profile *profile,
			    const struct platform_floors *floors);

/** boot_policy_make() - the verifier's policy for @mode. In recovery it is the recovery
 * key, always and only, and nothing of @state counts. */
struct crypto_policy boot_policy_make(enum crypto_mode mode,
				      const struct profile *profile,
				      const struct platform_state *state,
				      const struct platform_machine *machine,
				      const struct platform_floors *floors);

/** boot_policy_for_stick() - looking at a developer's stick: self-signed images are taken
 * whether or not their key is enrolled, so that they can be asked about. Never the policy
 * that something starts under: boot_policy_for_stick_start(). */
void boot_policy_for_stick(struct crypto_policy *policy);

/* A person's "start it once", for images of one data key in this boot. */
struct boot_consent {
	bool given;
	uint8_t key_id[CRYPTO_KEY_ID_BYTES];
};

/**
 * boot_policy_for_stick_start() - what may start from a developer's stick: official
 * images, images of enrolled keys, and those of the one key that was consented to, where
 * no key is enrolled and hash-only images may start at all.
 * @policy: as boot_policy_make() makes it for developer mode
 */
void boot_policy_for_stick_start(struct crypto_policy *policy,
				 const struct boot_consent *consent);

enum boot_signer {
	BOOT_SIGNER_OFFICIAL,
	BOOT_SIGNER_ENROLLED, /* self-signed, and its data key is enrolled */
	BOOT_SIGNER_SELF,
};

/** boot_signer_of() - by verified headers, and only by them. */
enum boot_signer boot_signer_of(const struct crypto_headers *headers,
				const struct platform_state *state);

/** boot_signer_name() - for the log: "the official key", ... */
const char *boot_signer_name(enum boot_signer signer);

#endif
