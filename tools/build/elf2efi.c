/* elf2efi: turns the linked loader (static position-independent ELF64) into a PE32+ UEFI
 * application, or checks a finished one.
 *
 * The ELF's sections become PE sections of the same name and address; its RELATIVE
 * relocations become PE base relocations. Nothing of the build machine gets in: no time
 * stamp, no symbols. A section that could be written and executed is refused.
 * Spec: Microsoft PE format; UEFI 2.10, 2.1.1; ELF gABI. */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define PAGE_BYTES           4096u
#define FILE_ALIGN_BYTES     512u
#define DOS_HEADER_BYTES     64u
#define PE_OFFSET            DOS_HEADER_BYTES
#define COFF_BYTES           24u /* with the signature */
#define OPTIONAL_BYTES       240u
#define SECTION_HEADER_BYTES 40u
#define OPTIONAL_OFFSET      (PE_OFFSET + COFF_BYTES)
#define SECTIONS_OFFSET      (OPTIONAL_OFFSET + OPTIONAL_BYTES)
#define MAX_SECTIONS         16u
#define MAX_FILE_BYTES       (16u << 20)

#define SCN_CODE        0x00000020u
#define SCN_INIT_DATA   0x00000040u
#define SCN_DISCARDABLE 0x02000000u
#define SCN_EXECUTE     0x20000000u
#define SCN_READ        0x40000000u
#define SCN_WRITE       0x80000000u

#define MACHINE_X86_64    0x8664u
#define MACHINE_AARCH64   0xaa64u
#define PE32_PLUS         0x20bu
#define SUBSYSTEM_EFI_APP 10u
#define DLL_DYNAMIC_BASE  0x0040u
#define DLL_NX_COMPAT     0x0100u
#define RELOC_DIR64       10u

struct section {
	char name[9];
	uint32_t address;
	uint32_t memory_bytes;
	uint32_t file_bytes; /* rounded to FILE_ALIGN_BYTES */
	uint32_t file_offset;
	uint32_t flags;
	const uint8_t *data;
	uint32_t data_bytes;
};

struct image {
	const char *path;
	uint8_t *elf;
	size_t elf_bytes;
	uint16_t machine;
	uint32_t relative_type;
	uint32_t entry;
	struct section sections[MAX_SECTIONS];
	unsigned int section_count;
	uint8_t *relocs;
	uint32_t reloc_bytes;
};

static _Noreturn void __attribute__((format(printf, 2, 3)))
die(const char *path, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "elf2efi: %s: ", path);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void *allocate(size_t bytes)
{
	void *p = calloc(1, bytes);

	if (p == NULL)
		die("memory", "%zu bytes not available", bytes);
	return p;
}

static uint32_t round_up(uint64_t v, uint32_t align)
{
	return (uint32_t)((v + align - 1) / align * align);
}

static uint8_t *read_file(const char *path, size_t *bytes)
{
	uint8_t *data = allocate(MAX_FILE_BYTES);
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		die(path, "%s", strerror(errno));
	*bytes = fread(data, 1, MAX_FILE_BYTES, f);
	if (ferror(f))
		die(path, "read error");
	if (*bytes == MAX_FILE_BYTES)
		die(path, "larger than %u bytes", MAX_FILE_BYTES);
	(void)fclose(f); /* only read from */
	return data;
}

static void need(const struct image *img, uint64_t off, uint64_t bytes, const char *what)
{
	if (!lb_within(off, bytes, img->elf_bytes))
		die(img->path, "%s at offset %llu lies outside the file", what,
		    (unsigned long long)off);
}

/* ELF headers */

