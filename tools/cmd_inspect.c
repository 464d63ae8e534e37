/* lifeboat inspect: every field of a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/format.h"
#include "tools/commands.h"
#include "tools/lib/certificate.h"
#include "tools/lib/describe.h"
#include "tools/lib/disk_slots.h"
#include "tools/lib/fields.h"
#include "tools/lib/file.h"
#include "tools/lib/json_out.h"
#include "tools/lib/key_words.h"
#include "tools/lib/options.h"
#include "tools/lib/payload_open.h"
#include "tools/lib/payload_show.h"
#include "tools/lib/profile_make.h"
#include "tools/lib/tool.h"
#include "tools/lib/verity.h"

#define FDT_MAGIC_BE 0xd00dfeedu

static json_t *describe_profile(const struct tool_buffer *file, const char *name)
{
	json_t *profiles, *object;

	if (!tool_profile_describe(file->data, file->len, name, 0, &profiles))
		return NULL;
	object = json_object();
	tool_json_text(object, "kind", "profile");
	tool_json_set(object, "profile", profiles);
	return object;
}

static json_t *with_kind(const char *kind, json_t *content)
{
	json_t *object = json_object();

	tool_json_text(object, "kind", kind);
	if (json_object_update(object, content) != 0)
		tool_fatal("out of memory");
	json_decref(content);
	return object;
}

static json_t *describe_certificate(X509 *certificate)
{
	json_t *object = json_object();
	char *subject = tool_certificate_subject(certificate);
	char *digest = tool_certificate_digest(certificate);

	tool_json_text(object, "kind", "X.509 certificate");
	tool_json_text(object, "subject", subject);
	tool_json_text(object, "sha256", digest);
	free(subject);
	free(digest);
	X509_free(certificate);
	return object;
}

/* What is known by its first bytes and is no business of a loader's. */
static void describe_other(const struct tool_buffer *file, json_t **out)
{
	const char *kind = tool_file_kind_words(file->data, file->len);
	X509 *certificate = NULL;

	if (tool_certificate_parse(file, &certificate)) {
		*out = describe_certificate(certificate);
	} else if (kind != NULL) {
		*out = json_object();
		tool_json_text(*out, "kind", kind);
		tool_json_number(*out, "bytes", file->len);
	}
}

static bool is_payload(const struct tool_buffer *file)
{
	return file->len >= 4 && memcmp(file->data, "CrAU", 4) == 0;
}

static bool describe_payload(const char *path, const char *name, json_t **out)
{
	static struct tool_payload_file file; /* large */
	bool good = tool_payload_file_open(path, &file);

	if (!good)
		return false;
	good = tool_payload_open(&file, NULL);
	if (good) {
		json_t *content = tool_payload_describe(&file.payload, name, false);

		*out = content != NULL ? with_kind("update payload", content) : NULL;
	}
	tool_payload_file_close(&file);
	return good && *out != NULL;
}

/* What a file's first bytes tell. @out NULL (and true): nothing known. */
static bool describe_file(const struct tool_buffer *file, const char *name, json_t **out)
{
	struct tool_loader loader;

	*out = NULL;
	if (file->len >= 6 && memcmp(file->data, "LBPROF", 6) == 0)
		*out = describe_profile(file, name);
	else if (file->len > 8 && memcmp(file->data, "CHROMEOS", 8) == 0 &&
		 lb_le32(file->data + 16) < file->len)
		*out = with_kind("kernel partition",
				 tool_describe_partition(file->data, file->len));
	else if (file->len >= 4 && lb_be32(file->data) == FDT_MAGIC_BE)
		*out = with_kind("image tree", tool_describe_fit(file->data, file->len));
	else if (!tool_loader_find(file, name, &loader))
		return false;
	else if (loader.kind != TOOL_LOADER_NONE || loader.pe.section_count != 0)
		*out = tool_describe_loader(file, name, &loader);
	else
		return tool_describe_key_file(file, name, out);
	return *out != NULL;
}

/* A root image: only its dm-verity tree can be told. */
static bool describe_root(const char *name, bool *found, json_t **out)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct tool_verity v;
	uint64_t bytes;
	bool good = fd >= 0 && tool_file_bytes(fd, name, &bytes) &&
		    tool_verity_find(fd, name, 0, bytes, found, &v);

	if (good && *found) {
		const bool matches = tool_verity_check(fd, name, 0, &v);
		char hash[2 * TOOL_VERITY_HASH_BYTES + 1] = "";
		char salt[2 * TOOL_VERITY_MAX_SALT + 1];

		if (matches)
			lb_format_hex(hash, v.root_hash, sizeof(v.root_hash));
		lb_format_hex(salt, v.salt, v.salt_bytes);
		*out = json_object();
		tool_json_text(*out, "kind", "root file system with dm-verity tree");
		tool_json_number(*out, "data_blocks", v.data_blocks);
		tool_json_number(*out, "total_blocks", v.total_blocks);
		tool_json_text(*out, "salt", salt);
		tool_json_bool(*out, "tree_matches_data", matches);
		tool_json_text(*out, "root_hash", hash);
	}
	if (fd >= 0)
		close(fd);
	return good;
}

