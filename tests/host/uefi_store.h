/* A made-up firmware's variables: as many as a test needs, with the rules of UEFI and
 * with the faults that real ones have. */
#ifndef LIFEBOAT_TESTS_HOST_UEFI_STORE_H
#define LIFEBOAT_TESTS_HOST_UEFI_STORE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/uefi/efi.h"

#define UEFI_STORE_VARIABLES  64u
#define UEFI_STORE_NAME_CHARS 40u
#define UEFI_STORE_DATA_BYTES 600u

enum {
	UEFI_NV = 1,
	UEFI_BS = 2,
	UEFI_RT = 4,
	UEFI_AUTHENTICATED = 0x20, /* cannot be changed or deleted without a key */
};

struct uefi_store_variable {
	bool exists;
	CHAR16 name[UEFI_STORE_NAME_CHARS];
	EFI_GUID vendor;
	UINT32 attributes;
	uint8_t data[UEFI_STORE_DATA_BYTES];
	UINTN bytes;
};

struct uefi_store {
	struct uefi_store_variable variable[UEFI_STORE_VARIABLES];
	size_t writes;        /* SetVariable calls */
	bool write_protected; /* every write is refused */
	bool broken;          /* every read fails */
	bool forgets;         /* says yes and keeps nothing */
	bool corrupts;        /* keeps something else */
	bool circles;         /* its names never come to an end */
	jmp_buf *cut_before;  /* the power goes before a write is kept ... */
	jmp_buf *cut_after;   /* ... or right after it was */
	size_t cut_skips;     /* so many writes before that one go well */
};

extern struct uefi_store uefi_store;

/** uefi_store_reset() - no variables, no faults. */
void uefi_store_reset(void);

/** uefi_store_put() - plant a variable, whatever its attributes. */
void uefi_store_put(const CHAR16 *name, EFI_GUID vendor, UINT32 attributes,
		    const void *data, size_t bytes);

/** uefi_store_find() - the variable of that name, NULL when there is none. */
struct uefi_store_variable *uefi_store_find(const CHAR16 *name, EFI_GUID vendor);

/** uefi_store_services() - the variable services into @rt. */
void uefi_store_services(EFI_RUNTIME_SERVICES *rt);

#endif
