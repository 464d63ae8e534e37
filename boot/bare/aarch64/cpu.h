/* The few processor registers the loader needs, at EL1 or EL2. The only place, beside the
 * assembly files, that names them. */
#ifndef LIFEBOAT_BARE_AARCH64_CPU_H
#define LIFEBOAT_BARE_AARCH64_CPU_H

#include <stdint.h>

#define CPU_READ(name)                                                                   \
	({                                                                               \
		uint64_t cpu_value_;                                                     \
		__asm__ volatile("mrs %0, " name : "=r"(cpu_value_)::"memory");          \
		cpu_value_;                                                              \
	})
#define CPU_WRITE(name, value)                                                           \
	__asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(value)) : "memory")

/* The current exception level, 1..3. */
static inline unsigned cpu_level(void)
{
	return (unsigned)(CPU_READ("CurrentEL") >> 2) & 3u;
}

/* A field of four bits of an ID register. */
static inline unsigned cpu_id_field(uint64_t id, unsigned shift)
{
	return (unsigned)(id >> shift) & 0xfu;
}

static inline void cpu_isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

/* Waits until all memory accesses before it are done. */
static inline void cpu_dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

#endif
