/* Statements: details, frame, signature. */
#include "tools/lib/payload_statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/profile.h"
#include "tools/lib/file.h"
#include "tools/lib/profile_words.h"
#include "tools/lib/tool.h"
#include "update/payload.pb-c.h"

#define NOTES_LIMIT 32768u

/* Released together, because protobuf-c only points. */
struct details {
	Lbpb__Details message;
	size_t text_count;
	char *text[4 * UPDATE_MAX_NOTES];
	char *model[UPDATE_MAX_MODELS], *hardware_id[UPDATE_MAX_HARDWARE_IDS];
	Lbpb__Content content[TOOL_PAYLOAD_PARTS], *contents[TOOL_PAYLOAD_PARTS];
	Lbpb__Place place[UPDATE_MAX_PLACES], *places[UPDATE_MAX_PLACES];
	Lbpb__Note note[UPDATE_MAX_NOTES], *notes[UPDATE_MAX_NOTES];
	ProtobufCBinaryData recipe_key[UPDATE_MAX_RECIPE_KEYS];
	uint8_t recipe_key_id[UPDATE_MAX_RECIPE_KEYS][CRYPTO_KEY_ID_BYTES];
};

static char *keep(struct details *d, char *text)
{
	if (d->text_count == sizeof(d->text) / sizeof(d->text[0]))
		tool_fatal("too many texts");
	d->text[d->text_count++] = text;
	return text;
}

/* --- profile ------------------------------------------------------------------------ */

static bool load_profile(const char *path, struct tool_buffer *bytes, struct profile *out)
{
	size_t count;

	if (!tool_read_file(path, PROFILE_SECTION_BYTES, bytes))
		return false;
	if (profile_count(bytes->data, bytes->len, &count, NULL) != LB_OK)
		return tool_profile_refuse(path, 0, bytes->data, bytes->len);
	if (count != 1)
		return tool_error(
			"%s: holds %zu profiles; take one of a single model, or "
			"--model and --key",
			path, count);
	return profile_get(bytes->data, bytes->len, 0, out) == LB_OK;
}

static char *text_of(const struct profile_bytes *bytes)
{
	return tool_format("%.*s", (int)bytes->len,
			   bytes->data != NULL ? (const char *)bytes->data : "");
}

static void pack_key(const struct crypto_key *key, struct tool_buffer *out)
{
	uint8_t *header = tool_buffer_grow(out, CRYPTO_PACKED_KEY_BYTES);

	lb_put_le64(header, CRYPTO_PACKED_KEY_BYTES);
	lb_put_le64(header + 8, key->data_bytes);
	lb_put_le64(header + 16, key->algorithm);
	lb_put_le64(header + 24, key->version);
	tool_buffer_append(out, key->data, key->data_bytes);
}

bool tool_statement_key(const struct tool_payload_plan *plan, struct tool_buffer *out)
{
	struct tool_public_key public = { 0 };
	struct tool_buffer bytes = { 0 };
	struct profile profile;
	bool good = true;

	if (plan->key != NULL) {
		good = tool_public_key_load(plan->key, &public);
		if (good)
			pack_key(&public.key, out);
		tool_public_key_free(&public);
	} else if (plan->profile != NULL) {
		good = load_profile(plan->profile, &bytes, &profile);
		if (good && profile.kernel_key.data == NULL)
			good = tool_error("%s: no kernel-key in it", plan->profile);
		if (good)
			pack_key(&profile.kernel_key, out);
		tool_buffer_free(&bytes);
	}
	return good;
}

bool tool_statement_model(const struct tool_payload_plan *plan, char **model)
{
	struct tool_buffer bytes = { 0 };
	struct profile profile;
	bool good = true;

	*model = NULL;
	if (plan->models.count != 0)
		*model = tool_strdup(plan->models.item[0].value);
	else if (plan->profile == NULL)
		return tool_error("--model or --profile is missing");
	else if ((good = load_profile(plan->profile, &bytes, &profile)))
		*model = text_of(&profile.model);
	tool_buffer_free(&bytes);
	return good;
}

/* --- details ------------------------------------------------------------------------ */

