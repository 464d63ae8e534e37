/* The Boot Loader Interface: which loader started this system, from where, what, and
 * when, under the names that systemd's tools read. Facts only: nothing depends on them.
 *
 * Design: DESIGN 8 "Variables"; docs/formats/variables.md.
 * Spec: https://systemd.io/BOOT_LOADER_INTERFACE */
#include "boot/uefi/cpu.h"

#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "boot/uefi/device_path.h"
#include "lb_version.h"

#define TEXT_MAX_CHARS   128u
#define VENDOR_MAX_CHARS 64u
#define FEATURE_SEED     (1ull << 6) /* passes a random seed to the OS */

static void put(struct uefi *u, const char *name, const void *data, size_t bytes)
{
	const enum lb_status status =
		uefi_tell_os(u, (EFI_GUID)UEFI_LOADER_GUID, name, data, bytes);

	if (status != LB_OK)
		uefi_log(u, "boot loader interface: %s: %s", name,
			 lb_status_name(status));
}

static void put_text(struct uefi *u, const char *name, const char *text)
{
	CHAR16 wide[TEXT_MAX_CHARS];

	if (strlen(text) < TEXT_MAX_CHARS) {
		uefi_ascii16(text, wide);
		put(u, name, wide, (strlen(text) + 1) * sizeof wide[0]);
	}
}

static void put_number(struct uefi *u, const char *name, uint64_t number)
{
	char text[TEXT_MAX_CHARS];

	lb_format(text, sizeof text, "%llu", (unsigned long long)number);
	put_text(u, name, text);
}

/* Both or neither: the reader takes the difference, and the counter of a machine that
 * stops or sets it back tells nothing. */
static void put_times(struct uefi *u)
{
	const uint64_t init = uefi_ticks_us(u, u->clock.entry_ticks);
	const uint64_t exec = uefi_ticks_us(u, uefi_cpu_ticks());

	if (init == 0 || exec <= init)
		return;
	put_number(u, "LoaderTimeInitUSec", init);
	put_number(u, "LoaderTimeExecUSec", exec);
}

static void put_firmware(struct uefi *u)
{
	const CHAR16 *vendor = u->st->FirmwareVendor;
	const uint32_t revision = u->st->FirmwareRevision;
	const uint32_t uefi = u->st->Hdr.Revision;
	char name[VENDOR_MAX_CHARS] = "", text[TEXT_MAX_CHARS];

	/* lb_format() turns what is not printable ASCII into '?'. */
	for (size_t i = 0; vendor != NULL && vendor[i] != 0 && i + 1 < sizeof name; i++)
		name[i] = vendor[i] < 0x7f ? (char)vendor[i] : '?';
	lb_format(text, sizeof text, "%s %u.%02u", name, revision >> 16,
		  revision & 0xffff);
	put_text(u, "LoaderFirmwareInfo", text);
	lb_format(text, sizeof text, "UEFI %u.%02u", uefi >> 16, uefi & 0xffff);
	put_text(u, "LoaderFirmwareType", text);
}

/* The partition and the file that we were started from; a loader from memory or from the
 * network has none. */
static void put_origin(struct uefi *u)
{
	size_t bytes;
	const uint8_t *device = uefi_device_path(u, u->loaded->DeviceHandle, &bytes);
	const uint8_t *file = (const uint8_t *)u->loaded->FilePath;
	char text[LB_GUID_TEXT_BYTES];
	CHAR16 name[TEXT_MAX_CHARS];
	uint8_t guid[16];

	if (uefi_path_partition(device, bytes, guid)) {
		lb_format_guid(text, guid);
		put_text(u, "LoaderDevicePartUUID", text);
	}

	const size_t chars =
		uefi_path_file(file, uefi_path_bytes(file, UEFI_PATH_MAX_BYTES), name,
			       TEXT_MAX_CHARS - 1);

	if (chars == 0)
		return;
	name[chars] = 0;
	put(u, "LoaderImageIdentifier", name, (chars + 1) * sizeof name[0]);
}

void uefi_bli_publish(struct uefi *u, bool seed)
{
	uint8_t features[8];

	lb_put_le64(features, seed ? FEATURE_SEED : 0);
	put_text(u, "LoaderInfo", "Lifeboat " LB_VERSION);
	put(u, "LoaderFeatures", features, sizeof features);
	put_firmware(u);
	put_origin(u);
	put_times(u);
}

void uefi_bli_selected(struct uefi *u, char letter)
{
	char entry[] = "slot-?";

	if (letter == '\0')
		return;
	entry[sizeof entry - 2] = letter;
	put_text(u, "LoaderEntrySelected", entry);
}
