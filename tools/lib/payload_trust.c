/* From options to a device that judges payloads. */
#include "tools/lib/payload_trust.h"

#include <stdio.h>
#include <string.h>

#include "crypto/profile.h"
#include "tools/lib/tool.h"

/* The model of the profile that was chosen. */
static void take_model(struct tool_payload_trust *t)
{
	struct profile profile;

	if (t->judge.profile == NULL)
		return;
	if (profile_select(t->judge.profile, t->judge.profile_bytes, &t->plat.machine,
			   &profile) != LB_OK &&
	    profile_get(t->judge.profile, t->judge.profile_bytes, 0, &profile) != LB_OK)
		return;
	snprintf(t->model_text, sizeof(t->model_text), "%.*s", (int)profile.model.len,
		 profile.model.data != NULL ? (const char *)profile.model.data : "");
	if (t->model == NULL && t->model_text[0] != '\0')
		t->device.model = t->model_text;
}

bool tool_payload_trust_load(struct tool_payload_trust *t)
{
	if (t->floor.value > UINT32_MAX || t->running.value > UINT32_MAX)
		return tool_error("--floor, --running: versions have 32 bits");
	t->options.floor = (uint32_t)t->floor.value;
	tool_platform_init(&t->plat);
	if (!tool_trust_load(&t->options, &t->plat, &t->judge, &t->trust))
		return false;
	if (t->judge.policy.key.data == NULL &&
	    t->judge.policy.mode != CRYPTO_MODE_DEVELOPER)
		return tool_error("whom to trust: --key, --profile or --loader, or "
				  "--mode developer");
	t->device = (struct update_device){
		.policy = t->judge.policy,
		.model = t->model,
		.hardware_id =
			t->hardware_id != NULL ? t->hardware_id : t->judge.hardware_id,
		.any_cpu = t->judge.any_cpu,
		.cpu = t->plat.machine.cpu,
		.running = (uint32_t)t->running.value,
	};
	take_model(t);
	return true;
}

void tool_payload_trust_free(struct tool_payload_trust *trust)
{
	tool_trust_free(&trust->trust);
	host_platform_close(&trust->plat);
}
