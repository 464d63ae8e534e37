/* Third-party headers include this; the clock is the platform's. */
#ifndef LIFEBOAT_LIBC_TIME_H
#define LIFEBOAT_LIBC_TIME_H

typedef long time_t;

#endif
