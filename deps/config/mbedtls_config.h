/* mbedtls as the loader needs it: RSA PKCS#1 v1.5 verification, SHA-256 and SHA-512.
 * No randomness, no time, no files, no sockets, no PSA. */
#ifndef LIFEBOAT_MBEDTLS_CONFIG_H
#define LIFEBOAT_MBEDTLS_CONFIG_H

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_PLATFORM_ENTROPY

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_OID_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA512_C

/* RSA-8192 is the largest key accepted. */
#define MBEDTLS_MPI_MAX_SIZE 1024

#endif
