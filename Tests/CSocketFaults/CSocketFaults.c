// Stands between a program and the C library (LD_PRELOAD) for its TCP sockets over IPv4: those that it opens, or connects,
// fail as the test says. Those that it accepts, and all others, are left alone.
//
// CRAWLD_TEST_SOCKETS names a file that begins with three errors (int32, 0: none): that of socket(), that of connect(), and
// that of connect() of a UDP socket over IPv4.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int32_t *faults;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CRAWLD_TEST_SOCKETS");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, 3 * sizeof *faults, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) faults = memory;
}

static int fault(int number) { return faults ? __atomic_load_n(&faults[number], __ATOMIC_SEQ_CST) : 0; }

int socket(int family, int kind, int protocol) {
  if (family == AF_INET && (kind & 0xF) == SOCK_STREAM && fault(0)) {
    errno = fault(0);
    return -1;
  }
  return (int)syscall(SYS_socket, family, kind, protocol);
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
  int kind = 0;
  socklen_t size = sizeof kind;
  if (address->sa_family == AF_INET && getsockopt(socket, SOL_SOCKET, SO_TYPE, &kind, &size) == 0) {
    int number = kind == SOCK_STREAM ? 1 : 2;
    if (fault(number)) {
      errno = fault(number);
      return -1;
    }
  }
  return (int)syscall(SYS_connect, socket, address, length);
}
