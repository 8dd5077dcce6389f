// SPDX-License-Identifier: Apache-2.0
// All of a C library that kelp-init and kelp-exec need: the entry, and each function that it calls as the
// bare system call. A static C library would make the program a hundred times as large, and every start would
// copy it.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>

// Argument count and arguments lie on the stack (the processor's ABI supplement, "Process Initialization").
#if defined(__x86_64__)
asm(".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov (%rsp), %rdi\n"
    "  lea 8(%rsp), %rsi\n"
    "  and $-16, %rsp\n"
    "  call main\n"
    "  hlt\n");
#elif defined(__aarch64__)
asm(".globl _start\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  ldr x0, [sp]\n"
    "  add x1, sp, #8\n"
    "  bl main\n"
    "  brk #0\n");
#else
#error "configure with KELP_FREESTANDING_INIT=OFF: this processor's system calls are not known here"
#endif

namespace {

constexpr long kSignalSetSize = 8;  // the kernel's sigset_t
constexpr long kMaxErrno = 4095;

long bare_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  long result = number;
  asm volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
#endif
}

// As a C library answers: -1, and errno.
long answer(long result) {
  if (result >= 0 || result < -kMaxErrno) return result;
  errno = static_cast<int>(-result);
  return -1;
}

long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

}  // namespace

extern "C" {

// What <errno.h> means by errno. NOLINTNEXTLINE(bugprone-reserved-identifier)
int* __errno_location() noexcept {
  static int code = 0;
  return &code;
}

// Called by what the compiler makes of `{}`. Volatile: the loop must not become a call of itself.
void* memset(void* at, int byte, std::size_t size) noexcept {
  auto* bytes = static_cast<volatile unsigned char*>(at);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(byte);
  return at;
}

int sigfillset(sigset_t* set) noexcept {
  memset(set, 0xff, sizeof *set);
  return 0;
}

int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  return static_cast<int>(
      answer(bare_call(SYS_rt_sigtimedwait, address(set), address(info), 0, kSignalSetSize)));
}

pid_t waitpid(pid_t pid, int* status, int options) {
  return static_cast<pid_t>(answer(bare_call(SYS_wait4, pid, address(status), options, 0)));
}

int kill(pid_t pid, int number) noexcept {
  return static_cast<int>(answer(bare_call(SYS_kill, pid, number)));
}

pid_t getpid() noexcept { return static_cast<pid_t>(bare_call(SYS_getpid)); }

pid_t getsid(pid_t pid) noexcept { return static_cast<pid_t>(answer(bare_call(SYS_getsid, pid))); }

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return answer(bare_call(SYS_sendmsg, fd, address(message), flags));
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  return answer(bare_call(SYS_write, fd, address(bytes), static_cast<long>(size)));
}

long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  const long a = va_arg(arguments, long);
  const long b = va_arg(arguments, long);
  const long c = va_arg(arguments, long);
  const long d = va_arg(arguments, long);
  const long e = va_arg(arguments, long);
  va_end(arguments);
  return answer(bare_call(number, a, b, c, d, e));
}

int execve(const char* path, char* const* argv, char* const* environment) noexcept {
  return static_cast<int>(answer(bare_call(SYS_execve, address(path), address(static_cast<const void*>(argv)),
                                           address(static_cast<const void*>(environment)))));
}

int fcntl(int fd, int operation, ...) {
  va_list arguments;
  va_start(arguments, operation);
  const int argument = va_arg(arguments, int);
  va_end(arguments);
  return static_cast<int>(answer(bare_call(SYS_fcntl, fd, operation, argument)));
}

int close(int fd) { return static_cast<int>(answer(bare_call(SYS_close, fd))); }

int prctl(int operation, ...) noexcept {
  va_list arguments;
  va_start(arguments, operation);
  const long a = va_arg(arguments, long);
  const long b = va_arg(arguments, long);
  const long c = va_arg(arguments, long);
  const long d = va_arg(arguments, long);
  va_end(arguments);
  return static_cast<int>(answer(bare_call(SYS_prctl, operation, a, b, c, d)));
}

void _exit(int status) {
  for (;;) bare_call(SYS_exit_group, status);
}

}  // extern "C"
