// The door to zstd: one block of bytes in, one out.
#ifndef CRAWLD_CZSTD_H
#define CRAWLD_CZSTD_H

#include <zstd.h>

#endif
