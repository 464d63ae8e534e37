/* Does a command line check the root file system?
 *
 * Only what is certain counts: the root argument in force names a device that a table on
 * the same line makes, and every target of that device is verity; or there is a root hash
 * for systemd's initrd, and nothing names another root. Neither, when what does not match
 * its hash is only counted, and read all the same. */
#include "tools/lib/root_check.h"

#include <string.h>
#include <strings.h>

#include "boot/kernel/cmdline_args.h"

#define MAX_DEVICES    16u
#define ROOTHASH_CHARS 64u /* SHA-256 */

struct text {
	const char *at;
	size_t len;
};

/* A device that a table makes. */
struct device {
	struct text name;
	unsigned int minor; /* /dev/dm-MINOR */
	bool verity;        /* each of its targets is, and none goes on at errors */
	bool any;           /* it has targets */
};

struct devices {
	size_t count;
	struct device device[MAX_DEVICES];
};

/* What a line says. */
struct line {
	struct text root;
	struct devices made;
	struct text hash; /* of roothash=, at NULL: none */
	bool systemd_off; /* systemd's verity is switched off */
	bool goes_on;     /* and so it is when it does not mind errors */
};

/* --- pieces of a table -------------------------------------------------------------- */

static bool is_text(struct text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.at, word, t.len) == 0;
}

static struct text trimmed(struct text t)
{
	while (t.len > 0 && *t.at == ' ')
		t.at++, t.len--;
	while (t.len > 0 && t.at[t.len - 1] == ' ')
		t.len--;
	return t;
}

/* What stands before the next @mark, which *rest moves behind; all of it when there is
 * none. */
static struct text cut(struct text *rest, char mark)
{
	const char *found = rest->len > 0 ? memchr(rest->at, mark, rest->len) : NULL;
	const size_t len = found != NULL ? (size_t)(found - rest->at) : rest->len;
	const struct text first = { rest->at, len };
	const size_t used = found != NULL ? len + 1 : len;

	rest->at += used;
	rest->len -= used;
	return trimmed(first);
}

static bool is_number(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	return t.len > 0 && t.len < 10;
}

static unsigned int number_of(struct text t)
{
	unsigned int value = 0;

	for (size_t i = 0; i < t.len; i++)
		value = value * 10 + (unsigned int)(t.at[i] - '0');
	return value;
}

static struct device *new_device(struct devices *all)
{
	if (all->count == MAX_DEVICES)
		return NULL;
	struct device *d = &all->device[all->count];

	*d = (struct device){ .minor = (unsigned int)all->count, .verity = true };
	all->count++;
	return d;
}

