/* For whom a payload is judged on a host: the options that `payload verify` and `apply`
 * share. */
#ifndef LIFEBOAT_TOOLS_PAYLOAD_TRUST_H
#define LIFEBOAT_TOOLS_PAYLOAD_TRUST_H

#include "tools/lib/options.h"
#include "tools/lib/trust.h"
#include "update/statement.h"

struct tool_payload_trust {
	struct tool_trust_options options; /* as on the command line */
	struct tool_optional_number floor, running;
	const char *model, *hardware_id;
	/* what the device points into */
	struct host_platform plat;
	struct tool_judge judge;
	struct tool_trust trust;
	char model_text[256];
	struct update_device device;
};

/* The rows of an option table. */
/* clang-format off */
#define TOOL_PAYLOAD_TRUST_OPTIONS(t) \
	{ TOOL_OPTION_TEXT, 'k', "key", &(t).options.key, "K.vbpubk", \
	  "the device's kernel key" }, \
	{ TOOL_OPTION_TEXT, 'p', "profile", &(t).options.profile, "P", \
	  "the device's profile: key, model, hardware id" }, \
	{ TOOL_OPTION_TEXT, 'l', "loader", &(t).options.loader, "FILE", \
	  "a loader with the device's profile" }, \
	{ TOOL_OPTION_TEXT, 0, "board", &(t).options.board, "BOARD", \
	  "which of several profiles: vendor/product or compatible" }, \
	{ TOOL_OPTION_TEXT, 0, "model", &(t).model, "NAME", \
	  "the device's model (the profile's, or any)" }, \
	{ TOOL_OPTION_TEXT, 0, "hardware-id", &(t).hardware_id, "ID", \
	  "its hardware id (the profile's, or any)" }, \
	{ TOOL_OPTION_TEXT, 0, "mode", &(t).options.mode, "MODE", \
	  "normal (default) or developer" }, \
	{ TOOL_OPTION_TEXT, 0, "cpu", &(t).options.cpu, "CPU", \
	  "x86_64 or aarch64 (any)" }, \
	{ TOOL_OPTION_NUMBER, 0, "floor", &(t).floor, "N", \
	  "lowest combined version it accepts (0)" }, \
	{ TOOL_OPTION_NUMBER, 0, "running", &(t).running, "N", \
	  "combined version that runs on it, for what may only follow a newer one" }
/* clang-format on */

/** tool_payload_trust_load() - fills in device. Needs a key, a profile or a loader, or
 * developer mode. */
bool tool_payload_trust_load(struct tool_payload_trust *trust);
void tool_payload_trust_free(struct tool_payload_trust *trust);

#endif
