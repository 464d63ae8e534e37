/* Hand-over values as words of a kernel command line, for machines on which variables
 * cannot be written or are somebody else's: lifeboat.NAME=VALUE. Only the loader may
 * say them; a signed text that does is refused. Pure.
 *
 * Design: DESIGN 8 "Variables"; spelling: docs/formats/command-line.md. */
#ifndef LIFEBOAT_BOOT_KERNEL_TOLD_WORDS_H
#define LIFEBOAT_BOOT_KERNEL_TOLD_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/**
 * kernel_told_prepend() - one more word before those in @words, a space between.
 * @name: CamelCase, as in the hand-over
 *
 * The first word said is thus the last in the text: it is the one that stays when words
 * have to go. False when there is no room; then @words is as it was.
 */
bool kernel_told_prepend(char *words, size_t size, const char *name, const char *value);

/** kernel_told_drop() - @words without the first of them. */
const char *kernel_told_drop(const char *words);

/**
 * kernel_told_find() - what a command line, as the running kernel shows it, says of
 * @name.
 *
 * LB_ERR_NOT_FOUND: nothing; LB_ERR_DUPLICATE: more than one thing; LB_ERR_RANGE: no
 * value that a loader writes, or longer than @size.
 */
enum lb_status kernel_told_find(const char *cmdline, const char *name, char *out,
				size_t size);

/**
 * kernel_told_reserved() - whether signed text says such a word, quoted, behind "--" or
 * within another word as well: no reader, however simple, may take it for the loader's.
 * @at: where
 */
bool kernel_told_reserved(const uint8_t *text, size_t len, size_t *at);

#endif
