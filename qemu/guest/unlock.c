/* chattr -i: efivarfs guards most variables by this flag, and busybox has no chattr. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	int flags = 0;
	const int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) {
		perror("unlock");
		return 1;
	}
	flags &= ~FS_IMMUTABLE_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) != 0) {
		perror("unlock");
		return 1;
	}
	return 0;
}