static bool put_names(struct details *d, const struct tool_list *list, char **to,
		      size_t most, const char *option, size_t *count)
{
	if (list->count > most)
		return tool_error("--%s: more than %zu", option, most);
	for (size_t i = 0; i < list->count; i++)
		to[i] = keep(d, tool_strdup(list->item[i].value));
	*count = list->count;
	return true;
}

static bool put_identity(struct details *d, const struct tool_payload_plan *plan)
{
	struct tool_buffer bytes = { 0 };
	struct profile profile;
	bool good =
		put_names(d, &plan->models, d->model, UPDATE_MAX_MODELS, "model",
			  &d->message.n_model) &&
		put_names(d, &plan->hardware_ids, d->hardware_id, UPDATE_MAX_HARDWARE_IDS,
			  "hardware-id", &d->message.n_hardware_id);

	if (good && plan->models.count == 0) {
		good = load_profile(plan->profile, &bytes, &profile);
		if (good) {
			d->model[0] = keep(d, text_of(&profile.model));
			d->message.n_model = 1;
		}
		if (good && profile.hardware_id.data != NULL &&
		    plan->hardware_ids.count == 0) {
			d->hardware_id[0] = keep(d, text_of(&profile.hardware_id));
			d->message.n_hardware_id = 1;
		}
		tool_buffer_free(&bytes);
	}
	d->message.model = d->model;
	d->message.hardware_id = d->hardware_id;
	return good;
}

static void put_contents(struct details *d, const struct tool_statement_parts *p)
{
	for (size_t i = 0; i < p->input->count; i++) {
		Lbpb__Content *c = &d->content[i];

		*c = (Lbpb__Content)LBPB__CONTENT__INIT;
		c->name = (char *)(uintptr_t)p->input->part[i].name;
		c->size = p->input->part[i].bytes;
		c->hash.data = (uint8_t *)(uintptr_t)p->packed[i].sha256;
		c->hash.len = CRYPTO_SHA256_BYTES;
		d->contents[i] = c;
	}
	d->message.n_content = p->input->count;
	d->message.content = d->contents;
}

static void put_layout(struct details *d, const struct tool_payload_input *input)
{
	for (size_t i = 0; i < input->place_count; i++) {
		const struct update_place *from = &input->place[i];
		Lbpb__Place *to = &d->place[i];

		*to = (Lbpb__Place)LBPB__PLACE__INIT;
		to->number = from->number;
		to->type.data = (uint8_t *)(uintptr_t)from->type;
		to->type.len = sizeof(from->type);
		to->name = (char *)(uintptr_t)from->name;
		to->size = from->bytes;
		to->has_grows = to->grows = from->grows;
		d->places[i] = to;
	}
	d->message.n_layout = input->place_count;
	d->message.layout = d->places;
}

static Lbpb__Note *note_for(struct details *d, const char *language, size_t len)
{
	for (size_t i = 0; i < d->message.n_note; i++)
		if (strlen(d->note[i].language) == len &&
		    memcmp(d->note[i].language, language, len) == 0)
			return &d->note[i];
	if (d->message.n_note == UPDATE_MAX_NOTES)
		return NULL;
	Lbpb__Note *n = &d->note[d->message.n_note];

	*n = (Lbpb__Note)LBPB__NOTE__INIT;
	n->language = keep(d, tool_format("%.*s", (int)len, language));
	d->notes[d->message.n_note++] = n;
	return n;
}

/* "LANG=TEXT" for titles, "LANG=FILE" for notes. */
static bool put_notes(struct details *d, const struct tool_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *value = list->item[i].value;
		const char *equals = strchr(value, '=');
		struct tool_buffer text = { 0 };
		Lbpb__Note *n = NULL;

		if (equals == NULL || equals == value || equals - value > 8)
			return tool_error("--%s: '%s' is not LANGUAGE=...",
					  list->item[i].option, value);
		n = note_for(d, value, (size_t)(equals - value));
		if (n == NULL)
			return tool_error("--%s: too many languages",
					  list->item[i].option);
		if (strcmp(list->item[i].option, "title") == 0) {
			n->title = keep(d, tool_strdup(equals + 1));
			continue;
		}
		if (!tool_read_file(equals + 1, NOTES_LIMIT, &text))
			return false;
		n->notes = keep(
			d, tool_format("%.*s", (int)text.len, (const char *)text.data));
		tool_buffer_free(&text);
	}
	d->message.note = d->notes;
	return true;
}

