# The network library, net/, and what it stands on: libcurl with mbedtls's TLS, in one archive of
# one object. Of all its names only those of NET_TLS_KEPT leave that object, so that mbedtls as
# configured for TLS never meets the loader's copy, which judges signatures.

NET_SRC := $(sort $(wildcard net/*.c))

TLS_MBEDTLS_FILES := aes aesni aesce gcm chacha20 poly1305 chachapoly cipher cipher_wrap \
	bignum bignum_core ecp ecp_curves ecdh ecdsa rsa rsa_alt_helpers md sha256 sha512 hkdf \
	entropy entropy_poll ctr_drbg psa_crypto psa_crypto_aead psa_crypto_cipher \
	psa_crypto_client psa_crypto_driver_wrappers_no_static psa_crypto_ecp psa_crypto_ffdh \
	psa_crypto_hash psa_crypto_mac psa_crypto_pake psa_crypto_random psa_crypto_rsa psa_crypto_slot_management \
	psa_crypto_storage psa_util asn1parse asn1write base64 oid pem pk pk_ecc pk_wrap pkparse \
	pkwrite x509 x509_crt ssl_ciphersuites ssl_client ssl_msg ssl_tls ssl_tls12_client \
	ssl_tls13_client ssl_tls13_generic ssl_tls13_keys platform_util constant_time
TLS_HOT := aes aesni aesce gcm chacha20 poly1305 bignum_core sha256
NET_TLS_KEPT := curl_easy_* curl_global_* curl_slist_* curl_multi_* mbedtls_x509_crt_* \
	curl_getdate mbedtls_ssl_conf_verify mbedtls_ssl_conf_ca_cb
TLS_CPPFLAGS := -DMBEDTLS_CONFIG_FILE='"deps/config/mbedtls_tls_config.h"' -I. \
	-isystem $(DEPS_SRC)/mbedtls/include
CURL_CPPFLAGS := $(TLS_CPPFLAGS) -DCURL_STATICLIB -isystem $(DEPS_SRC)/curl/include
tls_cflags = $(filter-out -g -fPIE,$(CFLAGS_$(1))) $(if $(filter host,$(1)),-fPIE,)

# $(1): host or linux-ARCH. Tests take the host's, without sanitizers.
define tls_rules
$$(OBJ_$(1))/deps/tls/%.o: $$(DEPS_SRC)/mbedtls/library/%.c $$(MAKEFILES_USED) \
		deps/config/mbedtls_tls_config.h | $$(DEPS_READY) $$(READY_$(1))
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(call tls_cflags,$(1)) $$(if $$(filter $$*,$$(TLS_HOT)),-O2,-Os) $$(STD) -c \
		-o $$@ -w $$(CPP1_$(1)) $$(TLS_CPPFLAGS) $$<
$$(OBJ_$(1))/deps/curl/curl_unit.o: deps/config/curl_unit.c deps/config/curl_config.h \
		deps/config/mbedtls_tls_config.h $$(MAKEFILES_USED) | $$(DEPS_READY) $$(READY_$(1))
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $$(call tls_cflags,$(1)) -Os $$(STD) -c -o $$@ -w -D_GNU_SOURCE \
		$$(CPP1_$(1)) $$(CURL_CPPFLAGS) -DHAVE_CONFIG_H -DBUILDING_LIBCURL -Ideps/config \
		-I$$(DEPS_SRC)/curl/lib $$<
$$(OBJ_$(1))/libtls.a: $$(OBJ_$(1))/deps/curl/curl_unit.o \
		$$(TLS_MBEDTLS_FILES:%=$$(OBJ_$(1))/deps/tls/%.o)
	$$(call say,AR,$$@)
	$$(Q)$$(CC_$(1)) -r -nostdlib -o $$(OBJ_$(1))/tls.o $$^
	$$(Q)$$(patsubst %gcc,%objcopy,$$(if $$(filter host,$(1)),gcc,$$(CC_$(1)))) --wildcard \
		$$(NET_TLS_KEPT:%=--keep-global-symbol='%') $$(OBJ_$(1))/tls.o
	$$(Q)rm -f $$@ && $$(AR) rcsD $$@ $$(OBJ_$(1))/tls.o
endef
$(foreach v,host $(LINUX_VARIANTS),$(eval $(call tls_rules,$(v))))
$(foreach f,$(filter-out $(MBEDTLS_FILES),$(TLS_MBEDTLS_FILES)),$(eval $(DEPS_SRC)/mbedtls/library/$(f).c: $(DEPS_READY) ;))

define net_rules
$$(OBJ_$(1))/net/%.o: net/%.c $$(MAKEFILES_USED) | $$(DEPS_READY) $$(READY_$(1))
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$(1)) $$(WARN) -D_GNU_SOURCE $$(CPPFLAGS) $$(CPP1_$(1)) $$(CURL_CPPFLAGS) $$<
$$(OBJ_$(1))/libnet.a: $$(NET_SRC:%.c=$$(OBJ_$(1))/%.o)
	$$(call archive)
endef
$(foreach v,$(HOST_VARIANTS) $(LINUX_VARIANTS),$(eval $(call net_rules,$(v))))
