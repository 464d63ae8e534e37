/* What the enrolment program says and asks. */
#include "boot/enroll/enroll.h"

#include <stdarg.h>
#include <string.h>

#include "base/format.h"
#include "crypto/digest.h"

#define SAY_BYTES   512u
#define ANSWER_MS   300000u /* nobody there: the machine goes on without keys */
#define READ_MS     30000u
#define POLL_MS     20u
#define WORD_CHARS  8u
#define GROUP_CHARS 4u
#define LINE_CHARS  32u

void enroll_say(struct uefi *u, const char *fmt, ...)
{
	char text[SAY_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)lb_vformat(text, sizeof text, fmt, args);
	va_end(args);
	uefi_show_text(u, text);
}

/* --- keys --------------------------------------------------------------------------- */

/* The next key, or false when nobody pressed one in time. */
static bool wait_key(struct uefi *u, uint32_t ms, struct platform_key *key)
{
	for (uint32_t waited = 0; waited < ms; waited += POLL_MS) {
		if (uefi_read_key(u, key) == LB_OK)
			return true;
		uefi_sleep_ms(u, POLL_MS);
	}
	return false;
}

static bool is_letter(const struct platform_key *key, char letter)
{
	return !key->ctrl && (key->unicode == (uint16_t)letter ||
			      key->unicode == (uint16_t)(letter - 'a' + 'A'));
}

/* True when @word, and Enter, was typed. Anything else leaves; so does silence. */
static bool asked_for(struct uefi *u, const char *word)
{
	struct platform_key key;

	enroll_say(u,
		   "\nTo go on, type %s and press Enter. Any other key leaves "
		   "everything as it is.\n",
		   word);
	for (const char *at = word; *at != '\0'; at++) {
		if (!wait_key(u, ANSWER_MS, &key) || !is_letter(&key, *at))
			return false;
		enroll_say(u, "%c", *at);
	}
	const bool entered = wait_key(u, ANSWER_MS, &key) && key.unicode == '\r';

	enroll_say(u, "\n");
	return entered;
}

static void pause_to_read(struct uefi *u)
{
	struct platform_key key;

	enroll_say(u, "Press a key.\n");
	(void)wait_key(u, READ_MS, &key); /* goes on by itself */
}

/* --- what is on the stick ----------------------------------------------------------- */

/* In groups, as people compare it; OpenSSL prints the same digest of a certificate. */
static void say_fingerprint(struct uefi *u, const struct enroll_key *key)
{
	uint8_t digest[CRYPTO_MAX_DIGEST_BYTES];
	char hex[2 * CRYPTO_SHA256_BYTES + 1];
	size_t bytes;
	const uint8_t *certificate = enroll_lists_first(key, &bytes);

	crypto_digest_once(CRYPTO_SHA256, certificate, bytes, digest);
	lb_format_hex(hex, digest, CRYPTO_SHA256_BYTES);
	for (size_t i = 0; i < 2 * CRYPTO_SHA256_BYTES; i += GROUP_CHARS) {
		if (i % LINE_CHARS == 0)
			enroll_say(u, "\n ");
		enroll_say(u, " %.*s", (int)GROUP_CHARS, hex + i);
	}
	enroll_say(u, "\n");
}

static void say_bundle(struct uefi *u, const struct enroll_bundle *bundle)
{
	enroll_say(u, "\nPlatform key (PK), SHA-256 of its certificate:");
	say_fingerprint(u, &bundle->key[ENROLL_PK]);
	enroll_say(u, "Exchange keys (KEK): %u. Trusted signers of programs (db): %u.\n",
		   (unsigned)bundle->key[ENROLL_KEK].count,
		   (unsigned)bundle->key[ENROLL_DB].count);
}

/* --- the states of a machine -------------------------------------------------------- */

static bool all_stored(const struct uefi *u, const struct enroll_bundle *bundle)
{
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++)
		if (!enroll_is_stored(u, i, &bundle->key[i]))
			return false;
	return true;
}

static void say_why_not(struct uefi *u, const struct enroll_bundle *bundle)
{
	if (enroll_mode(u) == ENROLL_MODE_UNKNOWN)
		enroll_say(u, "\nThis machine's firmware has no Secure Boot. Nothing was "
			      "changed.\n");
	else if (all_stored(u, bundle))
		enroll_say(u,
			   "\nThese keys are in this machine already; Secure Boot is "
			   "%s. Pull the stick out.\n",
			   uefi_variable_u8(u, L"SecureBoot", 0) == 1 ? "on" : "off");
	else
		enroll_say(
			u,
			"\nThis machine has a platform key already: it is not in Setup "
			"Mode. Nothing was changed.\n"
			"Clear the keys in the firmware's settings (\"Reset to Setup "
			"Mode\", \"Clear Secure\nBoot keys\"), and start this stick "
			"again.\n");
	pause_to_read(u);
}

/* The risk that makes a machine useless is asked for by another word. */
static bool confirmed(struct uefi *u, const struct enroll_bundle *bundle)
{
	const size_t roms = enroll_option_roms(u);
	const char *word = "enrol";

	if (roms > 0 && bundle->key[ENROLL_DB].count == 1) {
		enroll_say(u,
			   "db on this stick trusts nobody but the owner: the firmware "
			   "of these devices will\nnot start any more. A graphics card "
			   "may show no picture. To keep it, make the\nstick with "
			   "--add-db and the certificate of its maker.\n");
		word = "risk";
	} else if (roms > 0) {
		enroll_say(u, "They go on working if db on this stick trusts their "
			      "maker.\n");
	}
	return asked_for(u, word);
}

static bool write_all(struct uefi *u, const struct enroll_bundle *bundle)
{
	for (unsigned i = 0; i < ENROLL_VARIABLES; i++) {
		const enum lb_status status = enroll_write(u, i, &bundle->key[i]);

		enroll_say(u, "%s: %s\n", enroll_name(i),
			   status == LB_OK ? "stored" : lb_status_name(status));
		if (status != LB_OK)
			return false;
	}
	return enroll_mode(u) == ENROLL_MODE_USER;
}

bool enroll_run(struct uefi *u, const struct enroll_bundle *bundle)
{
	enroll_say(u, "\nLifeboat: keys for Secure Boot\n\n"
		      "This stick puts its owner's keys into this machine. From then on "
		      "the firmware\nstarts nothing but what was signed with them.\n");
	say_bundle(u, bundle);
	if (enroll_mode(u) != ENROLL_MODE_SETUP) {
		say_why_not(u, bundle);
		return false;
	}
	if (!confirmed(u, bundle)) {
		enroll_say(u, "\nNothing was changed.\n");
		return false;
	}
	if (!write_all(u, bundle)) {
		enroll_say(u, "\nThe firmware refused. The machine is %s.\n",
			   enroll_mode(u) == ENROLL_MODE_SETUP
				   ? "still in Setup Mode: nothing is enforced, and this "
				     "may be tried again"
				   : "no longer in Setup Mode: look at its settings");
		pause_to_read(u);
		return false;
	}
	enroll_say(u, "\nDone. Secure Boot is on from the next start. Pull the stick "
		      "out now.\n");
	pause_to_read(u);
	return true;
}
