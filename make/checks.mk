# Checks of the tree and of what was built.

##@ Checking
.PHONY: lint size
lint: ## layers, format, banned functions, mutable globals, include guards
	$(Q)rm -f $(BUILD)/lint.ok
	$(Q)$(MAKE) --no-print-directory $(BUILD)/lint.ok

$(BUILD)/lint.ok: $(OBJ_host)/libcore.a FORCE
	$(call say,LINT,)
	$(Q)$(PYTHON) tools/build/lint --objects $(OBJ_host)/libcore.a
	@touch $@

# Loader without ui/: this many bytes at most.
SIZE_BUDGET := 200000
size: $(FIRMWARE_ARCHES:%=$(BUILD)/%/lifeboat.efi) ## bytes per module; fails above the budget
	$(Q)$(PYTHON) tools/build/size --budget $(SIZE_BUDGET) \
		$(FIRMWARE_ARCHES:%=$(BUILD)/%/lifeboat.map)
