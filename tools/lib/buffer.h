/* Bytes that grow while something is being made. */
#ifndef LIFEBOAT_TOOLS_BUFFER_H
#define LIFEBOAT_TOOLS_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty buffer. */
struct tool_buffer {
	uint8_t *data;
	size_t len;
	size_t room;
};

/** tool_buffer_grow() - @len zero bytes more; returns where they are (until the next
 * growth). */
uint8_t *tool_buffer_grow(struct tool_buffer *buffer, size_t len);
void tool_buffer_append(struct tool_buffer *buffer, const void *data, size_t len);
void tool_buffer_text(struct tool_buffer *buffer, const char *text);

/** tool_buffer_align() - zero bytes up to a multiple of @align. */
void tool_buffer_align(struct tool_buffer *buffer, size_t align);
void tool_buffer_free(struct tool_buffer *buffer);

#endif
