// SPDX-License-Identifier: Apache-2.0
// kelp-exec REPORT START FORMAT COUNT [FILTER...] COUNT [HOOK...] PATH ARGV0 [ARG...]: runs the hooks,
// installs the filters and executes PATH. Until a process has executed something else it runs from kelp's
// file, and what it executes could write to that by /proc/self/exe, if it is a script or a program whose
// interpreter leads there; whoever shares the root can exchange it at the last moment. Where the container
// has the right to write to kelp's file, its last execve therefore comes from here: a sealed file in memory.
// A container that is made now and begins later waits here too: the owner of its user namespace may enter
// that by this process, which was executed in there.
//   REPORT  the report pipe, which ends when PATH is executed, or when the waiting begins
//   START   a listening socket on which somebody will say that it is time (sys/start_message.h), or "-"
//   FORMAT  "script": what has no known format is a script for /bin/sh (execvp(3)); "any": it is an error
//   FILTER  FLAGS:CODE, the flags of seccomp(2), and each byte of the BPF as two of the letters a to p. They
//   are installed here: a filter that allows nothing but an execve is one that kelp can take, and there are
//   more calls than that between its execveat and the command
//   HOOK    TIMEOUT ARGS VARIABLES PATH [ARG...] - [VARIABLE...] -: seconds, and how many there are
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "sys/decimal.h"
#include "sys/hook_call.h"
#include "sys/report_head.h"
#include "sys/start_message.h"

