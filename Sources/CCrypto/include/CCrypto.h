// The door to OpenSSL's libcrypto: digests, and whether a key and a certificate are a pair. libcurl brings the library into the
// process anyway.
#ifndef CRAWLD_CCRYPTO_H
#define CRAWLD_CCRYPTO_H

#include <openssl/sha.h>

enum ccrypto_pair {
  ccrypto_pair_fits,
  ccrypto_pair_no_certificate,
  ccrypto_pair_no_key,
  // The key is encrypted, and there is no pass phrase.
  ccrypto_pair_no_phrase,
  ccrypto_pair_wrong_phrase,
  // The certificate is that of another key.
  ccrypto_pair_differs,
};

// What TLS will find of the first certificate and the first private key in two texts in PEM format (RFC 7468). `phrase` may be
// NULL. Nobody is asked for one, and no error stays with the thread.
enum ccrypto_pair ccrypto_judge_pair(const char *certificate, const char *key, const char *phrase);

#endif
