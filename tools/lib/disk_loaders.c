/* Loaders on a disk. */
#include "tools/lib/disk_loaders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "boot/judge/policy.h"
#include "crypto/profile.h"
#include "gpt/gpt_source.h"
#include "gpt/gpt_table.h"
#include "tools/lib/loader_file.h"
#include "tools/lib/printable.h"
#include "tools/lib/json_out.h"
#include "tools/lib/public_key.h"

#define LOADER_LIMIT   (64u << 20)
#define KEY_WORD_CHARS 16

struct look {
	struct host_platform *plat;
	const struct tool_judge *judge;
	struct tool_fat *fat;
	struct tool_disk_loaders *out;
};

/* --- one loader's profile ----------------------------------------------------------- */

static bool same_key(const struct crypto_key *a, const struct crypto_key *b)
{
	return a->data_bytes == b->data_bytes && a->algorithm == b->algorithm &&
	       memcmp(a->data, b->data, a->data_bytes) == 0;
}

static bool refuse_key(const struct crypto_key *has, const struct crypto_key *wanted,
		       const char *name, struct tool_disk_loader *l)
{
	char theirs[TOOL_KEY_ID_TEXT_BYTES] = "none", ours[TOOL_KEY_ID_TEXT_BYTES];

	if (has->data != NULL)
		tool_key_id_text(has, theirs);
	tool_key_id_text(wanted, ours);
	snprintf(l->words, sizeof(l->words),
		 "its profile's %s is %.*s, the one in use is %.*s (SHA-256)", name,
		 KEY_WORD_CHARS, theirs, KEY_WORD_CHARS, ours);
	return false;
}

static bool check_profile(const struct look *look, const struct profile *p,
			  struct tool_disk_loader *l)
{
	const struct tool_judge *judge = look->judge;
	const struct crypto_key *wanted = &judge->policy.key;
	const bool recovery = judge->policy.mode == CRYPTO_MODE_RECOVERY;
	const struct crypto_key *has = recovery ? &p->recovery_key : &p->kernel_key;

	if (wanted->data != NULL && (has->data == NULL || !same_key(has, wanted)))
		return refuse_key(has, wanted, recovery ? "recovery-key" : "kernel-key",
				  l);
	if (judge->policy.mode == CRYPTO_MODE_DEVELOPER && !boot_developer_allowed(p)) {
		snprintf(l->words, sizeof(l->words),
			 "its profile forbids developer mode");
		return false;
	}
	if (!recovery && p->generation < judge->seen_generation) {
		snprintf(l->words, sizeof(l->words),
			 "generation %u, and the device has seen %u: too old",
			 p->generation, judge->seen_generation);
		return false;
	}
	snprintf(l->words, sizeof(l->words), "profile '%.*s' with %s, generation %u%s",
		 (int)p->model.len,
		 p->model.data != NULL ? (const char *)p->model.data : "",
		 wanted->data != NULL ? "the key in use" : "keys of its own",
		 p->generation,
		 recovery && p->recovery_floor > judge->policy.floor
			 ? ", a higher recovery-floor of its own"
			 : "");
	return true;
}

static bool board_named(const struct platform_machine *machine)
{
	return machine->compatible_count != 0 || machine->vendor[0] != '\0';
}

/* The profile for the board; where none is named, any that does. */
static bool check_profiles(const struct look *look, const uint8_t *bytes, size_t len,
			   struct tool_disk_loader *l)
{
	size_t count = 0, offset = 0;
	struct profile p;
	const enum lb_status status = profile_count(bytes, len, &count, &offset);
	bool good = false;

