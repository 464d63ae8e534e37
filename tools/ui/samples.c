/* States as real ones would be: each screen at least once. */
#include "tools/ui/samples.h"

#define URL "https://recovery.example.com/start"
#define LONG_URL                                                                         \
	"https://downloads.support.example-appliances.com/recovery/devices?lang=any"
#define MODEL "Example Kiosk K200"

static const char *const lines[] = {
	"Lifeboat 0.1, model Example Kiosk K200, hardware id K200-EU-4",
	"UEFI x86_64, Secure Boot enforcing, TPM 2.0 measuring, SHA-NI",
	"mode normal, developer mode allowed, serial input recovery",
	"kernel key   3f9a12c477e0b1d2, recovery key 88c1e9a0425b7d3f",
	"floors: kernel 65540 (TPM 65540, variable 65539), recovery 65537 (profile)",
	"",
	"disk nvme0: 238.5 GiB, 512-byte sectors, boot disk, internal",
	"  slot A: partition 2, priority 2, remaining attempts 0, bootable: booted "
	"incorrectly",
	"    body-damaged (80): kernel does not match its signature: SHA-256 of 16 MiB "
	"at offset 65536",
	"  slot B: partition 4, priority 1, remaining attempts 0, not bootable: dead",
	"    slot-dead (16): no attempts left and never marked good",
	"disk usb 1-2: 14.9 GiB, removable, recovery media",
	"  partition 1: key-unknown (52): signed with a key this device does not know "
	"(a31f0c77)",
	"",
	"boot 1042: recovery, reason 80, slot A, kernel 65540, floor 65540",
	"boot 1041: normal, started slot A, watchdog death",
	"boot 1040: normal, started slot A, watchdog death",
	"boot 1039: normal, started slot A, watchdog death",
	"boot 1038: normal, started slot A, marked good",
	"boot 1037: normal, started slot A",
	"boot 1036: normal, started slot B, marked good",
	"boot 1035: normal, started slot B",
	"boot 1034: normal, started slot B",
	"firmware: EDK II 2022.11-6, UEFI 2.70, SMBIOS QEMU/Standard PC (Q35 + ICH9, "
	"2009)",
	"display 1280x800, memory 2048 MiB, watchdog iTCO 60 s",
	"log: boot: PICK -> VERIFY",
	"log: slot A: disk nvme0 partition 2: body-damaged: kernel does not match its "
	"signature",
	"log: boot: VERIFY -> REJECT",
	"log: boot: REJECT -> PICK",
	"log: recovery: 3 findings, waiting",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BAD(id, text)                                                                    \
	.screen = UI_SCREEN_BAD_MEDIA, .url = URL, .model = MODEL,                       \
	.support = "Call +1 555 0100", .reason = LB_REASON_##id, .detail = text,         \
	.developer_offer = true

static const char *const disks[] = {
	"Samsung SSD 980 nvme0n1, 500 GB, empty",
	"WDC WD40EFRX sda, 4000 GB, has partitions: dos, ntfs",
	"QEMU HARDDISK vda, 8 GB, system of this device",
};

/* As long as a code can be. */
static const char phone[] = "Example Kiosk K200 P50 installer: writing slot A installer: "
			    "failed: writing slot A: "
			    "the disk cannot be written: nvme0n1, sector 81920: io "
			    "installer: medium usb SanDisk "
			    "Ultra sdb installer: disk Samsung SSD 980";

const struct ui_sample ui_samples[] = {
	{ "no-media",
	  { .screen = UI_SCREEN_NO_MEDIA,
	    .url = URL,
	    .model = MODEL,
	    .reason = LB_REASON_BODY_DAMAGED } },
	{ "no-media-asked",
	  { .screen = UI_SCREEN_NO_MEDIA,
	    .url = LONG_URL,
	    .model = "Example Industrial Controller IC-4000 Revision B",
	    .support = "Help: +49 30 1234567, help@example.com",
	    .asked = true,
	    .reason = LB_REASON_NO_DISK,
	    .developer_offer = true } },
	{ "no-media-last-resort",
	  { .screen = UI_SCREEN_NO_MEDIA,
	    .url = URL,
	    .model = MODEL,
	    .countdown_s = 86400,
	    .reason = LB_REASON_SLOT_DEAD } },
	{ "no-media-headless",
	  { .screen = UI_SCREEN_NO_MEDIA, .url = "example.com/r", .no_keyboard = true } },
	{ "no-media-fixed",
	  { .screen = UI_SCREEN_NO_MEDIA,
	    .url = URL,
	    .model = MODEL,
	    .media_fixed = true,
	    .reason = LB_REASON_SLOT_DEAD } },
	{ "bad-media-damaged",
	  { BAD(BODY_DAMAGED,
		"disk usb 1-2, partition 1: SHA-256 of 16777216 bytes at offset "
		"65536 differs from the signed one") } },
	{ "bad-media-other-device",
	  { BAD(KEY_UNKNOWN, "disk usb 1-2, partition 1: key a31f0c77e2b14d90") } },
	{ "bad-media-too-old",
	  { BAD(VERSION_TOO_OLD, "disk usb 1-2, partition 1: 3 < 5") } },
	{ "bad-media-other-cpu",
	  { BAD(WRONG_CPU, "disk usb 1-2, partition 2: aarch64") } },
	{ "bad-media-no-recovery", { BAD(NO_GPT, "disk usb 1-2") } },
	{ "bad-media-unreadable", { BAD(READ_ERROR, "disk usb 1-2: sector 4711") } },
	{ "bad-media-system", { BAD(SYSTEM_IMAGE, "disk usb 1-2, partition 2") } },
	{ "bad-media-own-slots",
	  { BAD(OWN_SLOTS, "disk usb 1-2, partition 2: internal-disk = "
			   "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x1,0x0)") } },
	{ "bad-media-removed", { BAD(DISK_REMOVED, "disk usb 1-2") } },
	{ "bad-media-other-mode", { BAD(KEYBLOCK_FLAGS, "disk usb 1-2, partition 1") } },
	{ "bad-media-other",
	  { BAD(FIRMWARE_REFUSED,
		"disk usb 1-2, partition 1: LoadImage: Security Violation") } },
	{ "dev-confirm-on",
	  { .screen = UI_SCREEN_DEV_CONFIRM_ON, .challenge = "KBTN", .typed = "KB" } },
	{ "dev-warning",
	  { .screen = UI_SCREEN_DEV_WARNING, .developer = true, .countdown_s = 30 } },
	{ "dev-confirm-off", { .screen = UI_SCREEN_DEV_CONFIRM_OFF, .developer = true } },
	{ "dev-enrol-key",
	  { .screen = UI_SCREEN_DEV_ENROL_KEY,
	    .developer = true,
	    .digest = { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
			0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
			0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 } } },
	{ "dev-confirm-key",
	  { .screen = UI_SCREEN_DEV_CONFIRM_KEY,
	    .developer = true,
	    .challenge = "XGHP",
	    .typed = "X" } },
	{ "dev-no-media", { .screen = UI_SCREEN_DEV_NO_MEDIA, .developer = true } },
	{ "dev-bad-media",
	  { .screen = UI_SCREEN_DEV_BAD_MEDIA,
	    .developer = true,
	    .reason = LB_REASON_DEV_KEY_UNKNOWN,
	    .detail = "disk usb 1-2, partition 1: key 77ab20c1d0e5f613" } },
	{ "dev-refused",
	  { .screen = UI_SCREEN_DEV_REFUSED,
	    .detail = "the device profile says developer-mode = forbidden" } },
	{ "menu", { .screen = UI_SCREEN_MENU, .developer = true, .selected = 1 } },
	{ "language", { .screen = UI_SCREEN_LANGUAGE, .selected = 4 } },
	{ "details",
	  { .screen = UI_SCREEN_DETAILS, .lines = lines, .line_count = COUNT(lines) } },
	{ "progress",
	  { .screen = UI_SCREEN_PROGRESS,
	    .stage = UI_STAGE_WRITE,
	    .permille = 437,
	    .minutes = 3,
	    .detail = "partition 2: 812 of 1857 MiB" } },
	{ "progress-no-keys",
	  { .screen = UI_SCREEN_PROGRESS, .permille = 1, .no_keys = true } },
	{ "reading",
	  { .screen = UI_SCREEN_READING, .permille = 437, .countdown_s = 23 } },
	{ "pull-media", { .screen = UI_SCREEN_PULL_MEDIA } },
	{ "power-confirm", { .screen = UI_SCREEN_POWER_CONFIRM } },
	{ "language-confirm", { .screen = UI_SCREEN_LANGUAGE_CONFIRM } },
	{ "power-off", { .screen = UI_SCREEN_POWER_OFF } },
	{ "install-disk",
	  { .screen = UI_SCREEN_INSTALL_DISK,
	    .lines = disks,
	    .line_count = COUNT(disks),
	    .selected = 1 } },
	{ "install-confirm",
	  { .screen = UI_SCREEN_INSTALL_CONFIRM,
	    .challenge = "XGHP",
	    .detail = "Samsung SSD 980 nvme0n1, 500 GB, system of this device" } },
	{ "install-erase",
	  { .screen = UI_SCREEN_INSTALL_ERASE,
	    .challenge = "XGHP",
	    .typed = "X",
	    .detail = "Samsung SSD 980 nvme0n1, 500 GB, has partitions: dos, ntfs" } },
	{ "install-wipe",
	  { .screen = UI_SCREEN_INSTALL_WIPE,
	    .challenge = "XGHP",
	    .detail = "partition 6 of Samsung SSD 980 nvme0n1, 480 GB" } },
	{ "install-no-keys",
	  { .screen = UI_SCREEN_INSTALL_NO_KEYS,
	    .no_keys = true,
	    .qr = { "Example Kiosk K200: Q2 erase Samsung SSD 980 nvme0n1, 500 GB?" },
	    .detail = "erase Samsung SSD 980 nvme0n1, 500 GB, has partitions: dos, "
		      "ntfs?" } },
	{ "install-failed",
	  { .screen = UI_SCREEN_INSTALL_FAILED,
	    .qr = { phone, phone },
	    .detail = "P50: the disk cannot be written: nvme0n1, sector 81920: io" } },
	{ "progress-wipe",
	  { .screen = UI_SCREEN_PROGRESS, .permille = 500, .wipe_offer = true } },
	{ "pull-media-wipe", { .screen = UI_SCREEN_PULL_MEDIA, .wipe_offer = true } },
	{ "error",
	  { .screen = UI_SCREEN_ERROR,
	    .detail = "installer: nvme0 partition 2: write: input/output error" } },
};

const size_t ui_sample_count = COUNT(ui_samples);
