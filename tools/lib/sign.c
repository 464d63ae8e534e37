/* Signing as a whole. */
#include "tools/lib/sign.h"

#include <stdlib.h>

#include "tools/lib/partition_make.h"
#include "tools/lib/sign_check.h"

/* Everything between input and output; freed together. */
struct job {
	const struct tool_sign *sign;
	struct tool_keyblock keyblock;
	struct tool_private_key key;
	struct tool_sign_kernel kernel;
	struct tool_body body;
};

static bool load_keys(struct job *job)
{
	const struct tool_sign *s = job->sign;

	return tool_keyblock_load(s->keyblock, &job->keyblock) &&
	       tool_private_key_open(s->data_key, s->signer,
				     &job->keyblock.parsed.data_key, &job->key) &&
	       tool_keyblock_belongs(&job->keyblock, s->keyblock, &job->key);
}

static bool make_partition(struct job *job, const char *name, struct tool_signed *out)
{
	const struct tool_sign *s = job->sign;

	job->kernel.parts.cmdline = out->cmdline;
	out->kind = job->kernel.kind;
	out->key_version = job->keyblock.parsed.data_key.version;
	out->root = tool_sign_root_of(&job->kernel, out->cmdline);
	out->has_initrd = s->input.initrd.count != 0 || s->input.kernel == NULL;
	return tool_body_make(&job->kernel.parts, &job->body) &&
	       tool_partition_make(&job->keyblock, &job->key, s->version, &job->body,
				   &out->partition) &&
	       tool_sign_check(&out->partition, &job->keyblock, s->key, &job->kernel,
			       name, &out->stands);
}

bool tool_sign_make(const struct tool_sign *sign, const char *name,
		    struct tool_signed *out)
{
	struct job job = { .sign = sign };

	*out = (struct tool_signed){ 0 };
	const bool good = load_keys(&job) &&
			  tool_sign_kernel_load(&sign->input, &job.kernel) &&
			  tool_sign_cmdline(&sign->input, &sign->root, &job.kernel,
					    &out->cmdline, &out->root_image) &&
			  make_partition(&job, name, out);

	tool_keyblock_free(&job.keyblock);
	tool_private_key_free(&job.key);
	tool_sign_kernel_free(&job.kernel);
	tool_body_free(&job.body);
	if (!good)
		tool_signed_free(out);
	return good;
}

void tool_signed_free(struct tool_signed *made)
{
	tool_buffer_free(&made->partition);
	tool_root_abort(&made->root_image);
	free(made->cmdline);
	*made = (struct tool_signed){ 0 };
}