static Elf64_Ehdr elf_header(struct image *img)
{
	Elf64_Ehdr h;

	need(img, 0, sizeof(h), "ELF header");
	memcpy(&h, img->elf, sizeof(h));
	if (memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
	    h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB)
		die(img->path, "not a 64-bit little-endian ELF file");
	if (h.e_machine == EM_X86_64) {
		img->machine = MACHINE_X86_64;
		img->relative_type = R_X86_64_RELATIVE;
	} else if (h.e_machine == EM_AARCH64) {
		img->machine = MACHINE_AARCH64;
		img->relative_type = R_AARCH64_RELATIVE;
	} else {
		die(img->path, "machine %u is neither x86_64 nor aarch64", h.e_machine);
	}
	if (h.e_shentsize != sizeof(Elf64_Shdr) || h.e_shstrndx >= h.e_shnum)
		die(img->path, "bad section table");
	need(img, h.e_shoff, (uint64_t)h.e_shnum * sizeof(Elf64_Shdr), "section table");
	return h;
}

static Elf64_Shdr elf_section(const struct image *img, const Elf64_Ehdr *h,
			      unsigned int i)
{
	Elf64_Shdr s;

	memcpy(&s, img->elf + h->e_shoff + i * sizeof(s), sizeof(s));
	if (s.sh_type != SHT_NOBITS)
		need(img, s.sh_offset, s.sh_size, "section");
	return s;
}

static const char *elf_section_name(const struct image *img, const Elf64_Shdr *names,
				    const Elf64_Shdr *s)
{
	if (s->sh_name >= names->sh_size ||
	    memchr(img->elf + names->sh_offset + s->sh_name, 0,
		   names->sh_size - s->sh_name) == NULL)
		die(img->path, "bad section name");
	return (const char *)img->elf + names->sh_offset + s->sh_name;
}

/* The type alone does not tell: ld for x86_64 calls a PIE with a base address ET_EXEC. */
static void require_pie(const struct image *img, const Elf64_Ehdr *h)
{
	for (unsigned int i = 1; i < h->e_shnum; i++) {
		const Elf64_Shdr s = elf_section(img, h, i);

		if (s.sh_type != SHT_DYNAMIC)
			continue;
		for (uint64_t off = 0; off + sizeof(Elf64_Dyn) <= s.sh_size;
		     off += sizeof(Elf64_Dyn)) {
			Elf64_Dyn d;

			memcpy(&d, img->elf + s.sh_offset + off, sizeof(d));
			if (d.d_tag == DT_FLAGS_1 && (d.d_un.d_val & DF_1_PIE))
				return;
		}
	}
	die(img->path, "not linked position-independent (-pie)");
}

/* Sections */

static bool is_loader_metadata(const Elf64_Shdr *s)
{
	return s->sh_type == SHT_RELA || s->sh_type == SHT_DYNAMIC ||
	       s->sh_type == SHT_DYNSYM || s->sh_type == SHT_STRTAB ||
	       s->sh_type == SHT_HASH || s->sh_type == SHT_GNU_HASH;
}

/* .relro is written by relocation only, which the firmware does before it protects. */
static uint32_t pe_flags(const char *name, const Elf64_Shdr *s)
{
	if (s->sh_flags & SHF_EXECINSTR)
		return SCN_CODE | SCN_EXECUTE | SCN_READ;
	if ((s->sh_flags & SHF_WRITE) && strcmp(name, ".relro") != 0)
		return SCN_INIT_DATA | SCN_READ | SCN_WRITE;
	return SCN_INIT_DATA | SCN_READ;
}

static struct section *new_section(struct image *img)
{
	if (img->section_count == MAX_SECTIONS)
		die(img->path, "more than %u sections", MAX_SECTIONS);
	return &img->sections[img->section_count++];
}

