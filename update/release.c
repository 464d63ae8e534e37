/* Looking things up in a release. */
#include "update/release.h"

#include <string.h>

const struct update_content *update_release_content(const struct update_release *release,
						    const char *name)
{
	for (size_t i = 0; i < release->content_count; i++)
		if (strcmp(release->content[i].name, name) == 0)
			return &release->content[i];
	return NULL;
}
