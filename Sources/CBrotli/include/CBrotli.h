// The door to brotli: a decoder for streams.
#ifndef CRAWLD_CBROTLI_H
#define CRAWLD_CBROTLI_H

#include <brotli/decode.h>

#endif
