/* The recovery program's parts on a made-up machine: its disks are in memory, and there
 * are stand-ins for libblkid, which knows a few marks, and for the EFI system partition
 * as Linux mounts it. */
#ifndef LIFEBOAT_TESTS_INSTALLER_RIG_H
#define LIFEBOAT_TESTS_INSTALLER_RIG_H

#include "recovery/installer/probe.h"
#include "recovery/installer/program.h"
#include "tests/host/host_platform.h"
#include "tests/host/payload_image.h"

#define RIG_MIB UINT64_C(1048576)
/* A link below /sys/block on every Linux: a medium that is there. */
#define RIG_PRESENT "../../proc/self/exe"

struct installer_rig {
	struct host_platform host;
	struct program program;
	struct machine_disk disk, stick;
	bool blind; /* libblkid errs */
	struct {
		bool mounts;
		bool looked;        /* at it, */
		size_t at_event;    /* after so many of the disk's writes and flushes */
		const uint8_t *has; /* the loader's file; NULL: none */
		size_t has_bytes;
		size_t written;      /* bytes of the new one */
		const char *refuses; /* to take one, because; or NULL */
	} esp;                       /* in the kernel's place */
	struct test_payload plan;
	struct test_bytes bytes; /* of the payload */
};

/** installer_rig_open() - one internal disk full of zeros, a medium, a serial line, and a
 * release whose layout has two slots, an EFI partition of 4 MiB, a history and a state.
 * The one rig there is: large. */
struct installer_rig *installer_rig_open(uint64_t disk_bytes);
void installer_rig_close(struct installer_rig *rig);

/** installer_rig_layout() - the release's layout of the disk. */
void installer_rig_layout(struct installer_rig *rig);

/** installer_rig_payload() - the release is a real one, judged, of a kernel and a root of
 * @root_bytes; installer_rig_close() closes it. */
void installer_rig_payload(struct installer_rig *rig, size_t root_bytes);

/** installer_rig_system() - the disk has the release's table, both slots dead. */
void installer_rig_system(struct installer_rig *rig);

/** installer_rig_bytes() - of the disk, from a sector on. */
uint8_t *installer_rig_bytes(struct installer_rig *rig, uint64_t lba);

/** installer_rig_file_system() - the mark of one at @at (ext4's place). */
void installer_rig_file_system(uint8_t *at);

/** installer_rig_fat() - the mark of a FAT at @at. */
void installer_rig_fat(uint8_t *at);

/** installer_rig_foreign() - an MBR with a partition. */
void installer_rig_foreign(struct installer_rig *rig);

#endif
