/* Kernel modules, loaded as devices appear: what udev and modprobe do elsewhere.
 *
 * /lib/modules of the image has, made by tools/recovery/make-image:
 *   NAME.ko   the modules            depends  "NAME NEEDED..." a line
 *   aliases   "PATTERN NAME" a line  screens  the same for drivers of displays */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_MODULES_H
#define LIFEBOAT_RECOVERY_INSTALLER_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#define MODULES_MAX_ALIASES 32768u
#define MODULES_MAX         1024u
#define MODULES_SEEN_MAX    2048u

struct modules_alias {
	const char *pattern, *name;
	size_t prefix; /* of the pattern: bytes up to its colon, which must be the same */
};

struct modules {
	int events; /* netlink; -1: none */
	char *aliases_text, *screens_text, *depends_text;
	struct modules_alias alias[MODULES_MAX_ALIASES];
	size_t alias_count;
	const char *depends[MODULES_MAX];
	size_t depends_count;
	bool loaded[MODULES_MAX];
	unsigned long seen[MODULES_SEEN_MAX]; /* hashes of aliases asked for before */
	size_t seen_count;
	size_t loaded_count;
	bool screens;
};

/** modules_open() - listen for events, then read the lists. Listening comes before
 * anything looks at what is there: a device that appears in between is never missed. */
bool modules_open(struct modules *m);

/** modules_load() - one by its name, with what it needs. True: it is there now. */
bool modules_load(struct modules *m, const char *name);

/** modules_coldplug() - modules for all devices that are there. */
void modules_coldplug(struct modules *m);

/** modules_poll() - modules for devices that appeared since. True: something changed. */
bool modules_poll(struct modules *m);

/** modules_screens() - from now on drivers of displays count, too. */
void modules_screens(struct modules *m);

#endif
