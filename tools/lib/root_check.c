/* Does a command line check the root file system? */
#include "tools/lib/root_check.h"

#include <string.h>

struct argument {
	const char *at;
	size_t len;
};

/* The next argument as Linux splits them: blanks outside double quotes. */
static bool next_argument(const char **text, struct argument *out)
{
	const char *c = *text;
	bool quoted = false;

	while (*c == ' ' || *c == '\t' || *c == '\n')
		c++;
	out->at = c;
	for (; *c != '\0'; c++) {
		if (*c == '"')
			quoted = !quoted;
		else if (!quoted && (*c == ' ' || *c == '\t' || *c == '\n'))
			break;
	}
	out->len = (size_t)(c - out->at);
	*text = c;
	return out->len != 0;
}

static bool has_prefix(const struct argument *a, const char *prefix)
{
	const size_t len = strlen(prefix);

	return a->len >= len && memcmp(a->at, prefix, len) == 0;
}

static bool contains(const struct argument *a, const char *word)
{
	return memmem(a->at, a->len, word, strlen(word)) != NULL;
}

/* Our own table, ChromeOS's dm=, and what systemd's initrd takes. */
static bool is_verity(const struct argument *a)
{
	return (has_prefix(a, "dm-mod.create=") && contains(a, " verity ")) ||
	       (has_prefix(a, "dm=") && contains(a, " verity ")) ||
	       has_prefix(a, "roothash=");
}

enum tool_root tool_root_of(const char *cmdline)
{
	bool verity = false, root = false, mapped = false;
	struct argument a;

	while (next_argument(&cmdline, &a)) {
		if (a.len == 2 && memcmp(a.at, "--", 2) == 0)
			break; /* what follows is for init */
		if (is_verity(&a))
			verity = true;
		if (has_prefix(&a, "root=")) { /* the last one counts */
			root = true;
			mapped = has_prefix(&a, "root=/dev/dm-") ||
				 has_prefix(&a, "root=/dev/mapper/");
		}
	}
	if (verity && (!root || mapped))
		return TOOL_ROOT_VERIFIED;
	return root ? TOOL_ROOT_UNVERIFIED : TOOL_ROOT_NONE;
}

const char *tool_root_words(enum tool_root root)
{
	switch (root) {
	case TOOL_ROOT_VERIFIED:
		return "verified (dm-verity)";
	case TOOL_ROOT_UNVERIFIED:
		return "NOT verified";
	case TOOL_ROOT_NONE:
		break;
	}
	return "none (in the initrd)";
}
