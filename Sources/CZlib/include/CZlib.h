// The door to zlib: streams in gzip and deflate.
#ifndef CRAWLD_CZLIB_H
#define CRAWLD_CZLIB_H

#include <zlib.h>

// Macros with arguments and casts, which Swift does not see.
static const int czlib_gzip_window_bits = 16 + MAX_WBITS;
// For inflation: gzip, or what servers call so and is in zlib's format.
static const int czlib_any_window_bits = 32 + MAX_WBITS;
// Deflate without a format around it.
static const int czlib_raw_window_bits = -MAX_WBITS;

static inline int czlib_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }

static inline int czlib_deflate_init(z_stream *stream, int level, int window_bits) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

#endif
