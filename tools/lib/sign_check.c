/* Before a signed kernel is written: would the loader start it? */
#include "tools/lib/sign_check.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/judge.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

/* The mode a keyblock is made for; what is judged is everything else. */
static enum crypto_mode mode_for(const struct tool_keyblock *keyblock)
{
	return crypto_flags_allowed(CRYPTO_MODE_NORMAL, keyblock->parsed.flags)
		       ? CRYPTO_MODE_NORMAL
		       : CRYPTO_MODE_RECOVERY;
}

static bool check_for(struct host_platform *plat, const struct tool_judge *judge,
		      const struct tool_buffer *partition, const char *name,
		      const char *board, bool *restarts)
{
	static const uint8_t no_guid[16];
	struct host_memory memory = { .data = partition->data, .bytes = partition->len };
	const struct lb_source source = host_memory_source(&memory);
	struct tool_judgement j;

	tool_judge_source(plat, judge, &source, no_guid, &j);
	if (j.verdict.reason == LB_REASON_OK) {
		*restarts &= j.restarts;
		return true;
	}
	return tool_refuse("%s: not written, the loader would refuse it%s%s: %s%s%s",
			   name, board != NULL ? " on " : "", board != NULL ? board : "",
			   lb_reason_text(j.verdict.reason),
			   j.verdict.detail[0] != '\0' ? ": " : "", j.verdict.detail);
}

/* A FIT is judged once for each board that one of its configurations names. */
static bool check_boards(struct host_platform *plat, const struct tool_judge *judge,
			 const struct tool_buffer *partition,
			 const struct tool_sign_kernel *kernel, const char *name,
			 bool *restarts)
{
	const void *fit = kernel->bytes.data;
	const int configurations = fdt_path_offset(fit, "/configurations");
	int node = configurations < 0 ? -1 : fdt_first_subnode(fit, configurations);
	size_t boards = 0;

	for (; node >= 0; node = fdt_next_subnode(fit, node)) {
		const char *board = fdt_stringlist_get(fit, node, "compatible", 0, NULL);

		if (board == NULL)
			continue;
		boards++;
		plat->machine.compatible_count = 1;
		snprintf(plat->machine.compatible[0], PLATFORM_ID_BYTES, "%s", board);
		if (!check_for(plat, judge, partition, name, board, restarts))
			return false;
	}
	return boards != 0 || check_for(plat, judge, partition, name, NULL, restarts);
}

bool tool_sign_check(const struct tool_buffer *partition,
		     const struct tool_keyblock *keyblock, const char *key,
		     const struct tool_sign_kernel *kernel, const char *name,
		     bool *stands)
{
	struct tool_judge judge = {
		.policy = { .mode = CRYPTO_MODE_DEVELOPER, .self_signed_allowed = true },
		.any_platform = true,
	};
	struct tool_public_key device_key = { 0 };
	struct host_platform *plat = tool_alloc(sizeof(*plat));
	bool restarts = true;

	tool_platform_init(plat);
	plat->machine.cpu = kernel->cpu;
	bool good = key == NULL || tool_public_key_load(key, &device_key);

	if (good && key != NULL)
		judge.policy = (struct crypto_policy){ .mode = mode_for(keyblock),
						       .key = device_key.key };
	if (good)
		good = kernel->kind == KERNEL_KIND_FIT
			       ? check_boards(plat, &judge, partition, kernel, name,
					      &restarts)
			       : check_for(plat, &judge, partition, name, NULL,
					   &restarts);
	*stands = good && !restarts && mode_for(keyblock) == CRYPTO_MODE_NORMAL;
	tool_public_key_free(&device_key);
	host_platform_close(plat);
	free(plat);
	return good;
}

void tool_sign_note(const char *name, bool stands)
{
	if (stands)
		tool_note("%s: no panic= on its command line: after a panic it stands "
			  "still, and no other slot starts, unless the profile sets "
			  "watchdog-s",
			  name);
}
