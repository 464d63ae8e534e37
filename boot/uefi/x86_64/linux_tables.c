/* EFI tables that Linux expects from its stub.
 *
 * Spec: Linux include/linux/efi.h (struct linux_efi_tpm_eventlog);
 * TCG EFI Protocol 1.0, 7; TCG Platform Reset Attack Mitigation 1.10. */
#include "boot/uefi/x86_64/linux_tables.h"

#include <string.h>

#include "base/bytes.h"
#include "boot/uefi/x86_64/tcg_log.h"

#define LOG_HEADER_BYTES   9u  /* u32 size, u32 pre-boot final bytes, u8 version */
#define FINAL_HEADER_BYTES 16u /* u64 version, u64 number of events */

/* Memory the kernel keeps until it has read the tables. */
static uint8_t *table_alloc(struct uefi *u, size_t bytes)
{
	void *p = NULL;

	return u->bs->AllocatePool(EfiACPIReclaimMemory, bytes, &p) == EFI_SUCCESS ? p
										   : NULL;
}

static enum lb_status install(struct uefi *u, EFI_GUID guid, uint8_t *table)
{
	const enum lb_status status =
		uefi_status(u->bs->InstallConfigurationTable(&guid, table));

	if (status != LB_OK)
		(void)u->bs->FreePool(table); /* a leak at worst */
	return status;
}

/* Events that are in the log already and also in the firmware's list of final events. */
static uint32_t preboot_bytes(const struct uefi *u, const uint8_t *log)
{
	const uint8_t *final = uefi_table(u, &(EFI_GUID)UEFI_TCG2_FINAL_EVENTS_GUID);
	size_t bytes = 0;

	if (final == NULL ||
	    tcg_events_bytes(log, final + FINAL_HEADER_BYTES, lb_le64(final + 8),
			     TCG_LOG_MAX_BYTES, &bytes) != LB_OK)
		return 0;
	return (uint32_t)bytes;
}

static enum lb_status tpm_log(struct uefi *u)
{
	struct uefi_tcg2 *tcg2 = uefi_protocol(u, (EFI_GUID)UEFI_TCG2_GUID);
	UINT64 start = 0, last = 0;
	BOOLEAN cut = FALSE;
	size_t bytes;

	if (tcg2 == NULL ||
	    tcg2->get_event_log(tcg2, UEFI_TCG2_LOG_FORMAT_2, &start, &last, &cut) !=
		    EFI_SUCCESS ||
	    start == 0)
		return LB_OK; /* no TPM, or none that logs this way */

	const uint8_t *log = (const uint8_t *)(uintptr_t)start;
	enum lb_status status =
		last != 0 && last < start
			? LB_ERR_RANGE
			: tcg_log_bytes(log, last == 0 ? 0 : (size_t)(last - start),
					TCG_LOG_MAX_BYTES, &bytes);
	if (status != LB_OK)
		return status;

	uint8_t *table = table_alloc(u, LOG_HEADER_BYTES + bytes);

	if (table == NULL)
		return LB_ERR_NOMEM;
	lb_put_le32(table, (uint32_t)bytes);
	lb_put_le32(table + 4, preboot_bytes(u, log));
	table[8] = UEFI_TCG2_LOG_FORMAT_2;
	memcpy(table + LOG_HEADER_BYTES, log, bytes);
	return install(u, (EFI_GUID)UEFI_LINUX_TPM_LOG_GUID, table);
}

/* Asks the firmware to clear memory when the machine is reset without a clean
 * shutdown. */
static enum lb_status overwrite_request(struct uefi *u)
{
	static CHAR16 name[] = L"MemoryOverwriteRequestControl";
	EFI_GUID guid = UEFI_MEMORY_OVERWRITE_GUID;
	UINTN bytes = 0;
	uint8_t value = 1;

	if (u->rt->GetVariable(name, &guid, NULL, &bytes, NULL) != EFI_BUFFER_TOO_SMALL)
		return LB_OK; /* not offered */
	return uefi_status(u->rt->SetVariable(name, &guid,
					      EFI_VARIABLE_NON_VOLATILE |
						      EFI_VARIABLE_BOOTSERVICE_ACCESS |
						      EFI_VARIABLE_RUNTIME_ACCESS,
					      sizeof value, &value));
}

static void report(struct uefi *u, const char *what, enum lb_status status)
{
	if (status != LB_OK)
		uefi_log(u, "start: no %s for the kernel: %s", what,
			 lb_status_name(status));
}

void uefi_linux_tables(struct uefi *u)
{
	report(u, "TPM event log", tpm_log(u));
	report(u, "memory-overwrite request", overwrite_request(u));
}
