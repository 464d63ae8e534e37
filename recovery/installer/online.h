/* Payloads from a server, where no medium has one: links, the clock, the server's list,
 * and files of it as sources of bytes.
 *
 * Server, TLS and network file are never trusted with contents: what comes is judged as a
 * stick's is. Design: DESIGN 12 "Recovery program"; docs/recovery-system.md "Network". */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_ONLINE_H
#define LIFEBOAT_RECOVERY_INSTALLER_ONLINE_H

#include "base/source.h"
#include "recovery/installer/program.h"

/** online_settings() - what the medium and the loader say about a server. A network file
 * that is malformed is said and left. */
void online_settings(struct program *p);

/**
 * online_choose() - ask the server until it has a payload that this device may have, and
 * leave it open for choose_close(). Every failure is shown with its reason and tried
 * again: when a cable or an address comes, else after a while.
 *
 * False: no server is known (p->failure stays what it was), or the medium was pulled.
 */
bool online_choose(struct program *p);

/** online_open() - the server's file number @index as a source; online_close() lets go.
 */
bool online_open(struct program *p, size_t index, struct lb_source *out,
		 const char **why);
void online_close(struct program *p, struct lb_source *source);

/** online_idle() - look after links; often, and returns at once. */
void online_idle(struct program *p);

#endif
