// SPDX-License-Identifier: Apache-2.0
// The labels of security modules that the command gets with its execve (proc_pid_attr(5)).
// Runs in: child.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

// By the machine's proc, which nothing inside has a part in: a root may hold anything at /proc
// (CVE-2019-16884).
Status write_attribute(const Context& context, const char* name, const std::string& text,
                       const std::string& action) {
  struct statfs info{};
  if (::fstatfs(context.own_proc.get(), &info) != 0) return sys::failure(action);
  if (info.f_type != PROC_SUPER_MAGIC) return Error(action, "the machine's /proc is not the kernel's");
  const Result<sys::UniqueFd> file =
      sys::open_at(context.own_proc.get(), cat("attr/", name), O_WRONLY | O_NOFOLLOW);
  if (!file) {
    if (file.error().code() != ENOENT) return sys::failure(action, file.error().code());
    return Error(action, "this kernel does not have it").with_code(ENOENT);
  }
  if (::write(file->get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  if (errno == ENOENT) return Error(action, "no such profile is loaded").with_code(ENOENT);
  return sys::failure(action);
}

}  // namespace

Status perform(const plan::SetLabels& step, Context& context) {
  const Labels& what = step.what;
  if (!what.apparmor.empty()) {
    Status done = write_attribute(context, "apparmor/exec", cat("exec ", what.apparmor),
                                  cat("use the AppArmor profile ", what.apparmor));
    if (!done) return done;
  }
  if (what.selinux.empty()) return {};
  context.index = 1;  // the first is AppArmor's
  return write_attribute(context, "exec", what.selinux, cat("use the SELinux label ", what.selinux));
}

}  // namespace kelp::child
