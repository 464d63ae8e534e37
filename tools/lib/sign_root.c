/* The root file system and the command line of what is signed. */
#include "tools/lib/sign_root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/lib/copy.h"
#include "tools/lib/file.h"
#include "tools/lib/inputs.h"
#include "tools/lib/tool.h"

bool tool_salt_parse(const char *hex, struct tool_buffer *out)
{
	const size_t digits = strlen(hex);

	if (strcmp(hex, "-") == 0)
		return true;
	if (digits % 2 != 0 || digits > 2 * TOOL_VERITY_MAX_SALT ||
	    strspn(hex, "0123456789abcdefABCDEF") != digits)
		return tool_error("salt '%s': not up to 256 bytes of hex digits", hex);
	for (size_t i = 0; i < digits; i += 2) {
		const char pair[3] = { hex[i], hex[i + 1], '\0' };

		*tool_buffer_grow(out, 1) = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

/* A copy of the image beside its final name; not yet there. */
static bool begin_copy(int fd, uint64_t bytes, const char *image, const char *output,
		       struct tool_root_output *out)
{
	out->in_place = output == image;
	if (!(out->in_place ? tool_output_begin_over
			    : tool_output_begin)(&out->file, output, 0644, HOST_REPLACE))
		return false;
	out->pending = true;
	/* Blocks of zeros are holes, also at the end. */
	return (ftruncate(out->file.fd, (off_t)bytes) == 0 ||
		tool_error("%s: %s", out->file.path, strerror(errno))) &&
	       tool_copy_sparse(fd, image, 0, bytes, out->file.fd, out->file.path, 0);
}

static bool copy_and_append(int fd, uint64_t bytes, const char *image, const char *output,
			    const char *salt, struct tool_verity *verity,
			    struct tool_root_output *out)
{
	struct tool_buffer salt_bytes = { 0 };
	const bool good =
		(salt == NULL || tool_salt_parse(salt, &salt_bytes)) &&
		begin_copy(fd, bytes, image, output != NULL ? output : image, out) &&
		tool_verity_append(out->file.fd, out->file.path, 0, bytes,
				   salt != NULL ? &salt_bytes : NULL, verity);

	tool_buffer_free(&salt_bytes);
	return good;
}

static bool begin_open(int fd, const char *image, const char *output, const char *salt,
		       struct tool_verity *verity, struct tool_root_output *out)
{
	uint64_t bytes;
	bool found;

	if (!tool_file_bytes(fd, image, &bytes) ||
	    !tool_verity_find(fd, image, 0, bytes, &found, verity))
		return false;
	if (!found)
		return copy_and_append(fd, bytes, image, output, salt, verity, out);
	if (salt != NULL)
		return tool_error(
			"%s: has a dm-verity tree already; --salt is for a new one",
			image);
	return tool_verity_check(fd, image, 0, verity) &&
	       (output == NULL || begin_copy(fd, bytes, image, output, out));
}

bool tool_root_begin(const char *image, const char *output, const char *salt,
		     struct tool_verity *verity, struct tool_root_output *out)
{
	const int fd = open(image, O_RDONLY | O_CLOEXEC);

	*out = (struct tool_root_output){ 0 };
	if (fd < 0)
		return tool_error("%s: %s", image, strerror(errno));
	tool_input_add(image);
	const bool good = begin_open(fd, image, output, salt, verity, out);

	close(fd);
	if (!good)
		tool_root_abort(out);
	return good;
}

bool tool_root_commit(struct tool_root_output *root)
{
	const bool pending = root->pending;

	root->pending = false;
	if (pending && root->in_place)
		tool_input_replaceable(
			root->file.path); /* the same root, with its tree */
	return !pending || tool_output_commit(&root->file);
}

void tool_root_abort(struct tool_root_output *root)
{
	if (root->pending)
		host_output_abort(&root->file);
	root->pending = false;
}

bool tool_root_prepare(const char *image, const char *output, const char *salt,
		       struct tool_verity *verity)
{
	struct tool_root_output root;

	return tool_root_begin(image, output, salt, verity, &root) &&
	       tool_root_commit(&root);
}

static bool user_text(const struct tool_sign_input *input, char **out)
{
	struct tool_buffer file = { 0 };

	if (input->config == NULL) {
		*out = tool_strdup(input->cmdline != NULL ? input->cmdline : "");
		return true;
	}
	if (!tool_read_file(input->config, 1u << 20, &file))
		return false;
	/* vbutil_kernel's own configuration pages come with their padding. */
	while (file.len > 0 && file.data[file.len - 1] == '\0')
		file.len--;
	const void *nul = file.len != 0 ? memchr(file.data, '\0', file.len) : NULL;

	if (nul != NULL) {
		tool_error("%s: offset %td: a NUL byte in the command line",
			   input->config, (const uint8_t *)nul - file.data);
		tool_buffer_free(&file);
		return false;
	}
	*(char *)tool_buffer_grow(&file, 1) = '\0';
	*out = (char *)file.data;
	return true;
}

static void cut_end(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\n", text[len - 1]) != NULL)
		text[--len] = '\0';
}

static char *join(char *first, char *second)
{
	char *text = second[0] != '\0' ? tool_format("%s %s", first, second)
				       : tool_strdup(first);

	free(first);
	free(second);
	return text;
}

/* A root= of the user's beside ours would win and undo the verification. */
static bool add_root(const struct tool_sign_root *root, char **text,
		     struct tool_root_output *made)
{
	struct tool_verity verity;

	if (tool_root_of(*text) != TOOL_ROOT_NONE)
		return tool_error(
			"command line: --root brings its own root=; leave it out");
	if (root->no_verity) {
		*text = join(tool_strdup("root=PARTUUID=%U/PARTNROFF=1 ro"), *text);
		return true;
	}
	if (!tool_root_begin(root->image, root->output, root->salt, &verity, made))
		return false;
	*text = join(tool_verity_cmdline(&verity), *text);
	return true;
}

enum tool_root tool_sign_root_of(const struct tool_sign_kernel *kernel,
				 const char *cmdline)
{
	if (cmdline[0] == '\0' && kernel->own_cmdline != NULL)
		return tool_root_of(kernel->own_cmdline);
	return tool_root_of(cmdline);
}

bool tool_sign_cmdline(const struct tool_sign_input *input,
		       const struct tool_sign_root *root,
		       const struct tool_sign_kernel *kernel, char **out,
		       struct tool_root_output *made)
{
	if (!user_text(input, out))
		return false;
	cut_end(*out);
	if (root->image != NULL && !add_root(root, out, made))
		return false;
	if ((*out)[0] != '\0' && kernel->own_cmdline != NULL &&
	    kernel->own_cmdline[0] != '\0')
		return tool_error(
			"%s: has its own .cmdline; --cmdline, --config and --root cannot "
			"be used with it",
			input->uki != NULL ? input->uki : input->kernel);
	if (tool_sign_root_of(kernel, *out) == TOOL_ROOT_UNVERIFIED && !root->no_verity)
		return tool_error("command line: root= names a root that nothing "
				  "verifies; use --root "
				  "IMG, or --no-verity if that is meant");
	return true;
}
