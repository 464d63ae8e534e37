/* gnu-efi's headers, and what they lack: a few protocols, tables and GUIDs. */
#ifndef LIFEBOAT_BOOT_UEFI_EFI_H
#define LIFEBOAT_BOOT_UEFI_EFI_H

#include <efi.h>

/* Spec: PI 1.7A volume 2, 12.9.2. */
#define UEFI_SECURITY2_GUID                                                              \
	{                                                                                \
		0x94ab2f58, 0x1438, 0x4ef1,                                              \
		{                                                                        \
			0x91, 0x52, 0x18, 0x94, 0x1a, 0x3a, 0x0e, 0x68                   \
		}                                                                        \
	}

struct uefi_security2;
typedef EFI_STATUS(EFIAPI *uefi_file_authentication)(const struct uefi_security2 *this,
						     const EFI_DEVICE_PATH *path,
						     void *file, UINTN bytes,
						     BOOLEAN boot_policy);
struct uefi_security2 {
	uefi_file_authentication file_authentication;
};

/* What edk2 marks the devices with that are the console. Source: edk2,
 * MdeModulePkg/Include/Guid/ConsoleOutDevice.h. */
#define UEFI_CONSOLE_OUT_DEVICE_GUID                                                     \
	{                                                                                \
		0xd3b36f2c, 0xd551, 0x11d4,                                              \
		{                                                                        \
			0x9a, 0x46, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d                   \
		}                                                                        \
	}

/* Spec: UEFI 2.10, 13.2. */
#define UEFI_LOAD_FILE2_GUID                                                             \
	{                                                                                \
		0x4006c0c1, 0xfcb3, 0x403e,                                              \
		{                                                                        \
			0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d                   \
		}                                                                        \
	}

struct uefi_load_file2 {
	EFI_STATUS(EFIAPI *load_file)
	(struct uefi_load_file2 *this, EFI_DEVICE_PATH *path, BOOLEAN boot_policy,
	 UINTN *bytes, void *buffer);
};

/* Spec: EBBR 2.1, 2.3.1 (EFI_DT_FIXUP_PROTOCOL). */
#define UEFI_DT_FIXUP_GUID                                                               \
	{                                                                                \
		0xe617d64c, 0xfe08, 0x46da,                                              \
		{                                                                        \
			0xf4, 0xdc, 0xbb, 0xd5, 0x87, 0x0c, 0x73, 0x00                   \
		}                                                                        \
	}
#define UEFI_DT_APPLY_FIXUPS   1u
#define UEFI_DT_RESERVE_MEMORY 2u

struct uefi_dt_fixup {
	UINT64 revision;
	EFI_STATUS(EFIAPI *fixup)
	(struct uefi_dt_fixup *this, void *tree, UINTN *bytes, UINT32 flags);
};

/* Spec: TCG EFI Protocol 1.0 rev 0.13, 6. Only what is called is typed. */
#define UEFI_TCG2_GUID                                                                   \
	{                                                                                \
		0x607f766c, 0x7455, 0x42be,                                              \
		{                                                                        \
			0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f                   \
		}                                                                        \
	}
#define UEFI_TCG2_PE_COFF_IMAGE               0x10u
#define UEFI_TCG2_LOG_FORMAT_1_2              1u
#define UEFI_TCG2_LOG_FORMAT_2                2u
#define UEFI_EV_EFI_BOOT_SERVICES_APPLICATION 0x80000003u

/* With the alignment C gives it. Spec: as above, 6.4. */
struct uefi_tcg2_capability {
	UINT8 size;
	UINT8 structure_version[2];
	UINT8 protocol_version[2];
	UINT32 hash_algorithms;
	UINT32 event_logs;
	BOOLEAN tpm_present;
	UINT16 max_command_bytes;
	UINT16 max_response_bytes;
	UINT32 manufacturer;
	UINT32 bank_count;
	UINT32 active_banks;
};

