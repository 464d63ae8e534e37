/* dm-verity hash trees: made, found and checked. */
#include "tools/lib/verity.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/format.h"
#include "tools/lib/file.h"
#include "tools/lib/private_key.h"
#include "tools/lib/progress.h"
#include "tools/lib/tool.h"

#define BLOCK            ((size_t)TOOL_VERITY_BLOCK_BYTES)
#define HASHES_PER_BLOCK (TOOL_VERITY_BLOCK_BYTES / TOOL_VERITY_HASH_BYTES)
#define MAX_LEVELS       9u
#define READ_BLOCKS      256u
#define MAX_DATA_BLOCKS  (UINT64_C(1) << 40)

/* The superblock, Spec: cryptsetup wiki, DMVerity, "Verity superblock format". */
enum {
	AT_VERSION = 8,
	AT_HASH_TYPE = 12,
	AT_UUID = 16,
	AT_ALGORITHM = 32,
	AT_DATA_BLOCK = 64,
	AT_HASH_BLOCK = 68,
	AT_DATA_BLOCKS = 72,
	AT_SALT_BYTES = 80,
	AT_SALT = 88,
};

/* Where each level lies; level 0 holds the hashes of the data. Counted in blocks from
 * the start of the image. */
struct tree {
	unsigned int levels;
	uint64_t start[MAX_LEVELS];
	uint64_t blocks[MAX_LEVELS];
	uint64_t total_blocks;
};

struct job {
	int fd;
	const char *path;
	uint64_t base;
	const struct tool_verity *verity;
	const struct tree *tree;
	bool check; /* compare instead of write */
	EVP_MD_CTX *digest;
	EVP_MD *sha256;
};

static uint64_t blocks_for(uint64_t hashes)
{
	return (hashes + HASHES_PER_BLOCK - 1) / HASHES_PER_BLOCK;
}

static struct tree plan(uint64_t data_blocks)
{
	struct tree tree = { 0 };
	uint64_t at = data_blocks + 1;

	/* One block of data is hashed straight into the root hash: no tree at all. */
	for (uint64_t n = data_blocks; n > 1; n = tree.blocks[tree.levels++])
		tree.blocks[tree.levels] = blocks_for(n);
	for (unsigned int level = tree.levels; level-- > 0;) {
		tree.start[level] = at;
		at += tree.blocks[level];
	}
	tree.total_blocks = at;
	return tree;
}

uint64_t tool_verity_total_blocks(uint64_t data_blocks)
{
	return plan(data_blocks).total_blocks;
}

static bool hash_block(const struct job *job, const uint8_t *block, uint8_t *out)
{
	const struct tool_verity *v = job->verity;

	if (EVP_DigestInit_ex2(job->digest, job->sha256, NULL) == 1 &&
	    EVP_DigestUpdate(job->digest, v->salt, v->salt_bytes) == 1 &&
	    EVP_DigestUpdate(job->digest, block, BLOCK) == 1 &&
	    EVP_DigestFinal_ex(job->digest, out, NULL) == 1)
		return true;
	return tool_openssl_error("SHA-256", job->path);
}

/* One finished block of hashes: written to its place, or compared with what is there. */
static bool put_hash_block(const struct job *job, uint64_t block, const uint8_t *hashes)
{
	const uint64_t offset = job->base + block * BLOCK;
	uint8_t there[TOOL_VERITY_BLOCK_BYTES];

	if (!job->check)
		return tool_pwrite(job->fd, job->path, hashes, BLOCK, offset);
	if (!tool_pread(job->fd, job->path, there, BLOCK, offset))
		return false;
	if (memcmp(there, hashes, BLOCK) != 0)
		return tool_error(
			"%s: offset %llu: the dm-verity tree does not match the data",
			job->path, (unsigned long long)offset);
	return true;
}

struct level_writer {
	const struct job *job;
	uint64_t next; /* block that is being filled */
	size_t filled; /* hashes in it */
	uint8_t block[TOOL_VERITY_BLOCK_BYTES];
};

static bool flush_level(struct level_writer *w)
{
	if (w->filled == 0)
		return true;
	memset(w->block + w->filled * TOOL_VERITY_HASH_BYTES, 0,
	       BLOCK - w->filled * TOOL_VERITY_HASH_BYTES);
	w->filled = 0;
	return put_hash_block(w->job, w->next++, w->block);
}

static bool add_hash(struct level_writer *w, const uint8_t *block)
{
	if (!hash_block(w->job, block, w->block + w->filled * TOOL_VERITY_HASH_BYTES))
		return false;
	if (++w->filled < HASHES_PER_BLOCK)
		return true;
	return flush_level(w);
}

