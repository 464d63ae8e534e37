/* The kernel's random seed on a made-up firmware: where it comes from, that it is never
 * the same twice, and what happens when things fail on the way. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/cpu.h"
#include "tests/host/uefi_store.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define SEED_BYTES 32u

static const EFI_GUID lifeboat = UEFI_LIFEBOAT_GUID;
static const EFI_GUID systemd = UEFI_LOADER_GUID;
static const EFI_GUID seed_table = UEFI_LINUX_RANDOM_SEED_GUID;

/* --- the machine -------------------------------------------------------------------- */

static struct {
	bool rng, rng_fails, rng_stuck; /* EFI_RNG_PROTOCOL */
	bool cpu;                       /* the CPU's generator */
	bool no_memory, no_table;       /* what the firmware refuses */
	uint8_t next;                   /* what the generators give */
	uint64_t clock;                 /* ticks, time of day and monotonic count alike */
	EFI_CONFIGURATION_TABLE table;
	char log[2000];
} machine;

static EFI_STATUS EFIAPI get_rng(EFI_RNG_PROTOCOL *this, EFI_RNG_ALGORITHM *algorithm,
				 UINTN bytes, UINT8 *out)
{
	(void)this;
	(void)algorithm;
	if (machine.rng_fails)
		return EFI_DEVICE_ERROR;
	memset(out, machine.next, bytes);
	machine.next = (uint8_t)(machine.next + !machine.rng_stuck);
	return EFI_SUCCESS;
}

static EFI_RNG_PROTOCOL rng = { .GetRNG = get_rng };

