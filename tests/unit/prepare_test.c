/* Preparation end to end: partitions packed and signed by ChromeOS's own vbutil_kernel
 * with the packaged developer keys, verified and prepared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "boot/kernel/prepare.h"
#include "crypto/key.h"
#include "tests/host/kernel_rig.h"
#include "tests/host/test_fit.h"
#include "tests/host/test_pe.h"

#define KEYS       "/usr/share/vboot/devkeys/"
#define FILE_BYTES (4u << 20)

struct packed {
	uint8_t *data;
	size_t bytes;
	uint8_t *key_data;
	struct crypto_policy policy;
	struct lb_source source;
};

static uint8_t *read_file(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(FILE_BYTES);

	assert_non_null(f);
	assert_non_null(data);
	*bytes = fread(data, 1, FILE_BYTES, f);
	assert_in_range(*bytes, 1, FILE_BYTES - 1);
	assert_int_equal(fclose(f), 0);
	return data;
}

static void write_file(const char *dir, const char *name, const void *data, size_t bytes)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, bytes, f), bytes);
	assert_int_equal(fclose(f), 0);
}

static enum lb_status read_source(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct packed *p = ctx;

	if (!lb_within(offset, len, p->bytes))
		return LB_ERR_RANGE;
	memcpy(buf, p->data + offset, len);
	return LB_OK;
}

/* @kernel through vbutil_kernel --pack. */
static void pack(struct packed *p, const void *kernel, size_t bytes, const char *cmdline,
		 const char *arch)
{
	char dir[] = "/tmp/lifeboat-test-XXXXXX", command[1024], path[128];
	size_t key_bytes;

	assert_non_null(mkdtemp(dir));
	write_file(dir, "kernel", kernel, bytes);
	write_file(dir, "cmdline", cmdline, strlen(cmdline));
	write_file(dir, "stub", "stub", 4);
	(void)snprintf(
		command, sizeof command,
		"cd %s && vbutil_kernel --pack out --keyblock " KEYS
		"kernel.keyblock --signprivate " KEYS
		"kernel_data_key.vbprivk --version 1 --vmlinuz kernel --bootloader stub "
		"--config cmdline --arch %s >/dev/null",
		dir, arch);
	assert_int_equal(system(command), 0);
	(void)snprintf(path, sizeof path, "%s/out", dir);
	p->data = read_file(path, &p->bytes);
	(void)snprintf(command, sizeof command,
		       "cd %s && rm kernel cmdline stub out && rmdir %s", dir, dir);
	assert_int_equal(system(command), 0);

	p->key_data = read_file(KEYS "kernel_subkey.vbpubk", &key_bytes);
	memset(&p->policy, 0, sizeof p->policy);
	assert_int_equal(crypto_key_parse(p->key_data, key_bytes, 0, &p->policy.key),
			 LB_OK);
	p->source =
		(struct lb_source){ .ctx = p, .bytes = p->bytes, .read = read_source };
}

static void unpack(struct packed *p)
{
	free(p->data);
	free(p->key_data);
}

static struct verified_kernel *verify(struct kernel_rig *rig, struct packed *p)
{
	struct verified_kernel *kernel = NULL;

	const enum lb_reason reason =
		crypto_kernel_verify(&rig->host->plat, &p->policy, &p->source,
				     PLATFORM_ANY_ADDRESS, &kernel, &rig->why);
	if (reason != LB_REASON_OK)
		print_message("%s: %s\n", lb_reason_name(reason), rig->why.detail);
	assert_int_equal(reason, LB_REASON_OK);
	return kernel;
}

static struct prepared_kernel *prepare(struct kernel_rig *rig, struct packed *p,
				       enum kernel_kind want)
{
	struct prepared_kernel *prepared = NULL;
	enum kernel_kind kind;

	struct verified_kernel *kernel = verify(rig, p);
	assert_int_equal(kernel_kind_of(kernel, &kind, &rig->why), LB_REASON_OK);
	assert_int_equal(kind, want);
	const enum lb_reason reason = kernel_prepare(&rig->host->plat, &rig->context,
						     kernel, &prepared, &rig->why);
	if (reason != LB_REASON_OK)
		print_message("%s: %s\n", lb_reason_name(reason), rig->why.detail);
	assert_int_equal(reason, LB_REASON_OK);
	assert_int_equal(rig->why.reason, LB_REASON_OK);
	assert_ptr_equal(kernel_prepared_verified(prepared), kernel);
	return prepared;
}