/* Linux takes the words of a target in either case. */
static bool is_word(struct text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

/* What is not known among ChromeOS's error_behavior is not certain. */
static bool goes_on_at_errors(struct text option)
{
	static const char chromeos[] = "error_behavior=";
	const size_t len = sizeof(chromeos) - 1;

	if (option.len >= len && memcmp(option.at, chromeos, len) == 0) {
		const struct text how = { option.at + len, option.len - len };

		return !is_text(how, "eio") && !is_text(how, "panic") &&
		       !is_text(how, "notify");
	}
	return is_word(option, "ignore_corruption");
}

static bool is_strict_verity(struct text rest)
{
	bool strict = is_text(cut(&rest, ' '), "verity");

	while (rest.len > 0)
		strict = !goes_on_at_errors(cut(&rest, ' ')) && strict;
	return strict;
}

/* "START SECTORS TYPE ...": false when it is not of that form. */
static bool add_target(struct device *d, struct text target)
{
	struct text rest = trimmed(target);
	const struct text start = cut(&rest, ' ');
	const struct text sectors = cut(&rest, ' ');

	if (!is_number(start) || rest.len == 0 || sectors.len == 0)
		return false;
	d->verity = d->verity && is_strict_verity(rest);
	d->any = true;
	return true;
}

/* "NAME,UUID,MINOR,FLAGS,TARGET[,TARGET]...", devices behind ";". */
static void read_create(struct text value, struct devices *all)
{
	while (value.len > 0) {
		struct text rest = cut(&value, ';');
		struct device *d = new_device(all);

		if (d == NULL)
			return;
		d->name = cut(&rest, ',');
		(void)cut(&rest, ','); /* UUID */
		const struct text minor = cut(&rest, ',');

		if (is_number(minor))
			d->minor = number_of(minor);
		(void)cut(&rest, ','); /* ro or rw */
		while (rest.len > 0)
			if (!add_target(d, cut(&rest, ',')))
				d->verity = false;
	}
}

/* ChromeOS's dm=: "[COUNT] NAME UUID MODE [TARGETS],TARGET,...", the next device's head
 * after its targets. */
static void read_chromeos(struct text value, struct devices *all)
{
	struct device *d = NULL;

	while (value.len > 0) {
		const struct text piece = cut(&value, ',');
		struct text rest = piece;
		const struct text first = cut(&rest, ' ');
		struct text second = cut(&rest, ' ');

		if (d != NULL && is_number(first) && is_number(second)) {
			if (!add_target(d, piece))
				d->verity = false;
			continue;
		}
		d = new_device(all);
		if (d == NULL)
			return;
		d->name = is_number(first) ? second : first;
	}
}

/* --- the line ----------------------------------------------------------------------- */

static bool means_off(struct text value)
{
	return is_text(value, "0") || is_text(value, "no") || is_text(value, "off") ||
	       is_text(value, "false");
}

static bool ignores_corruption(struct text options)
{
	bool found = false;

	while (options.len > 0)
		found |= is_text(cut(&options, ','), "ignore-corruption");
	return found;
}

static void read_argument(const struct kernel_argument *a, struct line *out)
{
	const struct text value = { a->value, a->value != NULL ? a->value_len : 0 };

	if (kernel_argument_is(a, "root"))
		out->root = value; /* the last one counts */
	else if (kernel_argument_is(a, "dm-mod.create"))
		read_create(value, &out->made);
	else if (kernel_argument_is(a, "dm"))
		read_chromeos(value, &out->made);
	else if (kernel_argument_is(a, "roothash"))
		out->hash = value.at != NULL ? value : (struct text){ "", 0 };
	else if (kernel_argument_is(a, "systemd.verity") ||
		 kernel_argument_is(a, "rd.systemd.verity"))
		out->systemd_off = means_off(value);
	else if (kernel_argument_is(a, "systemd.verity_root_options"))
		out->goes_on = ignores_corruption(value);
}

static bool starts_with(struct text t, const char *prefix, struct text *rest)
{
	const size_t len = strlen(prefix);

	if (t.len < len || memcmp(t.at, prefix, len) != 0)
		return false;
	*rest = (struct text){ t.at + len, t.len - len };
	return true;
}

/* Does @root name a device of the line that is verity through and through? */
static bool names_verity(struct text root, const struct devices *made)
{
	struct text rest;

	for (size_t i = 0; i < made->count; i++) {
		const struct device *d = &made->device[i];
		bool named = false;

		if (starts_with(root, "/dev/dm-", &rest))
			named = is_number(rest) && number_of(rest) == d->minor;
		else if (starts_with(root, "/dev/mapper/", &rest))
			named = rest.len == d->name.len && rest.len > 0 &&
				memcmp(rest.at, d->name.at, rest.len) == 0;
		if (named)
			return d->any && d->verity;
	}
	return false;
}

/* systemd's initrd makes /dev/mapper/root by the hash, and takes it where nothing else is
 * named. */
static bool by_roothash(const struct line *line)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	if (line->hash.at == NULL || line->hash.len != ROOTHASH_CHARS ||
	    line->systemd_off || line->goes_on)
		return false;
	for (size_t i = 0; i < line->hash.len; i++)
		if (memchr(digits, line->hash.at[i], sizeof(digits) - 1) == NULL)
			return false;
	return line->root.len == 0 || is_text(line->root, "/dev/mapper/root");
}

enum tool_root tool_root_of(const char *cmdline)
{
	struct kernel_argument a;
	struct line line = { 0 };

	while (kernel_argument_next(&cmdline, &a))
		read_argument(&a, &line);
	if (by_roothash(&line) || names_verity(line.root, &line.made))
		return TOOL_ROOT_VERIFIED;
	return line.root.len > 0 || line.hash.at != NULL ? TOOL_ROOT_UNVERIFIED
							 : TOOL_ROOT_NONE;
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