	if (status != LB_OK)
		snprintf(l->words, sizeof(l->words),
			 status == LB_ERR_NOT_FOUND
				 ? "no profile in it: it starts nothing"
				 : "its profile is damaged at offset %zu (%s): it starts "
				   "nothing",
			 offset, lb_status_name(status));
	else if (board_named(&look->plat->machine) && count > 1) {
		good = profile_select(bytes, len, &look->plat->machine, &p) == LB_OK;
		if (!good)
			snprintf(l->words, sizeof(l->words),
				 "none of its %zu profiles is for this board", count);
		good = good && check_profile(look, &p, l);
		return good;
	}
	for (size_t i = 0; !good && i < count; i++)
		good = profile_get(bytes, len, i, &p) == LB_OK &&
		       check_profile(look, &p, l);
	return good;
}

/* --- one file ----------------------------------------------------------------------- */

static const struct {
	const char *path;
	enum platform_cpu cpu;
} removable[] = {
	{ "EFI/BOOT/BOOTX64.EFI", PLATFORM_CPU_X86_64 },
	{ "EFI/BOOT/BOOTAA64.EFI", PLATFORM_CPU_AARCH64 },
};

static void set_removable(struct tool_disk_loader *l)
{
	for (size_t i = 0; i < sizeof(removable) / sizeof(removable[0]); i++)
		if (strcasecmp(l->path, removable[i].path) == 0) {
			l->removable = true;
			l->cpu = removable[i].cpu;
		}
}

static bool set_cpu(const struct tool_loader *loader, struct tool_disk_loader *l)
{
	l->cpu = loader->kind == TOOL_LOADER_BARE || loader->pe.machine == TOOL_PE_AARCH64
			 ? PLATFORM_CPU_AARCH64
			 : PLATFORM_CPU_X86_64;
	return loader->kind == TOOL_LOADER_BARE ||
	       loader->pe.machine == TOOL_PE_AARCH64 ||
	       loader->pe.machine == TOOL_PE_X86_64;
}

static void judge_ours(const struct look *look, const struct tool_buffer *file,
		       const struct tool_loader *loader, struct tool_disk_loader *l)
{
	l->ours = true;
	if (!set_cpu(loader, l)) {
		snprintf(l->words, sizeof(l->words), "for a processor 0x%x",
			 loader->pe.machine);
		return;
	}
	l->good = check_profiles(look, file->data + loader->profile_offset,
				 loader->profile_bytes, l);
	if (loader->kind == TOOL_LOADER_UEFI)
		l->signature = tool_pe_signature(file, &loader->pe, l->signer);
	if (l->good && look->plat->machine.secure_boot &&
	    l->signature != TOOL_PE_SIGNED) {
		l->good = false;
		snprintf(l->words, sizeof(l->words),
			 "firmware with Secure Boot refuses it");
	}
}

static bool ends_in(const char *name, const char *end)
{
	const size_t len = strlen(name), end_len = strlen(end);

	return len > end_len && strcasecmp(name + len - end_len, end) == 0;
}

/* A program for a processor there are no loaders for, like the 32-bit one that says so on
 * the screen of such firmware. Its headers have another form. */
static bool is_for_others(const struct tool_buffer *file, unsigned int *machine)
{
	const uint32_t at = file->len >= 64 && file->data[0] == 'M'
				    ? lb_le32(file->data + 60)
				    : UINT32_MAX;

	if (!lb_within(at, 6, file->len) || memcmp(file->data + at, "PE\0\0", 4) != 0)
		return false;
	*machine = lb_le16(file->data + at + 4);
	return *machine != TOOL_PE_X86_64 && *machine != TOOL_PE_AARCH64;
}

