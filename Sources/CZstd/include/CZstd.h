// The door to zstd: one block of bytes in, one out, and streams that are unpacked as they come.
#ifndef CRAWLD_CZSTD_H
#define CRAWLD_CZSTD_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
