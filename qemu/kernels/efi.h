/* The few UEFI structures a test kernel needs to learn its command line and initrd.
 * Spec: UEFI 2.10, 4.3, 4.4, 7.3, 9.1, 13.2. */
#ifndef LIFEBOAT_QEMU_EFI_H
#define LIFEBOAT_QEMU_EFI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#define EFIAPI __attribute__((ms_abi))
#else
#define EFIAPI
#endif

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct efi_boot_services {
	uint8_t header[24];
	void *before_allocate_pages[2];
	uint64_t(EFIAPI *allocate_pages)(int how, int type, size_t pages,
					 uint64_t *address);
	void *between[13];
	uint64_t(EFIAPI *handle_protocol)(void *handle, const struct efi_guid *id,
					  void **out);
	void *between2[3];
	uint64_t(EFIAPI *locate_device_path)(const struct efi_guid *id, const void **path,
					     void **handle);
	void *install_configuration_table;
	uint64_t(EFIAPI *load_image)(uint8_t policy, void *parent, const void *path,
				     const void *data, size_t bytes, void **handle);
	void *start_image;
	uint64_t(EFIAPI *exit)(void *handle, uint64_t status, size_t bytes, void *data);
	void *between3[12];
	uint64_t(EFIAPI *locate_protocol)(const struct efi_guid *id, void *registration,
					  void **out);
};

/* Spec: TCG EFI Protocol 1.0 rev 0.13, 6. */
struct efi_tcg2 {
	void *before_submit_command[3];
	uint64_t(EFIAPI *submit_command)(struct efi_tcg2 *self, uint32_t command_bytes,
					 const void *command, uint32_t response_bytes,
					 void *response);
};

struct efi_table {
	struct efi_guid id;
	const uint8_t *data;
};

struct efi_system_table {
	uint8_t header[24];
	void *vendor;
	uint32_t revision;
	void *consoles[6];
	void *runtime;
	struct efi_boot_services *boot;
	size_t table_count;
	const struct efi_table *tables;
};

struct efi_loaded_image {
	uint32_t revision;
	void *parent;
	struct efi_system_table *system;
	void *device, *path, *reserved;
	uint32_t options_bytes;
	const uint16_t *options;
	const void *base;
	uint64_t bytes;
};

struct efi_load_file2 {
	uint64_t(EFIAPI *load)(struct efi_load_file2 *self, const void *path,
			       uint8_t policy, size_t *bytes, void *buffer);
};

/* Says the random seed that the loader left for the kernel: u32 length, bytes. */
void efi_tell_seed(const struct efi_system_table *system);

/* Says what came through LoadOptions and LoadFile2; never returns. */
void efi_tell(void *image, struct efi_system_table *system) __attribute__((noreturn));

#endif