/* Hashes @blocks blocks from @from on into the level that starts at @to. */
static bool make_level(const struct job *job, uint64_t from, uint64_t blocks, uint64_t to,
		       uint8_t *buffer)
{
	struct level_writer w = { .job = job, .next = to };

	for (uint64_t done = 0; done < blocks;) {
		const size_t n = blocks - done < READ_BLOCKS ? (size_t)(blocks - done)
							     : READ_BLOCKS;

		if (!tool_pread(job->fd, job->path, buffer, n * BLOCK,
				job->base + (from + done) * BLOCK))
			return false;
		for (size_t i = 0; i < n; i++)
			if (!add_hash(&w, buffer + i * BLOCK))
				return false;
		done += n;
		if (from == 0)
			tool_progress(job->path, done, blocks);
	}
	return flush_level(&w);
}

static bool make_tree(const struct job *job, uint8_t *root_hash)
{
	const struct tree *tree = job->tree;
	uint8_t *buffer = tool_alloc(READ_BLOCKS * BLOCK);
	bool good = true;

	for (unsigned int level = 0; good && level < tree->levels; level++)
		good = make_level(job, level == 0 ? 0 : tree->start[level - 1],
				  level == 0 ? job->verity->data_blocks
					     : tree->blocks[level - 1],
				  tree->start[level], buffer);
	const uint64_t top = tree->levels == 0 ? 0 : tree->start[tree->levels - 1];

	good = good &&
	       tool_pread(job->fd, job->path, buffer, BLOCK, job->base + top * BLOCK) &&
	       hash_block(job, buffer, root_hash);
	free(buffer);
	return good;
}

static bool run(int fd, const char *path, uint64_t base, bool check,
		struct tool_verity *verity)
{
	const struct tree tree = plan(verity->data_blocks);
	uint8_t root_hash[TOOL_VERITY_HASH_BYTES];
	struct job job = {
		.fd = fd,
		.path = path,
		.base = base,
		.verity = verity,
		.tree = &tree,
		.check = check,
		.digest = EVP_MD_CTX_new(),
		.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
	};
	bool good = job.digest != NULL && job.sha256 != NULL;

	good = good ? make_tree(&job, root_hash) : tool_openssl_error("SHA-256", path);
	EVP_MD_CTX_free(job.digest);
	EVP_MD_free(job.sha256);
	if (good)
		memcpy(verity->root_hash, root_hash, sizeof(root_hash));
	return good;
}

/* SHA-256 of a label and all data blocks: the preset salt, and with another label the
 * UUID. */
static bool content_digest(int fd, const char *path, uint64_t base, uint64_t blocks,
			   uint8_t *out)
{
	static const char label[] = "lifeboat-verity";
	uint8_t *buffer = tool_alloc(READ_BLOCKS * BLOCK);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool good = digest != NULL &&
		    EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(digest, label, sizeof(label)) == 1;

	for (uint64_t done = 0; good && done < blocks;) {
		const size_t n = blocks - done < READ_BLOCKS ? (size_t)(blocks - done)
							     : READ_BLOCKS;

		good = tool_pread(fd, path, buffer, n * BLOCK, base + done * BLOCK) &&
		       EVP_DigestUpdate(digest, buffer, n * BLOCK) == 1;
		done += n;
	}
	good = good && EVP_DigestFinal_ex(digest, out, NULL) == 1;
	EVP_MD_CTX_free(digest);
	free(buffer);
	return good;
}

