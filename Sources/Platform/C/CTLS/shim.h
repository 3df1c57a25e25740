// OpenSSL's libssl, and its macros, which Swift cannot call.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// TLS 1.2 or later, no renegotiation, no sessions in memory; an idle connection keeps no buffers.
static inline int ctls_configure(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline int ctls_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

/// A server's protocols in ALPN's wire format. `bytes` lives as long as the context.
struct ctls_protocols {
    const unsigned char *bytes;
    unsigned count;
};

static inline int ctls_choose(
    SSL *session, const unsigned char **chosen, unsigned char *chosen_count, const unsigned char *offered,
    unsigned offered_count, void *argument) {
    const struct ctls_protocols *own = argument;
    (void)session;
    int result = SSL_select_next_proto(
        (unsigned char **)chosen, chosen_count, own->bytes, own->count, offered, offered_count);
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// A client that offers protocols, but none of these, is refused.
static inline void ctls_accept_protocols(SSL_CTX *context, struct ctls_protocols *protocols) {
    SSL_CTX_set_alpn_select_cb(context, ctls_choose, protocols);
}

/// What waits in a memory BIO; valid until the BIO is used.
static inline long ctls_waiting(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

static inline void ctls_empty(BIO *bio) { (void)BIO_reset(bio); }
