// The door to OpenSSL's libcrypto: digests. libcurl brings the library into the process anyway.
#ifndef CRAWLD_CCRYPTO_H
#define CRAWLD_CCRYPTO_H

#include <openssl/sha.h>

#endif
