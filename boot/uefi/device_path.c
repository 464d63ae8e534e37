/* Device paths: a bounds-checked walk and what is made of it. */
#include "boot/uefi/device_path.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"

#define NODE_HEADER_BYTES 4u

enum {
	TYPE_HARDWARE = 1,
	TYPE_ACPI = 2,
	TYPE_MESSAGING = 3,
	TYPE_MEDIA = 4,
	TYPE_END = 0x7f
};
enum {
	HARDWARE_PCI = 1,
	HARDWARE_MEMORY = 3,
	HARDWARE_VENDOR = 4,
	HARDWARE_CONTROLLER = 5
};
enum { ACPI_HID = 1 };
enum {
	MESSAGING_ATA = 1,
	MESSAGING_SCSI = 2,
	MESSAGING_USB = 5,
	MESSAGING_UART = 14,
	MESSAGING_USB_CLASS = 15,
	MESSAGING_USB_WWID = 16,
	MESSAGING_UNIT = 17,
	MESSAGING_SATA = 18,
	MESSAGING_NVME = 23,
	MESSAGING_UFS = 25,
	MESSAGING_SD = 26,
	MESSAGING_EMMC = 29,
};
enum { MEDIA_HARD_DRIVE = 1, MEDIA_FILE = 4 };

/* Of a hard-drive node behind its header: u32 number, u64 start, u64 size, 16 bytes
 * signature, u8 format of the table, u8 type of the signature. */
#define HARD_DRIVE_BYTES     38u
#define HARD_DRIVE_SIGNATURE 20u
#define HARD_DRIVE_TYPE      37u
#define SIGNATURE_IS_GUID    2u

#define HID_PCI_ROOT  0x0a0341d0u /* PNP0A03 */
#define HID_PCIE_ROOT 0x0a0841d0u /* PNP0A08 */
#define HID_PNP       0x41d0u

struct node {
	uint8_t type, subtype;
	const uint8_t *data; /* behind the header */
	size_t len;
};

/* The node at *offset, or false at the end of the @bytes or when the rest is
 * malformed. */
static bool next_node(const uint8_t *path, size_t bytes, size_t *offset, struct node *out)
{
	if (!lb_within(*offset, NODE_HEADER_BYTES, bytes))
		return false;

	const uint8_t *p = path + *offset;
	const size_t len = lb_le16(p + 2);

	if (len < NODE_HEADER_BYTES || !lb_within(*offset, len, bytes))
		return false;
	*out = (struct node){ .type = (uint8_t)(p[0] & 0x7f),
			      .subtype = p[1],
			      .data = p + NODE_HEADER_BYTES,
			      .len = len - NODE_HEADER_BYTES };
	if (out->type == TYPE_END)
		return false;
	*offset += len;
	return true;
}

size_t uefi_path_bytes(const uint8_t *path, size_t max)
{
	struct node node;
	size_t offset = 0;

	if (path == NULL)
		return 0;
	while (next_node(path, max, &offset, &node))
		continue;
	if (!lb_within(offset, NODE_HEADER_BYTES, max) ||
	    (path[offset] & 0x7f) != TYPE_END)
		return 0;
	return offset;
}

static bool is(const struct node *node, uint8_t type, uint8_t subtype)
{
	return node->type == type && node->subtype == subtype;
}

static bool has(const uint8_t *path, size_t bytes, uint8_t type, uint8_t subtype)
{
	struct node node;
	size_t offset = 0;

	while (next_node(path, bytes, &offset, &node))
		if (is(&node, type, subtype))
			return true;
	return false;
}

enum platform_attachment uefi_path_attachment(const uint8_t *path, size_t bytes)
{
	if (has(path, bytes, TYPE_MESSAGING, MESSAGING_USB) ||
	    has(path, bytes, TYPE_MESSAGING, MESSAGING_USB_CLASS) ||
	    has(path, bytes, TYPE_MESSAGING, MESSAGING_USB_WWID))
		return PLATFORM_ATTACHED_USB;
	if (has(path, bytes, TYPE_MESSAGING, MESSAGING_SD))
		return PLATFORM_ATTACHED_SD_SLOT;
	return PLATFORM_ATTACHED_INTERNAL;
}

/* PNP0300 to PNP03FF: keyboards. An expanded node begins with the same number. */
static bool is_ps2_keyboard(const struct node *node)
{
	return node->type == TYPE_ACPI && node->len >= 4 &&
	       lb_le16(node->data) == HID_PNP && node->data[3] == 0x03;
}

