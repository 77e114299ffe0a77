// The door to libcurl: its header, and typed wrappers of its variadic calls, which Swift cannot import.
//
// Each wrapper of `curl_easy_setopt` takes one type of argument and returns libcurl's code, which callers must look at:
// an option that this libcurl does not know is otherwise lost in silence.
#ifndef CRAWLD_CCURL_H
#define CRAWLD_CCURL_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
typedef size_t (*ccurl_data_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_data_function(CURL *easy, CURLoption option, ccurl_data_function function) {
  return curl_easy_setopt(easy, option, function);
}

// CURLOPT_DEBUGFUNCTION: what libcurl sends and receives, as it does.
typedef int (*ccurl_debug_function)(CURL *easy, curl_infotype type, char *bytes, size_t size, void *context);

static inline CURLcode ccurl_set_debug_function(CURL *easy, ccurl_debug_function function) {
  return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, function);
}

typedef curl_socket_t (*ccurl_open_function)(void *context, curlsocktype purpose, struct curl_sockaddr *address);

static inline CURLcode ccurl_set_open_function(CURL *easy, ccurl_open_function function) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}

typedef int (*ccurl_close_function)(void *context, curl_socket_t descriptor);

static inline CURLcode ccurl_set_close_function(CURL *easy, ccurl_close_function function) {
  return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
}

typedef int (*ccurl_request_function)(void *context, char *remote, char *local, int remote_port, int local_port);

static inline CURLcode ccurl_set_request_function(CURL *easy, ccurl_request_function function) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

typedef int (*ccurl_progress_function)(
    void *context, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total, curl_off_t uploaded);

static inline CURLcode ccurl_set_progress_function(CURL *easy, ccurl_progress_function function) {
  return curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, function);
}

// 0 when libcurl has no answer: every use here reads 0 as "not known".
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline int64_t ccurl_get_int64(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? (int64_t)value : 0;
}

static inline void *ccurl_get_private(CURL *easy) {
  char *value = NULL;
  return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode ccurl_multi_set_socket_function(CURLM *multi, curl_socket_callback function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}

static inline CURLMcode ccurl_multi_set_timer_function(CURLM *multi, curl_multi_timer_callback function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

// One message of `curl_multi_info_read`: the finished handle, or NULL when there is none left.
static inline CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}

static inline CURLSHcode ccurl_share_data(CURLSH *share, curl_lock_data data) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

// A TLS session: the protocol's name ("TLSv1.3"), the end of the server certificate's validity in seconds since 1970 (0: not
// known), whether HTTP/2 was agreed on, and whether OpenSSL has bytes that came and that nobody has taken yet.
struct ccurl_tls {
  const char *version;
  int64_t expires_at;
  _Bool is_http2;
  _Bool has_unread;
};

// The TLS session that a handle is using right now; only inside of a callback of that handle, or while it transfers. false
// when the connection has no TLS or libcurl's TLS library is not OpenSSL. The functions are taken from the copy of OpenSSL
// that libcurl has loaded, so nothing else is linked and two copies can never meet.
_Bool ccurl_tls_session(CURL *easy, struct ccurl_tls *session);

// Called for each TLS record that comes, with its length. `context` is that of `ccurl_watch_records`.
typedef void (*ccurl_record_function)(void *context, int length);

// The version of the libcurl that is loaded: major, minor and patch in a byte each.
unsigned int ccurl_version(void);

// Sees what OpenSSL receives: to be called in a CURLOPT_SSL_CTX_FUNCTION with its second argument. The function must be the
// same in every call. false as for `ccurl_tls_session`.
_Bool ccurl_watch_records(void *tls_context, ccurl_record_function function, void *context);

// Lets libcurl keep copies of the sessions that servers give: to be called in a CURLOPT_SSL_CTX_FUNCTION with its second
// argument. OpenSSL forbids to resume the session of a connection that was freed without a shutdown alert (RFC 8446, section
// 6.1), which is how libcurl 7.88 ends those of HTTP/2; the copy has no part in that before it is resumed itself. false as for
// `ccurl_tls_session`, and when libcurl keeps no sessions.
_Bool ccurl_keep_sessions(void *tls_context);

// Bytes that came over a connected TCP socket, ever (tcp(7), TCP_INFO), and how many of them nobody has read yet. -1 when the
// system does not say.
int64_t ccurl_bytes_received(curl_socket_t descriptor);
int64_t ccurl_bytes_unread(curl_socket_t descriptor);

typedef CURLcode (*ccurl_tls_function)(CURL *easy, void *tls_context, void *context);

static inline CURLcode ccurl_set_tls_function(CURL *easy, ccurl_tls_function function) {
  return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, function);
}

#endif
