/* The running slot, of a disk by its path. */
#include "tools/lib/running_on.h"

#include <string.h>
#include <sys/stat.h>

#include "host/handover.h"
#include "tools/lib/running.h"

static bool said(const char *root, const char *name, const char *prefix)
{
	struct host_error places;
	struct host_fact fact;

	if (host_handover_read(root, name, NULL, &fact, &places) != LB_OK)
		return false;
	const bool is = strncmp(fact.text, prefix, strlen(prefix)) == 0;

	host_fact_free(&fact);
	return is;
}

static bool same_disk(const struct stat *a, const char *path)
{
	struct stat b;

	if (stat(path, &b) != 0 || S_ISBLK(a->st_mode) != S_ISBLK(b.st_mode))
		return false;
	return S_ISBLK(a->st_mode) ? a->st_rdev == b.st_rdev
				   : a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

bool tool_running_on(const char *root, const char *disk, char *letter)
{
	const char *top = root != NULL ? root : "";
	struct tool_running running;
	struct stat at;

	*letter = '\0';
	if (stat(disk, &at) != 0 || (root == NULL && !S_ISBLK(at.st_mode)))
		return true; /* what is not there is refused by whoever opens it */
	if (!said(top, "Slot", "") || said(top, "Mode", "recovery"))
		return true;
	if (!tool_running_find(root, &running))
		return false;
	if (same_disk(&at, running.disk))
		*letter = running.letter;
	tool_running_free(&running);
	return true;
}
