/* Making and judging manufacturing files. */
#include "tools/lib/manufacturing.h"

#include <string.h>

#include "crypto/profile.h"
#include "recovery/manufacturing.h"
#include "tools/lib/file.h"
#include "tools/lib/private_key.h"
#include "tools/lib/public_key.h"
#include "tools/lib/tool.h"

/* The recovery key's id, of a key or of any profile. */
struct wanted {
	const uint8_t *id;
	bool found;
};

static bool verified(const struct tool_buffer *file, const char *name,
		     uint8_t id[CRYPTO_KEY_ID_BYTES])
{
	struct rec_manufacturing_parts parts;
	char why[REC_MANUFACTURING_WHY_BYTES];
	struct rec_manufacturing words;

	if (!rec_manufacturing_parse(file->data, file->len, &parts, why))
		return tool_error("%s: %s", name, why);
	crypto_key_id(&parts.recovery_key, id);
	if (!rec_manufacturing_verify(&parts, id, 0, why) ||
	    !rec_manufacturing_read(parts.text, parts.text_bytes, NULL, &words, why))
		return tool_error("%s: %s", name, why);
	return true;
}

/* --- making ------------------------------------------------------------------------- */

struct inputs {
	struct tool_buffer words, keyblock;
	struct tool_public_key key;
	struct tool_private_key data_key;
};

static bool load(const struct tool_manufacturing_plan *plan, struct inputs *in,
		 struct crypto_keyblock *block)
{
	char why[REC_MANUFACTURING_WHY_BYTES];
	struct rec_manufacturing words;
	struct lb_verdict verdict;

	if (!tool_read_file(plan->words, REC_MANUFACTURING_MAX_TEXT, &in->words) ||
	    !tool_read_file(plan->keyblock, REC_MANUFACTURING_MAX_BYTES, &in->keyblock) ||
	    !tool_public_key_load(plan->key, &in->key))
		return false;
	if (!rec_manufacturing_read((const char *)in->words.data, in->words.len, NULL,
				    &words, why))
		return tool_error("%s: %s", plan->words, why);
	if (crypto_keyblock_parse(in->keyblock.data, in->keyblock.len, block, &verdict) !=
	    LB_REASON_OK)
		return tool_error("%s: %s", plan->keyblock, verdict.detail);
	return tool_private_key_open(plan->data_key, plan->signer, &block->data_key,
				     &in->data_key);
}

static void fill_up(struct tool_buffer *buffer)
{
	while (buffer->len % 4 != 0)
		*tool_buffer_grow(buffer, 1) = 0;
}

static bool assemble(struct inputs *in, const struct crypto_keyblock *block,
		     struct tool_buffer *out)
{
	uint8_t sig[TOOL_MAX_SIGNATURE_BYTES];
	size_t sig_len;

	const struct rec_manufacturing_sizes sizes = {
		.key = (uint32_t)(in->key.bytes.len + 3) / 4 * 4,
		.keyblock = (block->bytes + 3) / 4 * 4,
		.text = (uint32_t)in->words.len,
		.signature = block->data_key.rsa_bytes,
	};

	rec_manufacturing_frame(&sizes,
				tool_buffer_grow(out, REC_MANUFACTURING_FRAME_BYTES));
	tool_buffer_append(out, in->key.bytes.data, in->key.bytes.len);
	fill_up(out);
	tool_buffer_append(out, in->keyblock.data, block->bytes);
	fill_up(out);
	tool_buffer_append(out, in->words.data, in->words.len);
	if (!tool_private_key_sign(&in->data_key, block->data_key.algorithm, out->data,
				   out->len, sig, &sig_len))
		return false;
	tool_buffer_append(out, sig, sig_len);
	return true;
}

bool tool_manufacturing_make(const struct tool_manufacturing_plan *plan,
			     struct tool_buffer *out)
{
	struct inputs in = { 0 };
	struct crypto_keyblock block;
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	const bool good = load(plan, &in, &block) && assemble(&in, &block, out) &&
			  verified(out, plan->keyblock, id);

	tool_private_key_free(&in.data_key);
	tool_public_key_free(&in.key);
	tool_buffer_free(&in.keyblock);
	tool_buffer_free(&in.words);
	return good;
}

/* --- judging ------------------------------------------------------------------------ */

static void compare(struct wanted *w, const struct crypto_key *key)
{
	uint8_t id[CRYPTO_KEY_ID_BYTES];

	if (key->data == NULL)
		return;
	crypto_key_id(key, id);
	w->found = w->found || memcmp(id, w->id, sizeof(id)) == 0;
}

static bool look_in_profile(const char *path, struct wanted *w)
{
	struct tool_buffer bytes = { 0 };
	struct profile profile;
	size_t count = 0;

	if (!tool_read_file(path, PROFILE_SECTION_BYTES, &bytes))
		return false;
	if (profile_count(bytes.data, bytes.len, &count, NULL) != LB_OK)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (profile_get(bytes.data, bytes.len, i, &profile) == LB_OK)
			compare(w, &profile.recovery_key);
	tool_buffer_free(&bytes);
	return true;
}

static bool is_wanted(const uint8_t *id, const char *key, const char *profile, bool *out)
{
	struct tool_public_key public = { 0 };
	struct wanted w = { .id = id };
	bool good = true;

	if (key != NULL) {
		good = tool_public_key_load(key, &public);
		if (good)
			compare(&w, &public.key);
		tool_public_key_free(&public);
	} else if (profile != NULL) {
		good = look_in_profile(profile, &w);
	} else {
		w.found = true;
	}
	*out = w.found;
	return good;
}

bool tool_manufacturing_check(const char *path, const char *key, const char *profile)
{
	struct tool_buffer file = { 0 };
	uint8_t id[CRYPTO_KEY_ID_BYTES];
	bool wanted = false;
	bool good = tool_read_file(path, REC_MANUFACTURING_MAX_BYTES, &file) &&
		    verified(&file, path, id) && is_wanted(id, key, profile, &wanted);

	if (good && !wanted)
		good = tool_error("%s: made for devices with another recovery key", path);
	tool_buffer_free(&file);
	return good;
}
