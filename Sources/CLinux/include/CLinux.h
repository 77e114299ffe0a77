// The door to what `import Glibc` hides: epoll, eventfd, signalfd, pidfd, accept4, pipe2, posix_spawn with its
// extensions, and one thread-local pointer. Headers and typed wrappers only: no decision is taken here.
//
// Every function that can fail returns a negative errno, so that no caller reads errno after a thread switch.

#ifndef CLINUX_H
#define CLINUX_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// The event loop that runs on this thread, or NULL. Out of line on purpose: an optimiser that sees a thread-local
// address may keep it across a suspension, and a coroutine may continue on another thread.
void *_Nullable clinux_current_loop(void);
void clinux_set_current_loop(void *_Nullable loop);

// The coroutine that runs on this thread, or NULL: the runtime's entry point that the compiler calls for the standard
// library's `withUnsafeCurrentTask`, without that function's closure and its value of unknown layout (800 instructions).
void *_Nullable swift_task_getCurrent(void) __attribute__((swiftcall));
static inline void *_Nullable clinux_current_task(void) { return swift_task_getCurrent(); }
void *_Nullable swift_task_localValueGet(const void *_Nonnull key) __attribute__((swiftcall));
// Where the value of a task local is that the current task has, or else the thread.
static inline void *_Nullable clinux_task_local(const void *_Nonnull key) { return swift_task_localValueGet(key); }
bool swift_task_isCancelled(void *_Nonnull task) __attribute__((swiftcall));
static inline bool clinux_task_is_cancelled(const void *_Nonnull task) { return swift_task_isCancelled((void *)task); }

// Monotonic time in nanoseconds.
int64_t clinux_monotonic(void);
// The same as of the kernel's last tick: 1 to 10 ms coarse, and much cheaper to read.
int64_t clinux_monotonic_coarse(void);

// epoll. `data` comes back with every event of the registration.
static const uint32_t CLINUX_READABLE = 0x001;
static const uint32_t CLINUX_WRITABLE = 0x004;
static const uint32_t CLINUX_ERROR = 0x008;
static const uint32_t CLINUX_HANG_UP = 0x010;
static const uint32_t CLINUX_PEER_CLOSED = 0x2000;
static const uint32_t CLINUX_EDGE_TRIGGERED = 1u << 31;
static const int CLINUX_EPOLL_ADD = 1;
static const int CLINUX_EPOLL_REMOVE = 2;
static const int CLINUX_EPOLL_MODIFY = 3;

struct clinux_event {
  uint64_t data;
  uint32_t events;
};

int clinux_epoll_create(void);
int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data);
// Waits at most `nanoseconds` (negative: without limit). Returns the number of events, or a negative errno.
int clinux_epoll_wait(int epoll, struct clinux_event *_Nonnull events, int capacity, int64_t nanoseconds);

int clinux_eventfd(void);
int clinux_eventfd_signal(int fd);

// Signals: a non-blocking signalfd over `set`; one signal number per call, -EAGAIN when none waits.
int clinux_signalfd(const sigset_t *_Nonnull set);
int clinux_signalfd_read(int fd);
// Takes one pending signal of `set` without waiting; -EAGAIN when none is pending.
int clinux_take_pending_signal(const sigset_t *_Nonnull set);

// Sockets: always close-on-exec and non-blocking. Pipes: close-on-exec, blocking at both ends.
int clinux_socket(int domain, int type, int protocol);
int clinux_accept(int fd, struct sockaddr_storage *_Nonnull address, socklen_t *_Nonnull length);
int clinux_pipe(int fds[_Nonnull 2]);
int clinux_set_nonblocking(int fd);
// The same open file under a number of 3 or more, close-on-exec.
int clinux_duplicate_above_standard(int fd);
int clinux_peer_credentials(int fd, uid_t *_Nonnull user, gid_t *_Nonnull group, pid_t *_Nonnull process);

// Threads.
int clinux_name_thread(const char *_Nonnull name);
void clinux_block_all_signals(void);

// Child processes. A negative entry of `descriptors` means /dev/null; the three become 0, 1 and 2, and every
// descriptor from 3 on is closed. Signals start with default actions and an empty mask. A program without a slash is
// looked for in PATH.
struct clinux_command {
  const char *_Nonnull program;
  char *_Nullable const *_Nonnull arguments;
  char *_Nullable const *_Nonnull environment;
  const char *_Nullable directory;
  int descriptors[3];
  bool own_group;
  bool ends_with_parent;  // SIGKILL when the thread that starts it ends; its program has a slash
};
// This process's environment: "NAME=value" entries and NULL.
char *_Nullable *_Nonnull clinux_environment(void);
// Has the kernel keep the exit status of children until somebody asks for it, as it does by default: a process inherits an
// ignored SIGCHLD from its parent, and its children then leave none.
void clinux_keep_exit_statuses(void);
// The process id, or a negative errno.
pid_t clinux_spawn(const struct clinux_command *_Nonnull command);
int clinux_pidfd_open(pid_t process);
int clinux_pidfd_signal(int pidfd, int signal);

struct clinux_exit {
  bool exited;  // true: `status` is the exit code; false: it is the number of the signal that ended the process
  int status;
  bool dumped_core;
};
// 1 when the process has ended, reaped or not, 0 when it still runs, or a negative errno. Leaves it as it is.
int clinux_has_ended(int pidfd);
// Reaps the process without waiting: 1 when it has ended, 0 when it still runs, or a negative errno.
int clinux_reap(int pidfd, struct clinux_exit *_Nonnull status);

// Gives the system the pages that the allocator holds and nobody uses, in all its arenas (malloc_trim).
void clinux_trim_memory(void);

#endif