static void add_section(struct image *img, const char *name, const Elf64_Shdr *s)
{
	struct section *last =
		img->section_count > 0 ? &img->sections[img->section_count - 1] : NULL;

	if ((s->sh_flags & SHF_WRITE) && (s->sh_flags & SHF_EXECINSTR))
		die(img->path, "section %s is writable and executable", name);
	if (s->sh_addr > UINT32_MAX - PAGE_BYTES ||
	    s->sh_size > UINT32_MAX / 2 - s->sh_addr)
		die(img->path, "section %s lies too high", name);

	/* Zeroed data is the tail of the writable section before it. */
	if (s->sh_type == SHT_NOBITS && last != NULL && (last->flags & SCN_WRITE)) {
		last->memory_bytes = (uint32_t)(s->sh_addr + s->sh_size) - last->address;
		return;
	}
	if (s->sh_addr % PAGE_BYTES != 0)
		die(img->path, "section %s does not start on a page", name);
	if (last != NULL && s->sh_addr < (uint64_t)last->address + last->memory_bytes)
		die(img->path, "section %s is not in address order", name);
	if (strlen(name) > 8)
		die(img->path, "section name %s is longer than 8 characters", name);

	struct section *out = new_section(img);
	memcpy(out->name, name, strlen(name));
	out->address = (uint32_t)s->sh_addr;
	out->memory_bytes = (uint32_t)s->sh_size;
	out->flags = pe_flags(name, s);
	if (s->sh_type != SHT_NOBITS) {
		out->data = img->elf + s->sh_offset;
		out->data_bytes = (uint32_t)s->sh_size;
	}
}

static void collect_sections(struct image *img, const Elf64_Ehdr *h)
{
	const Elf64_Shdr names = elf_section(img, h, h->e_shstrndx);

	for (unsigned int i = 1; i < h->e_shnum; i++) {
		const Elf64_Shdr s = elf_section(img, h, i);

		if ((s.sh_flags & SHF_ALLOC) && s.sh_size > 0 && !is_loader_metadata(&s))
			add_section(img, elf_section_name(img, &names, &s), &s);
	}
	if (img->section_count == 0)
		die(img->path, "nothing to load");
}

/* Relocations */

static uint8_t *at_address(struct image *img, uint64_t address, uint32_t bytes)
{
	for (unsigned int i = 0; i < img->section_count; i++) {
		const struct section *s = &img->sections[i];

		if (address >= s->address &&
		    lb_within(address - s->address, bytes, s->data_bytes))
			return img->elf + (s->data - img->elf) + (address - s->address);
	}
	die(img->path, "relocation at 0x%llx is outside every section",
	    (unsigned long long)address);
}

static int compare_u32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Writes the addends into place; returns the places. */
static uint32_t *apply_relocations(struct image *img, const Elf64_Ehdr *h, size_t *count)
{
	uint32_t *places =
		allocate(img->elf_bytes / sizeof(Elf64_Rela) * sizeof(*places) + 1);

	*count = 0;
	for (unsigned int i = 1; i < h->e_shnum; i++) {
		const Elf64_Shdr s = elf_section(img, h, i);

		if (s.sh_type != SHT_RELA || !(s.sh_flags & SHF_ALLOC))
			continue;
		for (uint64_t off = 0; off + sizeof(Elf64_Rela) <= s.sh_size;
		     off += sizeof(Elf64_Rela)) {
			Elf64_Rela r;

			memcpy(&r, img->elf + s.sh_offset + off, sizeof(r));
			if (ELF64_R_TYPE(r.r_info) != img->relative_type)
				die(img->path,
				    "relocation type %u at 0x%llx cannot be expressed",
				    (unsigned int)ELF64_R_TYPE(r.r_info),
				    (unsigned long long)r.r_offset);
			lb_put_le64(at_address(img, r.r_offset, 8), (uint64_t)r.r_addend);
			places[(*count)++] = (uint32_t)r.r_offset;
		}
	}
	qsort(places, *count, sizeof(*places), compare_u32);
	return places;
}

/* One block per page: address, block bytes, then 16-bit entries padded to 4 bytes. */
static void make_reloc_section(struct image *img, const uint32_t *places, size_t count)
{
	uint8_t *out = allocate(count * 12 + 12);
	uint32_t used = 0;

	for (size_t i = 0; i < count || used == 0;) {
		const uint32_t page = count > 0 ? places[i] & ~(PAGE_BYTES - 1) : 0;
		const uint32_t start = used;

		used += 8;
		for (; i < count && (places[i] & ~(PAGE_BYTES - 1)) == page;
		     i++, used += 2)
			lb_put_le16(out + used,
				    (uint16_t)(RELOC_DIR64 << 12 | (places[i] - page)));
		used = round_up(used == start + 8 ? used + 1 : used, 4);
		lb_put_le32(out + start, page);
		lb_put_le32(out + start + 4, used - start);
	}
	img->relocs = out;
	img->reloc_bytes = used;

	const struct section *last = &img->sections[img->section_count - 1];
	const uint32_t address =
		round_up((uint64_t)last->address + last->memory_bytes, PAGE_BYTES);
	struct section *s = new_section(img);
	memcpy(s->name, ".reloc", 6);
	s->address = address;
	s->memory_bytes = used;
	s->flags = SCN_INIT_DATA | SCN_READ | SCN_DISCARDABLE;
	s->data = out;
	s->data_bytes = used;
}

