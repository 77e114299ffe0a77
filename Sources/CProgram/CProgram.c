#include <errno.h>

#include "CProgram.h"

// What FoundationEssentials replaces files with when it is asked to, and what the linker warns of at each link. No program
// of ours asks; one that did would be told that there is no such file.
char *mktemp(char *template) {
  errno = ENOENT;
  *template = '\0';
  return template;
}
