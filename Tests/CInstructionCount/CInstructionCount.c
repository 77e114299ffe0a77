#include "CInstructionCount.h"

#include <stdint.h>

// Valgrind's client requests: rotations that leave a register as it was, and an exchange of a register with itself.
// The processor does nothing; valgrind sees the sequence, and an array with the request and its arguments.
static uint64_t request(uint64_t code, uint64_t argument) {
  volatile uint64_t arguments[6] = {code, argument, 0, 0, 0, 0};
  uint64_t result = 0;
#if defined(__x86_64__)
  __asm__ volatile(
      "rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
      "xchgq %%rbx, %%rbx"
      : "+d"(result)
      : "a"(arguments)
      : "cc", "memory");
#endif
  return result;
}

// Requests of the core count from 0x1001; a tool's begin with the two letters of its name.
static const uint64_t running_on_valgrind = 0x1001;
static const uint64_t callgrind = (uint64_t)'C' << 24 | (uint64_t)'T' << 16;

bool instruction_count_is_available(void) { return request(running_on_valgrind, 0) > 0; }
void instruction_count_begin(void) { request(callgrind + 1, 0); }
void instruction_count_end(const char *name) { request(callgrind + 3, (uint64_t)name); }
