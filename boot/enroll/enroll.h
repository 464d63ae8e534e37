/* The enrolment program: puts an owner's Secure Boot keys into a machine that is in Setup
 * Mode, once a person has confirmed it. A program of its own, beside the loader and not
 * part of it; it starts nothing.
 *
 * Design: docs/secure-boot.md. */
#ifndef LIFEBOAT_BOOT_ENROLL_ENROLL_H
#define LIFEBOAT_BOOT_ENROLL_ENROLL_H

#include "boot/enroll/bundle.h"
#include "boot/uefi/uefi.h"

enum enroll_mode {
	ENROLL_MODE_UNKNOWN, /* the firmware has no Secure Boot */
	ENROLL_MODE_SETUP,   /* anybody may write the first keys */
	ENROLL_MODE_USER,    /* there is a platform key */
};

/** enroll_mode() - what the firmware says of itself. */
enum enroll_mode enroll_mode(const struct uefi *u);

/** enroll_name() - "db", "KEK", "PK". */
const char *enroll_name(enum enroll_variable which);

/** enroll_is_stored() - true when the variable holds exactly these signature lists. */
bool enroll_is_stored(const struct uefi *u, enum enroll_variable which,
		      const struct enroll_key *key);

/** enroll_write() - store one variable, and read it back. */
enum lb_status enroll_write(const struct uefi *u, enum enroll_variable which,
			    const struct enroll_key *key);

/** enroll_option_roms() - say which devices bring firmware of their own, which Secure
 * Boot will check; gives how many there are. */
size_t enroll_option_roms(struct uefi *u);

/** enroll_say() - text for the person, formatted by lb_format(). */
void enroll_say(struct uefi *u, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** enroll_run() - the whole dialogue. True: the keys are in, and the machine is to
 * restart. */
bool enroll_run(struct uefi *u, const struct enroll_bundle *bundle);

#endif
