/* Devices as the device tree tells them. */
#include "boot/bare/fdt.h"

#include <libfdt.h>
#include <string.h>

#include "base/bytes.h"
#include "base/format.h"

bool bare_fdt_available(const struct bare_fdt *fdt, int node)
{
	for (int depth = 0; node >= 0 && depth <= BARE_FDT_MAX_DEPTH; depth++) {
		int len;
		const char *status = fdt_getprop(fdt->tree, node, "status", &len);

		if (status != NULL && !(len == 3 && memcmp(status, "ok", 3) == 0) &&
		    !(len == 5 && memcmp(status, "okay", 5) == 0))
			return false;
		if (node == 0)
			return true;
		node = fdt_parent_offset(fdt->tree, node);
	}
	return false;
}

bool bare_fdt_cells(const uint8_t *p, int cells, uint64_t *out)
{
	uint64_t value = 0;

	for (int i = 0; i < cells; i++) {
		if (value >> 32 != 0)
			return false;
		value = value << 32 | lb_be32(p + i * BARE_FDT_CELL_BYTES);
	}
	*out = value;
	return true;
}

/* One bus upwards: *base from the addresses of @bus's children to those of its parent. */
static enum lb_status through_bus(const struct bare_fdt *fdt, int bus, int parent,
				  uint64_t *base, uint64_t bytes)
{
	int len;
	const uint8_t *ranges = fdt_getprop(fdt->tree, bus, "ranges", &len);
	const int child_cells = fdt_address_cells(fdt->tree, bus);
	const int size_cells = fdt_size_cells(fdt->tree, bus);
	const int parent_cells = fdt_address_cells(fdt->tree, parent);

	if (ranges == NULL)
		return LB_ERR_NOT_FOUND; /* not memory mapped */
	if (len == 0)
		return LB_OK;
	if (child_cells < 1 || size_cells < 1 || parent_cells < 1)
		return LB_ERR_RANGE;

	const int entry = (child_cells + parent_cells + size_cells) * BARE_FDT_CELL_BYTES;
	for (int at = 0; len - at >= entry; at += entry) {
		const uint8_t *p = ranges + at;
		uint64_t from, to, size;

		if (!bare_fdt_cells(p, child_cells, &from) ||
		    !bare_fdt_cells(p + child_cells * BARE_FDT_CELL_BYTES, parent_cells,
				    &to) ||
		    !bare_fdt_cells(p + (child_cells + parent_cells) *
						    BARE_FDT_CELL_BYTES,
				    size_cells, &size))
			continue; /* such as PCI's three cells: not ours */
		if (*base >= from && lb_within(*base - from, bytes, size))
			return lb_add(to, *base - from, base) ? LB_OK : LB_ERR_RANGE;
	}
	return LB_ERR_NOT_FOUND;
}

enum lb_status bare_fdt_reg(const struct bare_fdt *fdt, int node, unsigned index,
			    uint64_t *base, uint64_t *bytes)
{
	int len;
	const uint8_t *reg = fdt_getprop(fdt->tree, node, "reg", &len);
	int bus = fdt_parent_offset(fdt->tree, node);

	if (reg == NULL || bus < 0)
		return LB_ERR_NOT_FOUND;

	const int address_cells = fdt_address_cells(fdt->tree, bus);
	const int size_cells = fdt_size_cells(fdt->tree, bus);
	if (address_cells < 1 || size_cells < 0)
		return LB_ERR_RANGE;

	const uint64_t entry =
		(uint64_t)(address_cells + size_cells) * BARE_FDT_CELL_BYTES;
	if (!lb_within(index * entry, entry, (uint64_t)len))
		return LB_ERR_NOT_FOUND;
	reg += index * entry;

	uint64_t at, size;
	if (!bare_fdt_cells(reg, address_cells, &at) ||
	    !bare_fdt_cells(reg + address_cells * BARE_FDT_CELL_BYTES, size_cells, &size))
		return LB_ERR_RANGE;

	for (int depth = 0; bus != 0; depth++) {
		const int parent = fdt_parent_offset(fdt->tree, bus);

		if (parent < 0 || depth == BARE_FDT_MAX_DEPTH)
			return LB_ERR_RANGE;
		const enum lb_status status = through_bus(fdt, bus, parent, &at, size);
		if (status != LB_OK)
			return status;
		bus = parent;
	}

	uint64_t end;
	if (!lb_add(at, size, &end))
		return LB_ERR_RANGE;
	*base = at;
	*bytes = size;
	return LB_OK;
}