bool uefi_path_is_keyboard(const uint8_t *path, size_t bytes)
{
	struct node node;
	size_t offset = 0;

	if (has(path, bytes, TYPE_MESSAGING, MESSAGING_UART))
		return false; /* a serial line, also one behind USB */
	while (next_node(path, bytes, &offset, &node))
		if (is_ps2_keyboard(&node))
			return true;
	return uefi_path_attachment(path, bytes) == PLATFORM_ATTACHED_USB;
}

bool uefi_path_begins_with(const uint8_t *path, size_t bytes, const uint8_t *start,
			   size_t start_bytes)
{
	return start_bytes != 0 && start_bytes <= bytes &&
	       memcmp(path, start, start_bytes) == 0;
}

bool uefi_path_is_on_disk(const uint8_t *path, size_t bytes, const uint8_t *disk,
			  size_t disk_bytes)
{
	struct node node;
	size_t offset = disk_bytes;

	if (!uefi_path_begins_with(path, bytes, disk, disk_bytes))
		return false;
	/* A longer path may also be a child device (a hub's disk), so look at what
	 * follows. */
	return offset == bytes ||
	       (next_node(path, bytes, &offset, &node) && node.type == TYPE_MEDIA);
}

bool uefi_path_partition(const uint8_t *path, size_t bytes, uint8_t guid[16])
{
	struct node node;
	size_t offset = 0;

	while (next_node(path, bytes, &offset, &node))
		if (is(&node, TYPE_MEDIA, MEDIA_HARD_DRIVE) &&
		    node.len >= HARD_DRIVE_BYTES &&
		    node.data[HARD_DRIVE_TYPE] == SIGNATURE_IS_GUID) {
			memcpy(guid, node.data + HARD_DRIVE_SIGNATURE, 16);
			return true;
		}
	return false;
}

/* The characters of one file node, up to a NUL; -1 when they do not fit. */
static int add_name(const struct node *node, uint16_t *out, size_t room)
{
	size_t count = 0;

	for (size_t at = 0; lb_within(at, 2, node->len); at += 2) {
		const uint16_t character = lb_le16(node->data + at);

		if (character == 0)
			break;
		if (count == room)
			return -1;
		out[count++] = character;
	}
	return (int)count;
}

size_t uefi_path_file(const uint8_t *path, size_t bytes, uint16_t *out, size_t max)
{
	struct node node;
	size_t offset = 0, used = 0;

	while (next_node(path, bytes, &offset, &node)) {
		if (!is(&node, TYPE_MEDIA, MEDIA_FILE))
			continue;
		if (used > 0 && used < max && out[used - 1] != '\\' &&
		    !(node.len >= 2 && lb_le16(node.data) == '\\'))
			out[used++] = '\\';

		const int added = add_name(&node, out + used, max - used);

		if (added < 0)
			return 0;
		used += (size_t)added;
	}
	return used;
}

/* --- text ------------------------------------------------------------------------- */

struct text {
	char *out;
	size_t size, used;
};

static void add(struct text *t, const char *piece)
{
	while (*piece != '\0' && t->used + 1 < t->size)
		t->out[t->used++] = *piece++;
	t->out[t->used] = '\0';
}

static void add_hex(struct text *t, const uint8_t *bytes, size_t len)
{
	char two[3];

	for (size_t i = 0; i < len; i++) {
		(void)lb_format(two, sizeof two, "%02X", bytes[i]);
		add(t, two);
	}
}

/* "Name(0xA,0xB)" from little-endian fields of the node, field i being @widths[i]
 * wide. */
static bool add_fields(struct text *t, const struct node *node, const char *name,
		       const char *widths)
{
	char number[24];
	size_t at = 0, need = 0;

	for (const char *w = widths; *w != '\0'; w++)
		need += (size_t)(*w - '0');
	if (node->len < need)
		return false;
	add(t, name);
	for (const char *w = widths; *w != '\0'; w++) {
		uint64_t value = 0;
		const size_t width = (size_t)(*w - '0');

		for (size_t i = width; i > 0; i--)
			value = value << 8 | node->data[at + i - 1];
		at += width;
		(void)lb_format(number, sizeof number, "%s0x%llX",
				w == widths ? "(" : ",", (unsigned long long)value);
		add(t, number);
	}
	add(t, ")");
	return true;
}

