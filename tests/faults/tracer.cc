// SPDX-License-Identifier: Apache-2.0
// The loop over the stops. Counting begins with main()'s first call (it asks whether descriptor 0 is open),
// so that the dynamic loader's own calls, whose failures are the loader's to tell, are left alone.
#include "tracer.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <map>
#include <stdexcept>

#include "system_calls.h"

namespace kelp::faults {
namespace {

// Not PTRACE_O_TRACEVFORK: posix_spawn(3) starts newuidmap, which would gain no rights if it were traced.
constexpr long kOptions =
    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

// What the process is about to ask of the kernel, or has been answered.
__ptrace_syscall_info call_of(pid_t pid) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) info.op = PTRACE_SYSCALL_INFO_NONE;
  return info;
}

#if defined(__x86_64__) || defined(__aarch64__)
void change(pid_t pid, int kind, void* at, std::size_t size) {
  iovec vector = {.iov_base = at, .iov_len = size};
  ptrace(PTRACE_SETREGSET, pid, kind, &vector);
}

user_regs_struct registers_of(pid_t pid) {
  user_regs_struct all{};
  iovec vector = {.iov_base = &all, .iov_len = sizeof all};
  ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector);
  return all;
}
#endif

// Turns the call at whose entry the process stands into one that does not exist.
void cancel_call(pid_t pid) {
#if defined(__x86_64__)
  user_regs_struct all = registers_of(pid);
  all.orig_rax = ~0ULL;
  change(pid, NT_PRSTATUS, &all, sizeof all);
#elif defined(__aarch64__)
  int number = -1;
  change(pid, NT_ARM_SYSTEM_CALL, &number, sizeof number);
#endif
  (void)pid;
}

void set_result(pid_t pid, int code) {
#if defined(__x86_64__)
  user_regs_struct all = registers_of(pid);
  all.rax = static_cast<unsigned long long>(-static_cast<long long>(code));
  change(pid, NT_PRSTATUS, &all, sizeof all);
#elif defined(__aarch64__)
  user_regs_struct all = registers_of(pid);
  all.regs[0] = static_cast<unsigned long long>(-static_cast<long long>(code));
  change(pid, NT_PRSTATUS, &all, sizeof all);
#endif
  (void)pid;
  (void)code;
}

std::string read_memory_file(int fd) {
  std::string text;
  std::array<char, 65536> block;
  ssize_t size = 0;
  for (off_t at = 0; (size = pread(fd, block.data(), block.size(), at)) > 0; at += size)
    text.append(block.data(), static_cast<std::size_t>(size));
  return text;
}

// Kelp's own too, not yet what the container executes: kelp-init, kelp-exec.
bool is_embedded(pid_t pid) {
  std::array<char, 64> target{};
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  if (readlink(link.c_str(), target.data(), target.size() - 1) < 0) return false;
  return std::string(target.data()).starts_with("/memfd:kelp-");
}

// By its number in a pid namespace of the container's own.
bool is_id_writer(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("NSpid:")) return line.ends_with("\t299");
  }
  return false;
}

struct Tracee {
  int who = 0;
  bool is_inside = false;    // between the entry and the exit of a call
  bool is_failing = false;   // that call was cancelled
  bool is_own_code = false;  // of the program that was started, not of what it executes
  std::map<std::string, int> seen;
};

