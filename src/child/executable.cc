// SPDX-License-Identifier: Apache-2.0
// See executable.h.
// Runs in: child.
#include "child/executable.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
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

int expected_refusal(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (!S_ISREG(info.st_mode)) return EACCES;
  if (::access(path.c_str(), X_OK) != 0) return errno;
  const Result<std::string> interpreter = interpreter_of(path);
  if (!interpreter) return interpreter.error().code();
  if (!interpreter->empty() && ::access(interpreter->c_str(), F_OK) != 0) return errno;
  return 0;
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
