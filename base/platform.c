/* The completeness check of a platform. */
#include "base/platform.h"

/* One that is added must be asked for here as well. */
_Static_assert(sizeof(struct platform) == sizeof(void *) + 31 * sizeof(void (*)(void)),
	       "a context, and the 31 pointers that platform_complete() asks for");

bool platform_complete(const struct platform *plat)
{
	return plat->list_disks != NULL && plat->connect_all != NULL &&
	       plat->read != NULL && plat->write != NULL && plat->flush != NULL &&
	       plat->alloc != NULL && plat->free != NULL && plat->clock_ms != NULL &&
	       plat->sleep_ms != NULL && plat->random != NULL && plat->read_key != NULL &&
	       plat->log != NULL && plat->show_text != NULL && plat->machine != NULL &&
	       plat->read_floors != NULL && plat->raise_floors != NULL &&
	       plat->hand_over != NULL && plat->open_display != NULL &&
	       plat->blit != NULL && plat->read_state != NULL &&
	       plat->write_state != NULL && plat->take_request != NULL &&
	       plat->tpm_submit != NULL && plat->measure != NULL &&
	       plat->watchdog_arm != NULL && plat->watchdog_died != NULL &&
	       plat->crash_dumps != NULL && plat->prepare_start != NULL &&
	       plat->discard_start != NULL && plat->start != NULL && plat->reset != NULL;
}