static bool put_recipe_keys(struct details *d, const struct tool_list *list)
{
	if (list->count > UPDATE_MAX_RECIPE_KEYS)
		return tool_error("--recipe-key: more than %u", UPDATE_MAX_RECIPE_KEYS);
	for (size_t i = 0; i < list->count; i++) {
		struct tool_public_key key;

		if (!tool_public_key_load(list->item[i].value, &key))
			return false;
		crypto_key_id(&key.key, d->recipe_key_id[i]);
		d->recipe_key[i].data = d->recipe_key_id[i];
		d->recipe_key[i].len = CRYPTO_KEY_ID_BYTES;
		tool_public_key_free(&key);
	}
	d->message.n_recipe_key = list->count;
	d->message.recipe_key = d->recipe_key;
	return true;
}

static bool make_details(const struct tool_statement_parts *p, struct tool_buffer *out)
{
	const struct tool_payload_plan *plan = p->plan;
	struct details *d = tool_alloc(sizeof(*d));

	d->message = (Lbpb__Details)LBPB__DETAILS__INIT;
	d->message.cpu = p->input->cpu == PLATFORM_CPU_AARCH64 ? 2 : 1;
	d->message.version = (char *)(uintptr_t)plan->version;
	d->message.has_minimum_version = plan->minimum_version.given;
	d->message.minimum_version = (uint32_t)plan->minimum_version.value;
	d->message.has_keeps_state = plan->wipes_state;
	d->message.keeps_state = !plan->wipes_state;
	d->message.has_memory_bytes = 1;
	d->message.memory_bytes = p->memory_bytes;
	const bool good = put_identity(d, plan) && put_notes(d, &plan->notes) &&
			  put_recipe_keys(d, &plan->recipe_keys);

	if (good) {
		put_contents(d, p);
		put_layout(d, p->input);
		(void)lbpb__details__pack(
			&d->message, tool_buffer_grow(out, lbpb__details__get_packed_size(
								   &d->message)));
	}
	for (size_t i = 0; i < d->text_count; i++)
		free(d->text[i]);
	free(d);
	return good;
}

/* --- frame -------------------------------------------------------------------------- */

/* What the kernel partition begins with, without the zeros at its end. */
static size_t head_bytes(const struct tool_buffer *kernel)
{
	size_t n = CRYPTO_HEAD_BYTES;

	while (n > 0 && kernel->data[n - 1] == 0)
		n--;
	return (n + 3) / 4 * 4;
}

static bool assemble(const struct tool_statement_parts *p, const struct tool_buffer *key,
		     const struct tool_buffer *details, struct tool_buffer *out)
{
	const struct crypto_key *data_key = &p->input->headers.keyblock.data_key;
	const size_t head = head_bytes(&p->input->kernel);
	const struct update_statement_sizes sizes = {
		.key = (uint32_t)key->len,
		.headers = (uint32_t)head,
		.details = (uint32_t)details->len,
		.signature = data_key->rsa_bytes,
	};
	uint8_t sig[TOOL_MAX_SIGNATURE_BYTES];
	size_t sig_len;

	if (details->len > UPDATE_MAX_DETAILS_BYTES)
		return tool_error("titles and notes: %zu bytes in all, at most %u",
				  details->len, UPDATE_MAX_DETAILS_BYTES);
	update_statement_frame(&sizes,
			       tool_buffer_grow(out, UPDATE_STATEMENT_FRAME_BYTES));
	tool_buffer_append(out, key->data, key->len);
	tool_buffer_append(out, p->input->kernel.data, head);
	tool_buffer_append(out, details->data, details->len);
	if (!tool_private_key_sign(p->data_key, data_key->algorithm, out->data, out->len,
				   sig, &sig_len))
		return false;
	tool_buffer_append(out, sig, sig_len);
	return true;
}

bool tool_statement_make(const struct tool_statement_parts *parts,
			 struct tool_buffer *out)
{
	struct tool_buffer key = { 0 }, details = { 0 };
	const bool good = tool_statement_key(parts->plan, &key) &&
			  make_details(parts, &details) &&
			  assemble(parts, &key, &details, out);

	tool_buffer_free(&key);
	tool_buffer_free(&details);
	return good;
}
