/* CRC-32 as in GPT, profile and boot history (polynomial 0x04C11DB7, reflected). */
#ifndef LIFEBOAT_BASE_CRC32_H
#define LIFEBOAT_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/**
 * lb_crc32() - CRC-32 of @len bytes, or of the continuation of earlier bytes.
 * @crc: 0 for the first piece, then the value returned for the piece before.
 *
 * Spec: UEFI 2.10, 4.2.1 (the CRC of EFI tables). Pure.
 */
uint32_t lb_crc32(uint32_t crc, const void *data, size_t len);

#endif
