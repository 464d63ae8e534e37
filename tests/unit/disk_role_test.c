/* Disk roles: by attachment, and by the profile's internal-disk paths, node by node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/format.h"
#include "boot/judge/disk.h"

static const struct {
	const char *name, *internal_disk, *path;
	bool internal;
} rows[] = {
	{ "the disk itself", "soc/mmc@1", "soc/mmc@1", true },
	{ "below it", "soc/mmc@1", "soc/mmc@1/disk@0", true },
	{ "a longer name", "soc/mmc@1", "soc/mmc@10", false },
	{ "above it", "soc/mmc@1", "soc", false },
	{ "another", "soc/mmc@1", "soc/mmc@2", false },
	{ "a slash at the end", "soc/mmc@1/", "soc/mmc@1", true },
	{ "slashes only", "/", "soc/mmc@1", false },
	{ "slashes only, and a path of one", "/", "/", false },
	{ "a port", "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x1,0x0)",
	  "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x1,0x0)/USB(0x2,0x0)", true },
	{ "half a node", "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x1",
	  "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x1,0x0)", false },
	{ "half a number", "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x1",
	  "PciRoot(0x0)/Pci(0x14,0x0)/USB(0x12,0x0)", false },
};

static enum boot_role role(const char *internal_disk, const char *path)
{
	struct platform_disk disk = { .attachment = PLATFORM_ATTACHED_USB };
	struct profile profile = { .internal_disk_count = 1 };

	profile.internal_disk[0] =
		(struct profile_bytes){ (const uint8_t *)internal_disk,
					(uint32_t)strlen(internal_disk) };
	lb_format(disk.path, sizeof disk.path, "%s", path);
	return boot_disk_role(&disk, &profile);
}

static void test_whole_nodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const bool got =
			role(rows[i].internal_disk, rows[i].path) == BOOT_ROLE_INTERNAL;

		if (got != rows[i].internal)
			fail_msg("%s", rows[i].name);
	}
}

/* What was cut could go on: "mmc@1" may have been "mmc@10". */
static void test_a_cut_path(void **state)
{
	char cut[PLATFORM_DISK_PATH_BYTES];

	(void)state;
	memset(cut, 'a', sizeof cut);
	cut[sizeof cut - 1] = '\0';
	assert_int_equal(role(cut, cut), BOOT_ROLE_RECOVERY_MEDIA);
	cut[sizeof cut - 2] = '\0';
	assert_int_equal(role(cut, cut), BOOT_ROLE_INTERNAL);
}

/* What lies behind the profile's last path is not asked. */
static void test_only_so_many(void **state)
{
	static const uint8_t path[] = "soc/mmc@1";
	struct platform_disk disk = { .attachment = PLATFORM_ATTACHED_USB,
				      .path = "soc/mmc@1" };
	struct profile profile = { 0 };

	(void)state;
	profile.internal_disk[1] = (struct profile_bytes){ path, sizeof path - 1 };
	assert_int_equal(boot_disk_role(&disk, &profile), BOOT_ROLE_RECOVERY_MEDIA);
	profile.internal_disk_count = 1;
	assert_int_equal(boot_disk_role(&disk, &profile), BOOT_ROLE_RECOVERY_MEDIA);
	profile.internal_disk_count = 2;
	assert_int_equal(boot_disk_role(&disk, &profile), BOOT_ROLE_INTERNAL);
}

/* A prefix longer than any path can be is not read against one. */
static void test_prefix_longer_than_paths(void **state)
{
	char prefix[4096];

	(void)state;
	memset(prefix, 'a', sizeof prefix);
	prefix[sizeof prefix - 1] = '\0';
	assert_int_equal(role(prefix, prefix), BOOT_ROLE_RECOVERY_MEDIA);
	assert_int_equal(role(prefix, "a"), BOOT_ROLE_RECOVERY_MEDIA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_nodes),
		cmocka_unit_test(test_a_cut_path),
		cmocka_unit_test(test_only_so_many),
		cmocka_unit_test(test_prefix_longer_than_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
