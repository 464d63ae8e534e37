/* What this run has read. */
#include "tools/lib/inputs.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "tools/lib/tool.h"

static struct input {
	dev_t device;
	ino_t inode;
	char *name;
} * inputs;
static size_t input_count;

static struct input *find(const struct stat *st)
{
	for (size_t i = 0; i < input_count; i++)
		if (inputs[i].device == st->st_dev && inputs[i].inode == st->st_ino)
			return &inputs[i];
	return NULL;
}

void tool_input_add(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || find(&st) != NULL)
		return;
	inputs = tool_realloc(inputs, (input_count + 1) * sizeof(*inputs));
	inputs[input_count++] = (struct input){ st.st_dev, st.st_ino, tool_strdup(path) };
}

void tool_input_replaceable(const char *path)
{
	struct stat st;
	struct input *input = stat(path, &st) == 0 ? find(&st) : NULL;

	if (input == NULL)
		return;
	free(input->name);
	*input = (struct input){ 0 };
}

bool tool_input_spared(const char *output)
{
	struct stat st;
	const struct input *input = stat(output, &st) == 0 ? find(&st) : NULL;

	return input == NULL ||
	       tool_error("%s: is the same file as %s, which is an input; choose another "
			  "name for the output",
			  output, input->name);
}
