/* The folder of an owner's Secure Boot keys. */
#include "tools/lib/owner_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "tools/lib/certificate.h"
#include "tools/lib/file.h"
#include "tools/lib/guid.h"
#include "tools/lib/json_out.h"
#include "tools/lib/private_key.h"
#include "tools/lib/tool.h"

#define GUID_FILE        "owner.guid"
#define FILES_OF_KEY     3u
#define MAX_FILES        (TOOL_OWNER_KEYS * FILES_OF_KEY + 1)
#define GUID_FILE_LIMIT  64u
#define GUID_AT_VERSION  7u /* bytes as on disk */
#define GUID_AT_VARIANT  8u
#define GUID_VERSION_4   0x40u
#define GUID_VARIANT     0x80u
#define GUID_TEXT_LENGTH (LB_GUID_TEXT_BYTES - 1)

static const char *const suffixes[FILES_OF_KEY] = { "key", "crt", "cer" };

struct new_file {
	char *path;
	struct tool_buffer bytes;
	mode_t mode;
};

struct new_files {
	struct new_file file[MAX_FILES];
	size_t count;
};

static char *path_of(const char *folder, unsigned which, const char *suffix)
{
	return tool_format("%s/%s.%s", folder, tool_efi_variable_name(which), suffix);
}

static struct new_file *add(struct new_files *files, char *path, mode_t mode)
{
	struct new_file *file = &files->file[files->count++];

	file->path = path;
	file->mode = mode;
	return file;
}

/* --- making ------------------------------------------------------------------------- */

static bool make_one(const char *folder, unsigned which, const char *name, unsigned bits,
		     unsigned days, struct new_files *files)
{
	char *common_name = tool_format("%s %s", name, tool_efi_variable_name(which));
	EVP_PKEY *key = EVP_RSA_gen(bits); /* e = 65537 */
	X509 *certificate = NULL;
	bool good = key != NULL || tool_openssl_error("cannot be made", common_name);

	good = good && tool_certificate_make(key, common_name, days, &certificate) &&
	       tool_key_pem(key, common_name,
			    &add(files, path_of(folder, which, "key"), 0600)->bytes);
	if (good) {
		tool_certificate_pem(
			certificate,
			&add(files, path_of(folder, which, "crt"), 0644)->bytes);
		tool_certificate_der(
			certificate,
			&add(files, path_of(folder, which, "cer"), 0644)->bytes);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	free(common_name);
	return good;
}

static bool make_guid(const char *folder, struct new_files *files)
{
	uint8_t guid[16];
	char text[LB_GUID_TEXT_BYTES];

	if (RAND_bytes(guid, sizeof(guid)) != 1)
		return tool_openssl_error("cannot be made", GUID_FILE);
	guid[GUID_AT_VERSION] =
		(uint8_t)((guid[GUID_AT_VERSION] & 0x0f) | GUID_VERSION_4);
	guid[GUID_AT_VARIANT] = (uint8_t)((guid[GUID_AT_VARIANT] & 0x3f) | GUID_VARIANT);
	lb_format_guid(text, guid);
	struct new_file *file = add(files, tool_format("%s/" GUID_FILE, folder), 0644);

	tool_buffer_text(&file->bytes, text);
	tool_buffer_text(&file->bytes, "\n");
	return true;
}

/* Before seconds go into keys; writing checks again. */
static bool is_free(const char *folder)
{
	bool good = true;

	for (unsigned i = 0; i < MAX_FILES; i++) {
		char *path = i < MAX_FILES - 1 ? path_of(folder, i / FILES_OF_KEY,
							 suffixes[i % FILES_OF_KEY])
					       : tool_format("%s/" GUID_FILE, folder);

		if (access(path, F_OK) == 0)
			good = tool_error("%s: exists already, and is not overwritten",
					  path);
		free(path);
	}
	return good;
}

/* All or nothing: what was written before a failure is taken away again. */
static bool write_files(const struct new_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct new_file *f = &files->file[i];

		if (tool_write_file(f->path, f->bytes.data, f->bytes.len, f->mode,
				    HOST_NEVER_OVERWRITE))
			continue;
		while (i-- > 0)
			(void)unlink(
				files->file[i].path); /* the message is out already */
		return false;
	}
	return true;
}

static bool make_folder(const char *folder)
{
	if (mkdir(folder, 0700) == 0 || errno == EEXIST)
		return true;
	return tool_error("%s: %s", folder, strerror(errno));
}

bool tool_owner_keys_make(const char *folder, const char *name, unsigned bits,
			  unsigned days, json_t *files)
{
	struct new_files made = { 0 };
	bool good = make_folder(folder) && is_free(folder) && make_guid(folder, &made);

	for (unsigned i = 0; good && i < TOOL_OWNER_KEYS; i++)
		good = make_one(folder, i, name, bits, days, &made);
	good = good && write_files(&made);
	for (size_t i = 0; i < made.count; i++) {
		struct new_file *f = &made.file[i];

		if (good)
			tool_json_append(files, tool_json_string(f->path));
		if (f->bytes.data != NULL)
			OPENSSL_cleanse(f->bytes.data, f->bytes.len);
		tool_buffer_free(&f->bytes);
		free(f->path);
	}
	return good;
}

/* --- loading ------------------------------------------------------------------------ */

static bool load_guid(const char *folder, uint8_t out[16])
{
	char *path = tool_format("%s/" GUID_FILE, folder);
	struct tool_buffer bytes = { 0 };
	bool good = tool_read_file(path, GUID_FILE_LIMIT, &bytes);

	if (good) {
		size_t len = bytes.len;

		while (len > 0 &&
		       (bytes.data[len - 1] == '\n' || bytes.data[len - 1] == '\r'))
			len--;
		char *text = tool_format("%.*s", (int)len, (const char *)bytes.data);

		good = (len == GUID_TEXT_LENGTH && tool_guid_parse(text, out)) ||
		       tool_error("%s: offset 0: not a GUID", path);
		free(text);
	}
	tool_buffer_free(&bytes);
	free(path);
	return good;
}

static bool load_one(const char *folder, unsigned which, bool needs_key,
		     struct tool_owner_keys *out)
{
	char *certificate = path_of(folder, which, "crt");
	char *key = path_of(folder, which, "key");
	const bool good = tool_certificate_load(certificate, &out->certificate[which]) &&
			  (!needs_key ||
			   (tool_key_load_private(key, &out->key[which]) &&
			    tool_certificate_fits(out->certificate[which],
						  out->key[which], certificate, key)));

	free(certificate);
	free(key);
	return good;
}

bool tool_owner_keys_load(const char *folder, unsigned needed,
			  struct tool_owner_keys *out)
{
	*out = (struct tool_owner_keys){ 0 };
	bool good = load_guid(folder, out->owner);

	for (unsigned i = 0; good && i < TOOL_OWNER_KEYS; i++)
		good = load_one(folder, i, (needed >> i & 1) != 0, out);
	if (!good)
		tool_owner_keys_free(out);
	return good;
}

void tool_owner_keys_free(struct tool_owner_keys *keys)
{
	for (unsigned i = 0; i < TOOL_OWNER_KEYS; i++) {
		EVP_PKEY_free(keys->key[i]);
		X509_free(keys->certificate[i]);
	}
	*keys = (struct tool_owner_keys){ 0 };
}
