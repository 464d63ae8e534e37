/* Would the loaders of an image take the kernels that are put beside them? */
#include "tools/lib/image_check.h"

#include <stdlib.h>

#include "boot/judge/slot_check.h"
#include "tools/lib/platform.h"
#include "tools/lib/tool.h"
#include "tools/lib/trust.h"

static void check(struct host_platform *plat, const struct crypto_policy *policy,
		  const struct tool_buffer *kernel, char letter)
{
	struct host_memory memory = { .data = kernel->data, .bytes = kernel->len };
	const struct lb_source source = host_memory_source(&memory);
	struct verified_kernel *verified;
	struct lb_verdict why;

	if (kernel->len == 0)
		return;
	if (boot_source_verify(&plat->platform, policy, &source, &verified, &why) ==
	    LB_REASON_OK)
		crypto_kernel_free(&plat->platform, verified);
	else
		tool_note("slot %c does not start in normal mode with this profile: "
			  "%s%s%s",
			  letter, lb_reason_text(why.reason),
			  why.detail[0] != '\0' ? ": " : "", why.detail);
}

bool tool_image_check(const struct tool_image_plan *plan,
		      const struct tool_buffer *const kernel[TOOL_IMAGE_SLOTS])
{
	const char *loader = plan->loaders.count > 0 ? plan->loaders.item[0].value : NULL;
	const struct tool_trust_options options = {
		.profile = plan->profile,
		.loader = plan->profile == NULL ? loader : NULL,
	};
	struct host_platform *plat;
	struct tool_trust trust;
	struct tool_judge judge;
	size_t profiles;

	if (options.profile == NULL && options.loader == NULL)
		return true;
	if (!tool_trust_profiles(&options, &profiles))
		return false;
	if (profiles != 1)
		return true;
	plat = tool_alloc(sizeof(*plat));
	tool_platform_init(plat);
	const bool good = tool_trust_load(&options, plat, &judge, &trust);

	for (size_t i = 0; good && i < TOOL_IMAGE_SLOTS; i++)
		check(plat, &judge.policy, kernel[i], (char)('A' + i));
	tool_trust_free(&trust);
	host_platform_close(plat);
	free(plat);
	return good;
}
