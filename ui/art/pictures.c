/* Pictures by their ids. */
#include "ui/art/parts.h"

#include <stddef.h>

static const int16_t nothing[] = { END };

static const int16_t *const pictures[ART_COUNT] = {
	[ART_NONE] = nothing,
	[ART_STEP_COMPUTER] = art_step_computer,
	[ART_STEP_ADDRESS] = art_step_address,
	[ART_STEP_WRITE] = art_step_write,
	[ART_STEP_INSERT] = art_step_insert,
	[ART_STEP_START] = art_step_start,
	[ART_BAD_STICK] = art_bad_stick,
	[ART_DAMAGED] = art_damaged,
	[ART_UNREADABLE] = art_unreadable,
	[ART_WRONG_DEVICE] = art_wrong_device,
	[ART_WRONG_CPU] = art_wrong_cpu,
	[ART_TOO_OLD] = art_too_old,
	[ART_NOT_RECOVERY] = art_not_recovery,
	[ART_NO_STICK] = art_no_stick,
	[ART_DEVELOPER] = art_developer,
	[ART_OPEN_SHIELD] = art_open_shield,
	[ART_SHIELD] = art_shield,
	[ART_KEY] = art_key,
	[ART_MENU] = art_menu,
	[ART_WARNING] = art_warning,
	[ART_POWER] = art_power,
	[ART_DETAILS] = art_details,
	[ART_GLOBE] = art_globe,
	[ART_INSTALL] = art_install,
	[ART_PULL] = art_pull,
	[ART_DEVICE] = art_device,
	[ART_LAPTOP] = art_laptop,
	[ART_STICK] = art_stick,
	[ART_CARD] = art_card,
	[ART_FILE] = art_file,
	[ART_ARROW] = art_arrow,
	[ART_CROSS] = art_cross,
	[ART_CHECK] = art_check,
	[ART_QUESTION] = art_question,
	[ART_UNEQUAL] = art_unequal,
	[ART_CLOCK_BACK] = art_clock_back,
	[ART_CHIP] = art_chip,
	[ART_PHONE] = art_phone,
};

const int16_t *art_picture(enum art_id id)
{
	return id < ART_COUNT && pictures[id] != NULL ? pictures[id] : nothing;
}