static void cros_x86(void **state)
{
	static uint8_t bzimage[RIG_BZIMAGE_BYTES];
	struct kernel_rig rig;
	struct packed p;

	(void)state;
	rig_make_bzimage(bzimage);
	pack(&p, bzimage, sizeof bzimage, "console=ttyS0 root=PARTUUID=%U/PARTNROFF=1\n",
	     "amd64");
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	rig.context.extra_args = "lifeboat.x=normal";
	struct prepared_kernel *prepared = prepare(&rig, &p, KERNEL_KIND_CROS_X86);
	const struct kernel_layout *l = kernel_prepared_layout(prepared);
	assert_int_equal(l->start, KERNEL_START_LINUX64);
	assert_string_equal(l->cmdline,
			    "console=ttyS0 root=PARTUUID=03020100-0504-0706-0809-"
			    "0a0b0c0d0e0f/PARTNROFF=1 lifeboat.x=normal");
	assert_int_equal(l->image_bytes, RIG_KERNEL_BYTES);
	assert_memory_equal(l->image, bzimage + RIG_SETUP_BYTES, RIG_KERNEL_BYTES);
	assert_true(l->image_room >= RIG_INIT_SIZE);
	assert_int_equal(lb_le32(l->zero_page + 0x260), RIG_INIT_SIZE);
	/* nothing was moved: the verifier leaves room behind the body */
	size_t body_bytes, room;
	assert_ptr_equal(l->image, crypto_kernel_body(kernel_prepared_verified(prepared),
						      &body_bytes, &room));
	kernel_prepared_free(&rig.host->plat, prepared);
	kernel_rig_release(&rig);
	unpack(&p);
}

static void fit(void **state)
{
	static uint8_t arm64[RIG_ARM64_BYTES];
	struct kernel_rig rig;
	struct packed p;
	size_t tree_bytes;
	uint8_t *tree = test_dtb("/dts-v1/; / { compatible = \"acme\"; };", &tree_bytes);

	(void)state;
	rig_make_arm64(arm64, true);
	const struct test_image images[] = {
		{ "kernel", "kernel", "arm64", "linux", "none", arm64, sizeof arm64,
		  true },
		{ "tree", "flat_dt", "arm64", NULL, "none", tree, tree_bytes, true },
	};
	const struct test_configuration c = { .name = "c",
					      .kernel = "kernel",
					      .fdt = { "tree" } };
	struct test_fit *made = test_fit_make(images, 2, &c, 1, NULL);
	pack(&p, made->data, made->bytes, "a %U", "arm64");
	for (int uefi = 0; uefi < 2; uefi++) {
		kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, uefi == 1);
		struct prepared_kernel *prepared = prepare(&rig, &p, KERNEL_KIND_FIT);
		const struct kernel_layout *l = kernel_prepared_layout(prepared);
		assert_int_equal(l->start,
				 uefi == 1 ? KERNEL_START_EFI_STUB : KERNEL_START_ARM64);
		assert_memory_equal(l->image, arm64, sizeof arm64);
		assert_string_equal(l->cmdline, "a 03020100-0504-0706-0809-0a0b0c0d0e0f");
		assert_non_null(l->device_tree);
		kernel_prepared_free(&rig.host->plat, prepared);
		kernel_rig_release(&rig);
	}
	free(made);
	free(tree);
	unpack(&p);
}

static void pe(void **state)
{
	static const struct test_section uki[] = { { ".linux", "k" } };
	uint8_t file[TEST_PE_BYTES];
	struct kernel_rig rig;
	struct packed p;

	(void)state;
	const size_t len = test_pe_make(file, 0xaa64, uki, 1);
	pack(&p, file, len, "a b\n", "arm64");
	kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, true);
	struct prepared_kernel *prepared = prepare(&rig, &p, KERNEL_KIND_PE);
	const struct kernel_layout *l = kernel_prepared_layout(prepared);
	assert_int_equal(l->start, KERNEL_START_UKI);
	assert_int_equal(l->image_bytes, len);
	assert_memory_equal(l->image, file, len);
	assert_string_equal(l->cmdline, "a b");
	kernel_prepared_free(&rig.host->plat, prepared);
	kernel_rig_release(&rig);
	unpack(&p);
}

