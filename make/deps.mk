# Libraries inside the loader: pinned archives (deps/sources), built here with our own
# small configuration. Packages of the build machine: tools/setup/packages.

DEPS_SRC := $(BUILD)/deps/src
# Goes with the unpacked files: make clean removes both.
DEPS_READY := $(DEPS_SRC)/ready
PACKAGES_READY := $(BUILD)/packages.ready

.PHONY: deps packages
deps: $(DEPS_READY) ## fetches, checks and unpacks the pinned source archives
packages: $(PACKAGES_READY) ## installs missing Debian packages

$(PACKAGES_READY): tools/setup/packages tools/setup/install-packages
	@mkdir -p $(@D)
	$(Q)tools/setup/install-packages
	@touch $@

$(DEPS_READY): deps/sources deps/fetch | $(PACKAGES_READY)
	@mkdir -p $(@D)
	$(Q)deps/fetch --out $(DEPS_SRC)
	@touch $@

MBEDTLS_FILES := bignum bignum_core rsa rsa_alt_helpers md sha256 sha512 oid asn1parse \
	asn1write platform_util constant_time
# One object of our own that includes zstd's sources.
ZSTD_FILES := zstd_unit
ZLIB_FILES := inflate inffast inftrees adler32 crc32 zutil
FDT_FILES := fdt fdt_ro fdt_wip fdt_rw fdt_sw fdt_strerror fdt_empty_tree fdt_addresses \
	fdt_overlay fdt_check

# zlib under other names (z_inflate), because host tools also link the system's zlib,
# without its own allocator, and without gzip's wrapping, which unpack/gzip.c reads.
ZLIB_DEFS := -DZ_SOLO -DZ_PREFIX -DNO_GZIP
DEPS_CPPFLAGS := -DMBEDTLS_CONFIG_FILE='"deps/config/mbedtls_config.h"' $(ZLIB_DEFS) \
	-isystem $(DEPS_SRC)/mbedtls/include -isystem $(DEPS_SRC)/zlib \
	-isystem $(DEPS_SRC)/libfdt/libfdt
GNU_EFI_CPPFLAGS = -isystem $(DEPS_SRC)/gnu-efi/inc -isystem $(DEPS_SRC)/gnu-efi/inc/$(1) \
	-isystem $(DEPS_SRC)/gnu-efi/inc/protocol

DEPS_OBJ := $(MBEDTLS_FILES:%=deps/mbedtls/%.o) $(ZLIB_FILES:%=deps/zlib/%.o) \
	$(FDT_FILES:%=deps/libfdt/%.o) $(ZSTD_FILES:%=deps/zstd/%.o)

# The unpacked files come with $(DEPS_READY).
$(foreach f,$(MBEDTLS_FILES),$(DEPS_SRC)/mbedtls/library/$(f).c) \
$(foreach f,$(ZLIB_FILES),$(DEPS_SRC)/zlib/$(f).c) \
$(foreach f,$(FDT_FILES),$(DEPS_SRC)/libfdt/libfdt/$(f).c): $(DEPS_READY) ;
