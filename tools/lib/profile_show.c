/* Device profiles as names and values: the ini file's names. */
#include <stdlib.h>

#include "crypto/profile.h"
#include "tools/lib/algorithm.h"
#include "tools/lib/json_out.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

static void set_text(json_t *object, const char *name, const struct profile_bytes *b)
{
	if (b->data == NULL)
		return;
	char *text = tool_format("%.*s", (int)b->len, (const char *)b->data);

	tool_json_text(object, name, text);
	free(text);
}

static void set_list(json_t *object, const char *name, const struct profile_bytes *list,
		     size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		char *text =
			tool_format("%.*s", (int)list[i].len, (const char *)list[i].data);

		tool_json_append(array, tool_json_string(text));
		free(text);
	}
	tool_json_set(object, name, array);
}

static void set_key(json_t *object, const char *name, const struct crypto_key *key)
{
	char id[TOOL_KEY_ID_TEXT_BYTES];

	if (key->data == NULL) {
		tool_json_set(object, name, json_null());
		return;
	}
	json_t *described = json_object();
	const struct tool_algorithm *a = tool_algorithm(key->algorithm);

	tool_key_id_text(key, id);
	tool_json_text(described, "algorithm", a != NULL ? a->name : "unknown");
	tool_json_number(described, "version", key->version);
	tool_json_text(described, "sha256", id);
	tool_json_set(object, name, described);
}

static json_t *describe(const struct profile *p)
{
	json_t *object = json_object();

	set_text(object, "model", &p->model);
	set_text(object, "hardware-id", &p->hardware_id);
	set_list(object, "match", p->match, p->match_count);
	set_key(object, "kernel-key", &p->kernel_key);
	set_key(object, "recovery-key", &p->recovery_key);
	set_text(object, "recovery-url", &p->recovery_url);
	tool_json_number(object, "recovery-floor", p->recovery_floor);
	tool_json_text(
		object, "developer-mode",
		tool_profile_choice(PROFILE_TAG_DEVELOPER_MODE, p->developer_mode));
	tool_json_text(object, "slot-order",
		       tool_profile_choice(PROFILE_TAG_SLOT_ORDER, p->slot_order));
	set_list(object, "internal-disk", p->internal_disk, p->internal_disk_count);
	set_text(object, "language", &p->language);
	tool_json_number(object, "watchdog-s", p->watchdog_s);
	tool_json_text(object, "serial-input",
		       tool_profile_choice(PROFILE_TAG_SERIAL_INPUT, p->serial_input));
	tool_json_text(
		object, "keyboard-input",
		tool_profile_choice(PROFILE_TAG_KEYBOARD_INPUT, p->keyboard_input));
	tool_json_number(object, "generation", p->generation);
	set_text(object, "update-server", &p->update_server);
	if (p->server_ca.data != NULL)
		tool_json_number(object, "server-ca-bytes", p->server_ca.len);
	set_text(object, "media-hint", &p->media_hint);
	set_text(object, "support", &p->support);
	return object;
}

bool tool_profile_describe(const uint8_t *bytes, size_t len, const char *name, size_t at,
			   json_t **out)
{
	size_t count = 0;
	const enum lb_status status = profile_count(bytes, len, &count, NULL);

	if (status == LB_ERR_NOT_FOUND)
		count = 0; /* an empty section: no profile */
	else if (status != LB_OK)
		return tool_profile_refuse(name, at, bytes, len);
	*out = json_array();
	for (size_t i = 0; i < count; i++) {
		struct profile p;

		if (profile_get(bytes, len, i, &p) != LB_OK)
			tool_fatal("profile %zu of %zu cannot be read again", i, count);
		tool_json_append(*out, describe(&p));
	}
	return true;
}
