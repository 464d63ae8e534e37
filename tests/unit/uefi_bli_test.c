/* The Boot Loader Interface's variables on a made-up firmware. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "boot/uefi/cpu.h"
#include "lb_version.h"
#include "tests/host/uefi_store.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const EFI_GUID systemd = UEFI_LOADER_GUID;

/* --- the machine -------------------------------------------------------------------- */

/* PciRoot(0x0)/Pci(0x3,0x0)/HD(1,GPT,...) as edk2 makes it; little-endian fields. */
static const uint8_t esp_path[] = {
	2,    1,    12,   0,    0xd0, 0x41, 0x03, 0x0a, 0, 0,    0, 0, /* PciRoot(0x0) */
	1,    1,    6,    0,    0,    3,                               /* Pci(0x3,0x0) */
	4,    1,    42,   0,    1,    0,    0,    0,                   /* partition 1 */
	0,    8,    0,    0,    0,    0,    0,    0,    0, 0x40, 0, 0,
	0,    0,    0,    0,                                  /* start, size */
	0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,       /* GUID as on disk */
	0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 2, 2, /* GPT, GUID */
	0x7f, 0xff, 4,    0,
};
#define ESP_GUID "78563412-bc9a-f0de-0123-456789abcdef"

static const uint8_t file_path[] = {
	4,    4,    14, 0, '\\', 0, 'E', 0, 'F', 0, 'I', 0, 0, 0, /* \EFI */
	4,    4,    10, 0, 'a',  0, 'X', 0, 0,   0,               /* aX */
	0x7f, 0xff, 4,  0,
};

static struct {
	const uint8_t *path;
	uint64_t ticks, ticks_per_ms;
	char log[3000];
} machine;

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **out)
{
	const EFI_GUID wanted = EFI_DEVICE_PATH_PROTOCOL_GUID;

	if (handle != &machine || memcmp(guid, &wanted, sizeof wanted) != 0 ||
	    machine.path == NULL)
		return EFI_UNSUPPORTED;
	*out = (void *)(uintptr_t)machine.path;
	return EFI_SUCCESS;
}

static CHAR16 vendor[80];
static EFI_SYSTEM_TABLE system_table;
static EFI_BOOT_SERVICES boot_services = { .HandleProtocol = handle_protocol };
static EFI_RUNTIME_SERVICES runtime_services;
static EFI_LOADED_IMAGE loaded;
static struct uefi uefi;

uint64_t uefi_cpu_ticks(void)
{
	return machine.ticks;
}

uint64_t uefi_cpu_ticks_per_ms(void)
{
	return machine.ticks_per_ms;
}

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	const size_t used = strlen(machine.log);

	(void)ctx;
	assert_true(used + len < sizeof machine.log);
	memcpy(machine.log + used, text, len);
	machine.log[used + len] = '\0';
}

static int setup(void **state)
{
	(void)state;
	uefi_store_reset();
	uefi_store_services(&runtime_services);
	memset(&machine, 0, sizeof machine);
	machine.path = esp_path;
	machine.ticks_per_ms = 62500;
	machine.ticks = 62500ull * 1500 + 125; /* 1.500002 s */
	memcpy(vendor, L"EDK II", sizeof L"EDK II");
	system_table = (EFI_SYSTEM_TABLE){ .Hdr.Revision = (2u << 16) | 70u,
					   .FirmwareVendor = vendor,
					   .FirmwareRevision = (1u << 16) | 5u };
	loaded = (EFI_LOADED_IMAGE){
		.DeviceHandle = &machine,
		.FilePath = (EFI_DEVICE_PATH *)(uintptr_t)file_path,
	};
	uefi = (struct uefi){ .st = &system_table,
			      .bs = &boot_services,
			      .rt = &runtime_services,
			      .loaded = &loaded };
	uefi.clock.entry_ticks = 62500ull * 400; /* 0.4 s */
	return 0;
}

/* The variable is that text in UTF-16 with its NUL, volatile, for the OS; NULL: not
 * there. */
static void says(const CHAR16 *name, const char *text)
{
	const struct uefi_store_variable *v = uefi_store_find(name, systemd);

	if (text == NULL) {
		assert_null(v);
		return;
	}
	assert_non_null(v);
	assert_int_equal(v->attributes, UEFI_BS | UEFI_RT);
	assert_int_equal(v->bytes, 2 * (strlen(text) + 1));
	for (size_t i = 0; i <= strlen(text); i++) {
		assert_int_equal(v->data[2 * i], text[i]);
		assert_int_equal(v->data[2 * i + 1], 0);
	}
}

static void features_are(uint8_t low)
{
	const struct uefi_store_variable *v = uefi_store_find(L"LoaderFeatures", systemd);
	const uint8_t want[8] = { low };

	assert_non_null(v);
	assert_int_equal(v->attributes, UEFI_BS | UEFI_RT);
	assert_int_equal(v->bytes, 8);
	assert_memory_equal(v->data, want, 8);
}

/* --- the tests ---------------------------------------------------------------------- */