namespace {

using kelp::sys::ReportHead;
using kelp::sys::ReportKind;

constexpr int kCannotStart = 125;
constexpr int kFixed = 5;  // up to COUNT
constexpr std::size_t kInstruction = sizeof(sock_filter);
constexpr std::size_t kMostOfPath = 2048;   // of what a report tells of it
constexpr std::size_t kMostOfWords = 1024;  // of a hook's

alignas(sock_filter) unsigned char code[BPF_MAXINSNS * kInstruction];
char message[kelp::sys::kMostOfMessage];

// Where reports go: the pipe, or the connection of who said that it is time.
struct Reader {
  int fd = -1;
  bool is_socket = false;
};

std::size_t length_of(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

// False: there is nobody any more who would hear it.
bool report(const Reader& reader, ReportHead head, char* path = nullptr, iovec words = {}) {
  std::size_t size = path == nullptr ? 0 : length_of(path);
  if (size > kMostOfPath) size = kMostOfPath;
  head.sizes[0] = static_cast<unsigned short>(size);
  head.sizes[1] = static_cast<unsigned short>(words.iov_len);
  iovec parts[] = {{.iov_base = &head, .iov_len = sizeof head}, {.iov_base = path, .iov_len = size}, words};
  if (!reader.is_socket) return ::syscall(SYS_writev, static_cast<long>(reader.fd), parts, 3L) > 0;
  msghdr whole{};
  whole.msg_iov = parts;
  whole.msg_iovlen = 3;
  return ::sendmsg(reader.fd, &whole, MSG_NOSIGNAL) > 0;
}

// `failed`: what it was, by ReportHead::index.
[[noreturn]] void fail(const Reader& reader, kelp::sys::NotExecuted failed) {
  // Unheard, the other side sees the end of a process that has told nothing.
  (void)report(
      reader, {.kind = ReportKind::kNotExecuted, .index = static_cast<std::uint32_t>(failed), .code = errno});
  ::_exit(kCannotStart);
}

[[noreturn]] void fail_hook(const Reader& reader, int number, char* path,
                            const kelp::sys::HookResult& result) {
  const long size = result.said_fd < 0 ? 0
                                       : ::syscall(SYS_read, static_cast<long>(result.said_fd), message,
                                                   static_cast<long>(kMostOfWords));
  (void)report(reader,
               {.kind = ReportKind::kNotExecuted,
                .step = static_cast<std::uint32_t>(number),
                .index = static_cast<std::uint32_t>(kelp::sys::NotExecuted::kHook),
                .code = result.value,
                .status = static_cast<std::int32_t>(result.end)},
               path, {.iov_base = message, .iov_len = size < 0 ? 0 : static_cast<std::size_t>(size)});
  ::_exit(kCannotStart);
}

// The letters behind the colon, in pairs, the high half first.
std::size_t read_code(const char* text) {
  std::size_t size = 0;
  for (; size < sizeof code && text[0] != '\0'; text += 2)
    code[size++] = static_cast<unsigned char>((text[0] - 'a') * 16 + (text[1] - 'a'));
  return size;
}

bool install(const char* filter) {
  const int flags = kelp::sys::decimal(filter);
  while (*filter != ':') ++filter;
  const std::size_t size = read_code(filter + 1);
  const sock_fprog program{.len = static_cast<unsigned short>(size / kInstruction),
                           .filter = reinterpret_cast<sock_filter*>(code)};
  return ::syscall(SYS_seccomp, static_cast<long>(SECCOMP_SET_MODE_FILTER), static_cast<long>(flags),
                   &program) == 0;
}

// The state document, with our number where the parts that came meet.
struct State {
  std::size_t size = 0;
  bool has_pid = false;

  void add(const char* text, std::size_t length) {
    for (std::size_t i = 0; i < length && size < sizeof document; ++i) document[size++] = text[i];
  }
  void add_pid() {
    if (has_pid) return;
    has_pid = true;
    char digits[20];
    std::size_t at = sizeof digits;
    for (pid_t left = ::getpid(); at == sizeof digits || left > 0; left /= 10)
      digits[--at] = static_cast<char>('0' + left % 10);
    add(digits + at, sizeof digits - at);
  }
  static char document[kelp::sys::kMostOfState + 64];
};
char State::document[];

// Whether this connection has said that it is time. One that ends before has only looked whether we wait.
bool hears_start(int fd, State& state) {
  state = {};
  for (;;) {
    const long size = ::syscall(SYS_read, static_cast<long>(fd), message, static_cast<long>(sizeof message));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    if (message[0] != kelp::sys::kStateBefore) state.add_pid();
    if (message[0] == kelp::sys::kStart) return true;
    state.add(message + 1, static_cast<std::size_t>(size) - 1);
  }
}

// The connection of whoever said that it is time. The socket goes with the execve.
Reader wait_for_start(int socket_fd, const Reader& pipe, State& state) {
  if (::fcntl(socket_fd, F_SETFD, FD_CLOEXEC) != 0) fail(pipe, kelp::sys::NotExecuted::kLauncher);
  // A container that nobody knows of is none.
  if (!report(pipe, {.kind = ReportKind::kWaiting})) ::_exit(kCannotStart);
  ::close(pipe.fd);
  for (;;) {
    const long fd =
        ::syscall(SYS_accept4, static_cast<long>(socket_fd), 0L, 0L, static_cast<long>(SOCK_CLOEXEC));
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0) ::_exit(kCannotStart);
    if (hears_start(static_cast<int>(fd), state)) return {.fd = static_cast<int>(fd), .is_socket = true};
    ::close(static_cast<int>(fd));
  }
}

// Runs them, and gives what follows them.
char** run_hooks(char** words, const Reader& reader, const State& state) {
  const int count = kelp::sys::decimal(*words++);
  const iovec text{.iov_base = State::document, .iov_len = state.size};
  for (int i = 0; i < count; ++i) {
    const int timeout = kelp::sys::decimal(words[0]);
    const int args = kelp::sys::decimal(words[1]);
    const int variables = kelp::sys::decimal(words[2]);
    char* const path = words[3];
    char** const argv = words + 4;
    char** const environment = argv + args + 1;
    argv[args] = nullptr;
    environment[variables] = nullptr;
    words = environment + variables + 1;
    const kelp::sys::HookResult result = kelp::sys::run_hook({.path = path,
                                                              .argv = argv,
                                                              .environment = environment,
                                                              .timeout_s = static_cast<unsigned>(timeout),
                                                              .text = &text,
                                                              .parts = 1});
    if (result.end != kelp::sys::HookEnd::kDone) fail_hook(reader, i, path, result);
    if (result.said_fd >= 0) ::close(result.said_fd);
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  // An interpreter that is to be this file itself gets other arguments than these.
  if (argc < kFixed + 2) ::_exit(kCannotStart);
  Reader reader{.fd = kelp::sys::decimal(argv[1])};
  const int count = kelp::sys::decimal(argv[4]);
  if (argc < kFixed + count + 3) ::_exit(kCannotStart);
  // Whoever shares our pid namespace could otherwise take the report pipe; the exec ends it.
  if (::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0 || ::fcntl(reader.fd, F_SETFD, FD_CLOEXEC) != 0)
    fail(reader, kelp::sys::NotExecuted::kLauncher);
  char** const environment = argv + argc + 1;
  char** words = argv + kFixed + count;  // COUNT [HOOK...] PATH ARGV0 [ARG...]
  State state;
  if (argv[2][0] != '-') reader = wait_for_start(kelp::sys::decimal(argv[2]), reader, state);
  words = run_hooks(words, reader, state);
  char* const path = words[0];
  if (reader.is_socket) (void)report(reader, {.kind = ReportKind::kExecuting}, path);
  for (int i = 0; i < count; ++i) {
    if (!install(argv[kFixed + i])) fail(reader, kelp::sys::NotExecuted::kFilter);
  }
  ::execve(path, words + 1, environment);
  if (errno == ENOEXEC && argv[3][0] == 's') {
    char shell[] = "/bin/sh";
    words[0] = shell;
    words[1] = path;
    ::execve(shell, words, environment);
  }
  fail(reader, kelp::sys::NotExecuted::kCommand);
}
