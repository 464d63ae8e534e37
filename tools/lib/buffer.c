/* Bytes that grow while something is being made. */
#include "tools/lib/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "tools/lib/tool.h"

static void make_room(struct tool_buffer *buffer, size_t len)
{
	if (len <= buffer->room - buffer->len)
		return;
	if (len > SIZE_MAX / 2 - buffer->len)
		tool_fatal("out of memory");

	size_t room = buffer->room != 0 ? buffer->room : 256;
	while (room < buffer->len + len)
		room *= 2;
	buffer->data = tool_realloc(buffer->data, room);
	buffer->room = room;
}

uint8_t *tool_buffer_grow(struct tool_buffer *buffer, size_t len)
{
	make_room(buffer, len);
	uint8_t *at = buffer->data + buffer->len;

	if (len != 0)
		memset(at, 0, len);
	buffer->len += len;
	return at;
}

void tool_buffer_append(struct tool_buffer *buffer, const void *data, size_t len)
{
	if (len == 0)
		return;
	make_room(buffer, len);
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
}

void tool_buffer_text(struct tool_buffer *buffer, const char *text)
{
	tool_buffer_append(buffer, text, strlen(text));
}

void tool_buffer_align(struct tool_buffer *buffer, size_t align)
{
	const size_t over = buffer->len % align;

	if (over != 0)
		tool_buffer_grow(buffer, align - over);
}

void tool_buffer_free(struct tool_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct tool_buffer){ 0 };
}
