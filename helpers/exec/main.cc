// SPDX-License-Identifier: Apache-2.0
// kelp-exec REPORT FORMAT COUNT [FILTER...] PATH ARGV0 [ARG...]: installs the filters and executes PATH.
// Until a process has executed something else it runs from kelp's file, and what it executes could write to
// that by /proc/self/exe, if it is a script or a program whose interpreter leads there; whoever shares the
// root can exchange it at the last moment. Where the container has the right to write to kelp's file, its
// last execve therefore comes from here: a sealed file in memory.
//   REPORT  the report pipe, which ends when PATH is executed
//   FORMAT  "script": what has no known format is a script for /bin/sh (execvp(3)); "any": it is an error
//   FILTER  FLAGS:CODE, the flags of seccomp(2), and each byte of the BPF as two of the letters a to p. They
//   are installed here: a filter that allows nothing but an execve is one that kelp can take, and there are
//   more calls than that between its execveat and the command
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "sys/decimal.h"
#include "sys/report_head.h"

namespace {

using kelp::sys::ReportHead;
using kelp::sys::ReportKind;

constexpr int kCannotStart = 125;
constexpr int kFixed = 4;  // up to COUNT
constexpr std::size_t kInstruction = sizeof(sock_filter);

alignas(sock_filter) unsigned char code[BPF_MAXINSNS * kInstruction];

// `failed`: what it was, by ReportHead::index.
[[noreturn]] void fail(int report_fd, kelp::sys::NotExecuted failed) {
  const ReportHead head{
      .kind = ReportKind::kNotExecuted, .index = static_cast<std::uint32_t>(failed), .code = errno};
  // Should it fail, the parent sees the end of a process that has told nothing.
  [[maybe_unused]] const ssize_t written = ::write(report_fd, &head, sizeof head);
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

}  // namespace

int main(int argc, char** argv) {
  // An interpreter that is to be this file itself gets other arguments than these.
  if (argc < kFixed + 2) ::_exit(kCannotStart);
  const int report_fd = kelp::sys::decimal(argv[1]);
  const int count = kelp::sys::decimal(argv[3]);
  if (argc < kFixed + count + 2) ::_exit(kCannotStart);
  // Whoever shares our pid namespace could otherwise take the report pipe; the exec ends it.
  if (::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0 || ::fcntl(report_fd, F_SETFD, FD_CLOEXEC) != 0)
    fail(report_fd, kelp::sys::NotExecuted::kLauncher);
  char** const environment = argv + argc + 1;
  char** const words = argv + kFixed + count;  // PATH ARGV0 [ARG...]
  for (int i = 0; i < count; ++i) {
    if (!install(argv[kFixed + i])) fail(report_fd, kelp::sys::NotExecuted::kFilter);
  }
  char* const path = words[0];
  ::execve(path, words + 1, environment);
  if (errno == ENOEXEC && argv[2][0] == 's') {
    char shell[] = "/bin/sh";
    words[0] = shell;
    words[1] = path;
    ::execve(shell, words, environment);
  }
  fail(report_fd, kelp::sys::NotExecuted::kCommand);
}