/* A name-based UUID (version 8) from root hash-independent bytes: the salt. */
static void make_uuid(const struct tool_verity *v, uint8_t uuid[16])
{
	uint8_t digest[32];

	if (EVP_Q_digest(NULL, "SHA256", NULL, v->salt, v->salt_bytes, digest, NULL) != 1)
		tool_fatal("SHA-256 is not available");
	memcpy(uuid, digest, 16);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static bool put_superblock(int fd, const char *path, uint64_t base,
			   const struct tool_verity *v)
{
	uint8_t block[TOOL_VERITY_BLOCK_BYTES] = "verity";

	lb_put_le32(block + AT_VERSION, 1);
	lb_put_le32(block + AT_HASH_TYPE, 1);
	make_uuid(v, block + AT_UUID);
	memcpy(block + AT_ALGORITHM, "sha256", 6);
	lb_put_le32(block + AT_DATA_BLOCK, TOOL_VERITY_BLOCK_BYTES);
	lb_put_le32(block + AT_HASH_BLOCK, TOOL_VERITY_BLOCK_BYTES);
	lb_put_le64(block + AT_DATA_BLOCKS, v->data_blocks);
	lb_put_le16(block + AT_SALT_BYTES, (uint16_t)v->salt_bytes);
	memcpy(block + AT_SALT, v->salt, v->salt_bytes);
	return tool_pwrite(fd, path, block, BLOCK, base + v->data_blocks * BLOCK);
}

static bool fill_last_block(int fd, const char *path, uint64_t base, uint64_t data_bytes)
{
	static const uint8_t zeros[TOOL_VERITY_BLOCK_BYTES];
	const size_t over = (size_t)(data_bytes % BLOCK);

	return over == 0 || tool_pwrite(fd, path, zeros, BLOCK - over, base + data_bytes);
}

bool tool_verity_append(int fd, const char *path, uint64_t base, uint64_t data_bytes,
			const struct tool_buffer *salt, struct tool_verity *out)
{
	const uint64_t blocks = (data_bytes + BLOCK - 1) / BLOCK;

	*out = (struct tool_verity){ .data_blocks = blocks, .salt_bytes = 32 };
	if (data_bytes == 0 || blocks > MAX_DATA_BLOCKS)
		return tool_error("%s: %llu bytes: no dm-verity tree can be made", path,
				  (unsigned long long)data_bytes);
	out->total_blocks = tool_verity_total_blocks(blocks);
	if (!fill_last_block(fd, path, base, data_bytes))
		return false;
	if (salt != NULL) {
		if (salt->len > TOOL_VERITY_MAX_SALT)
			return tool_error("salt: %zu bytes, at most 256", salt->len);
		out->salt_bytes = salt->len;
		if (salt->len != 0)
			memcpy(out->salt, salt->data, salt->len);
	} else if (!content_digest(fd, path, base, blocks, out->salt)) {
		return false;
	}
	return put_superblock(fd, path, base, out) && run(fd, path, base, false, out);
}

/* data_blocks so that data, superblock and tree are exactly @total; 0 when there is
 * none. */
static uint64_t data_blocks_of(uint64_t total)
{
	uint64_t low = 1, high = total;

	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;

		if (tool_verity_total_blocks(middle) < total)
			low = middle + 1;
		else
			high = middle;
	}
	return tool_verity_total_blocks(low) == total ? low : 0;
}

static const uint8_t verity_magic[8] = "verity";

/* A tree over what lies before it: one that is inside a file of the root says another
 * size. */
static bool is_superblock(const uint8_t *block, uint64_t offset)
{
	const uint32_t data_block = lb_le32(block + AT_DATA_BLOCK);
	const uint64_t blocks = lb_le64(block + AT_DATA_BLOCKS);

	return memcmp(block, verity_magic, sizeof(verity_magic)) == 0 &&
	       data_block >= 512 && data_block <= 65536 && offset % data_block == 0 &&
	       blocks == offset / data_block;
}

