/* Inputs are sacred: what a command has read is remembered, and no output replaces it. By
 * device and inode, so that another name, a hard or a soft link make no difference. */
#ifndef LIFEBOAT_TOOLS_INPUTS_H
#define LIFEBOAT_TOOLS_INPUTS_H

#include <stdbool.h>

/** tool_input_add() - @path is read from; what is no regular file does not count. */
void tool_input_add(const char *path);

/** tool_input_replaceable() - @path may be replaced after all: the command's result is
 * the same file, changed. */
void tool_input_replaceable(const char *path);

/** tool_input_spared() - false, with a message, when @output is one of the inputs. */
bool tool_input_spared(const char *output);

#endif
