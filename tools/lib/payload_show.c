/* Describing payloads. */
#include "tools/lib/payload_show.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/format.h"
#include "crypto/key.h"
#include "tools/lib/json_out.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/tool.h"
#include "update/operation.h"

static void set_hex(json_t *object, const char *name, const uint8_t *bytes, size_t len)
{
	char hex[2 * CRYPTO_MAX_DIGEST_BYTES + 1];

	lb_format_hex(hex, bytes, len);
	tool_json_text(object, name, hex);
}

static json_t *names(const char *const *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		tool_json_append(array, tool_json_string(list[i]));
	return array;
}

static json_t *describe_notes(const struct update_release *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->note_count; i++) {
		json_t *note = json_object();

		tool_json_text(note, "language", r->note[i].language);
		tool_json_text(note, "title", r->note[i].title);
		tool_json_text(note, "notes", r->note[i].notes);
		tool_json_append(array, note);
	}
	return array;
}

static json_t *describe_layout(const struct update_release *r)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->place_count; i++) {
		const struct update_place *p = &r->place[i];
		char guid[LB_GUID_TEXT_BYTES];
		json_t *place = json_object();

		lb_format_guid(guid, p->type);
		tool_json_number(place, "number", p->number);
		tool_json_text(place, "name", p->name);
		tool_json_text(place, "type", guid);
		tool_json_number(place, "bytes", p->bytes);
		tool_json_bool(place, "grows", p->grows);
		tool_json_append(array, place);
	}
	return array;
}

static json_t *describe_statement(const struct update_payload *p)
{
	const struct update_release *r = &p->release;
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	json_t *s = json_object(), *recipe = json_array();

	tool_json_set(s, "model", names(r->model, r->model_count));
	tool_json_set(s, "hardware_id", names(r->hardware_id, r->hardware_id_count));
	tool_json_text(s, "cpu", r->cpu == PLATFORM_CPU_AARCH64 ? "aarch64" : "x86_64");
	tool_json_text(s, "release", r->version_text);
	tool_json_number(s, "minimum_version", r->minimum_version);
	tool_json_bool(s, "keeps_state", r->keeps_state);
	tool_json_number(s, "memory_bytes", r->memory_bytes);
	if (p->statement.key.data != NULL) {
		crypto_key_id(&p->statement.key, id);
		set_hex(s, "kernel_key", id, sizeof(id));
	} else {
		tool_json_set(s, "kernel_key", json_null());
	}
	for (size_t i = 0; i < r->recipe_key_count; i++) {
		char hex[2 * CRYPTO_KEY_ID_BYTES + 1];

		lb_format_hex(hex, r->recipe_key[i], CRYPTO_KEY_ID_BYTES);
		tool_json_append(recipe, tool_json_string(hex));
	}
	tool_json_set(s, "recipe_key", recipe);
	tool_json_set(s, "note", describe_notes(r));
	tool_json_set(s, "layout", describe_layout(r));
	return s;
}

static json_t *describe_extents(const struct update_extent *extent, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *pair = json_array();

		tool_json_append(pair, json_integer((json_int_t)extent[i].block));
		tool_json_append(pair, json_integer((json_int_t)extent[i].blocks));
		tool_json_append(list, pair);
	}
	return list;
}

static json_t *describe_operation(const struct update_operation *o)
{
	const char *name = update_operation_name(o->type);
	json_t *object = json_object();
	char number[16];

	snprintf(number, sizeof(number), "%u", o->type);
	tool_json_text(object, "type", name != NULL ? name : number);
	tool_json_set(object, "target", describe_extents(o->target, o->target_count));
	if (o->source_count != 0)
		tool_json_set(object, "source",
			      describe_extents(o->source, o->source_count));
	if (o->data_bytes != 0) {
		tool_json_number(object, "offset", o->data_offset);
		tool_json_number(object, "bytes", o->data_bytes);
	}
	return object;
}

/* How many of each kind, and on wish each single one. */
static bool describe_operations(const struct update_payload *payload,
				const struct update_partition *p, bool each,
				const char *path, json_t *out)
{
	uint8_t *room = tool_alloc(UPDATE_OPERATION_ROOM_BYTES);
	json_t *kinds = json_object(), *list = json_array();
	struct update_cursor cursor;
	struct update_operation o;
	struct update_verdict why;
	bool found = true, good = true;

	update_cursor_init(&cursor, payload, p, room);
	while (found && good) {
		good = update_operation_next(&cursor, &o, &found, &why) == UPDATE_OK ||
		       tool_update_error(path, &why);
		if (!good || !found)
			break;
		const char *name = update_operation_name(o.type);

		name = name != NULL ? name : "unknown";
		tool_json_number(
			kinds, name,
			(uint64_t)json_integer_value(json_object_get(kinds, name)) + 1);
		if (each)
			tool_json_append(list, describe_operation(&o));
	}
	free(room);
	tool_json_set(out, "kinds", kinds);
	if (each)
		tool_json_set(out, "operation", list);
	else
		json_decref(list);
	return good;
}

json_t *tool_payload_describe(const struct update_payload *payload, const char *path,
			      bool operations)
{
	json_t *object = json_object(), *parts = json_array();
	bool good = true;

	tool_json_text(object, "file", path);
	tool_json_number(object, "bytes", payload->source.bytes);
	tool_json_number(object, "manifest_bytes", payload->header.manifest_bytes);
	tool_json_number(object, "minor_version", payload->minor_version);
	set_hex(object, "id", payload->id, sizeof(payload->id));
	tool_json_number(object, "memory_bytes", update_payload_memory(payload));
	if (payload->statement.bytes != NULL)
		tool_json_set(object, "statement", describe_statement(payload));
	else
		tool_json_set(object, "statement", json_null());
	for (size_t i = 0; i < payload->partition_count; i++) {
		const struct update_partition *p = &payload->partition[i];
		json_t *part = json_object();

		tool_json_text(part, "name", p->name);
		tool_json_number(part, "bytes", p->bytes);
		set_hex(part, "sha256", p->sha256, sizeof(p->sha256));
		tool_json_bool(part, "delta", p->delta);
		tool_json_number(part, "operations", p->operations);
		good = good && describe_operations(payload, p, operations, path, part);
		tool_json_append(parts, part);
	}
	tool_json_set(object, "partition", parts);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}
