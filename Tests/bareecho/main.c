// bareecho: a bare echo server on epoll, the bound that the event loop's cost per message is compared with, and the
// load that drives every echo server alike.
//
//   bareecho serve tcp|PATH                        prints "ready PORT" or "ready PATH"; when the last client has gone,
//                                                  "MESSAGES NANOSECONDS" (CPU, user and system, since the first message)
//   bareecho drive PORT|PATH CONNECTIONS MESSAGES  opens the connections, then keeps one message of 64 bytes on its way
//                                                  on each until all were answered; prints "MESSAGES NANOSECONDS" (wall)
//
// One thread, level-triggered, one read and one write per message. It does not check what it is told: for benchmarks on
// the machine's own loopback only.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, EVENTS = 256, BACKLOG = 1024 };

union address {
  struct sockaddr any;
  struct sockaddr_in tcp;
  struct sockaddr_un local;
};

static void stop_with(const char *what) {
  fprintf(stderr, "bareecho: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

static int checked(int result, const char *call) {
  if (result < 0) stop_with(call);
  return result;
}

static long long nanoseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// A path begins with a slash; everything else is a port on 127.0.0.1.
static socklen_t read_address(const char *text, union address *address) {
  memset(address, 0, sizeof *address);
  if (*text == '/') {
    address->local.sun_family = AF_UNIX;
    snprintf(address->local.sun_path, sizeof address->local.sun_path, "%s", text);
    return sizeof address->local;
  }
  address->tcp.sin_family = AF_INET;
  address->tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address->tcp.sin_port = htons((in_port_t)atoi(text));
  return sizeof address->tcp;
}

static void send_at_once(int descriptor, const union address *address) {
  int one = 1;
  if (address->any.sa_family == AF_INET) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void watch(int epoll, int descriptor) {
  struct epoll_event event = {EPOLLIN, {.fd = descriptor}};
  checked(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

static int serve(const char *where) {
  union address address;
  socklen_t length = read_address(strcmp(where, "tcp") ? where : "0", &address);
  int listener = checked(socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  checked(bind(listener, &address.any, length), "bind");
  checked(listen(listener, BACKLOG), "listen");
  int epoll = checked(epoll_create1(0), "epoll_create1");
  watch(epoll, listener);
  if (address.any.sa_family == AF_INET) {
    checked(getsockname(listener, &address.any, &length), "getsockname");
    printf("ready %d\n", ntohs(address.tcp.sin_port));
  } else {
    printf("ready %s\n", where);
  }
  fflush(stdout);

  char buffer[4096];
  struct epoll_event events[EVENTS];
  long clients = 0;
  long long bytes = 0, begin = 0;
  while (true) {
    int count = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int descriptor = events[i].data.fd;
      if (descriptor == listener) {
        int accepted;
        while ((accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          send_at_once(accepted, &address);
          watch(epoll, accepted);
          clients++;
        }
        continue;
      }
      ssize_t taken = read(descriptor, buffer, sizeof buffer);
      if (taken > 0) {
        if (bytes == 0) begin = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        bytes += taken;
        if (write(descriptor, buffer, (size_t)taken) != taken) stop_with("write");
      } else if (taken == 0 || errno != EAGAIN) {
        close(descriptor);
        if (--clients == 0) {
          printf("%lld %lld\n", bytes / MESSAGE, nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
          if (address.any.sa_family == AF_UNIX) unlink(where);
          return 0;
        }
      }
    }
  }
}

static void ask(int descriptor, const char *message) {
  if (send(descriptor, message, MESSAGE, 0) != MESSAGE) stop_with("send");
}

static int drive(const char *where, long connections, long messages) {
  union address address;
  socklen_t length = read_address(where, &address);
  int epoll = checked(epoll_create1(0), "epoll_create1");
  int *descriptors = calloc((size_t)connections, sizeof *descriptors);
  for (long i = 0; i < connections; i++) {
    descriptors[i] = checked(socket(address.any.sa_family, SOCK_STREAM, 0), "socket");
    checked(connect(descriptors[i], &address.any, length), "connect");
    send_at_once(descriptors[i], &address);
    watch(epoll, descriptors[i]);
  }

  char message[MESSAGE], answer[MESSAGE];
  for (int i = 0; i < MESSAGE; i++) message[i] = (char)('0' + i);
  long asked = 0, answered = 0;
  struct epoll_event events[EVENTS];
  long long begin = nanoseconds(CLOCK_MONOTONIC);
  for (; asked < connections && asked < messages; asked++) ask(descriptors[asked], message);
  while (answered < messages) {
    int count = epoll_wait(epoll, events, EVENTS, 10000);
    if (count == 0) stop_with("no answer within 10 seconds");
    for (int i = 0; i < count; i++) {
      int descriptor = events[i].data.fd;
      if (recv(descriptor, answer, MESSAGE, MSG_WAITALL) != MESSAGE || memcmp(answer, message, MESSAGE))
        stop_with("the answer is not what was asked");
      answered++;
      if (asked < messages) {
        ask(descriptor, message);
        asked++;
      }
    }
  }
  printf("%ld %lld\n", answered, nanoseconds(CLOCK_MONOTONIC) - begin);
  return 0;
}

int main(int count, char **arguments) {
  errno = 0;
  if (count == 3 && !strcmp(arguments[1], "serve")) return serve(arguments[2]);
  if (count == 5 && !strcmp(arguments[1], "drive")) return drive(arguments[2], atol(arguments[3]), atol(arguments[4]));
  fprintf(stderr, "usage: bareecho serve tcp|PATH\n       bareecho drive PORT|PATH CONNECTIONS MESSAGES\n");
  return 2;
}
