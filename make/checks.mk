# Checks of the tree and of what was built.

##@ Checking
.PHONY: lint format size repro
lint: $(OBJ_host)/libcore.a ## layers, format, banned functions, mutable globals, guards
	$(Q)tools/build/lint --objects $<

FORMATTED = $(shell find boot gpt crypto ui recovery update tools tests -name '*.[ch]' 2>/dev/null)
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
