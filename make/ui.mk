# The user interface: texts shaped by tools/ui/mktext, screenshots by tools/ui/screenshot.

MKTEXT := $(BUILD)/host/bin/mktext
MKTEXT_SRC := $(addprefix tools/ui/,mktext.c locale.c outline.c shape.c)
MKTEXT_PKGS := harfbuzz fribidi zlib
MKTEXT_OBJ := $(MKTEXT_SRC:%.c=$(OBJ_host)/%.o)
UI_GEN := $(GEN)/ui_font.c $(GEN)/ui_text.c
UI_STRINGS := $(filter-out %.md,$(wildcard ui/strings/*))

# Asked for once and only when needed: the packages may not be installed before that.
MKTEXT_CFLAGS = $(eval MKTEXT_CFLAGS := $(shell pkg-config --cflags $(MKTEXT_PKGS)))$(MKTEXT_CFLAGS)
$(MKTEXT_OBJ): TOOL_CPPFLAGS = $(CPPFLAGS) $(MKTEXT_CFLAGS)

$(MKTEXT): $(MKTEXT_OBJ)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -g -pie -o $@ $^ $$(pkg-config --libs $(MKTEXT_PKGS))

$(GEN)/ui_font.c: $(MKTEXT) $(UI_STRINGS)
	$(call say,MKTEXT,$@)
	@mkdir -p $(@D)
	$(Q)$(MKTEXT) ui/strings $(GEN)/ui_font.c $(GEN)/ui_text.c
$(GEN)/ui_text.c: $(GEN)/ui_font.c
	@[ -f $@ ] || $(MKTEXT) ui/strings $(GEN)/ui_font.c $@
	@touch $@

# Compiled once per variant, like everything in the loader.
define ui_rules
$$(OBJ_$(1))/gen/ui_%.o: $$(GEN)/ui_%.c $$(MAKEFILES_USED)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(REGS_$(1)) $$(WARN) $$(CPPFLAGS) $$(CPP1_$(1)) $$<
endef
$(foreach v,$(VARIANTS),$(eval $(call ui_rules,$(v))))

# Screens to pictures, with the loader's own drawing code.
SCREENSHOT := $(BUILD)/host/bin/screenshot
SCREENSHOT_OBJ := $(OBJ_host)/tools/ui/screenshot.o $(OBJ_host)/tools/ui/samples.o
$(SCREENSHOT): $(SCREENSHOT_OBJ) $(OBJ_host)/libcore.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -g -pie -Wl,--gc-sections -o $@ $^ -lpng -lz

.PHONY: screenshots
SHOTS :=
screenshots: $(SCREENSHOT) ## each screen to an image in build/screenshots; SHOTS='-s 640x480 -l de'
	$(Q)$(SCREENSHOT) -o $(BUILD)/screenshots -c $(SHOTS)
