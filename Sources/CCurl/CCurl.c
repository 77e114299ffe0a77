#define _GNU_SOURCE
#include "CCurl.h"

#include <dlfcn.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

// OpenSSL 3's names; opaque here, so that its headers are not needed.
typedef const char *(*get_version_function)(const void *ssl);
typedef void *(*get_certificate_function)(const void *ssl);
typedef const void *(*get_not_after_function)(const void *certificate);
typedef int (*to_tm_function)(const void *asn1_time, struct tm *result);
typedef void (*get_protocol_function)(const void *ssl, const unsigned char **name, unsigned int *length);
typedef int (*has_pending_function)(const void *ssl);

_Bool ccurl_tls_session(CURL *easy, struct ccurl_tls *result) {
  static get_version_function get_version;
  static get_certificate_function get_certificate;
  static get_not_after_function get_not_after;
  static to_tm_function to_tm;
  static get_protocol_function get_protocol;
  static has_pending_function has_pending;

  struct curl_tlssessioninfo *session = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == NULL ||
      session->backend != CURLSSLBACKEND_OPENSSL || session->internals == NULL) {
    return 0;
  }
  if (get_version == NULL) {
    get_certificate = (get_certificate_function)dlsym(RTLD_DEFAULT, "SSL_get0_peer_certificate");
    get_not_after = (get_not_after_function)dlsym(RTLD_DEFAULT, "X509_get0_notAfter");
    to_tm = (to_tm_function)dlsym(RTLD_DEFAULT, "ASN1_TIME_to_tm");
    get_protocol = (get_protocol_function)dlsym(RTLD_DEFAULT, "SSL_get0_alpn_selected");
    has_pending = (has_pending_function)dlsym(RTLD_DEFAULT, "SSL_has_pending");
    get_version = (get_version_function)dlsym(RTLD_DEFAULT, "SSL_get_version");
  }
  if (get_version == NULL || get_certificate == NULL || get_not_after == NULL || to_tm == NULL || get_protocol == NULL ||
      has_pending == NULL) {
    return 0;
  }
  const unsigned char *protocol = NULL;
  unsigned int length = 0;
  get_protocol(session->internals, &protocol, &length);
  result->is_http2 = length == 2 && memcmp(protocol, "h2", 2) == 0;
  result->has_unread = has_pending(session->internals) == 1;
  result->version = get_version(session->internals);
  result->expires_at = 0;
  void *certificate = get_certificate(session->internals);
  if (certificate != NULL) {
    struct tm broken_down;
    const void *not_after = get_not_after(certificate);
    if (not_after != NULL && to_tm(not_after, &broken_down) == 1) {
      result->expires_at = (int64_t)timegm(&broken_down);
    }
  }
  return 1;
}

static _Bool is_openssl_3(void) {
  const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
  return version->ssl_version != NULL && strncmp(version->ssl_version, "OpenSSL/3", 9) == 0;
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

typedef int (*session_function)(void *ssl, void *session);
typedef session_function (*get_session_function)(void *tls_context);
typedef void (*set_session_function)(void *tls_context, session_function function);
typedef void *(*copy_session_function)(const void *session);
typedef void (*free_session_function)(void *session);

static session_function libcurl_session_came;
static copy_session_function copy_session;
static free_session_function free_session;

// As for OpenSSL's callback: 0, since nobody keeps the session itself. What libcurl does not keep of the copy is freed.
static int session_came(void *ssl, void *session) {
  void *copy = copy_session(session);
  if (copy != NULL && libcurl_session_came(ssl, copy) == 0) {
    free_session(copy);
  }
  return 0;
}

_Bool ccurl_keep_sessions(void *tls_context) {
  static get_session_function get_session;
  static set_session_function set_session;
  if (!is_openssl_3()) {
    return 0;
  }
  if (get_session == NULL) {
    copy_session = (copy_session_function)dlsym(RTLD_DEFAULT, "SSL_SESSION_dup");
    free_session = (free_session_function)dlsym(RTLD_DEFAULT, "SSL_SESSION_free");
    set_session = (set_session_function)dlsym(RTLD_DEFAULT, "SSL_CTX_sess_set_new_cb");
    get_session = (get_session_function)dlsym(RTLD_DEFAULT, "SSL_CTX_sess_get_new_cb");
  }
  if (get_session == NULL || set_session == NULL || copy_session == NULL || free_session == NULL) {
    return 0;
  }
  session_function known = get_session(tls_context);
  if (known == NULL || known == session_came) {
    return known != NULL;
  }
  libcurl_session_came = known;
  set_session(tls_context, session_came);
  return 1;
}

unsigned int ccurl_version(void) { return curl_version_info(CURLVERSION_NOW)->version_num; }

_Bool ccurl_watch_records(void *tls_context, ccurl_record_function function, void *context) {
  static set_message_function set_message;
  static control_function control;
  if (!is_openssl_3()) {
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

int64_t ccurl_bytes_received(curl_socket_t descriptor) {
  struct tcp_info info;
  socklen_t length = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
      length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) {
    return -1;
  }
  return (int64_t)info.tcpi_bytes_received;
}

int64_t ccurl_bytes_unread(curl_socket_t descriptor) {
  int count = 0;
  return ioctl(descriptor, SIOCINQ, &count) == 0 ? count : -1;
}
