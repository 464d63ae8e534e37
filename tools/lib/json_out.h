/* --json: one object on standard output. */
#ifndef LIFEBOAT_TOOLS_JSON_OUT_H
#define LIFEBOAT_TOOLS_JSON_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** tool_json_print() - indented, keys in the order they were set, printable ASCII only;
 * takes
 * @object over.
 * False with a message when standard output cannot be written. */
bool tool_json_print(json_t *object);

/** Setters that cannot fail (no memory is fatal); text that is not UTF-8 has its bytes
 * outside ASCII replaced by '?'; a number that a JSON integer of 64 signed bits does not
 * hold becomes a text. */
void tool_json_text(json_t *object, const char *name, const char *value);
void tool_json_number(json_t *object, const char *name, uint64_t value);
void tool_json_bool(json_t *object, const char *name, bool value);
/* Both take @value over. A @name that is not UTF-8 (it may come from a file) has its
 * bytes outside ASCII as \xNN. */
void tool_json_set(json_t *object, const char *name, json_t *value);
void tool_json_append(json_t *array, json_t *value);

/** tool_json_string() - as tool_json_text(), a value of its own. */
json_t *tool_json_string(const char *value);

#endif
