/* An exception: say what happened, in words and numbers, then restart. */
#include <stdbool.h>

#include "boot/bare/aarch64/cpu.h"
#include "boot/bare/aarch64/image.h"
#include "boot/bare/aarch64/machine.h"
#include "base/format.h"

/* As vectors.S stores them. */
struct bare_registers {
	uint64_t x[31];
	uint64_t sp;
	uint64_t vector;
	uint64_t unused;
};
_Static_assert(sizeof(struct bare_registers) == 272, "vectors.S");

void bare_exception(const struct bare_registers *r);

static exception_die *die;

void exception_report_to(exception_die *to)
{
	die = to;
}

struct syndrome {
	uint64_t esr, elr, far, spsr;
};

static struct syndrome read_syndrome(void)
{
	switch (cpu_level()) {
	case 1:
		return (struct syndrome){ CPU_READ("esr_el1"), CPU_READ("elr_el1"),
					  CPU_READ("far_el1"), CPU_READ("spsr_el1") };
	case 2:
		return (struct syndrome){ CPU_READ("esr_el2"), CPU_READ("elr_el2"),
					  CPU_READ("far_el2"), CPU_READ("spsr_el2") };
	default:
		return (struct syndrome){ CPU_READ("esr_el3"), CPU_READ("elr_el3"),
					  CPU_READ("far_el3"), CPU_READ("spsr_el3") };
	}
}

/* Spec: Arm ARM, ESR_ELx.EC. */
static const char *const class_names[64] = {
	[0x00] = "unknown instruction or state",
	[0x07] = "trapped floating point",
	[0x0e] = "illegal execution state",
	[0x15] = "svc",
	[0x16] = "hvc",
	[0x17] = "smc",
	[0x18] = "trapped system register",
	[0x20] = "instruction abort",
	[0x21] = "instruction abort",
	[0x22] = "misaligned program counter",
	[0x24] = "data abort",
	[0x25] = "data abort",
	[0x26] = "misaligned stack pointer",
	[0x2f] = "SError",
	[0x3c] = "brk",
};

static const char *class_name(uint64_t esr)
{
	const char *name = class_names[esr >> 26 & 0x3f];

	return name != NULL ? name : "other";
}

static const char *kind_name(uint64_t vector)
{
	static const char *const kinds[] = { "synchronous exception", "interrupt",
					     "fast interrupt", "system error" };

	return kinds[vector % 4];
}

static bool in_stack_guard(uint64_t address)
{
	return address - (uintptr_t)bare_stack_guard < 4096;
}

void bare_exception(const struct bare_registers *r)
{
	static bool again;
	const struct syndrome s = read_syndrome();
	char text[1024];

	/* A second one while reporting the first: the report is what fails. */
	if (again || die == NULL)
		return;
	again = true;

	size_t len = lb_format(
		text, sizeof(text),
		"\nbare: %s at EL%u: %s%s\n"
		"bare: esr %llx elr %llx (image + %llx) far %llx spsr %llx sp %llx\n",
		kind_name(r->vector), cpu_level(), class_name(s.esr),
		in_stack_guard(s.far) ? " (stack overflow)" : "",
		(unsigned long long)s.esr, (unsigned long long)s.elr,
		(unsigned long long)(s.elr - (uintptr_t)bare_image_start),
		(unsigned long long)s.far, (unsigned long long)s.spsr,
		(unsigned long long)r->sp);
	for (unsigned i = 0; i < 31; i += 4) {
		const unsigned last = i + 3 < 31 ? i + 3 : 30;

		len += lb_format(text + len, sizeof(text) - len, "bare:");
		for (unsigned n = i; n <= last; n++)
			len += lb_format(text + len, sizeof(text) - len, " x%u %llx", n,
					 (unsigned long long)r->x[n]);
		len += lb_format(text + len, sizeof(text) - len, "\n");
	}
	die(text, len);
}
