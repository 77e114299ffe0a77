// The door to libpsl: the public suffix list that the library carries.
#ifndef CRAWLD_CPSL_H
#define CRAWLD_CPSL_H

#include <libpsl.h>

#endif
