// Marks for valgrind's callgrind: where counting begins anew, and where what was counted is written to a file.
// Outside of valgrind they do nothing.

#ifndef CINSTRUCTIONCOUNT_H
#define CINSTRUCTIONCOUNT_H

#include <stdbool.h>

// Whether this process runs under valgrind.
bool instruction_count_is_available(void);
// Forgets all instructions counted so far.
void instruction_count_begin(void);
// Writes the count to callgrind's next file, with `name` as its reason.
void instruction_count_end(const char *name);

#endif
