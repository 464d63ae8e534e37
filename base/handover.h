/* The hand-over: what the loader tells the coming operating system, as name and value
 * pairs; stored as UEFI variables (LifeboatNAME), in the device tree (/firmware/lifeboat,
 * lower-case names with dashes), and where a variable cannot be written on the kernel's
 * command line (boot/kernel/told_words.h).
 *
 * Design: DESIGN 8 "Variables". */
#ifndef LIFEBOAT_BASE_HANDOVER_H
#define LIFEBOAT_BASE_HANDOVER_H

#include <stddef.h>
#include <stdint.h>

#define LB_HANDOVER_MAX         24u
#define LB_HANDOVER_NAME_BYTES  24u
#define LB_HANDOVER_VALUE_BYTES 280u

struct lb_handover {
	size_t count;
	struct {
		/* CamelCase without prefix: "HardwareId" */
		char name[LB_HANDOVER_NAME_BYTES];
		char value[LB_HANDOVER_VALUE_BYTES]; /* UTF-8 */
	} item[LB_HANDOVER_MAX];
};

/* Every name there is, the most important first: where room is short the last ones go. */
#define LB_HANDOVER_NAMES 19u
extern const char *const lb_handover_names[LB_HANDOVER_NAMES];

#define LB_HANDOVER_PROPERTY_BYTES ((size_t)2 * LB_HANDOVER_NAME_BYTES)

/** lb_handover_property() - "HardwareId" becomes "hardware-id". */
void lb_handover_property(const char *name, char out[LB_HANDOVER_PROPERTY_BYTES]);

/* A variable as Linux shows it: attributes, then the value. The loader's have exactly
 * boot services and run time: volatile. */
#define LB_HANDOVER_ATTRIBUTE_BYTES 4u
#define LB_HANDOVER_ATTRIBUTES      6u

/**
 * lb_handover_value() - the value in the bytes of a variable's file.
 * @bytes: of the value, when there is one
 *
 * NULL when it is too short or has other attributes: then an operating system has left
 * it, perhaps for good, and what it says is nobody's word. Points into @file.
 */
const uint8_t *lb_handover_value(const uint8_t *file, size_t len, size_t *bytes);

#endif