class Tracer {
 public:
  Tracer(const harness::Argv& argv, const std::optional<Fault>& fault,
         const std::function<void()>& before_exec)
      : fault_(fault) {
    out_fd_ = memfd_create("out", MFD_CLOEXEC);
    err_fd_ = memfd_create("err", MFD_CLOEXEC);
    std::array<int, 2> gate{};
    if (out_fd_ < 0 || err_fd_ < 0 || pipe2(gate.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("tracer: no descriptors");
    first_ = fork();
    if (first_ == 0) become(argv, before_exec, gate);
    close(gate[0]);
    if (first_ < 0 || ptrace(PTRACE_SEIZE, first_, nullptr, kOptions) != 0) {
      close(gate[1]);
      throw std::runtime_error("tracer: cannot trace");
    }
    close(gate[1]);
  }

  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer() {
    close(out_fd_);
    close(err_fd_);
  }

  Traced run(unsigned patience_seconds) {
    struct sigaction wake{};
    wake.sa_handler = [](int) {};  // no SA_RESTART: waitpid shall return
    sigaction(SIGALRM, &wake, nullptr);
    alarm(patience_seconds);
    know(first_);
    int status = 0;
    for (;;) {
      const pid_t pid = waitpid(-1, &status, __WALL);
      if (pid < 0 && errno == EINTR) {
        traced_.outcome.timed_out = true;
        for (const auto& [each, tracee] : tracees_) kill(each, SIGKILL);
        continue;
      }
      if (pid < 0) break;  // nobody is left
      if (WIFSTOPPED(status)) {
        handle_stop(pid, status);
      } else {
        handle_end(pid, status);
      }
    }
    alarm(0);
    traced_.outcome.out = read_memory_file(out_fd_);
    traced_.outcome.err = read_memory_file(err_fd_);
    return std::move(traced_);
  }

 private:
  [[noreturn]] void become(const harness::Argv& argv, const std::function<void()>& before_exec,
                           const std::array<int, 2>& gate) const {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    char byte = 0;
    close(gate[1]);
    while (read(gate[0], &byte, 1) < 0) {
    }
    const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null_fd, 0);
    dup2(out_fd_, 1);
    dup2(err_fd_, 2);
    if (before_exec) before_exec();
    execv(words[0], words.data());
    _exit(127);
  }

  Tracee& know(pid_t pid) {
    const auto [found, is_new] = tracees_.try_emplace(pid);
    if (is_new) {
      found->second.who = is_id_writer(pid) ? kIdWriter : traced_.processes++;
      found->second.is_own_code = found->second.who != kParent;  // a copy of the parent, which is in main()
    }
    return found->second;
  }

  void handle_stop(pid_t pid, int status) {
    Tracee& tracee = know(pid);
    const int number = WSTOPSIG(status);
    const int event = status >> 16;
    long pass_on = 0;
    if (number == (SIGTRAP | 0x80)) {
      handle_call(pid, tracee);
    } else if (event == PTRACE_EVENT_EXEC && tracee.who != kParent && is_embedded(pid)) {
      // To its end, or to its own exec.
    } else if (event == PTRACE_EVENT_EXEC && tracee.who != kParent) {
      tracee.is_own_code = false;
      is_running_ = true;
    } else if (event == 0) {
      pass_on = number;
    }
    // The command's own calls are not looked at; nor is anything once the one fault has happened.
    const bool is_done = fault_ && fault_->occurrence != 0 && traced_.failed > 0 && !tracee.is_inside;
    const bool is_foreign = tracee.who != kParent && !tracee.is_own_code;
    ptrace(is_done || is_foreign ? PTRACE_CONT : PTRACE_SYSCALL, pid, nullptr, pass_on);
  }

  void handle_call(pid_t pid, Tracee& tracee) {
    const __ptrace_syscall_info info = call_of(pid);
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
      tracee.is_inside = false;
      if (tracee.is_failing) set_result(pid, fault_->code);
      tracee.is_failing = false;
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return;
    tracee.is_inside = true;
    std::string name = name_of(info.entry.nr, info.entry.args);
    if (!tracee.is_own_code) {
      if (tracee.who != kParent || name != "fcntl(F_GETFD)") return;
      tracee.is_own_code = true;
    }
    const int occurrence = ++tracee.seen[name];
    if (fault_ && (fault_->who == kAnyone || fault_->who == tracee.who) && fault_->name == name &&
        (fault_->occurrence == 0 || fault_->occurrence == occurrence)) {
      tracee.is_failing = true;
      ++traced_.failed;
      // close(2) closes, whatever it answers.
      if (name != "close") cancel_call(pid);
    }
    // The first thing that PID 1 tells once the reports have ended: the exec is over, even if its stop is not
    // seen yet.
    is_running_ |= tracee.who == kParent && name == "recvmsg";
    traced_.calls.push_back(
        {.who = tracee.who, .name = std::move(name), .occurrence = occurrence, .is_running = is_running_});
  }

  void handle_end(pid_t pid, int status) {
    tracees_.erase(pid);
    if (pid != first_) return;
    if (WIFEXITED(status)) traced_.outcome.status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) traced_.outcome.signal = WTERMSIG(status);
  }

  const std::optional<Fault>& fault_;
  int out_fd_ = -1, err_fd_ = -1;
  pid_t first_ = -1;
  bool is_running_ = false;
  std::map<pid_t, Tracee> tracees_;
  Traced traced_;
};

}  // namespace

bool can_trace() {
#if defined(__x86_64__) || defined(__aarch64__)
  try {
    return Tracer({"/bin/true"}, {}, {}).run(kPatienceSeconds).outcome.status == 0;
  } catch (const std::runtime_error&) {
    return false;
  }
#else
  return false;
#endif
}

Traced trace(const harness::Argv& argv, const std::optional<Fault>& fault,
             const std::function<void()>& before_exec, unsigned patience_seconds) {
  return Tracer(argv, fault, before_exec).run(patience_seconds);
}

}  // namespace kelp::faults
