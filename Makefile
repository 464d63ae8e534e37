# Lifeboat. Non-recursive, out of tree in $(BUILD); the parts are in make/*.mk.
# `make help` lists the targets; docs/building.md explains the folders.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/sh

BUILD ?= build
VERSION := $(shell cat VERSION)
PYTHON ?= /usr/bin/python3

# V=1 shows the commands.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$(2))'
endif

.PHONY: default
default: all

include make/sources.mk
include make/deps.mk
include make/arch-x86_64.mk
include make/arch-aarch64.mk
include make/variants.mk
include make/host.mk
include make/net.mk
include make/ui.mk
include make/firmware.mk
include make/recovery.mk
include make/glitch.mk
include make/tests.mk
include make/checks.mk

##@ Building
.PHONY: all
all: tools uefi bare ## everything that runs on hosts and devices

.PHONY: docs
docs: ## the manual pages, from docs/man
	@$(call need_script,tools/docs/build)
	$(Q)tools/docs/build $(BUILD)

DESTDIR ?=
PREFIX ?= /usr/local
# share/$(1).in into the folder $(2) with mode $(3), knowing where the command is.
install_in = @mkdir -p '$(DESTDIR)$(PREFIX)/$(2)' && \
	sed 's|@bindir@|$(PREFIX)/bin|' share/$(1).in >'$(DESTDIR)$(PREFIX)/$(2)/$(notdir $(1))' && \
	chmod $(3) '$(DESTDIR)$(PREFIX)/$(2)/$(notdir $(1))'
.PHONY: install install-share
install-share:
	$(call install_in,systemd/lifeboat-mark-good.service,lib/systemd/system,644)
	$(call install_in,systemd/lifeboat-own-guids.service,lib/systemd/system,644)
	$(call install_in,init/lifeboat-mark-good.sh,share/lifeboat/init,755)
	$(call install_in,init/lifeboat-mark-good.openrc,share/lifeboat/init,755)

	install -D -m 644 share/bash-completion/lifeboat \
		'$(DESTDIR)$(PREFIX)/share/bash-completion/completions/lifeboat'

install: tools uefi bare install-share ## the command, the loaders and the unit that marks slots good, under $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/lifeboat '$(DESTDIR)$(PREFIX)/bin/lifeboat'
	for f in $(LOADERS) $(ENROLLERS) ia32/BOOTIA32.EFI; do install -D -m 644 "$(BUILD)/$$f" \
		"$(DESTDIR)$(PREFIX)/lib/lifeboat/$$f"; done
	for f in LICENSE deps/NOTICE.md; do install -D -m 644 "$$f" \
		"$(DESTDIR)$(PREFIX)/share/doc/lifeboat/$${f##*/}"; done
	@if [ -d $(BUILD)/man ]; then for f in $(BUILD)/man/*.1; do install -D -m 644 "$$f" \
		"$(DESTDIR)$(PREFIX)/share/man/man1/$${f##*/}"; done; fi

# Built from a copy of what git knows, beside which dpkg-buildpackage puts the packages; what is
# built already is used again, under the same name, for the compiler's lists of headers have it.
DEB := $(BUILD)/deb
.PHONY: deb
deb: tools uefi bare docs ## Debian packages of the command and the loaders: build/deb/*.deb
	$(Q)rm -rf $(DEB) && mkdir -p $(DEB)/lifeboat
	$(Q)git ls-files -z | tar -c --null -T - | tar -x -C $(DEB)/lifeboat
	$(Q)$(if $(filter /%,$(BUILD)),,mkdir -p $(dir $(DEB)/lifeboat/$(BUILD)) && \
		ln -s '$(abspath $(BUILD))' $(DEB)/lifeboat/$(BUILD))
	$(Q)cd $(DEB)/lifeboat && LIFEBOAT_BUILD='$(BUILD)' dpkg-buildpackage -b -uc -us
	$(Q)rm -rf $(DEB)/lifeboat
	@ls $(DEB)/*.deb

.PHONY: clean distclean
clean: ## removes what was built, keeps fetched archives
	$(Q)if [ -d '$(BUILD)' ]; then find '$(BUILD)' -mindepth 1 -maxdepth 1 ! -name deps \
		-exec rm -rf {} + && rm -rf '$(BUILD)/deps/src'; fi
distclean: ## removes the whole build folder
	$(Q)rm -rf '$(BUILD)'

# need_script FILE: for parts of the tree that another folder brings.
need_script = [ -x $(1) ] || { echo "make $@: $(1) is missing from this tree" >&2; exit 1; }

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+( [a-z-]+)*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' \
		Makefile make/host.mk make/ui.mk make/firmware.mk make/recovery.mk make/deps.mk make/tests.mk make/glitch.mk make/checks.mk
	@printf '\nVariables: BUILD=folder V=1 (show commands) FUZZ_SECONDS=10 DESTDIR= PREFIX=\n'
	@printf 'make run, run-recovery: ARCH=x86_64|aarch64; make run: PLATFORM=uefi|bare KERNEL= INITRD=\n'

.PHONY: FORCE
FORCE:
