// The door to c-ares: its header and the constants that Swift cannot import. No logic.
#ifndef CRAWLD_CARES_H
#define CRAWLD_CARES_H

#include <ares.h>
#include <arpa/nameser.h>

enum {
  CARES_CLASS_IN = 1,
  CARES_TYPE_A = 1,
  CARES_TYPE_AAAA = 28,
};

#endif