static void judge_file(const struct look *look, const struct tool_fat_item *item,
		       const char *path)
{
	struct tool_disk_loaders *out = look->out;
	struct tool_buffer file = { 0 };
	struct tool_loader loader;
	unsigned int machine;

	if (out->count == TOOL_DISK_LOADERS) {
		out->more = true;
		return;
	}
	struct tool_disk_loader *l = &out->loader[out->count++];

	snprintf(l->path, sizeof(l->path), "%s", path);
	set_removable(l);
	if (!tool_fat_read(look->fat, item, LOADER_LIMIT, &file))
		snprintf(l->words, sizeof(l->words), "cannot be read: %s",
			 look->fat->why);
	else if (is_for_others(&file, &machine)) {
		l->foreign = !l->removable;
		snprintf(l->words, sizeof(l->words), "for another processor (0x%x)",
			 machine);
	} else if (!tool_loader_find(&file, path, &loader))
		snprintf(l->words, sizeof(l->words), "damaged");
	else if (loader.kind == TOOL_LOADER_NONE && ends_in(path, ".IMG"))
		out->count--; /* anything may be called so */
	else if (loader.kind == TOOL_LOADER_NONE) {
		l->foreign = loader.pe.section_count != 0;
		snprintf(l->words, sizeof(l->words),
			 l->foreign ? "not a Lifeboat loader" : "no program for UEFI");
	} else
		judge_ours(look, &file, &loader, l);
	tool_buffer_free(&file);
}

/* --- the partition ------------------------------------------------------------------ */

/* Programs in one folder; those in folders below it too, @depth times. */
static void look_in(const struct look *look, const struct tool_fat_item *folder,
		    const char *path, unsigned int depth)
{
	struct tool_buffer bytes = { 0 };
	struct tool_fat_item item;
	size_t place = 0;
	bool good = tool_fat_read(look->fat, folder, TOOL_FAT_FOLDER_BYTES, &bytes);

	if (!good)
		snprintf(look->out->why, sizeof(look->out->why), "%s", look->fat->why);
	while (good && tool_fat_next(&bytes, &place, &item)) {
		char name[TOOL_LOADER_PATH_BYTES];

		snprintf(name, sizeof(name), "%s%s%s", path, path[0] != '\0' ? "/" : "",
			 item.name);
		if (item.folder && depth > 0)
			look_in(look, &item, name, depth - 1);
		else if (!item.folder &&
			 (ends_in(item.name, ".EFI") || ends_in(item.name, ".IMG")))
			judge_file(look, &item, name);
	}
	tool_buffer_free(&bytes);
}

/* Basic data, as recovery media have it. */
static const uint8_t type_basic_data[16] = { 0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9,
					     0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6,
					     0xb7, 0x26, 0x99, 0xc7 };

static bool find_partition(struct host_platform *plat, const struct platform_disk *disk,
			   bool media, struct gpt_entry *found, uint32_t *number)
{
	struct lb_verdict why;
	struct gpt gpt;

	*number = 0;
	if (gpt_load(&plat->platform, disk, &gpt, &why) != LB_OK)
		return false;
	for (uint32_t i = 0; *number == 0 && gpt_entry_get(&gpt, i, found) == LB_OK; i++)
		if (memcmp(found->type, gpt_type_efi, 16) == 0 ||
		    (media && memcmp(found->type, type_basic_data, 16) == 0))
			*number = i + 1;
	gpt_unload(&plat->platform, &gpt);
	return *number != 0;
}

void tool_disk_loaders_judge(struct host_platform *plat, const struct tool_judge *judge,
			     const struct platform_disk *disk, bool media,
			     struct tool_disk_loaders *out)
{
	const struct tool_fat_item root = { .folder = true };
	struct gpt_entry entry;
	struct tool_fat fat;

	*out = (struct tool_disk_loaders){ 0 };
	if (!find_partition(plat, disk, media, &entry, &out->partition))
		return;
	struct gpt_source partition = { &plat->platform, disk->id, disk->sector_bytes,
					entry.first_lba,
					entry.last_lba - entry.first_lba + 1 };
	const struct lb_source source = gpt_source_open(&partition);
	const struct look look = { plat, judge, &fat, out };

	if (tool_fat_open(&source, &fat))
		look_in(&look, &root, "", 2);
	else
		snprintf(out->why, sizeof(out->why), "%s", fat.why);
}