static void all_of_it(void **state)
{
	(void)state;
	uefi_bli_publish(&uefi, true);
	uefi_bli_selected(&uefi, 'B');
	says(L"LoaderInfo", "Lifeboat " LB_VERSION);
	says(L"LoaderTimeInitUSec", "400000");
	says(L"LoaderTimeExecUSec", "1500002");
	says(L"LoaderDevicePartUUID", ESP_GUID);
	says(L"LoaderImageIdentifier", "\\EFI\\aX");
	says(L"LoaderFirmwareInfo", "EDK II 1.05");
	says(L"LoaderFirmwareType", "UEFI 2.70");
	says(L"LoaderEntrySelected", "slot-B");
	features_are(0x40);
	assert_string_equal(machine.log, "");

	/* The next slot of the same boot: said anew. */
	machine.ticks *= 2;
	uefi_bli_publish(&uefi, false);
	uefi_bli_selected(&uefi, 'A');
	says(L"LoaderTimeExecUSec", "3000004");
	says(L"LoaderEntrySelected", "slot-A");
	features_are(0);
}

/* Only the start says it: what the OS is told otherwise does not matter. */
static void the_slot_comes_with_the_start(void **state)
{
	(void)state;
	assert_int_equal(uefi_hand_over(&uefi, "Slot", "C 0123"), LB_OK);
	assert_null(uefi_store_find(L"LoaderEntrySelected", systemd));
	uefi_bli_selected(&uefi, '\0');
	assert_null(uefi_store_find(L"LoaderEntrySelected", systemd));
}

static void what_is_not_known_is_not_said(void **state)
{
	(void)state;
	machine.path = NULL; /* started from memory */
	loaded.FilePath = NULL;
	system_table.FirmwareVendor = NULL;
	uefi_bli_publish(&uefi, false);
	says(L"LoaderDevicePartUUID", NULL);
	says(L"LoaderImageIdentifier", NULL);
	says(L"LoaderFirmwareInfo", " 1.05");
	says(L"LoaderInfo", "Lifeboat " LB_VERSION);
}

static const struct {
	const char *name;
	uint64_t init, exec;
	const char *want_init, *want_exec;
} times[] = {
	{ "as usual", 62500, 125000, "1000", "2000" },
	{ "a counter that stands still", 62500, 62500, NULL, NULL },
	{ "one that was set back", 125000, 62500, NULL, NULL },
	{ "one that starts with us", 0, 62500, NULL, NULL },
	{ "years", 62500ull << 40, (62500ull << 40) + 63, "1099511627776000",
	  "1099511627776001" },
};

static void times_are_both_or_neither(void **state)
{
	for (size_t i = 0; i < COUNT(times); i++) {
		(void)setup(state);
		uefi.clock.entry_ticks = times[i].init;
		machine.ticks = times[i].exec;
		uefi_bli_publish(&uefi, false);
		says(L"LoaderTimeInitUSec", times[i].want_init);
		says(L"LoaderTimeExecUSec", times[i].want_exec);
	}
}

/* What an OS or another loader left: replaced where that is possible, no harm where
 * not. */
static void planted_variables(void **state)
{
	static const CHAR16 *const names[] = { L"LoaderInfo", L"LoaderFeatures",
					       L"LoaderTimeInitUSec",
					       L"LoaderEntrySelected" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		uefi_store_put(names[i], systemd, UEFI_NV | UEFI_BS | UEFI_RT, "x", 1);
	uefi_bli_publish(&uefi, false);
	uefi_bli_selected(&uefi, 'A');
	says(L"LoaderInfo", "Lifeboat " LB_VERSION);
	says(L"LoaderTimeInitUSec", "400000");
	says(L"LoaderEntrySelected", "slot-A");
	features_are(0);
	assert_string_equal(machine.log, "");

	uefi_store_put(L"LoaderInfo", systemd,
		       UEFI_NV | UEFI_BS | UEFI_RT | UEFI_AUTHENTICATED, "x", 1);
	uefi_bli_publish(&uefi, false);
	assert_non_null(strstr(machine.log, "boot loader interface: LoaderInfo: "));
	says(L"LoaderTimeInitUSec", "400000");
	assert_int_equal(uefi_store_find(L"LoaderInfo", systemd)->bytes, 1);
}

static void a_store_that_takes_nothing(void **state)
{
	(void)state;
	uefi_store.write_protected = true;
	uefi_bli_publish(&uefi, true);
	uefi_bli_selected(&uefi, 'A');
	assert_non_null(strstr(machine.log, "LoaderInfo: read-only"));
	assert_non_null(strstr(machine.log, "LoaderEntrySelected: read-only"));
}

static void strange_firmware(void **state)
{
	char want[80];

	(void)state;
	for (size_t i = 0; i < COUNT(vendor) - 1; i++)
		vendor[i] = (CHAR16)(i == 0 ? 0x1b : i == 1 ? 0x4e2d : 'v');
	uefi_bli_publish(&uefi, false);
	memset(want, 'v', sizeof want);
	want[0] = want[1] = '?';
	memcpy(want + 63, " 1.05", sizeof " 1.05");
	says(L"LoaderFirmwareInfo", want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_of_it, setup),
		cmocka_unit_test_setup(the_slot_comes_with_the_start, setup),
		cmocka_unit_test_setup(what_is_not_known_is_not_said, setup),
		cmocka_unit_test_setup(times_are_both_or_neither, setup),
		cmocka_unit_test_setup(planted_variables, setup),
		cmocka_unit_test_setup(a_store_that_takes_nothing, setup),
		cmocka_unit_test_setup(strange_firmware, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
