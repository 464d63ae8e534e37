/* By libext2fs, inode by inode. */
#include "tools/lib/ext4_times.h"

#include <ext2fs/ext2fs.h>
#include <stdlib.h>

#include "tools/lib/process.h"
#include "tools/lib/tool.h"

/* mkfs.ext4 makes inodes of 256 bytes, but not on very small file systems. */
union inode {
	struct ext2_inode small;
	struct ext2_inode_large large;
	unsigned char room[4096];
};

static void fix(union inode *inode, size_t size)
{
	inode->small.i_atime = inode->small.i_ctime = inode->small.i_mtime;
	if (size < sizeof(inode->large))
		return;
	inode->large.i_crtime = inode->small.i_mtime;
	inode->large.i_atime_extra = inode->large.i_ctime_extra =
		inode->large.i_crtime_extra = inode->large.i_mtime_extra;
}

static errcode_t fix_all(ext2_filsys fs)
{
	const size_t size = EXT2_INODE_SIZE(fs->super);
	static union inode inode;
	ext2_inode_scan scan;
	ext2_ino_t number = 0;

	if (size > sizeof(inode))
		return EXT2_ET_CORRUPT_SUPERBLOCK;
	errcode_t error = ext2fs_open_inode_scan(fs, 0, &scan);

	if (error != 0)
		return error;
	do {
		error = ext2fs_get_next_inode_full(scan, &number, &inode.small,
						   (int)size);
		if (error != 0 || number == 0 || inode.small.i_mtime == 0)
			continue;
		fix(&inode, size);
		error = ext2fs_write_inode_full(fs, number, &inode.small, (int)size);
	} while (error == 0 && number != 0);
	ext2fs_close_inode_scan(scan);
	return error;
}

bool tool_ext4_fix_times(const char *path)
{
	ext2_filsys fs;
	errcode_t error = ext2fs_open(path, EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0,
				      unix_io_manager, &fs);

	if (error == 0) {
		fs->now = (time_t)strtol(TOOL_FIXED_TIME_TEXT, NULL, 10);
		error = fix_all(fs);
		const errcode_t closed = ext2fs_close_free(&fs);

		error = error != 0 ? error : closed;
	}
	return error == 0 || tool_error("%s: its times cannot be set (libext2fs %ld)",
					path, (long)error);
}
