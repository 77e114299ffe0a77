#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Thread_local void *current_loop;

__attribute__((noinline)) void *clinux_current_loop(void) { return current_loop; }
__attribute__((noinline)) void clinux_set_current_loop(void *loop) { current_loop = loop; }

int64_t clinux_monotonic(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clinux_monotonic_coarse(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int checked(int result) { return result < 0 ? -errno : result; }

int clinux_epoll_create(void) { return checked(epoll_create1(EPOLL_CLOEXEC)); }

int clinux_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return checked(epoll_ctl(epoll, operation, fd, &event));
}

enum { EVENTS_PER_CALL = 256 };

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int64_t nanoseconds) {
  struct epoll_event buffer[EVENTS_PER_CALL];
  if (capacity > EVENTS_PER_CALL) capacity = EVENTS_PER_CALL;
  int count;
  if (nanoseconds <= 0) {
    count = epoll_wait(epoll, buffer, capacity, nanoseconds < 0 ? -1 : 0);
  } else {
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    count = epoll_pwait2(epoll, buffer, capacity, &limit, NULL);
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) {  // Linux before 5.11, and some sandboxes
      int64_t milliseconds = (nanoseconds - 1) / 1000000 + 1;
      count = epoll_wait(epoll, buffer, capacity, milliseconds > 86400000 ? 86400000 : (int)milliseconds);
    }
  }
  for (int i = 0; i < count; i++) {
    events[i].data = buffer[i].data.u64;
    events[i].events = buffer[i].events;
  }
  return checked(count);
}

int clinux_eventfd(void) { return checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int clinux_eventfd_signal(int fd) {
  uint64_t one = 1;
  return write(fd, &one, sizeof one) < 0 ? -errno : 0;
}

int clinux_signalfd(const sigset_t *set) { return checked(signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK)); }

int clinux_signalfd_read(int fd) {
  struct signalfd_siginfo info;
  ssize_t count = read(fd, &info, sizeof info);
  if (count < 0) return -errno;
  return count == sizeof info ? (int)info.ssi_signo : -EAGAIN;
}

int clinux_take_pending_signal(const sigset_t *set) {
  struct timespec none = {0, 0};
  return checked(sigtimedwait(set, NULL, &none));
}

int clinux_socket(int domain, int type, int protocol) {
  return checked(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

int clinux_accept(int fd, struct sockaddr_storage *address, socklen_t *length) {
  return checked(accept4(fd, (struct sockaddr *)address, length, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int clinux_pipe(int fds[2]) { return checked(pipe2(fds, O_CLOEXEC)); }

int clinux_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  return checked(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

int clinux_duplicate_above_standard(int fd) { return checked(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

int clinux_peer_credentials(int fd, uid_t *user, gid_t *group, pid_t *process) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
  *user = credentials.uid;
  *group = credentials.gid;
  *process = credentials.pid;
  return 0;
}

int clinux_name_thread(const char *name) { return -pthread_setname_np(pthread_self(), name); }

void clinux_block_all_signals(void) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
}

static int prepare_actions(posix_spawn_file_actions_t *actions, const struct clinux_command *command) {
  int error = 0;
  for (int i = 0; i < 3 && !error; i++) {
    int fd = command->descriptors[i];
    if (fd < 0)
      error = posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
    else
      error = posix_spawn_file_actions_adddup2(actions, fd, i);
  }
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  if (!error && command->directory) error = posix_spawn_file_actions_addchdir_np(actions, command->directory);
  return error;
}

static int prepare_attributes(posix_spawnattr_t *attributes, const struct clinux_command *command) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (command->own_group ? POSIX_SPAWN_SETPGROUP : 0);
  int error = posix_spawnattr_setflags(attributes, (short)flags);
  if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (!error) error = posix_spawnattr_setsigmask(attributes, &none);
  if (!error && command->own_group) error = posix_spawnattr_setpgroup(attributes, 0);
  return error;
}

char **clinux_environment(void) { return environ; }

void clinux_keep_exit_statuses(void) {
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) < 0) return;
  bool is_ignored = !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
  if (!is_ignored && !(action.sa_flags & SA_NOCLDWAIT)) return;
  if (is_ignored) action.sa_handler = SIG_DFL;
  action.sa_flags &= ~SA_NOCLDWAIT;
  sigaction(SIGCHLD, &action, NULL);
}

// In the child between vfork and exec: the parent's memory, and a thread of the parent that stands still. Returns what
// went wrong.
static int become(const struct clinux_command *command, pid_t parent) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);  // not those that can't be changed
  if (command->own_group && setpgid(0, 0) < 0) return errno;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
  if (getppid() != parent) return ESRCH;
  for (int i = 0; i < 3; i++) {
    int fd = command->descriptors[i];
    if (fd == i) {
      if (fcntl(fd, F_SETFD, 0) < 0) return errno;
    } else if (fd >= 0) {
      if (dup2(fd, i) < 0) return errno;
    } else {
      int null = open("/dev/null", O_RDWR);
      if (null < 0 || (null != i && dup2(null, i) < 0)) return errno;
    }
  }
  if (syscall(SYS_close_range, 3, ~0U, 0) < 0) return errno;
  if (command->directory && chdir(command->directory) < 0) return errno;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(command->program, command->arguments, command->environment);
  return errno;
}

// posix_spawn has no way to say that a process ends with its parent.
static pid_t spawn_until_parent_ends(const struct clinux_command *command) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int error = 0;
  pid_t parent = getpid();
  pid_t process = vfork();
  if (process == 0) {
    error = become(command, parent);
    _exit(127);
  }
  if (process < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!error) return process;
  if (process > 0) {
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {}
  }
  return -error;
}

pid_t clinux_spawn(const struct clinux_command *command) {
  if (command->ends_with_parent) return spawn_until_parent_ends(command);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t process = -1;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return -error;
  error = posix_spawnattr_init(&attributes);
  if (error) {
    posix_spawn_file_actions_destroy(&actions);
    return -error;
  }
  error = prepare_actions(&actions, command);
  if (!error) error = prepare_attributes(&attributes, command);
  if (!error) {
    error = posix_spawnp(&process, command->program, &actions, &attributes, command->arguments, command->environment);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error ? -error : process;
}

int clinux_pidfd_open(pid_t process) { return checked((int)syscall(SYS_pidfd_open, process, 0)); }

int clinux_pidfd_signal(int pidfd, int signal) {
  return checked((int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int clinux_has_ended(int pidfd) {
  siginfo_t info = {0};
  if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return -errno;
  return info.si_pid != 0;
}

int clinux_reap(int pidfd, struct clinux_exit *status) {
  siginfo_t info = {0};
  if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0) return -errno;
  if (info.si_pid == 0) return 0;
  status->exited = info.si_code == CLD_EXITED;
  status->status = info.si_status;
  status->dumped_core = info.si_code == CLD_DUMPED;
  return 1;
}

void clinux_trim_memory(void) { malloc_trim(0); }
