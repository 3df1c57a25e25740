// OpenSSL's libcrypto, and what Swift cannot call by itself: macros over variadic functions, and parameter lists that
// keep the pointer to their name, which a Swift string does not outlive.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static inline EVP_PKEY *gapura_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline EVP_PKEY *gapura_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

static inline EVP_PKEY *gapura_generate_rsa(unsigned int bits) { return EVP_RSA_gen(bits); }

/// 1 if the context is keyed for HMAC-SHA-256.
static inline int gapura_hmac_sha256_init(EVP_MAC_CTX *context, const unsigned char *key, size_t key_count) {
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(context, key, key_count, parameters);
}

/// HMAC-SHA-1; 1 if the 20 bytes of `tag` are written.
static inline int gapura_hmac_sha1(
    const unsigned char *key, size_t key_count, const unsigned char *message, size_t message_count,
    unsigned char *tag) {
    unsigned int count = 20;
    return HMAC(EVP_sha1(), key, (int)key_count, message, message_count, tag, &count) != NULL && count == 20;
}

/// HKDF-SHA-256, extract and expand; 1 if `out` is filled.
static inline int gapura_hkdf_sha256(
    EVP_KDF_CTX *context, const unsigned char *key, size_t key_count, const unsigned char *salt, size_t salt_count,
    const unsigned char *info, size_t info_count, unsigned char *out, size_t out_count) {
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, out, out_count, parameters);
}

/// scrypt; 1 if `out` is filled. The caller bounds the memory, so libcrypto's own bound of 32 MiB is lifted.
static inline int gapura_scrypt(
    EVP_KDF_CTX *context, const unsigned char *password, size_t password_count, const unsigned char *salt,
    size_t salt_count, uint64_t n, uint32_t r, uint32_t p, unsigned char *out, size_t out_count) {
    uint64_t memory_max = UINT64_MAX;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)password, password_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_max),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, out, out_count, parameters);
}

/// PBKDF2 with HMAC; 1 if `out` is filled. Old hashes may have short salts and few iterations.
static inline int gapura_pbkdf2(
    EVP_KDF_CTX *context, const char *digest, const unsigned char *password, size_t password_count,
    const unsigned char *salt, size_t salt_count, uint64_t iterations, unsigned char *out, size_t out_count) {
    int skips_lower_bounds = 1;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)password, password_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &skips_lower_bounds),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, out, out_count, parameters);
}

static inline EVP_PKEY *gapura_public_key(const char *type, OSSL_PARAM *parameters) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

/// A P-256 public key from its uncompressed point (0x04, x, y); NULL if that is not on the curve.
static inline EVP_PKEY *gapura_p256_public_key(const unsigned char *point, size_t point_count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"prime256v1", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, point_count),
        OSSL_PARAM_construct_end(),
    };
    return gapura_public_key("EC", parameters);
}

/// An RSA public key from its big-endian modulus and exponent.
static inline EVP_PKEY *gapura_rsa_public_key(
    const unsigned char *modulus, int modulus_count, const unsigned char *exponent, int exponent_count) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = NULL;
    BIGNUM *n = BN_bin2bn(modulus, modulus_count, NULL);
    BIGNUM *e = BN_bin2bn(exponent, exponent_count, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n != NULL && e != NULL && builder != NULL
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1
        && (parameters = OSSL_PARAM_BLD_to_param(builder)) != NULL) {
        key = gapura_public_key("RSA", parameters);
    }
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}