static bool add_acpi(struct text *t, const struct node *node)
{
	char text[40];

	if (node->len < 8)
		return false;

	const uint32_t hid = lb_le32(node->data), uid = lb_le32(node->data + 4);

	if (hid == HID_PCI_ROOT || hid == HID_PCIE_ROOT)
		(void)lb_format(text, sizeof text, "%s(0x%X)",
				hid == HID_PCI_ROOT ? "PciRoot" : "PcieRoot", uid);
	else if ((hid & 0xffff) == HID_PNP)
		(void)lb_format(text, sizeof text, "Acpi(PNP%04X,0x%X)", hid >> 16, uid);
	else
		(void)lb_format(text, sizeof text, "Acpi(0x%08X,0x%X)", hid, uid);
	add(t, text);
	return true;
}

static bool add_nvme(struct text *t, const struct node *node)
{
	char text[24];

	if (node->len < 12)
		return false;
	(void)lb_format(text, sizeof text, "NVMe(0x%X,", lb_le32(node->data));
	add(t, text);
	for (size_t i = 8; i > 0; i--) {
		add_hex(t, node->data + 4 + i - 1, 1);
		add(t, i > 1 ? "-" : ")");
	}
	return true;
}

static bool add_vendor(struct text *t, const struct node *node)
{
	char guid[LB_GUID_TEXT_BYTES];

	if (node->len < 16)
		return false;
	lb_format_guid(guid, node->data);
	add(t, "VenHw(");
	add(t, guid);
	if (node->len > 16) {
		add(t, ",");
		add_hex(t, node->data + 16, node->len - 16);
	}
	add(t, ")");
	return true;
}

/* Nodes that are a name and plain numbers. */
static const struct {
	uint8_t type, subtype;
	const char *name, *widths;
} plain_nodes[] = {
	{ TYPE_HARDWARE, HARDWARE_MEMORY, "MemoryMapped", "488" },
	{ TYPE_HARDWARE, HARDWARE_CONTROLLER, "Ctrl", "4" },
	{ TYPE_MESSAGING, MESSAGING_ATA, "Ata", "112" },
	{ TYPE_MESSAGING, MESSAGING_SCSI, "Scsi", "22" },
	{ TYPE_MESSAGING, MESSAGING_USB, "USB", "11" },
	{ TYPE_MESSAGING, MESSAGING_USB_CLASS, "UsbClass", "22111" },
	{ TYPE_MESSAGING, MESSAGING_UNIT, "Unit", "1" },
	{ TYPE_MESSAGING, MESSAGING_SATA, "Sata", "222" },
	{ TYPE_MESSAGING, MESSAGING_UFS, "UFS", "11" },
	{ TYPE_MESSAGING, MESSAGING_SD, "SD", "1" },
	{ TYPE_MESSAGING, MESSAGING_EMMC, "eMMC", "1" },
};

static bool add_plain(struct text *t, const struct node *node)
{
	for (size_t i = 0; i < sizeof plain_nodes / sizeof plain_nodes[0]; i++)
		if (is(node, plain_nodes[i].type, plain_nodes[i].subtype))
			return add_fields(t, node, plain_nodes[i].name,
					  plain_nodes[i].widths);
	return false;
}

/* Function comes before device in the node, and after it in the text. */
static bool add_pci(struct text *t, const struct node *node)
{
	char text[24];

	if (node->len < 2)
		return false;
	(void)lb_format(text, sizeof text, "Pci(0x%X,0x%X)", node->data[1],
			node->data[0]);
	add(t, text);
	return true;
}

static bool add_known(struct text *t, const struct node *node)
{
	if (is(node, TYPE_HARDWARE, HARDWARE_PCI))
		return add_pci(t, node);
	if (is(node, TYPE_HARDWARE, HARDWARE_VENDOR))
		return add_vendor(t, node);
	if (is(node, TYPE_ACPI, ACPI_HID))
		return add_acpi(t, node);
	if (is(node, TYPE_MESSAGING, MESSAGING_NVME))
		return add_nvme(t, node);
	return add_plain(t, node);
}

void uefi_path_text(const uint8_t *path, size_t bytes, char *out, size_t size)
{
	struct text t = { .out = out, .size = size };
	struct node node;
	size_t offset = 0;
	char text[24];

	if (size == 0)
		return;
	out[0] = '\0';
	while (next_node(path, bytes, &offset, &node)) {
		if (t.used != 0)
			add(&t, "/");
		if (add_known(&t, &node))
			continue;
		(void)lb_format(text, sizeof text, "Path(%u,%u,", node.type,
				node.subtype);
		add(&t, text);
		add_hex(&t, node.data, node.len);
		add(&t, ")");
	}
}

/* --- name ------------------------------------------------------------------------- */

