/* SMBIOS: the system's maker and product name. Pure: the tables are firmware's bytes and
 * are bounds-checked like any other input.
 *
 * Spec: DMTF DSP0134 3.6, 5.2 (entry points), 6.1 (structures), 7.2 (system). */
#ifndef LIFEBOAT_BOOT_UEFI_SMBIOS_H
#define LIFEBOAT_BOOT_UEFI_SMBIOS_H

#include <stddef.h>
#include <stdint.h>

#include "base/platform.h"
#include "base/status.h"

#define SMBIOS_ENTRY_MAX_BYTES 31u /* the longer of the two entry points */
#define SMBIOS_TABLE_MAX_BYTES 0x100000u

/**
 * smbios_entry_parse() - find the table from an entry point.
 * @entry: SMBIOS_ENTRY_MAX_BYTES bytes, either kind ("_SM3_" or "_SM_")
 *
 * @address and @bytes (at most SMBIOS_TABLE_MAX_BYTES) are written on LB_OK only.
 * Errors: LB_ERR_MAGIC, LB_ERR_RANGE, LB_ERR_CRC.
 */
enum lb_status smbios_entry_parse(const uint8_t *entry, uint64_t *address, size_t *bytes);

/**
 * smbios_system() - vendor and product of the first system structure (type 1).
 *
 * Both are cut to fit and lose trailing spaces; "" when the structure names none.
 * LB_ERR_NOT_FOUND: there is no such structure; LB_ERR_TRUNCATED: the table ends
 * inside a structure before it. @vendor and @product are "" then.
 */
enum lb_status smbios_system(const uint8_t *table, size_t bytes,
			     char vendor[PLATFORM_ID_BYTES],
			     char product[PLATFORM_ID_BYTES]);

#endif
