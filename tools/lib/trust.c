/* Whom to trust: key, profile or loader, and the mode. */
#include "tools/lib/trust.h"

#include <stdio.h>
#include <string.h>

#include "boot/judge/policy.h"
#include "crypto/profile.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/file.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/tool.h"

static bool parse_mode(const char *text, enum crypto_mode *out)
{
	*out = CRYPTO_MODE_NORMAL;
	for (int i = 0; text != NULL && i < CRYPTO_MODES; i++)
		if (strcmp(text, crypto_mode_name((enum crypto_mode)i)) == 0) {
			*out = (enum crypto_mode)i;
			return true;
		}
	return text == NULL ||
	       tool_error("'%s' is no mode: normal, developer or recovery", text);
}

/* "vendor/product" is SMBIOS, anything else a device tree's compatible. */
static bool set_board(struct platform_machine *machine, const char *board)
{
	const char *slash = board != NULL ? strchr(board, '/') : NULL;

	if (board == NULL)
		return true;
	if (strlen(board) >= PLATFORM_ID_BYTES)
		return tool_error("'%s' is too long for a board", board);
	if (slash != NULL) {
		snprintf(machine->vendor, PLATFORM_ID_BYTES, "%.*s", (int)(slash - board),
			 board);
		snprintf(machine->product, PLATFORM_ID_BYTES, "%s", slash + 1);
		return true;
	}
	snprintf(machine->compatible[0], PLATFORM_ID_BYTES, "%s", board);
	machine->compatible_count = 1;
	return true;
}

static bool set_cpu(struct platform_machine *machine, const char *cpu, bool *any_cpu)
{
	*any_cpu = cpu == NULL;
	if (cpu == NULL || strcmp(cpu, "x86_64") == 0)
		machine->cpu = PLATFORM_CPU_X86_64;
	else if (strcmp(cpu, "aarch64") == 0)
		machine->cpu = PLATFORM_CPU_AARCH64;
	else
		return tool_error("'%s' is no CPU: x86_64 or aarch64", cpu);
	return true;
}

static bool set_platform(struct platform_machine *machine, const char *platform,
			 bool *any_platform)
{
	*any_platform = platform == NULL;
	machine->uefi = platform == NULL || strcmp(platform, "uefi") == 0;
	return machine->uefi || strcmp(platform, "bare") == 0 ||
	       tool_error("'%s' is no platform: uefi or bare", platform);
}

/* The profile's bytes: a file of its own, or cut out of a loader. */
static bool load_profile_bytes(const struct tool_trust_options *o,
			       struct tool_buffer *out)
{
	struct tool_buffer file = { 0 };
	struct tool_loader loader;
	bool good;

	if (o->profile != NULL)
		return tool_read_file(o->profile, PROFILE_SECTION_BYTES, out);
	good = tool_read_file(o->loader, (size_t)64 << 20, &file) &&
	       tool_loader_find(&file, o->loader, &loader);
	if (good && loader.kind == TOOL_LOADER_NONE)
		good = tool_error("%s: not a lifeboat loader", o->loader);
	if (good)
		tool_buffer_append(out, file.data + loader.profile_offset,
				   loader.profile_bytes);
	tool_buffer_free(&file);
	return good;
}

static bool count_profiles(const struct tool_buffer *bytes, const char *name,
			   size_t *count)
{
	return profile_count(bytes->data, bytes->len, count, NULL) == LB_OK ||
	       tool_profile_refuse(name, 0, bytes->data, bytes->len);
}

static bool choose_profile(const struct tool_buffer *bytes, const char *name,
			   const struct platform_machine *machine, bool board_given,
			   struct profile *out)
{
	size_t count = 0;
	enum lb_status status;

	if (!count_profiles(bytes, name, &count))
		return false;
	status = profile_select(bytes->data, bytes->len, machine, out);
	if (status == LB_OK)
		return true;
	if (count == 1 && !board_given)
		return profile_get(bytes->data, bytes->len, 0, out) == LB_OK;
	return tool_error("%s: none of its %zu profiles is for this board; see --board",
			  name, count);
}

static bool use_profile(const struct profile *p, const char *name,
			const struct platform_machine *machine, struct tool_judge *judge)
{
	struct crypto_policy *policy = &judge->policy;
	const bool recovery = policy->mode == CRYPTO_MODE_RECOVERY;

	policy->key = recovery ? p->recovery_key : p->kernel_key;
	if (policy->key.data == NULL)
		return tool_error("%s: the profile has no %s", name,
				  recovery ? "recovery-key" : "kernel-key");
	if (policy->mode == CRYPTO_MODE_DEVELOPER &&
	    p->developer_mode == PROFILE_DEVELOPER_FORBIDDEN)
		return tool_error("%s: the profile forbids developer mode", name);
	policy->self_signed_allowed = policy->mode == CRYPTO_MODE_DEVELOPER &&
				      boot_self_signed_allowed(p, machine, 0);
	if (recovery && p->recovery_floor > policy->floor)
		policy->floor = p->recovery_floor;
	judge->order = p->slot_order;
	judge->generation = p->generation;
	judge->watchdog = p->watchdog_s != 0;
	snprintf(judge->hardware_id, sizeof(judge->hardware_id), "%.*s",
		 (int)p->hardware_id.len,
		 p->hardware_id.data != NULL ? (const char *)p->hardware_id.data : "");
	return true;
}

static bool load_key(const struct tool_trust_options *o, struct tool_judge *judge,
		     struct tool_trust *out)
{
	judge->policy.self_signed_allowed = judge->policy.mode == CRYPTO_MODE_DEVELOPER;
	if (o->key == NULL)
		return true;
	if (!tool_public_key_load(o->key, &out->key))
		return false;
	judge->policy.key = out->key.key;
	return true;
}

bool tool_trust_load(const struct tool_trust_options *o, struct host_platform *plat,
		     struct tool_judge *judge, struct tool_trust *out)
{
	struct profile profile;
	const char *name = o->profile != NULL ? o->profile : o->loader;

	*judge = (struct tool_judge){ .policy = { .floor = o->floor },
				      .seen_generation = o->generation };
	*out = (struct tool_trust){ 0 };
	if (!parse_mode(o->mode, &judge->policy.mode) ||
	    !set_board(&plat->machine, o->board) ||
	    !set_cpu(&plat->machine, o->cpu, &judge->any_cpu) ||
	    !set_platform(&plat->machine, o->platform, &judge->any_platform) ||
	    !tool_slot_order_parse(o->order, &judge->order))
		return false;
	const enum gpt_slot_order wanted = judge->order;

	plat->machine.secure_boot = o->secure_boot;
	if (name == NULL)
		return load_key(o, judge, out);
	if (!load_profile_bytes(o, &out->profile) ||
	    !choose_profile(&out->profile, name, &plat->machine, o->board != NULL,
			    &profile) ||
	    !use_profile(&profile, name, &plat->machine, judge))
		return false;
	if (o->order != NULL)
		judge->order = wanted;
	judge->profile = out->profile.data;
	judge->profile_bytes = out->profile.len;
	return true;
}

bool tool_trust_profiles(const struct tool_trust_options *o, size_t *count)
{
	const char *name = o->profile != NULL ? o->profile : o->loader;
	struct tool_buffer bytes = { 0 };

	*count = 0;
	const bool good =
		load_profile_bytes(o, &bytes) && count_profiles(&bytes, name, count);

	tool_buffer_free(&bytes);
	return good;
}

void tool_trust_free(struct tool_trust *trust)
{
	tool_public_key_free(&trust->key);
	tool_buffer_free(&trust->profile);
}
