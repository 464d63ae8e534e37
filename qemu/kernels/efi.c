/* A test kernel started as an EFI application: tells its load options and its initrd. */
#include "efi.h"

#include "console.h"

/* The device path under which Linux looks for its initrd: one vendor media node, end. */
static const struct __attribute__((packed)) {
	uint8_t type, subtype;
	uint16_t bytes;
	struct efi_guid vendor;
	uint8_t end_type, end_subtype;
	uint16_t end_bytes;
} initrd_path = {
	.type = 4,
	.subtype = 3,
	.bytes = 20,
	.vendor = { 0x5568e427,
		    0x68fc,
		    0x4f3d,
		    { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } },
	.end_type = 0x7f,
	.end_subtype = 0xff,
	.end_bytes = 4,
};
static const struct efi_guid loaded_image_id = {
	0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b }
};
static const struct efi_guid load_file2_id = {
	0x4006c0c1, 0xfcb3, 0x403e, { 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d }
};

static const struct efi_guid file_system_id = {
	0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b }
};

static const struct efi_guid random_seed_id = {
	0x1ce1e5bc, 0x7ceb, 0x42f2, { 0x81, 0xe5, 0x8a, 0xad, 0xf1, 0x80, 0xf5, 0x7b }
};

#define MAX_CMDLINE 8192u
#define MAX_SEED    1024u

static bool same_id(const struct efi_guid *a, const struct efi_guid *b)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

	for (size_t i = 0; i < sizeof *a; i++)
		if (x[i] != y[i])
			return false;
	return true;
}

void efi_tell_seed(const struct efi_system_table *system)
{
	put("\r\nKERNEL seed=");
	for (size_t t = 0; t < system->table_count; t++) {
		const uint8_t *seed = system->tables[t].data;
		const size_t bytes = (size_t)seed[0] | (size_t)seed[1] << 8;

		if (!same_id(&system->tables[t].id, &random_seed_id))
			continue;
		for (size_t i = 0; i < bytes && i < MAX_SEED; i++) {
			put_hex(seed[4 + i] >> 4);
			put_hex(seed[4 + i] & 15u);
		}
	}
	put("\r\n");
}

static void copy_options(const struct efi_loaded_image *image, char *out)
{
	const size_t chars = image->options_bytes / 2;
	size_t n = 0;

	while (n < chars && n < MAX_CMDLINE - 1 && image->options[n] != 0) {
		out[n] = image->options[n] < 0x7f ? (char)image->options[n] : '?';
		n++;
	}
	out[n] = '\0';
}

static bool has_file_system(struct efi_boot_services *boot, void *device)
{
	void *found;

	return boot->handle_protocol(device, &file_system_id, &found) == 0;
}

static uint8_t *load_initrd(struct efi_boot_services *boot, size_t *bytes)
{
	const void *path = &initrd_path;
	struct efi_load_file2 *file;
	void *handle, *found;
	uint64_t address;

	*bytes = 0;
	if (boot->locate_device_path(&load_file2_id, &path, &handle) != 0 ||
	    boot->handle_protocol(handle, &load_file2_id, &found) != 0)
		return NULL;
	file = found;
	(void)file->load(file, path, 0, bytes, NULL); /* tells the size */
	if (*bytes == 0 || boot->allocate_pages(0, 2, *bytes / 4096 + 1, &address) != 0)
		return NULL;
	if (file->load(file, path, 0, bytes, (void *)(uintptr_t)address) != 0)
		*bytes = 0;
	return (uint8_t *)(uintptr_t)address;
}

/* Under Secure Boot the firmware must refuse any image that is not signed, this one too
 * (its file and its memory are the same bytes); whatever let this one in must be gone. */
static void load_again(struct efi_boot_services *boot, void *handle,
		       const struct efi_loaded_image *image)
{
	void *again = NULL;

	put("\r\nKERNEL has file system=");
	put(image->device != NULL && has_file_system(boot, image->device) ? "yes" : "no");
	put(" unsigned image gives ");
	put_hex(boot->load_image(0, handle, NULL, image->base, image->bytes, &again));
}

static const struct efi_guid tcg2_id = {
	0x607f766c, 0x7455, 0x42be, { 0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f }
};

/* TPM2_NV_Write of eight zeros to the index of the floors, TPM2_NV_Read of it. */
#define WITH_PASSWORD                                                                    \
	0x01, 0x80, 0x4c, 0x42, 0x01, 0x80, 0x4c, 0x42, 0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, \
		0, 0, 0
static const uint8_t write_zeros[] = { 0x80, 2, 0, 0, 0, 43, 0, 0, 1, 0x37, WITH_PASSWORD,
				       0,    8, 0, 0, 0, 0,  0, 0, 0, 0,    0,
				       0 };
static const uint8_t read_back[] = { 0x80,          2, 0, 0, 0, 35, 0, 0, 1, 0x4e,
				     WITH_PASSWORD, 0, 8, 0, 0 };

static uint64_t ask_tpm(struct efi_tcg2 *tpm, const uint8_t *command, uint32_t bytes,
			uint8_t response[64])
{
	if (tpm->submit_command(tpm, bytes, command, 64, response) != 0)
		return UINT64_MAX;
	return (uint64_t)response[6] << 24 | (uint64_t)response[7] << 16 |
	       (uint64_t)response[8] << 8 | response[9];
}