/* --- answers ------------------------------------------------------------------------ */

/* The one that firmware starts by itself decides; where there is none, a boot entry may
 * name any. */
static const struct tool_disk_loader *find_removable(const struct tool_disk_loaders *all,
						     enum platform_cpu cpu)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->loader[i].removable && all->loader[i].cpu == cpu)
			return &all->loader[i];
	return NULL;
}

bool tool_disk_loaders_start(const struct tool_disk_loaders *loaders,
			     enum platform_cpu cpu, const char **why)
{
	const struct tool_disk_loader *first = find_removable(loaders, cpu);
	bool bad = false;

	if (loaders->partition == 0)
		return true;
	if (first != NULL) {
		*why = "the loader that firmware starts by itself would not start this "
		       "kernel";
		return first->good || first->foreign; /* whatever that one starts */
	}
	for (size_t i = 0; i < loaders->count; i++) {
		const struct tool_disk_loader *l = &loaders->loader[i];

		if (l->ours && l->cpu == cpu && l->good)
			return true;
		bad = bad || (l->ours && l->cpu == cpu);
	}
	*why = bad ? "no loader on it would start this kernel"
		   : "the partition for its loader cannot be read";
	return !bad && loaders->why[0] == '\0'; /* a loader from elsewhere */
}

static const char *cpu_name(enum platform_cpu cpu)
{
	return cpu == PLATFORM_CPU_X86_64 ? "x86_64" : "aarch64";
}

static void print_loader(const struct tool_disk_loader *l, uint32_t partition)
{
	printf("loader %s (partition %u%s%s): %s", l->path, partition,
	       l->ours ? ", " : "", l->ours ? cpu_name(l->cpu) : "",
	       l->foreign ? "not judged: "
	       : l->good  ? ""
			  : "refused: ");
	(void)tool_print_text(stdout, l->words);
	if (l->ours)
		printf(", %s", tool_pe_signature_words(l->signature));
	if (l->signer[0] != '\0') {
		printf(" by '");
		(void)tool_print_text(stdout, l->signer);
		putchar('\'');
	}
	putchar('\n');
}

void tool_disk_loaders_print(const struct tool_disk_loaders *loaders)
{
	if (loaders->why[0] != '\0') {
		printf("partition %u, of the loaders: ", loaders->partition);
		(void)tool_print_text(stdout, loaders->why);
		putchar('\n');
	}
	for (size_t i = 0; i < loaders->count; i++)
		print_loader(&loaders->loader[i], loaders->partition);
	if (loaders->partition != 0 && loaders->count == 0 && loaders->why[0] == '\0')
		printf("partition %u: no loader on it; one from elsewhere is needed\n",
		       loaders->partition);
	if (loaders->more)
		printf("further programs on partition %u are not listed\n",
		       loaders->partition);
}

static const char *signature_name(enum tool_pe_signature signature)
{
	return signature == TOOL_PE_UNSIGNED       ? "none"
	       : signature == TOOL_PE_SIGNED       ? "good"
	       : signature == TOOL_PE_SIGNED_OTHER ? "of other bytes"
						   : "damaged";
}

json_t *tool_disk_loaders_describe(const struct tool_disk_loaders *loaders)
{
	json_t *array = json_array();

	for (size_t i = 0; i < loaders->count; i++) {
		const struct tool_disk_loader *l = &loaders->loader[i];
		json_t *object = json_object();

		tool_json_text(object, "path", l->path);
		tool_json_bool(object, "lifeboat", l->ours);
		tool_json_bool(object, "good", l->good);
		tool_json_set(object, "cpu",
			      l->ours ? tool_json_string(cpu_name(l->cpu)) : json_null());
		tool_json_text(object, "words", l->words);
		tool_json_text(object, "signature", signature_name(l->signature));
		tool_json_text(object, "signer", l->signer);
		tool_json_append(array, object);
	}
	return array;
}
