/* The content of one slot of an image. */
#include "tools/lib/image_slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/format.h"
#include "tools/lib/file.h"
#include "tools/lib/filesystem.h"
#include "tools/lib/guid.h"
#include "tools/lib/inputs.h"
#include "tools/lib/partition_read.h"
#include "tools/lib/sign_check.h"
#include "tools/lib/tool.h"

#define MIB ((uint64_t)1 << 20)

static bool make_ext4(const char *path, const char *folder)
{
	uint8_t guid[16];
	uint64_t bytes;

	if (!tool_folder_bytes(folder, &bytes))
		return false;
	tool_guid_make("lifeboat root", "ext4", guid);
	/* Inode tables and bitmaps take about a twentieth. */
	bytes = (bytes + bytes / 8 + 4 * MIB + MIB - 1) / MIB * MIB;
	return tool_ext4_make(path, bytes, folder, "root", false, guid);
}

static bool make_file_system(const struct tool_image_slot *slot, const char *path)
{
	const char *type = slot->root_type != NULL ? slot->root_type : "squashfs";

	if (strcmp(type, "squashfs") == 0)
		return tool_squashfs_make(path, slot->sign.root.image);
	if (strcmp(type, "ext4") == 0)
		return make_ext4(path, slot->sign.root.image);
	return tool_error("root-type: '%s' is neither squashfs nor ext4", type);
}

/* Only a ready kernel's root may come with nothing to be made. */
static bool prepare_root(struct tool_image_slot *slot, const char *name,
			 const char *folder, struct tool_slot_content *out,
			 struct tool_verity *verity)
{
	const char *image = slot->sign.root.image;
	struct stat st;

	if (stat(image, &st) != 0)
		return tool_error("%s: %s", image, strerror(errno));
	tool_input_add(image);
	char *made = tool_format("%s/root-%c", folder, name[strlen(name) - 1]);

	out->root = made;
	if (S_ISDIR(st.st_mode)) {
		if (!make_file_system(slot, made))
			return false;
		return slot->sign.root.no_verity ||
		       tool_root_prepare(made, NULL, NULL, verity);
	}
	if (slot->sign.root.no_verity) {
		free(made);
		out->root = tool_strdup(image);
		return true;
	}
	return tool_root_prepare(image, made, NULL, verity);
}

static bool find_root_bytes(struct tool_slot_content *out)
{
	const int fd = open(out->root, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 || tool_error("%s: %s", out->root, strerror(errno));

	good = good && tool_file_bytes(fd, out->root, &out->root_bytes);
	if (fd >= 0)
		close(fd);
	return good;
}

static bool sign_kernel(struct tool_image_slot *slot, const char *name,
			struct tool_slot_content *out)
{
	struct tool_sign *s = &slot->sign;
	struct tool_signed made;

	if ((s->input.kernel != NULL) + (s->input.fit != NULL) + (s->input.uki != NULL) !=
	    1)
		return tool_error("%s: one of signed, kernel, fit and uki is needed",
				  name);
	if (s->keyblock == NULL || s->data_key == NULL)
		return tool_error(
			"%s: keyblock and data-key are needed to sign its kernel", name);
	if (s->input.cmdline != NULL && s->input.config != NULL)
		return tool_error("%s: cmdline and config exclude each other", name);
	if (slot->version.value > 0xffff)
		return tool_error("%s: version is 0 to 65535", name);
	s->version = slot->version.given ? (uint32_t)slot->version.value : 1;
	s->root.image = out->root;
	if (!tool_sign_make(s, name, &made))
		return false;
	out->kernel = made.partition;
	out->root_state = made.root;
	made.partition = (struct tool_buffer){ 0 };
	const bool good = tool_root_commit(&made.root_image); /* our own copy */

	if (good)
		tool_sign_note(name, made.stands);
	tool_signed_free(&made);
	return good;
}

/* A ready kernel and its root must belong together. */
static bool take_signed(const struct tool_image_slot *slot,
			const struct tool_verity *verity, struct tool_slot_content *out)
{
	const char *path = slot->signed_kernel;
	char hash[2 * TOOL_VERITY_HASH_BYTES + 1];
	struct tool_partition partition;
	struct lb_verdict why;

	if (!tool_read_file(path, TOOL_FILE_LIMIT, &out->kernel))
		return false;
	const enum lb_reason reason =
		tool_partition_read(out->kernel.data, out->kernel.len, &partition, &why);

	if (reason != LB_REASON_OK)
		return tool_error("%s: %s: %s", path, lb_reason_text(reason), why.detail);
	out->root_state = tool_root_of(partition.cmdline);
	if (out->root == NULL || slot->sign.root.no_verity)
		return true;
	lb_format_hex(hash, verity->root_hash, sizeof(verity->root_hash));
	if (strstr(partition.cmdline, hash) == NULL)
		return tool_error(
			"%s: its command line does not carry the root hash of %s (%s)",
			path, slot->sign.root.image, hash);
	return true;
}

bool tool_slot_content_make(struct tool_image_slot *slot, const char *name,
			    const char *folder, struct tool_slot_content *out)
{
	const struct tool_sign_input *in = &slot->sign.input;
	struct tool_verity verity;

	*out = (struct tool_slot_content){ 0 };
	if (slot->signed_kernel == NULL && in->kernel == NULL && in->fit == NULL &&
	    in->uki == NULL && slot->sign.root.image == NULL)
		return true; /* an empty slot */
	out->filled = true;
	if (slot->sign.root.image != NULL &&
	    (!prepare_root(slot, name, folder, out, &verity) || !find_root_bytes(out)))
		return false;
	return slot->signed_kernel != NULL ? take_signed(slot, &verity, out)
					   : sign_kernel(slot, name, out);
}

void tool_slot_content_free(struct tool_slot_content *content)
{
	tool_buffer_free(&content->kernel);
	free(content->root);
	*content = (struct tool_slot_content){ 0 };
}
