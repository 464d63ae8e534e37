/* Colours of all screens: dark on white, so that QR codes and small type read well. Text
 * colours keep a contrast of at least 4.5:1 on white. For ui/ itself. */
#ifndef LIFEBOAT_UI_STYLE_H
#define LIFEBOAT_UI_STYLE_H

#define UI_WHITE 0xffffffu
#define UI_INK   0x14181fu /* text, outlines */
#define UI_DIM   0x565d68u /* less important text */
#define UI_LINE  0xc3c8d0u
#define UI_PANEL 0xf0f2f5u
#define UI_BLUE  0x0b53c1u /* what holds the data; addresses */
#define UI_SKY   0xcfe0fbu
#define UI_GREEN 0x127a37u /* do this; good */
#define UI_RED   0xc01c14u /* bad */
#define UI_AMBER 0xf5a300u /* take care */

#endif
