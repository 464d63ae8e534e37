/* Third-party headers include this; there is no errno in firmware builds. */
#ifndef LIFEBOAT_LIBC_ERRNO_H
#define LIFEBOAT_LIBC_ERRNO_H

#endif