static bool refuse_tree(const char *path, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse_tree(const char *path, uint64_t offset, const char *fmt, ...)
{
	va_list args;
	char text[96];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return tool_error("%s: offset %llu: has a dm-verity tree already, with %s: take "
			  "it off, or make it anew that way",
			  path, (unsigned long long)offset, text);
}

/* False with a message: a tree, and of a kind that is not made or checked here. */
static bool superblock_known(const uint8_t *block, const char *path, uint64_t offset)
{
	static const uint8_t sha256[32] = "sha256";
	const uint32_t data_block = lb_le32(block + AT_DATA_BLOCK);
	const uint32_t hash_block = lb_le32(block + AT_HASH_BLOCK);
	const size_t salt_bytes = lb_le16(block + AT_SALT_BYTES);

	if (lb_le32(block + AT_VERSION) != 1 || lb_le32(block + AT_HASH_TYPE) != 1)
		return refuse_tree(path, offset,
				   "version %u and hash type %u, only 1 and 1 is known",
				   lb_le32(block + AT_VERSION),
				   lb_le32(block + AT_HASH_TYPE));
	if (memcmp(block + AT_ALGORITHM, sha256, sizeof(sha256)) != 0)
		return refuse_tree(path, offset, "hashes by %.32s, only sha256 is known",
				   (const char *)block + AT_ALGORITHM);
	if (data_block != TOOL_VERITY_BLOCK_BYTES ||
	    hash_block != TOOL_VERITY_BLOCK_BYTES)
		return refuse_tree(
			path, offset, "%u bytes a block of %s, only %u is known",
			data_block != TOOL_VERITY_BLOCK_BYTES ? data_block : hash_block,
			data_block != TOOL_VERITY_BLOCK_BYTES ? "data" : "hashes",
			TOOL_VERITY_BLOCK_BYTES);
	if (salt_bytes > TOOL_VERITY_MAX_SALT)
		return refuse_tree(path, offset, "a salt of %zu bytes, at most %u",
				   salt_bytes, TOOL_VERITY_MAX_SALT);
	return true;
}

static struct tool_verity superblock_decode(const uint8_t *block)
{
	struct tool_verity v = { .data_blocks = lb_le64(block + AT_DATA_BLOCKS),
				 .salt_bytes = lb_le16(block + AT_SALT_BYTES) };

	v.total_blocks = tool_verity_total_blocks(v.data_blocks);
	memcpy(v.salt, block + AT_SALT, v.salt_bytes);
	return v;
}

/* One block: is it the superblock? *@found stays false when not. */
static bool look_at(const uint8_t *block, const char *path, uint64_t index,
		    uint64_t blocks, bool *found, struct tool_verity *out)
{
	if (!is_superblock(block, index * BLOCK))
		return true;
	if (!superblock_known(block, path, index * BLOCK))
		return false;
	const struct tool_verity v = superblock_decode(block);

	if (v.total_blocks > blocks)
		return tool_error("%s: offset %llu: has a dm-verity tree that ends at "
				  "block %llu, the image at %llu: cut short",
				  path, (unsigned long long)(index * BLOCK),
				  (unsigned long long)v.total_blocks,
				  (unsigned long long)blocks);
	*out = v;
	*found = true;
	return true;
}

/* Anywhere: the tree may have something behind it, as in a partition. */
static bool find_anywhere(int fd, const char *path, uint64_t base, uint64_t blocks,
			  bool *found, struct tool_verity *out)
{
	uint8_t *buffer = tool_alloc(READ_BLOCKS * BLOCK);
	bool good = true;

	for (uint64_t at = 0; good && !*found && at < blocks; at += READ_BLOCKS) {
		const size_t n =
			blocks - at < READ_BLOCKS ? (size_t)(blocks - at) : READ_BLOCKS;

		good = tool_pread(fd, path, buffer, n * BLOCK, base + at * BLOCK);
		for (size_t i = 0; good && !*found && i < n; i++)
			if (at + i != 0)
				good = look_at(buffer + i * BLOCK, path, at + i, blocks,
					       found, out);
	}
	free(buffer);
	return good;
}

bool tool_verity_find(int fd, const char *path, uint64_t base, uint64_t bytes,
		      bool *found, struct tool_verity *out)
{
	uint8_t block[TOOL_VERITY_BLOCK_BYTES];
	const uint64_t blocks = bytes / BLOCK;

	*found = false;
	if (blocks < 2 || blocks > MAX_DATA_BLOCKS)
		return true;
	const uint64_t data_blocks = bytes % BLOCK == 0 ? data_blocks_of(blocks) : 0;

	/* At the end, where ours are: without reading all of it. */
	if (data_blocks != 0 &&
	    (!tool_pread(fd, path, block, BLOCK, base + data_blocks * BLOCK) ||
	     !look_at(block, path, data_blocks, blocks, found, out)))
		return false;
	return *found || find_anywhere(fd, path, base, blocks, found, out);
}

bool tool_verity_check(int fd, const char *path, uint64_t base,
		       struct tool_verity *verity)
{
	return run(fd, path, base, true, verity);
}

#define SECTORS_PER_BLOCK (TOOL_VERITY_BLOCK_BYTES / 512u)

char *tool_verity_cmdline(const struct tool_verity *v)
{
	char hash[2 * TOOL_VERITY_HASH_BYTES + 1];
	char salt[2 * TOOL_VERITY_MAX_SALT + 1];

	lb_format_hex(hash, v->root_hash, sizeof(v->root_hash));
	lb_format_hex(salt, v->salt, v->salt_bytes);
	return tool_format(
		"dm-mod.create=\"lifeboat-root,,,ro,0 %llu verity 1 "
		"PARTUUID=%%U/PARTNROFF=1 PARTUUID=%%U/PARTNROFF=1 4096 4096 "
		"%llu %llu sha256 %s %s\" dm-mod.waitfor=PARTUUID=%%U/PARTNROFF=1 "
		"root=/dev/dm-0 ro",
		(unsigned long long)(v->data_blocks * SECTORS_PER_BLOCK),
		(unsigned long long)v->data_blocks,
		(unsigned long long)(v->data_blocks + 1), hash,
		v->salt_bytes != 0 ? salt : "-");
}