static EFI_STATUS EFIAPI locate(EFI_GUID *guid, void *registration, void **out)
{
	const EFI_GUID wanted = EFI_RNG_PROTOCOL_GUID;

	(void)registration;
	if (!machine.rng || memcmp(guid, &wanted, sizeof wanted) != 0)
		return EFI_NOT_FOUND;
	*out = &rng;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate(EFI_MEMORY_TYPE type, UINTN bytes, void **out)
{
	assert_int_equal(type, EfiACPIReclaimMemory);
	if (machine.no_memory)
		return EFI_OUT_OF_RESOURCES;
	*out = malloc(bytes);
	assert_non_null(*out);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI release(void *memory)
{
	free(memory);
	return EFI_SUCCESS;
}

static EFI_SYSTEM_TABLE system_table = { .ConfigurationTable = &machine.table };

static EFI_STATUS EFIAPI install(EFI_GUID *guid, void *table)
{
	assert_memory_equal(guid, &seed_table, sizeof seed_table);
	if (machine.no_table)
		return EFI_OUT_OF_RESOURCES;
	machine.table.VendorGuid = *guid;
	machine.table.VendorTable = table;
	system_table.NumberOfTableEntries = 1;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI count(UINT64 *out)
{
	*out = machine.clock;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_time(EFI_TIME *out, EFI_TIME_CAPABILITIES *capabilities)
{
	(void)capabilities;
	out->Nanosecond = (UINT32)machine.clock;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES boot_services = { .LocateProtocol = locate,
					   .AllocatePool = allocate,
					   .FreePool = release,
					   .InstallConfigurationTable = install,
					   .GetNextMonotonicCount = count };
static EFI_RUNTIME_SERVICES runtime_services = { .GetTime = get_time };
static struct uefi uefi = { .st = &system_table,
			    .bs = &boot_services,
			    .rt = &runtime_services };

uint64_t uefi_cpu_ticks(void)
{
	return machine.clock;
}

bool uefi_cpu_random(uint64_t *out)
{
	*out = machine.next++;
	return machine.cpu;
}

void uefi_write_log(void *ctx, const char *text, size_t len)
{
	const size_t used = strlen(machine.log);

	(void)ctx;
	assert_true(used + len < sizeof machine.log);
	memcpy(machine.log + used, text, len);
	machine.log[used + len] = '\0';
}

/* The table is gone with the power; the variables are not. */
static void power_on(void)
{
	if (system_table.NumberOfTableEntries != 0)
		free(machine.table.VendorTable);
	system_table.NumberOfTableEntries = 0;
	memset(&machine, 0, sizeof machine);
}

/* What must_be_new() has seen of this machine. */
static uint8_t seen[64][SEED_BYTES];
static size_t seen_count;

static int fresh_machine(void **state)
{
	(void)state;
	power_on();
	seen_count = 0;
	uefi_store_reset();
	uefi_store_services(&runtime_services);
	return 0;
}

static int end_machine(void **state)
{
	(void)state;
	power_on();
	return 0;
}

static const uint8_t *table(void)
{
	return system_table.NumberOfTableEntries == 0 ? NULL : machine.table.VendorTable;
}

static const struct uefi_store_variable *stored(void)
{
	return uefi_store_find(L"LifeboatSeed", lifeboat);
}

static void plant_secret(UINT32 attributes, size_t bytes)
{
	uint8_t secret[64];

	memset(secret, 0x5a, sizeof secret);
	uefi_store_put(L"LifeboatSeed", lifeboat, attributes, secret, bytes);
}

static void plant_token(size_t bytes)
{
	uint8_t token[UEFI_STORE_DATA_BYTES];

	memset(token, 0x77, sizeof token);
	uefi_store_put(L"LoaderSystemToken", systemd, UEFI_NV | UEFI_BS | UEFI_RT, token,
		       bytes);
}

/* --- every seed that the machine handed out ----------------------------------------- */

static void must_be_new(const uint8_t seed[SEED_BYTES])
{
	for (size_t i = 0; i < seen_count; i++)
		if (memcmp(seen[i], seed, SEED_BYTES) == 0)
			fail_msg("seed %zu was given before, as number %zu", seen_count,
				 i);
	assert_true(seen_count < COUNT(seen));
	memcpy(seen[seen_count++], seed, SEED_BYTES);
}

/* Looks at what the kernel would get, if anything. */
static void take_seed(void)
{
	if (table() == NULL)
		return;
	assert_int_equal(lb_le32(table()), SEED_BYTES);
	must_be_new(table() + 4);
	if (stored() != NULL)
		assert_memory_not_equal(stored()->data, table() + 4, SEED_BYTES);
}

/* --- the tests ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool rng, fails, stuck, cpu;
	UINT32 secret; /* attributes; 0: none */
	size_t secret_bytes, token_bytes;
	bool offered;
	size_t writes;
} sources[] = {
	{ .name = "nothing" },
	{ .name = "firmware's source: the secret is made",
	  .rng = true,
	  .offered = true,
	  .writes = 1 },
	{ .name = "source and secret: nothing is written",
	  .rng = true,
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 32,
	  .offered = true },
	{ .name = "the CPU's source",
	  .cpu = true,
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 32,
	  .offered = true },
	{ .name = "the CPU's, as the firmware's fails",
	  .rng = true,
	  .fails = true,
	  .cpu = true,
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 32,
	  .offered = true },
	{ .name = "only the secret: it is replaced",
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 32,
	  .offered = true,
	  .writes = 1 },
	{ .name = "the source fails: the secret is replaced",
	  .rng = true,
	  .fails = true,
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 32,
	  .offered = true,
	  .writes = 1 },
	{ .name = "the source is stuck: the secret is replaced",
	  .rng = true,
	  .stuck = true,
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 32,
	  .offered = true,
	  .writes = 1 },
	{ .name = "the source is stuck and nothing else", .rng = true, .stuck = true },
	{ .name = "planted by an OS: deleted, not used",
	  .secret = UEFI_NV | UEFI_BS | UEFI_RT,
	  .secret_bytes = 32,
	  .writes = 1 },
	{ .name = "volatile: deleted, not used",
	  .secret = UEFI_BS,
	  .secret_bytes = 32,
	  .writes = 1 },
	{ .name = "too short: deleted, not used",
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 31,
	  .writes = 1 },
	{ .name = "too long: deleted, not used",
	  .secret = UEFI_NV | UEFI_BS,
	  .secret_bytes = 33,
	  .writes = 1 },
	{ .name = "a token: the secret is made of it",
	  .token_bytes = 32,
	  .offered = true,
	  .writes = 1 },
	{ .name = "a short token is none", .token_bytes = 15 },
	{ .name = "a huge token is none", .token_bytes = 513 },
	{ .name = "token and source",
	  .rng = true,
	  .token_bytes = 32,
	  .offered = true,
	  .writes = 1 },
};

static void where_a_seed_comes_from(void **state)
{
	for (size_t i = 0; i < COUNT(sources); i++) {
		(void)fresh_machine(state);
		machine.rng = sources[i].rng;
		machine.rng_fails = sources[i].fails;
		machine.rng_stuck = sources[i].stuck;
		machine.cpu = sources[i].cpu;
		if (sources[i].secret != 0)
			plant_secret(sources[i].secret, sources[i].secret_bytes);
		if (sources[i].token_bytes != 0)
			plant_token(sources[i].token_bytes);
		const bool offered = uefi_seed_offer(&uefi);

		if (offered != sources[i].offered ||
		    (table() != NULL) != sources[i].offered ||
		    uefi_store.writes != sources[i].writes)
			fail_msg("%s: offered %d, %zu writes\n%s", sources[i].name,
				 offered, uefi_store.writes, machine.log);
		if (offered && (stored() == NULL || stored()->bytes != SEED_BYTES ||
				stored()->attributes != (UEFI_NV | UEFI_BS)))
			fail_msg("%s: the secret is not kept right", sources[i].name);
		take_seed();
	}
}

/* The worst machine: no source, a clock that stands still. */
static void many_boots_without_a_source(void **state)
{
	uint8_t before[SEED_BYTES];

	(void)state;
	plant_token(32);
	for (int i = 0; i < 50; i++) {
		power_on();
		if (stored() != NULL)
			memcpy(before, stored()->data, sizeof before);
		assert_true(uefi_seed_offer(&uefi));
		take_seed();
		if (i > 0)
			assert_memory_not_equal(stored()->data, before, sizeof before);
	}
}

static void several_starts_in_one_boot(void **state)
{
	(void)state;
	plant_secret(UEFI_NV | UEFI_BS, SEED_BYTES);
	for (int i = 0; i < 5; i++) {
		uint8_t *old = system_table.NumberOfTableEntries != 0
				       ? machine.table.VendorTable
				       : NULL;

		assert_true(uefi_seed_offer(&uefi));
		take_seed();
		if (old != NULL) {
			static const uint8_t zeros[SEED_BYTES];

			assert_memory_equal(old + 4, zeros, SEED_BYTES);
			free(old);
		}
	}
}

/* A seed is shown only after the secret behind it was replaced in the store: wherever the
 * power goes, the next boot starts from another one. */
static void power_cut_at_the_write(void **state)
{
	jmp_buf off;

	(void)state;
	plant_secret(UEFI_NV | UEFI_BS, SEED_BYTES);
	for (volatile int i = 0; i < 20; i++) {
		power_on();
		uefi_store.cut_before = i % 3 == 1 ? &off : NULL;
		uefi_store.cut_after = i % 3 == 2 ? &off : NULL;
		if (setjmp(off) == 0)
			assert_true(uefi_seed_offer(&uefi));
		else
			assert_null(table());
		take_seed();
		assert_non_null(stored());
	}
	/* Every third boot got as far as a seed. */
	assert_true(seen_count >= 7);
}

static const struct {
	const char *name;
	bool rng, write_protected, forgets, corrupts, broken, no_memory, no_table;
	bool offered;
} faults[] = {
	{ .name = "no source, store read-only", .write_protected = true },
	{ .name = "no source, store forgets", .forgets = true },
	{ .name = "no source, store corrupts", .corrupts = true },
	{ .name = "no source, store unreadable", .broken = true },
	{ .name = "no source, no memory", .no_memory = true },
	{ .name = "no source, no table", .no_table = true },
	{ .name = "source, store read-only",
	  .rng = true,
	  .write_protected = true,
	  .offered = true },
	{ .name = "source, store unreadable",
	  .rng = true,
	  .broken = true,
	  .offered = true },
	{ .name = "source, no memory", .rng = true, .no_memory = true },
};

static void what_fails_gives_no_old_seed(void **state)
{
	for (size_t i = 0; i < COUNT(faults); i++) {
		(void)fresh_machine(state);
		plant_secret(UEFI_NV | UEFI_BS, SEED_BYTES);
		for (int boot = 0; boot < 2; boot++) {
			power_on();
			machine.rng = faults[i].rng;
			machine.next = (uint8_t)(2 * i + 100);
			machine.clock = (uint64_t)(10 * i) + (uint64_t)boot;
			machine.no_memory = faults[i].no_memory;
			machine.no_table = faults[i].no_table;
			uefi_store.write_protected = faults[i].write_protected;
			uefi_store.forgets = faults[i].forgets;
			uefi_store.corrupts = faults[i].corrupts;
			uefi_store.broken = faults[i].broken;
			if (uefi_seed_offer(&uefi) != faults[i].offered ||
			    (table() != NULL) != faults[i].offered)
				fail_msg("%s, boot %d\n%s", faults[i].name, boot,
					 machine.log);
			if (!faults[i].offered)
				assert_non_null(strstr(machine.log, "seed: "));
			take_seed();
		}
	}
}

static void an_earlier_loaders_seed(void **state)
{
	static const size_t sizes[] = { 0, 1, 32, 512, 513, 0xffffffff };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint8_t *old = malloc(4 + 512);

		assert_non_null(old);
		(void)fresh_machine(state);
		memset(old, 0x33, 4 + 512);
		lb_put_le32(old, (uint32_t)sizes[i]);
		(void)install(&(EFI_GUID)UEFI_LINUX_RANDOM_SEED_GUID, old);

		/* Without anything of our own it stays as it was. */
		assert_false(uefi_seed_offer(&uefi));
		assert_ptr_equal(table(), old);
		assert_int_equal(old[4], 0x33);

		/* With a source it goes into ours, and nobody gets it a second time. */
		machine.rng = true;
		assert_true(uefi_seed_offer(&uefi));
		assert_ptr_not_equal(table(), old);
		for (size_t at = 0; at < 512; at++)
			assert_int_equal(old[4 + at],
					 sizes[i] <= 512 && at < sizes[i] ? 0 : 0x33);
		take_seed();
		free(old);
	}
}

/* The secret counts even where the source gives what an attacker knows; and the source
 * counts where the secret is known. */
static void each_source_changes_the_seed(void **state)
{
	uint8_t seeds[4][SEED_BYTES];

	for (size_t i = 0; i < 4; i++) {
		(void)fresh_machine(state);
		machine.rng = true;
		machine.next = i == 1 ? 1 : 0;
		machine.clock = i == 2 ? 1 : 0;
		plant_secret(UEFI_NV | UEFI_BS, SEED_BYTES);
		if (i == 3)
			uefi_store.variable[0].data[31] ^= 1;
		assert_true(uefi_seed_offer(&uefi));
		memcpy(seeds[i], table() + 4, SEED_BYTES);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(seeds[k], seeds[i], SEED_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(where_a_seed_comes_from, fresh_machine,
						end_machine),
		cmocka_unit_test_setup_teardown(many_boots_without_a_source,
						fresh_machine, end_machine),
		cmocka_unit_test_setup_teardown(several_starts_in_one_boot, fresh_machine,
						end_machine),
		cmocka_unit_test_setup_teardown(power_cut_at_the_write, fresh_machine,
						end_machine),
		cmocka_unit_test_setup_teardown(what_fails_gives_no_old_seed,
						fresh_machine, end_machine),
		cmocka_unit_test_setup_teardown(an_earlier_loaders_seed, fresh_machine,
						end_machine),
		cmocka_unit_test_setup_teardown(each_source_changes_the_seed,
						fresh_machine, end_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
