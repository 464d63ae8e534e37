/* Flattened image trees (FIT): check, then read. The tree is not trusted to be well
 * formed although it is signed: kernel_fit_open() looks at all of it before anything is
 * read.
 *
 * Format and limits: docs/formats/fit.md. Spec: flattened image tree 0.8. */
#ifndef LIFEBOAT_BOOT_KERNEL_FIT_H
#define LIFEBOAT_BOOT_KERNEL_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "unpack/decompress.h"
#include "boot/kernel/prepare.h"

#define KERNEL_FIT_MAX_NODES      2048u
#define KERNEL_FIT_MAX_DEPTH      6u  /* the root is 1 */
#define KERNEL_FIT_MAX_PROPERTIES 64u /* of one node */
#define KERNEL_FIT_MAX_IMAGES     256u
#define KERNEL_FIT_MAX_NAME       63u /* characters of a node's name */

struct kernel_fit {
	uint8_t *data;   /* the tree, external data behind it */
	size_t limit;    /* external data ends before here */
	size_t external; /* where external data may start, and data-offset counts from */
	int images;      /* nodes /images, /configurations */
	int configurations;
};

/* One image. Strings are NULL when the property is absent. */
struct kernel_fit_image {
	const char *name;
	const char *type;
	const char *arch;
	const char *os;
	const char *compression;
	uint8_t *data;
	size_t bytes;
};

/* Checks of the tree alone: its structure, names, limits. LB_REASON_FIT_DAMAGED. */
enum lb_reason kernel_fit_check_tree(const uint8_t *tree, size_t limit,
				     struct lb_verdict *why);

/**
 * kernel_fit_open() - check a whole FIT: tree, images, where their data lie.
 * @data, @limit: from the start of the tree to the configuration page
 *
 * Returns LB_REASON_OK or LB_REASON_FIT_DAMAGED.
 */
enum lb_reason kernel_fit_open(uint8_t *data, size_t limit, struct kernel_fit *out,
			       struct lb_verdict *why);

/** kernel_fit_image() - the image of this exact name. LB_REASON_FIT_DAMAGED. */
enum lb_reason kernel_fit_image(const struct kernel_fit *fit, const char *name,
				struct kernel_fit_image *out, struct lb_verdict *why);

/**
 * kernel_fit_string() - entry @index of a list of strings in node @node, NULL at the end,
 * without the property, or when it is no list of strings.
 */
const char *kernel_fit_string(const struct kernel_fit *fit, int node,
			      const char *property, int index);

/**
 * kernel_fit_choose() - the configuration for this machine.
 * @plat: for a working copy of a device tree
 * @node: its node, on LB_REASON_OK
 *
 * LB_REASON_WRONG_CPU when all kernels are for another CPU, LB_REASON_NO_CONFIGURATION,
 * LB_REASON_FIT_DAMAGED.
 */
enum lb_reason kernel_fit_choose(const struct kernel_fit *fit,
				 const struct platform *plat,
				 const struct kernel_context *context, int *node,
				 struct lb_verdict *why);

/** kernel_fit_check_arch() - LB_REASON_WRONG_CPU unless the image's arch is @cpu's. */
enum lb_reason kernel_fit_check_arch(const struct kernel_fit_image *image,
				     enum platform_cpu cpu, struct lb_verdict *why);

/** kernel_fit_packed() - an image's data and how it is compressed.
 * LB_REASON_DECOMPRESSION for a method not known here. */
enum lb_reason kernel_fit_packed(const struct kernel_fit_image *image,
				 struct kernel_packed *out, struct lb_verdict *why);

#endif