/* PE file */

static uint32_t lay_out(struct image *img)
{
	uint32_t offset =
		round_up(SECTIONS_OFFSET + img->section_count * SECTION_HEADER_BYTES,
			 FILE_ALIGN_BYTES);

	if (offset > img->sections[0].address)
		die(img->path, "no room for the headers below the first section");
	for (unsigned int i = 0; i < img->section_count; i++) {
		struct section *s = &img->sections[i];

		s->file_bytes = round_up(s->data_bytes, FILE_ALIGN_BYTES);
		s->file_offset = s->file_bytes > 0 ? offset : 0;
		offset += s->file_bytes;
	}
	return offset;
}

static uint32_t sum_of(const struct image *img, uint32_t flag)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < img->section_count; i++)
		if (img->sections[i].flags & flag)
			sum += img->sections[i].file_bytes;
	return sum;
}

static void put_headers(const struct image *img, uint8_t *pe)
{
	const struct section *last = &img->sections[img->section_count - 1];

	memcpy(pe, "MZ", 2);
	lb_put_le32(pe + 60, PE_OFFSET);

	uint8_t *coff = pe + PE_OFFSET;
	memcpy(coff, "PE\0\0", 4);
	lb_put_le16(coff + 4, img->machine);
	lb_put_le16(coff + 6, (uint16_t)img->section_count);
	lb_put_le16(coff + 20, OPTIONAL_BYTES);
	lb_put_le16(coff + 22,
		    0x022e); /* executable, no symbols, no debug, large addresses */

	uint8_t *opt = pe + OPTIONAL_OFFSET;
	lb_put_le16(opt, PE32_PLUS);
	lb_put_le32(opt + 4, sum_of(img, SCN_CODE));
	lb_put_le32(opt + 8, sum_of(img, SCN_INIT_DATA));
	lb_put_le32(opt + 16, img->entry);
	lb_put_le32(opt + 20, img->sections[0].address); /* base of code */
	lb_put_le32(opt + 32, PAGE_BYTES);
	lb_put_le32(opt + 36, FILE_ALIGN_BYTES);
	lb_put_le32(opt + 56,
		    round_up((uint64_t)last->address + last->memory_bytes, PAGE_BYTES));
	lb_put_le32(opt + 60, img->sections[0].file_offset); /* size of headers */
	lb_put_le16(opt + 68, SUBSYSTEM_EFI_APP);
	lb_put_le16(opt + 70, DLL_DYNAMIC_BASE | DLL_NX_COMPAT);
	lb_put_le32(opt + 108, 16);                    /* data directories */
	lb_put_le32(opt + 112 + 5 * 8, last->address); /* base relocations */
	lb_put_le32(opt + 112 + 5 * 8 + 4, last->memory_bytes);
}

static void put_sections(const struct image *img, uint8_t *pe)
{
	for (unsigned int i = 0; i < img->section_count; i++) {
		const struct section *s = &img->sections[i];
		uint8_t *h = pe + SECTIONS_OFFSET + i * SECTION_HEADER_BYTES;

		memcpy(h, s->name, 8);
		lb_put_le32(h + 8, s->memory_bytes);
		lb_put_le32(h + 12, s->address);
		lb_put_le32(h + 16, s->file_bytes);
		lb_put_le32(h + 20, s->file_offset);
		lb_put_le32(h + 36, s->flags);
		if (s->data_bytes > 0)
			memcpy(pe + s->file_offset, s->data, s->data_bytes);
	}
}