static const struct {
	uint8_t subtype;
	const char *name;
} buses[] = {
	{ MESSAGING_ATA, "ata" },      { MESSAGING_SCSI, "scsi" },
	{ MESSAGING_SATA, "sata" },    { MESSAGING_NVME, "nvme" },
	{ MESSAGING_UFS, "ufs" },      { MESSAGING_SD, "sd" },
	{ MESSAGING_EMMC, "emmc" },    { MESSAGING_USB_CLASS, "usb" },
	{ MESSAGING_USB_WWID, "usb" },
};

static const char *bus_of(const uint8_t *path, size_t bytes)
{
	struct node node;
	size_t offset = 0;
	const char *name =
		has(path, bytes, TYPE_HARDWARE, HARDWARE_PCI) ? "pci" : "other";

	while (next_node(path, bytes, &offset, &node))
		for (size_t i = 0; i < sizeof buses / sizeof buses[0]; i++)
			if (is(&node, TYPE_MESSAGING, buses[i].subtype))
				name = buses[i].name;
	return name;
}

/* "usb 1-2-4": the ports on the way, counted from 1 as they are on the case. */
static void name_usb(const uint8_t *path, size_t bytes, struct text *t)
{
	struct node node;
	size_t offset = 0;
	char port[8];
	const char *before = " ";

	add(t, "usb");
	while (next_node(path, bytes, &offset, &node)) {
		if (!is(&node, TYPE_MESSAGING, MESSAGING_USB) || node.len < 2)
			continue;
		(void)lb_format(port, sizeof port, "%s%u", before, node.data[0] + 1u);
		add(t, port);
		before = "-";
	}
}

static bool is_vendor(const struct node *node, const uint8_t guid[16], size_t data)
{
	return is(node, TYPE_HARDWARE, HARDWARE_VENDOR) && node->len >= 16 + data &&
	       memcmp(node->data, guid, 16) == 0;
}

/* U-Boot tells no bus, only numbers: of a virtio disk in a node of its own kind, since
 * 2024 of each device in two 32-bit numbers, class and device. */
static bool name_u_boot(const uint8_t *path, size_t bytes, struct text *t)
{
	static const uint8_t virtio[16] = { 0x92, 0x37, 0x29, 0x63, 0xf5, 0xad,
					    0x25, 0x93, 0xb9, 0x9f, 0x4e, 0x0e,
					    0x45, 0x5c, 0x1b, 0x1e };
	static const uint8_t device[16] = { 0xb9, 0x73, 0x1d, 0xe6, 0x84, 0xa3,
					    0xcc, 0x4a, 0xae, 0xab, 0x82, 0xe8,
					    0x28, 0xf3, 0x62, 0x8b };
	struct node node, last = { 0 };
	size_t offset = 0;
	char text[24];

	while (next_node(path, bytes, &offset, &node))
		last = node;
	if (is_vendor(&last, virtio, 1))
		(void)lb_format(text, sizeof text, "virtio %u", last.data[16]);
	else if (is_vendor(&last, device, 8))
		(void)lb_format(text, sizeof text, "disk %u", lb_le32(last.data + 20));
	else
		return false;
	add(t, text);
	return true;
}

void uefi_path_name(const uint8_t *path, size_t bytes, char *out, size_t size)
{
	struct text t = { .out = out, .size = size };
	struct node node;
	size_t offset = 0;
	char part[24];
	const char *before = " ";

	if (size == 0)
		return;
	out[0] = '\0';
	if (name_u_boot(path, bytes, &t))
		return;
	if (has(path, bytes, TYPE_MESSAGING, MESSAGING_USB)) {
		name_usb(path, bytes, &t);
		return;
	}
	add(&t, bus_of(path, bytes));
	while (next_node(path, bytes, &offset, &node)) {
		part[0] = '\0';
		if (is(&node, TYPE_HARDWARE, HARDWARE_PCI) && node.len >= 2)
			(void)lb_format(part, sizeof part, "%s%x.%x", before,
					node.data[1], node.data[0]);
		else if (is(&node, TYPE_MESSAGING, MESSAGING_SATA) && node.len >= 2)
			(void)lb_format(part, sizeof part, ":%u", lb_le16(node.data));
		else if (is(&node, TYPE_MESSAGING, MESSAGING_SCSI) && node.len >= 4)
			(void)lb_format(part, sizeof part, ":%u.%u", lb_le16(node.data),
					lb_le16(node.data + 2));
		if (part[0] != '\0')
			before = "/";
		add(&t, part);
	}
}
