/* What is left behind for whoever helps: QR codes on the screen, a log on the stick. */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_REPORT_H
#define LIFEBOAT_RECOVERY_INSTALLER_REPORT_H

#include "recovery/installer/program.h"

#define REPORT_CODE_BYTES  214u /* what a QR code holds, and a NUL */
#define REPORT_MODEL_BYTES 33u
#define REPORT_KEPT        10u /* logs of a model on one stick */

/** report_tail() - the end of @text in as many whole lines as fit into @size, joined by
 * spaces, behind @before. Pure. */
void report_tail(const char *before, const char *text, char *out, size_t size);

/** report_model() - a model as a part of a file name. Pure. */
void report_model(const char *model, char out[REPORT_MODEL_BYTES]);

/** report_number() - of "lifeboat-log-MODEL-7.txt"; 0: it is none of @model's. Pure. */
uint32_t report_number(const char *file, const char *model);

/** report_panic() - the last panic of the system that broke, where pstore has one.
 * False: there is none. */
bool report_panic(struct program *p);

/** report_codes() - code, model and the last lines of the log for a phone, and the panic
 * in a second code, into the screen's state. */
void report_codes(struct program *p);

/** report_save() - the log, and the panic, as a new file on the stick; the oldest of more
 * than ten goes. Nothing depends on it. */
void report_save(struct program *p);

#endif