struct uefi_tcg2 {
	EFI_STATUS(EFIAPI *get_capability)
	(struct uefi_tcg2 *this, struct uefi_tcg2_capability *capability);
	EFI_STATUS(EFIAPI *get_event_log)
	(struct uefi_tcg2 *this, UINT32 format, UINT64 *start, UINT64 *last,
	 BOOLEAN *truncated);
	EFI_STATUS(EFIAPI *hash_log_extend_event)
	(struct uefi_tcg2 *this, UINT64 flags, UINT64 data, UINT64 data_bytes,
	 void *event);
	EFI_STATUS(EFIAPI *submit_command)
	(struct uefi_tcg2 *this, UINT32 command_bytes, const void *command,
	 UINT32 response_bytes, void *response);
	void *get_active_pcr_banks;
	void *set_active_pcr_banks;
	void *get_result_of_set_active_pcr_banks;
};

/* The firmware's own list of events since GetEventLog. Spec: as above, 7. */
#define UEFI_TCG2_FINAL_EVENTS_GUID                                                      \
	{                                                                                \
		0x1e2ed096, 0x30e2, 0x4254,                                              \
		{                                                                        \
			0xbd, 0x89, 0x86, 0x3b, 0xbe, 0xf8, 0x23, 0x25                   \
		}                                                                        \
	}

/* Tables and paths Linux defines for those who start it. Spec: Linux
 * include/linux/efi.h. */
#define UEFI_LINUX_INITRD_GUID                                                           \
	{                                                                                \
		0x5568e427, 0x68fc, 0x4f3d,                                              \
		{                                                                        \
			0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68                   \
		}                                                                        \
	}
#define UEFI_LINUX_RANDOM_SEED_GUID                                                      \
	{                                                                                \
		0x1ce1e5bc, 0x7ceb, 0x42f2,                                              \
		{                                                                        \
			0x81, 0xe5, 0x8a, 0xad, 0xf1, 0x80, 0xf5, 0x7b                   \
		}                                                                        \
	}
#define UEFI_LINUX_TPM_LOG_GUID                                                          \
	{                                                                                \
		0xb7799cb0, 0xeca2, 0x4943,                                              \
		{                                                                        \
			0x96, 0x67, 0x1f, 0xae, 0x07, 0xb7, 0x47, 0xfa                   \
		}                                                                        \
	}

/* Spec: TCG Platform Reset Attack Mitigation 1.10, 4. */
#define UEFI_MEMORY_OVERWRITE_GUID                                                       \
	{                                                                                \
		0xe20939be, 0x32d4, 0x41be,                                              \
		{                                                                        \
			0xa1, 0x50, 0x89, 0x7f, 0x85, 0xd4, 0x98, 0x29                   \
		}                                                                        \
	}

/* Spec: https://systemd.io/BOOT_LOADER_INTERFACE. */
#define UEFI_LOADER_GUID                                                                 \
	{                                                                                \
		0x4a67b082, 0x0a4c, 0x41cf,                                              \
		{                                                                        \
			0xb6, 0xc7, 0x44, 0x0b, 0x29, 0xbb, 0x8c, 0x4f                   \
		}                                                                        \
	}

/* Ours: variables, and the device paths of handles we make. */
#define UEFI_LIFEBOAT_GUID                                                               \
	{                                                                                \
		0x782ed91d, 0xb444, 0x4d76,                                              \
		{                                                                        \
			0xab, 0xd7, 0x33, 0x74, 0xf0, 0x77, 0x9f, 0x89                   \
		}                                                                        \
	}
#define UEFI_LIFEBOAT_IMAGE_GUID                                                         \
	{                                                                                \
		0x3c9d2ab5, 0x0e52, 0x4f0f,                                              \
		{                                                                        \
			0x9d, 0x6b, 0x21, 0x4c, 0xe5, 0x97, 0x30, 0x6a                   \
		}                                                                        \
	}

#endif
