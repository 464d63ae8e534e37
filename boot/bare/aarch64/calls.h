/* Calls to the level below. Those of PSCI, and one of our own to the loader's EL3 part
 * (el3.c). For C and assembly.
 *
 * Spec: Arm DEN 0022, Power State Coordination Interface; DEN 0028, SMC Calling
 * Convention. */
#ifndef LIFEBOAT_BARE_AARCH64_CALLS_H
#define LIFEBOAT_BARE_AARCH64_CALLS_H

#define PSCI_SYSTEM_OFF   0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define EL3_CLOSE         0x83004c42 /* in the range of OEM services */

#endif
