#include "CCrypto.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <string.h>

struct phrase {
  const char *text;
  _Bool was_wanted;
};

// pem_password_cb; without one OpenSSL asks the terminal. One that is too long is empty, as libcurl has it.
static int give_phrase(char *buffer, int size, int is_written, void *context) {
  struct phrase *phrase = context;
  phrase->was_wanted = 1;
  if (phrase->text == NULL) {
    return -1;
  }
  size_t length = strlen(phrase->text);
  if (is_written || size <= 0 || length >= (size_t)size) {
    return 0;
  }
  memcpy(buffer, phrase->text, length);
  return (int)length;
}

static X509 *read_certificate(const char *text, struct phrase *phrase) {
  BIO *source = BIO_new_mem_buf(text, -1);
  X509 *certificate = source == NULL ? NULL : PEM_read_bio_X509_AUX(source, NULL, give_phrase, phrase);
  BIO_free(source);
  return certificate;
}

static EVP_PKEY *read_key(const char *text, struct phrase *phrase) {
  BIO *source = BIO_new_mem_buf(text, -1);
  EVP_PKEY *key = source == NULL ? NULL : PEM_read_bio_PrivateKey(source, NULL, give_phrase, phrase);
  BIO_free(source);
  return key;
}

static enum ccrypto_pair judge(X509 *certificate, EVP_PKEY *key, const struct phrase *phrase) {
  if (certificate == NULL) {
    return ccrypto_pair_no_certificate;
  }
  if (key == NULL) {
    if (!phrase->was_wanted) {
      return ccrypto_pair_no_key;
    }
    return phrase->text == NULL ? ccrypto_pair_no_phrase : ccrypto_pair_wrong_phrase;
  }
  return X509_check_private_key(certificate, key) == 1 ? ccrypto_pair_fits : ccrypto_pair_differs;
}

enum ccrypto_pair ccrypto_judge_pair(const char *certificate_text, const char *key_text, const char *phrase_text) {
  // libcurl takes an error that it finds in the queue for its own connection's.
  ERR_set_mark();
  struct phrase phrase = {phrase_text, 0};
  X509 *certificate = read_certificate(certificate_text, &phrase);
  phrase.was_wanted = 0;
  EVP_PKEY *key = read_key(key_text, &phrase);
  enum ccrypto_pair verdict = judge(certificate, key, &phrase);
  EVP_PKEY_free(key);
  X509_free(certificate);
  ERR_pop_to_mark();
  return verdict;
}