/* 16-bit one's complement sum of the file without the checksum field, plus its length. */
static uint32_t pe_checksum(const uint8_t *pe, size_t bytes, size_t field)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < bytes; i += 2) {
		if (i >= field && i < field + 4)
			continue;
		sum += i + 1 < bytes ? lb_le16(pe + i) : pe[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum + (uint32_t)bytes;
}

static void write_file(const char *path, const uint8_t *data, size_t bytes)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL)
		die(path, "%s", strerror(errno));
	if (fwrite(data, 1, bytes, f) != bytes || fclose(f) != 0)
		die(path, "write error");
}

/* Checking a finished file */

static void check_section(const char *path, const uint8_t *h, size_t bytes)
{
	const uint32_t flags = lb_le32(h + 36);
	char name[9] = { 0 };

	memcpy(name, h, 8);
	if ((flags & SCN_WRITE) && (flags & SCN_EXECUTE))
		die(path, "section %s is writable and executable", name);
	if (lb_le32(h + 12) % PAGE_BYTES != 0)
		die(path, "section %s does not start on a page", name);
	if (!lb_within(lb_le32(h + 20), lb_le32(h + 16), bytes))
		die(path, "section %s lies outside the file", name);
}

static void check_pe(const char *path, const uint8_t *pe, size_t bytes)
{
	if (bytes < SECTIONS_OFFSET || memcmp(pe, "MZ", 2) != 0 ||
	    lb_le32(pe + 60) != PE_OFFSET || memcmp(pe + PE_OFFSET, "PE\0\0", 4) != 0)
		die(path, "not a PE file made by elf2efi");

	const uint8_t *coff = pe + PE_OFFSET, *opt = pe + OPTIONAL_OFFSET;
	const uint32_t sections = lb_le16(coff + 6);
	if (lb_le32(coff + 8) != 0)
		die(path, "time stamp is not zero");
	if ((lb_le16(opt + 70) & DLL_NX_COMPAT) == 0)
		die(path, "NX_COMPAT is not set");
	if (lb_le32(opt + 64) != pe_checksum(pe, bytes, OPTIONAL_OFFSET + 64))
		die(path, "wrong checksum");
	if (!lb_within(SECTIONS_OFFSET, (uint64_t)sections * SECTION_HEADER_BYTES, bytes))
		die(path, "section table lies outside the file");
	for (uint32_t i = 0; i < sections; i++)
		check_section(path, pe + SECTIONS_OFFSET + i * SECTION_HEADER_BYTES,
			      bytes);
}

static void convert(const char *from, const char *to)
{
	struct image img = { .path = from };
	size_t count;

	img.elf = read_file(from, &img.elf_bytes);
	const Elf64_Ehdr h = elf_header(&img);
	img.entry = (uint32_t)h.e_entry;
	require_pie(&img, &h);
	collect_sections(&img, &h);
	uint32_t *places = apply_relocations(&img, &h, &count);
	make_reloc_section(&img, places, count);

	const uint32_t bytes = lay_out(&img);
	uint8_t *pe = allocate(bytes);
	put_headers(&img, pe);
	put_sections(&img, pe);
	lb_put_le32(pe + OPTIONAL_OFFSET + 64,
		    pe_checksum(pe, bytes, OPTIONAL_OFFSET + 64));
	check_pe(to, pe, bytes);
	write_file(to, pe, bytes);
	free(pe);
	free(places);
	free(img.relocs);
	free(img.elf);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--check") == 0) {
		size_t bytes;
		uint8_t *pe = read_file(argv[2], &bytes);

		check_pe(argv[2], pe, bytes);
		free(pe);
		return 0;
	}
	if (argc != 3 || argv[1][0] == '-') {
		fputs("usage: elf2efi IN.elf OUT.efi\n       elf2efi --check FILE.efi\n",
		      stderr);
		return 2;
	}
	convert(argv[1], argv[2]);
	return 0;
}