int bare_fdt_next(const struct bare_fdt *fdt, int node, const char *compatible)
{
	do {
		node = fdt_node_offset_by_compatible(fdt->tree, node, compatible);
	} while (node >= 0 && !bare_fdt_available(fdt, node));
	return node < 0 ? -1 : node;
}

void bare_fdt_path(const struct bare_fdt *fdt, int node, char *out, size_t size)
{
	char path[PLATFORM_DISK_PATH_BYTES];

	if (fdt_get_path(fdt->tree, node, path, (int)sizeof(path)) != 0)
		path[0] = '\0';
	(void)lb_format(out, size, "%s", path);
}

/* The node of a path or alias, with stdout-path's options after ":" cut off. */
static int node_of_stdout_path(const struct bare_fdt *fdt, const char *path, int len)
{
	const char *colon = memchr(path, ':', (size_t)len);
	const size_t used =
		colon != NULL ? (size_t)(colon - path) : strnlen(path, (size_t)len);

	return fdt_path_offset_namelen(fdt->tree, path, (int)used);
}

bool bare_fdt_compatible(const struct bare_fdt *fdt, int node, const char *compatible)
{
	return fdt_node_check_compatible(fdt->tree, node, compatible) == 0;
}

int bare_fdt_stdout(const struct bare_fdt *fdt)
{
	const int chosen = fdt_path_offset(fdt->tree, "/chosen");
	int len;
	const char *path =
		chosen < 0 ? NULL : fdt_getprop(fdt->tree, chosen, "stdout-path", &len);

	if (path == NULL || len <= 0)
		return -1;

	const int node = node_of_stdout_path(fdt, path, len);

	return node >= 0 && bare_fdt_available(fdt, node) ? node : -1;
}

uint32_t bare_fdt_clock_hz(const struct bare_fdt *fdt, int node)
{
	int len;
	const uint8_t *clocks = fdt_getprop(fdt->tree, node, "clocks", &len);

	if (clocks == NULL || len < BARE_FDT_CELL_BYTES)
		return 0;
	const int clock = fdt_node_offset_by_phandle(fdt->tree, lb_be32(clocks));
	if (clock < 0 || fdt_node_check_compatible(fdt->tree, clock, "fixed-clock") != 0)
		return 0;
	const uint8_t *rate = fdt_getprop(fdt->tree, clock, "clock-frequency", &len);
	return rate != NULL && len == BARE_FDT_CELL_BYTES ? lb_be32(rate) : 0;
}

enum bare_psci bare_fdt_psci(const struct bare_fdt *fdt)
{
	int node = bare_fdt_next(fdt, -1, "arm,psci-0.2");
	int len;

	if (node < 0)
		node = bare_fdt_next(fdt, -1, "arm,psci-1.0");
	if (node < 0)
		return BARE_PSCI_NONE;

	const char *method = fdt_getprop(fdt->tree, node, "method", &len);
	if (method != NULL && len == 4 && memcmp(method, "hvc", 4) == 0)
		return BARE_PSCI_HVC;
	if (method != NULL && len == 4 && memcmp(method, "smc", 4) == 0)
		return BARE_PSCI_SMC;
	return BARE_PSCI_NONE;
}

void bare_fdt_machine(const struct bare_fdt *fdt, struct platform_machine *machine)
{
	machine->device_tree = fdt->tree;
	machine->device_tree_bytes = fdt->bytes;
	machine->compatible_count = 0;
	for (int i = 0; i < (int)PLATFORM_MAX_COMPATIBLE; i++) {
		int len;
		const char *text =
			fdt_stringlist_get(fdt->tree, 0, "compatible", i, &len);

		if (text == NULL)
			return;
		if (len == 0 || len >= (int)PLATFORM_ID_BYTES)
			continue; /* cut, it could match something it is not */
		memcpy(machine->compatible[machine->compatible_count++], text,
		       (size_t)len + 1);
	}
}