/* What is refused stays the caller's. */
static void refused(void **state)
{
	static uint8_t bzimage[RIG_BZIMAGE_BYTES];
	static const char junk[8192] = "no kernel of any kind";
	struct prepared_kernel *prepared = NULL;
	struct kernel_rig rig;
	struct packed p;
	enum kernel_kind kind;

	(void)state;
	rig_make_bzimage(bzimage);
	pack(&p, bzimage, sizeof bzimage, "x", "amd64");
	kernel_rig_init(&rig, PLATFORM_CPU_AARCH64, true);
	struct verified_kernel *kernel = verify(&rig, &p);
	assert_int_equal(kernel_prepare(&rig.host->plat, &rig.context, kernel, &prepared,
					&rig.why),
			 LB_REASON_WRONG_CPU);
	assert_null(prepared);
	/* each allocation fails once, then all goes well */
	rig.host->machine.cpu = PLATFORM_CPU_X86_64;
	enum lb_reason reason = LB_REASON_TOO_LITTLE_MEMORY;
	for (uint32_t at = 1; reason != LB_REASON_OK; at++) {
		assert_in_range(at, 1, 10);
		rig.host->fail_alloc_at = at;
		reason = kernel_prepare(&rig.host->plat, &rig.context, kernel, &prepared,
					&rig.why);
		if (reason != LB_REASON_OK)
			assert_int_equal(reason, LB_REASON_TOO_LITTLE_MEMORY);
	}
	rig.host->fail_alloc_at = 0;
	kernel_prepared_free(&rig.host->plat, prepared);
	kernel_prepared_free(&rig.host->plat, NULL);
	unpack(&p);

	pack(&p, junk, sizeof junk, "x", "arm64");
	kernel = verify(&rig, &p);
	assert_int_equal(kernel_kind_of(kernel, &kind, &rig.why),
			 LB_REASON_KIND_UNSUPPORTED);
	assert_int_equal(kernel_prepare(&rig.host->plat, &rig.context, kernel, &prepared,
					&rig.why),
			 LB_REASON_KIND_UNSUPPORTED);
	crypto_kernel_free(&rig.host->plat, kernel);
	kernel_rig_release(&rig);
	unpack(&p);
}

static void image_types(void **state)
{
	static uint8_t data[16384];
	const struct kernel_body body = { .data = data,
					  .bytes = sizeof data,
					  .room = sizeof data,
					  .config_offset = 4096 };
	enum kernel_kind kind;
	struct lb_verdict why;

	(void)state;
	memcpy(data, "MZ", 2);
	assert_int_equal(kernel_body_kind(&body, 0, &kind, &why), LB_REASON_OK);
	assert_int_equal(kind, KERNEL_KIND_PE);
	assert_int_equal(kernel_body_kind(&body, 4, &kind, &why), LB_REASON_OK);
	for (uint32_t type = 1; type < 4; type++)
		assert_int_equal(kernel_body_kind(&body, type, &kind, &why),
				 LB_REASON_KIND_UNSUPPORTED);
	lb_put_be32(data, 0xd00dfeed);
	assert_int_equal(kernel_body_kind(&body, 0, &kind, &why), LB_REASON_OK);
	assert_int_equal(kind, KERNEL_KIND_FIT);
	memset(data, 0, 4);
	assert_int_equal(kernel_body_kind(&body, 0, &kind, &why),
			 LB_REASON_KIND_UNSUPPORTED);
	memcpy(data + 56, "ARM\x64", 4);
	assert_int_equal(kernel_body_kind(&body, 0, &kind, &why),
			 LB_REASON_KIND_UNSUPPORTED);
	assert_non_null(strstr(why.detail, "arm64"));
	memcpy(data + 8192 + 0x202, "HdrS", 4);
	assert_int_equal(kernel_body_kind(&body, 0, &kind, &why), LB_REASON_OK);
	assert_int_equal(kind, KERNEL_KIND_CROS_X86);
}

/* A host tool may ask about any machine; nothing of the host shows in the result. */
static void dry_run(void **state)
{
	static uint8_t bzimage[RIG_BZIMAGE_BYTES];
	struct kernel_rig rig;
	struct packed p;

	(void)state;
	rig_make_bzimage(bzimage);
	lb_put_le64(bzimage + 0x258, (uint64_t)1 << 62); /* no memory is that high up */
	lb_put_le16(bzimage + 0x236, 1);                 /* and all must be below 4 GiB */
	pack(&p, bzimage, sizeof bzimage, "a", "amd64");
	kernel_rig_init(&rig, PLATFORM_CPU_X86_64, true);
	struct verified_kernel *kernel = verify(&rig, &p);
	struct prepared_kernel *prepared;
	assert_int_equal(kernel_prepare(&rig.host->plat, &rig.context, kernel, &prepared,
					&rig.why),
			 LB_REASON_TOO_LITTLE_MEMORY);
	rig.context.dry_run = true;
	assert_int_equal(kernel_prepare(&rig.host->plat, &rig.context, kernel, &prepared,
					&rig.why),
			 LB_REASON_OK);
	assert_memory_equal(kernel_prepared_layout(prepared)->image,
			    bzimage + RIG_SETUP_BYTES, RIG_KERNEL_BYTES);
	kernel_prepared_free(&rig.host->plat, prepared);
	kernel_rig_release(&rig);
	unpack(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cros_x86),    cmocka_unit_test(fit),
		cmocka_unit_test(pe),          cmocka_unit_test(refused),
		cmocka_unit_test(image_types), cmocka_unit_test(dry_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