/* clang-format off */
#define INDEX    0x01, 0x80, 0x4c, 0x42
#define OWNER    0x40, 0, 0, 1
#define PASSWORD 0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 1, 0, 0
#define NONCE    0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define HIGHEST  0, 8, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0
/* "PCR 8 is at its start": the policy's digest (docs/formats/floors.md), the register's. */
#define POLICY \
	0x2a, 0x90, 0xac, 0x03, 0x19, 0x65, 0x73, 0xf1, 0x29, 0xe7, 0x0a, 0x9e, \
	0x04, 0x48, 0x5b, 0xff, 0x58, 0x1d, 0x28, 0x90, 0xfe, 0x58, 0x82, 0xd3, \
	0xc2, 0x66, 0x72, 0x90, 0xd8, 0x4b, 0x49, 0x7b
#define PCR_DIGEST \
	0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77, 0x6c, 0x8f, 0xc1, 0x8b, \
	0x8e, 0x9f, 0x8e, 0x20, 0x08, 0x97, 0x14, 0x85, 0x6e, 0xe2, 0x33, 0xb3, \
	0x90, 0x2a, 0x59, 0x1d, 0x0d, 0x5f, 0x29, 0x25
#define SESSION_AT 22u /* in plant_by_policy */

static const uint8_t undefine[] = {
	0x80, 2, 0, 0, 0, 31, 0, 0, 1, 0x22, OWNER, INDEX, PASSWORD };
static const uint8_t define[] = {
	0x80, 2, 0, 0, 0, 77, 0, 0, 1, 0x2a, OWNER, PASSWORD, 0, 0,
	0, 46, INDEX, 0, 0xb, 2, 4, 0x50, 8, 0, 32, POLICY, 0, 8 };
static const uint8_t plant[] = {
	0x80, 2, 0, 0, 0, 43, 0, 0, 1, 0x37, INDEX, INDEX, PASSWORD, HIGHEST };
static const uint8_t start_session[] = {
	0x80, 1, 0, 0, 0, 43, 0, 0, 1, 0x76, 0x40, 0, 0, 7, 0x40, 0, 0, 7,
	NONCE, 0, 0, 1, 0, 0x10, 0, 0xb };
static uint8_t show_pcr[] = {
	0x80, 1, 0, 0, 0, 58, 0, 0, 1, 0x7f, 0, 0, 0, 0, 0, 32, PCR_DIGEST,
	0, 0, 0, 1, 0, 0xb, 3, 0, 1, 0 };
static uint8_t plant_by_policy[] = {
	0x80, 2, 0, 0, 0, 43, 0, 0, 1, 0x37, INDEX, INDEX, 0, 0, 0, 9, 0, 0, 0, 0,
	0, 0, 0, 0, 0, HIGHEST };
/* clang-format on */

static void try_command(struct efi_tcg2 *tpm, const char *name, const uint8_t *command,
			uint32_t bytes, uint8_t response[64])
{
	put(" ");
	put(name);
	put("=");
	put_hex(ask_tpm(tpm, command, bytes, response));
}

/* test.plant: an owner makes the index anew, just as the loader would, and gives it the
 * highest value - as far as the TPM lets it. */
static void try_planting(struct efi_tcg2 *tpm)
{
	uint8_t response[64];

	put("\r\nKERNEL planting:");
	try_command(tpm, "undefine", undefine, sizeof undefine, response);
	try_command(tpm, "define", define, sizeof define, response);
	try_command(tpm, "write", plant, sizeof plant, response);
	try_command(tpm, "session", start_session, sizeof start_session, response);
	for (size_t i = 0; i < 4; i++)
		show_pcr[10 + i] = plant_by_policy[SESSION_AT + i] = response[10 + i];
	try_command(tpm, "policy", show_pcr, sizeof show_pcr, response);
	try_command(tpm, "write", plant_by_policy, sizeof plant_by_policy, response);
	try_command(tpm, "read", read_back, sizeof read_back, response);
	put(".");
}

/* test.tpm: what an operating system can do to the floors in this boot. */
static void try_tpm(struct efi_boot_services *boot, bool planting)
{
	uint8_t response[64];
	void *found;

	if (boot->locate_protocol(&tcg2_id, NULL, &found) != 0) {
		put("\r\nKERNEL no TPM");
		return;
	}
	put("\r\nKERNEL writing the floors gives ");
	put_hex(ask_tpm(found, write_zeros, sizeof write_zeros, response));
	put(" reading ");
	put_hex(ask_tpm(found, read_back, sizeof read_back, response));
	put(" kernel floor ");
	put_hex((uint64_t)response[19] << 24 | (uint64_t)response[18] << 16 |
		(uint64_t)response[17] << 8 | response[16]);
	if (planting)
		try_planting(found);
}

void efi_tell(void *image, struct efi_system_table *system)
{
	char cmdline[MAX_CMDLINE];
	void *found = NULL;
	uint8_t *initrd;
	size_t bytes;

	cmdline[0] = '\0';
	if (system->boot->handle_protocol(image, &loaded_image_id, &found) == 0) {
		copy_options(found, cmdline);
		load_again(system->boot, image, found);
	}
	efi_tell_seed(system);
	if (has_word(cmdline, "test.tpm"))
		try_tpm(system->boot, has_word(cmdline, "test.plant"));
	if (has_word(cmdline, "test.return")) {
		put("\r\nKERNEL returns\r\n");
		(void)system->boot->exit(image, 0, 0, NULL);
	}
	initrd = load_initrd(system->boot, &bytes);
	tell("efi", initrd, bytes, cmdline);
}
