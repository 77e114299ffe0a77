#define _GNU_SOURCE
#include "CCurl.h"

#include <dlfcn.h>
#include <string.h>
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

typedef void (*message_function)(
    int is_written, int version, int type, const void *bytes, size_t count, void *ssl, void *context);
typedef void (*set_message_function)(void *tls_context, message_function function);
typedef long (*control_function)(void *tls_context, int command, long number, void *pointer);

enum {
  record_head = 0x100,         // SSL3_RT_HEADER: type, version, and the record's length in two bytes
  record_head_length = 5,      // SSL3_RT_HEADER_LENGTH
  set_message_argument = 16,   // SSL_CTRL_SET_MSG_CALLBACK_ARG
};

static ccurl_record_function record_function;

static void message_came(
    int is_written, int version, int type, const void *bytes, size_t count, void *ssl, void *context) {
  (void)version;
  (void)ssl;
  if (!is_written && type == record_head && count >= record_head_length) {
    const unsigned char *head = bytes;
    record_function(context, head[3] << 8 | head[4]);
  }
}

unsigned int ccurl_version(void) { return curl_version_info(CURLVERSION_NOW)->version_num; }

_Bool ccurl_watch_records(void *tls_context, ccurl_record_function function, void *context) {
  static set_message_function set_message;
  static control_function control;
  const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
  if (version->ssl_version == NULL || strncmp(version->ssl_version, "OpenSSL/3", 9) != 0) {
    return 0;
  }
  if (set_message == NULL) {
    control = (control_function)dlsym(RTLD_DEFAULT, "SSL_CTX_ctrl");
    set_message = (set_message_function)dlsym(RTLD_DEFAULT, "SSL_CTX_set_msg_callback");
  }
  if (set_message == NULL || control == NULL) {
    return 0;
  }
  record_function = function;
  control(tls_context, set_message_argument, 0, context);
  set_message(tls_context, message_came);
  return 1;
}
