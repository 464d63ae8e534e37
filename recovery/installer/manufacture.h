/* Manufacturing: devices that a signed file on the medium names are installed without a
 * question, and a report on each is left there.
 *
 * Design: DESIGN 12 "Recovery program". Format: docs/formats/manufacturing.md. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_MANUFACTURE_H
#define LIFEBOAT_RECOVERY_INSTALLER_MANUFACTURE_H

#include "recovery/installer/program.h"

#define MANUFACTURE_REPORT_BYTES 2048u

/** manufacture_look() - the medium's file, if there is one that counts for this device;
 * one that does not is a line of the log, and people are asked as ever. */
void manufacture_look(struct program *p);

/** manufacture_report() - on this device, as JSON: what was made of which parts, and how
 * it ended. Whoever posts reports takes it from here. */
void manufacture_report(const struct program *p, char out[MANUFACTURE_REPORT_BYTES]);

#endif