static bool unknown(const char *name)
{
	return tool_error(
		"%s: offset 0: none of the formats known here (disk image, kernel "
		"partition, keyblock, key, certificate, image tree, loader, profile, "
		"payload, root image)",
		name);
}

/* What is neither by its first bytes: a root, and things of other programs. */
static bool describe_rest(const struct tool_buffer *file, const char *path,
			  const char *name, json_t **out)
{
	bool found = false;

	if (is_payload(file))
		return describe_payload(path, name, out);
	if (!describe_root(path, &found, out))
		return false;
	if (!found)
		describe_other(file, out);
	return *out != NULL || unknown(name);
}

static bool is_disk(const struct tool_buffer *file)
{
	return file->len > 4096 + 8 && (memcmp(file->data + 512, "EFI PART", 8) == 0 ||
					memcmp(file->data + 4096, "EFI PART", 8) == 0);
}

/* What came through a pipe, once more as a file. */
static bool describe_copy(const struct tool_buffer *file, const char *name, json_t **out)
{
	const int fd = memfd_create("inspect", MFD_CLOEXEC);
	char path[32];
	bool good;

	if (fd < 0)
		return tool_error("%s: %s", name, strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	good = tool_pwrite(fd, name, file->data, file->len, 0) &&
	       describe_rest(file, path, name, out);
	close(fd);
	return good;
}

/* A pipe can be read once; and a disk is looked at here and there. */
static bool describe_stream(const char *name, json_t **out)
{
	struct tool_buffer file = { 0 };
	bool good = tool_read_file(name, TOOL_FILE_LIMIT, &file) &&
		    describe_file(&file, name, out);

	if (good && *out == NULL)
		good = is_disk(&file)
			       ? tool_error("%s: a disk image in a pipe; it is read at "
					    "any place: write it to a file first",
					    name)
			       : describe_copy(&file, name, out);
	tool_buffer_free(&file);
	return good;
}

static bool describe_contents(const char *name, json_t **out)
{
	struct tool_buffer file = { 0 };
	bool good = tool_read_file(name, TOOL_FILE_LIMIT, &file) &&
		    describe_file(&file, name, out);

	if (good && *out == NULL)
		good = describe_rest(&file, name, name, out);
	tool_buffer_free(&file);
	return good;
}

static bool describe(const char *name, uint32_t sector_bytes, json_t **out)
{
	struct tool_disk_slots slots;
	struct stat st;

	if (stat(name, &st) != 0)
		return tool_error("%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return describe_stream(name, out);
	switch (tool_disk_slots_look(name, sector_bytes, &slots)) {
	case TOOL_DISK_UNREADABLE:
		return false;
	case TOOL_DISK_NONE:
		return describe_contents(name, out);
	case TOOL_DISK_DAMAGED:
		*out = tool_describe_damaged_disk(&slots);
		break;
	case TOOL_DISK_GOOD:
		*out = tool_describe_disk(&slots);
		break;
	}
	tool_disk_slots_close(&slots);
	return true;
}

static int inspect(const char *name, uint32_t sector_bytes, bool json)
{
	json_t *object = NULL;

	return describe(name, sector_bytes, &object) && tool_fields_print(object, json)
		       ? TOOL_YES
		       : TOOL_USAGE;
}

int cmd_inspect(int argc, char **argv)
{
	struct tool_optional_number sector_size = { 0 };
	bool json = false;
	const struct tool_option options[] = {
		{ TOOL_OPTION_NUMBER, 0, "sector-size", &sector_size, "BYTES",
		  "of an image whose table is damaged (else found out)" },
		{ TOOL_OPTION_FLAG, 0, "json", &json, NULL, "as JSON" },
		{ 0 },
	};
	const struct tool_usage usage = {
		"lifeboat inspect",
		"FILE",
		"Shows every field of a disk image or device, kernel partition, "
		"keyblock, key, image\n"
		"tree (FIT), loader, profile, payload, certificate or root image. What "
		"is damaged is\ntold with "
		"its place.\n"
		"Nothing is judged: see lifeboat verify.",
		options,
		1,
		1,
	};
	char **operands;
	const enum tool_parse parse = tool_options_parse(&usage, argc, argv, &operands);

	if (parse != TOOL_PARSE_RUN)
		return tool_parse_exit(parse);
	if (!tool_sector_bytes_good(&sector_size))
		return tool_usage_error(&usage, "--sector-size: 512, 1024, 2048 or 4096");
	return inspect(operands[0], (uint32_t)sector_size.value, json);
}
