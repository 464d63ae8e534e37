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

/** boot_policy_make() - the verifier's policy for @mode. In recovery it is the recovery key,
 * always and only, and nothing of @state counts. */
struct crypto_policy boot_policy_make(enum crypto_mode mode,
				      const struct profile *profile,
				      const struct platform_state *state,
				      const struct platform_machine *machine,
				      const struct platform_floors *floors);

/** boot_policy_for_stick() - a developer's stick: self-signed images are looked at whether or
 * not their key is enrolled, and asked about before they start (boot_media_may_start). */
void boot_policy_for_stick(struct crypto_policy *policy);

#endif
