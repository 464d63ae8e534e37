# Checks of the tree and of what was built.

##@ Checking
.PHONY: lint analyze tidy format size repro duplicates
lint: $(OBJ_host)/libcore.a $(OBJ_host)/libhost.a analyze tidy ## layers, format, banned functions, mutable globals, guards
	$(Q)tools/build/lint $(patsubst %,--objects %,$(filter %.a,$^))

# gcc's analyzer over the portable core (not ui/, which sees no untrusted bytes), file by
# file; -O1, because it follows inlined code better. Nothing is suppressed but the remark that a
# function was too long to be followed to the end.
ANALYZED := $(filter-out ui/%,$(LOADER_SRC))
ANALYZE_FLAGS := -O1 -fanalyzer -Wno-analyzer-too-complex
$(BUILD)/analyze/%.o: %.c $(MAKEFILES_USED) $(GEN)/lb_version.h | $(DEPS_READY)
	$(call say,ANALYZE,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(ANALYZE_FLAGS) $(WARN) $(CPPFLAGS) $(DEPS_CPPFLAGS) -MMD -MP -c -o $@ $<
analyze: $(ANALYZED:%.c=$(BUILD)/analyze/%.o) ## gcc -fanalyzer over the portable core

# clang's, with the questions of .clang-tidy.
$(BUILD)/tidy/%.ok: %.c .clang-tidy $(MAKEFILES_USED) $(GEN)/lb_version.h | $(DEPS_READY)
	$(call say,TIDY,$@)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- $(STD) $(CPPFLAGS) $(DEPS_CPPFLAGS) 2>$@.log || \
		{ cat $@.log; exit 1; }
	@touch $@
tidy: $(ANALYZED:%.c=$(BUILD)/tidy/%.ok) ## clang-tidy over the portable core

FORMATTED = $(shell find base unpack boot gpt crypto ui recovery host net update tools tests -name '*.[ch]' 2>/dev/null)
format: ## lets clang-format rewrite the sources
	$(Q)clang-format -i $(FORMATTED)

# A loader with everything, and without ui/: this many bytes at most.
SIZE_BUDGET := 512000
SIZE_CORE_BUDGET := 240000
SIZE_IMAGES := $(LOADERS:%=$(BUILD)/%)
SIZE_MAPS := $(patsubst %.efi,%.map,$(SIZE_IMAGES:%.img=%-bare.map))
size: $(SIZE_IMAGES) ## bytes per module; fails above the budgets
	$(Q)tools/build/size --budget $(SIZE_BUDGET) --core-budget $(SIZE_CORE_BUDGET) \
		$(SIZE_MAPS)

repro: $(SIZE_IMAGES) ## builds the loaders twice, in different folders, and compares
	$(Q)tests/scripts/repro.sh

duplicates: ## pairs of places that share lines, the longest first
	$(Q)tools/build/duplicates
