/* The usual machine for tests of recovery and developer mode: one internal disk with
 * slots A and B and a boot history, and a person with a keyboard. */
#ifndef LIFEBOAT_TESTS_FLOW_MACHINE_H
#define LIFEBOAT_TESTS_FLOW_MACHINE_H

#include "boot/history/history_cell.h"
#include "tests/host/boot_rig.h"

/** flow_machine() - slot A (mark 'A') and B ('B'), version 1.2; proven, or both dead.
 * Memory enough for text, not for graphics. */
void flow_machine(struct boot_rig *rig, bool bootable);
void flow_machine_without_history(struct boot_rig *rig);

/** flow_set_slot() - slot @index is now trying with @attempts. */
void flow_set_slot(struct boot_rig *rig, size_t index, uint8_t attempts);

/** flow_set_attributes() - of slot @index on @disk, in both copies of the table. */
void flow_set_attributes(struct boot_rig *rig, size_t disk, size_t index,
			 uint64_t attributes);

/** flow_put_kernel() - another kernel into slot @index; as rig_stick() signs it. */
void flow_put_kernel(struct boot_rig *rig, size_t index, const struct rig_image *image);

/** flow_ask_recovery() - what a person does who wants recovery at power-on: Escape
 * twice. */
void flow_ask_recovery(struct boot_rig *rig);

/* Keys at a moment after rig_power_off(). */
void flow_key(struct boot_rig *rig, uint64_t at_ms, char c);
void flow_ctrl(struct boot_rig *rig, uint64_t at_ms, char c);
void flow_scan(struct boot_rig *rig, uint64_t at_ms, uint16_t scan);
void flow_serial(struct boot_rig *rig, uint64_t at_ms, char c);
void flow_serial_ctrl(struct boot_rig *rig, uint64_t at_ms, char c);

/** flow_answer() - somebody who reads the screen types the four characters asked for
 * from
 * @at_ms on; @serial: by serial line. For the next boot; after rig_power_off(). */
void flow_answer(struct boot_rig *rig, uint64_t at_ms, bool serial);

/** flow_told() - what the started system was told under @name. */
const char *flow_told(const struct boot_rig *rig, const char *name);

/** flow_history_cell() - the bytes of one cell of the history. */
uint8_t *flow_history_cell(struct boot_rig *rig, uint32_t cell);

/** flow_record() - the history's record; all zero when there is none. */
struct history_record flow_record(struct boot_rig *rig, uint64_t boot, uint32_t update);

/** flow_mark() - the system that was started last, from slot @index, says that it is
 * well. flow_set_by_hand() - as `lifeboat slots set` does, for the history. */
void flow_mark(struct boot_rig *rig, size_t index);
void flow_set_by_hand(struct boot_rig *rig, size_t index);

#endif
