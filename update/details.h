/* A statement's details: from protobuf to struct update_release, within limits. */
#ifndef LIFEBOAT_UPDATE_DETAILS_H
#define LIFEBOAT_UPDATE_DETAILS_H

#include "update/memory.h"
#include "update/reason.h"
#include "update/release.h"

/** update_details_unpack() - fills everything that the details say into @out, whose room
 * is the caller's to free, also after an error. */
enum update_reason update_details_unpack(const struct update_statement *statement,
					 struct update_memory *memory,
					 struct update_release *out,
					 struct update_verdict *why);

#endif
