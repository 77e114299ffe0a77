#define _GNU_SOURCE
#include "CCurl.h"

#include <dlfcn.h>
#include <time.h>

// OpenSSL 3's names; opaque here, so that its headers are not needed.
typedef const char *(*get_version_function)(const void *ssl);
typedef void *(*get_certificate_function)(const void *ssl);
typedef const void *(*get_not_after_function)(const void *certificate);
typedef int (*to_tm_function)(const void *asn1_time, struct tm *result);

_Bool ccurl_tls_session(CURL *easy, const char **version, int64_t *expires_at) {
  static get_version_function get_version;
  static get_certificate_function get_certificate;
  static get_not_after_function get_not_after;
  static to_tm_function to_tm;

  struct curl_tlssessioninfo *session = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == NULL ||
      session->backend != CURLSSLBACKEND_OPENSSL || session->internals == NULL) {
    return 0;
  }
  if (get_version == NULL) {
    get_certificate = (get_certificate_function)dlsym(RTLD_DEFAULT, "SSL_get0_peer_certificate");
    get_not_after = (get_not_after_function)dlsym(RTLD_DEFAULT, "X509_get0_notAfter");
    to_tm = (to_tm_function)dlsym(RTLD_DEFAULT, "ASN1_TIME_to_tm");
    get_version = (get_version_function)dlsym(RTLD_DEFAULT, "SSL_get_version");
  }
  if (get_version == NULL || get_certificate == NULL || get_not_after == NULL || to_tm == NULL) {
    return 0;
  }
  *version = get_version(session->internals);
  *expires_at = 0;
  void *certificate = get_certificate(session->internals);
  if (certificate != NULL) {
    struct tm broken_down;
    const void *not_after = get_not_after(certificate);
    if (not_after != NULL && to_tm(not_after, &broken_down) == 1) {
      *expires_at = (int64_t)timegm(&broken_down);
    }
  }
  return 1;
}
