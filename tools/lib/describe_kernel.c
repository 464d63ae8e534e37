/* Signed kernel partitions and image trees as names and values. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "tools/lib/body.h"
#include "tools/lib/describe.h"
#include "tools/lib/json_out.h"
#include "tools/lib/partition_read.h"
#include "tools/lib/pe_file.h"
#include "tools/lib/root_check.h"
#include "tools/lib/tool.h"
#include "tools/lib/tree.h"
#include "tools/lib/uki.h"

#define FDT_MAGIC_BYTES 4u

static void set_hex(json_t *object, const char *name, uint64_t value)
{
	char *text = tool_format("0x%llx", (unsigned long long)value);

	tool_json_text(object, name, text);
	free(text);
}

/* --- FIT ---------------------------------------------------------------------------- */

/* A property as text, when it is one: printable strings, NUL between several. */
static void set_property(json_t *object, const char *name, const uint8_t *value, int len)
{
	bool text = len > 1 && value[len - 1] == '\0' && value[0] != '\0';

	for (int i = 0; text && i < len; i++)
		text = value[i] == '\0' ? i + 1 == len || value[i + 1] != '\0'
					: value[i] >= 0x20 && value[i] < 0x7f;
	if (!text) {
		if (len == 4)
			set_hex(object, name, lb_be32(value));
		else {
			char *bytes = tool_format("%d bytes", len);

			tool_json_text(object, name, bytes);
			free(bytes);
		}
		return;
	}
	json_t *array = json_array();

	for (const char *s = (const char *)value; s < (const char *)value + len;
	     s += strlen(s) + 1)
		tool_json_append(array, tool_json_string(s));
	if (json_array_size(array) != 1) {
		tool_json_set(object, name, array);
		return;
	}
	tool_json_text(object, name, (const char *)value);
	json_decref(array);
}

static json_t *describe_node(const void *tree, int node, int depth)
{
	json_t *object = json_object();
	int property, child;

	fdt_for_each_property_offset (property, tree, node) {
		const char *name;
		int len;
		const void *value = fdt_getprop_by_offset(tree, property, &name, &len);

		if (value == NULL)
			continue;
		if (strcmp(name, "data") == 0)
			tool_json_number(object, "data_bytes", (uint64_t)len);
		else
			set_property(object, name, value, len);
	}
	if (depth == 0)
		return object;
	fdt_for_each_subnode (child, tree, node)
		tool_json_set(object, fdt_get_name(tree, child, NULL),
			      describe_node(tree, child, depth - 1));
	return object;
}

/* Deeper than images and their hashes nothing is of interest. */
#define FIT_DEPTH 3

json_t *tool_describe_fit(const uint8_t *bytes, size_t len)
{
	struct tool_buffer copy = { 0 };
	json_t *object;

	/* libfdt wants 8-byte alignment; a body in a partition need not have it. */
	tool_buffer_append(&copy, bytes, len);
	const int status = tool_tree_check(copy.data, len);

	if (status != 0) {
		char *fault = tool_tree_fault(copy.data, len);

		object = json_object();
		tool_json_text(object, "error", fault);
		free(fault);
	} else {
		object = describe_node(copy.data, 0, FIT_DEPTH);
		tool_json_number(object, "total_bytes", fdt_totalsize(copy.data));
	}
	tool_buffer_free(&copy);
	return object;
}

/* --- partition ---------------------------------------------------------------------- */

static json_t *describe_preamble(const struct crypto_headers *h)
{
	const struct crypto_preamble *p = &h->preamble;
	json_t *object = json_object();

	tool_json_number(object, "bytes", p->bytes);
	tool_json_number(object, "signed_bytes", p->signed_len);
	tool_json_number(object, "version_major", lb_le32(h->preamble_bytes + 32));
	tool_json_number(object, "version_minor", lb_le32(h->preamble_bytes + 36));
	tool_json_number(object, "kernel_version", p->kernel_version);
	set_hex(object, "body_load_address", p->body_load_address);
	tool_json_number(object, "body_bytes", p->body_bytes);
	tool_json_number(object, "body_signature_bytes", p->body_signature_len);
	set_hex(object, "bootloader_address", p->bootloader_address);
	tool_json_number(object, "bootloader_bytes", p->bootloader_bytes);
	set_hex(object, "vmlinuz_header_address", p->vmlinuz_header_address);
	tool_json_number(object, "vmlinuz_header_bytes", p->vmlinuz_header_bytes);
	set_hex(object, "flags", p->flags);
	return object;
}

static void describe_pe(json_t *object, const struct tool_buffer *body,
			const struct tool_partition *partition)
{
	const bool page = partition->cmdline[0] != '\0';
	struct tool_pe pe;
	char *own = NULL;
	json_t *profiles;

	tool_json_text(object, "kind", "pe");
	if (tool_pe_parse(body, "body", &pe))
		set_hex(object, "machine", pe.machine);
	const bool clear = tool_uki_cmdline(body, "body", &own);

	if (own != NULL)
		tool_json_text(object, "own_command_line", own);
	tool_json_text(
		object, "root",
		tool_root_words(!clear && !page
					? TOOL_ROOT_UNVERIFIED
					: tool_root_of(!page && own != NULL
							       ? own
							       : partition->cmdline)));
	profiles = tool_uki_profiles(body);
	if (profiles != NULL)
		tool_json_set(object, "profile", profiles);
	free(own);
}

/* What the body is, and which root its command line starts. */
static json_t *describe_body(const struct tool_partition *p)
{
	struct tool_buffer body = { .data = (uint8_t *)(uintptr_t)p->body,
				    .len = p->config_offset };
	json_t *object = json_object();

	tool_json_number(object, "offset", p->headers.body_offset);
	tool_json_number(object, "bytes", p->body_bytes);
	tool_json_number(object, "config_offset", p->config_offset);
	tool_json_text(object, "command_line", p->cmdline);
	if (tool_is_pe(&body)) {
		describe_pe(object, &body, p);
		return object;
	}
	tool_json_text(object, "root", tool_root_words(tool_root_of(p->cmdline)));
	if (body.len >= FDT_MAGIC_BYTES && lb_be32(body.data) == FDT_MAGIC) {
		tool_json_text(object, "kind", "fit");
		tool_json_set(object, "fit", tool_describe_fit(body.data, body.len));
	} else {
		tool_json_text(object, "kind",
			       p->headers.preamble.vmlinuz_header_bytes != 0 ? "cros-x86"
									     : "unknown");
	}
	return object;
}

json_t *tool_describe_partition(const uint8_t *bytes, size_t len)
{
	json_t *object = json_object();
	struct tool_partition partition;
	struct lb_verdict why;

	tool_json_set(object, "keyblock", tool_describe_keyblock(bytes, len));
	if (tool_partition_read(bytes, len, &partition, &why) != LB_REASON_OK) {
		tool_json_text(object, "error", lb_reason_text(why.reason));
		tool_json_text(object, "detail", why.detail);
		return object;
	}
	tool_json_number(object, "combined_version", partition.headers.version);
	tool_json_set(object, "preamble", describe_preamble(&partition.headers));
	tool_json_set(object, "body", describe_body(&partition));
	return object;
}
