// SPDX-License-Identifier: Apache-2.0
// See executable.h.
// Runs in: child.
#include "child/executable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "child/interpreter.h"
#include "sys/failure.h"

namespace kelp::child {
namespace {

constexpr int kMaxInterpreters = 8;  // more than the kernel follows: five (exec_binprm() in fs/exec.c)

Error not_executable(const std::string& path, std::string reason) {
  return Error(cat("execute ", path), std::move(reason)).with_status(kExitNotExecutable);
}

}  // namespace

Status refuse_own_program(const std::string& path, const plan::Execute& step) {
  std::string next = path;
  for (int depth = 0; depth <= kMaxInterpreters && !next.empty(); ++depth) {
    struct stat info{};
    struct statvfs mount{};
    if (::stat(next.c_str(), &info) != 0) {
      // What is not there, or may not be reached, the exec cannot reach either.
      if (!sys::is_shortage(errno)) return {};
      return sys::failure(cat("look at ", next)).with_status(kExitNotExecutable);
    }
    if (info.st_dev == step.own_device && info.st_ino == step.own_inode) {
      if (::statvfs(next.c_str(), &mount) != 0 || (mount.f_flag & ST_RDONLY) == 0) {
        return not_executable(path, cat(next, " is kelp's own program, shared writable"))
            .with_hint("share it read-only (-v SOURCE:DESTINATION:ro), or copy kelp into the root");
      }
    }
    Result<std::string> interpreter = interpreter_of(next);
    if (!interpreter) return std::move(interpreter.error()).with_status(kExitNotExecutable);
    next = std::move(*interpreter);
  }
  return {};
}

int access_refusal(const std::string& path, int mode) {
  // access(2) goes by the real ids, and takes no capability of a user that is not root into account.
  if (::syscall(SYS_faccessat2, AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return 0;
  if (errno != ENOSYS && errno != EPERM) return errno;
  // Before Linux 5.8, or hidden by a filter of system calls: what is there can be told, the exec tells the
  // rest.
  return ::access(path.c_str(), F_OK) == 0 || errno == EACCES ? 0 : errno;
}

int expected_refusal(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (!S_ISREG(info.st_mode)) return EACCES;
  if (const int code = access_refusal(path, X_OK); code != 0) return code;
  const Result<std::string> interpreter = interpreter_of(path);
  if (!interpreter) return interpreter.error().code();
  return interpreter->empty() ? 0 : access_refusal(*interpreter, F_OK);
}

Error explain_exec(const std::string& path, int code) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return Error(cat("execute ", path), sys::reason_of(code))
        .with_code(code)
        .with_status(code == ENOENT || code == ENOTDIR ? kExitNotFound : kExitNotExecutable);
  }
  if (S_ISDIR(info.st_mode)) return not_executable(path, "Is a directory").with_code(EISDIR);
  if (code == ENOENT) {
    const Result<std::string> interpreter = interpreter_of(path);
    if (interpreter && !interpreter->empty()) {
      return not_executable(path, cat("its interpreter ", *interpreter, " does not exist in the root"))
          .with_code(code);
    }
  }
  if (code == ENOEXEC) return not_executable(path, "Exec format error").with_code(code);
  return not_executable(path, sys::reason_of(code)).with_code(code);
}

}  // namespace kelp::child
