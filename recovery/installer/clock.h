/* The clock, which may be years behind, and by which certificates are judged: it moves
 * forward only, to what is certain.
 *
 * Design: DESIGN 12 "The clock". */
#ifndef LIFEBOAT_RECOVERY_INSTALLER_CLOCK_H
#define LIFEBOAT_RECOVERY_INSTALLER_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** clock_built() - when the recovery image was made; 0: it does not say. */
int64_t clock_built(void);

/** clock_forward() - to @when, seconds since 1970, if that is later than now and
 * clock_believable(). True: it was moved. @text: for a log. */
bool clock_forward(int64_t when, char *text, size_t size);

/** clock_believable() - not longer after @built than any certificate lasts. Pure. */
bool clock_believable(int64_t when, int64_t built);

#endif
