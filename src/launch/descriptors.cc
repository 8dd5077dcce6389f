// SPDX-License-Identifier: Apache-2.0
// The descriptors that a start was given; see descriptors.h.
// Runs in: parent.
#include "launch/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sys/descriptors.h"
#include "sys/failure.h"

namespace kelp::launch {
namespace {

// A directory as a standard stream would be a way to the host's files (CVE-2024-21626).
Status check_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat info{};
    if (::fstat(fd, &info) != 0) {
      if (errno == EBADF) continue;
      return sys::failure(cat("look at descriptor ", fd));
    }
    if (S_ISDIR(info.st_mode)) {
      return Error(cat("pass on descriptor ", fd),
                   "it is a directory, which would lead out of the container");
    }
  }
  return {};
}

// Null: no flag has named it.
const plan::DescriptorUse* use_of(const plan::Plan& plan, int fd) {
  const auto use = std::ranges::find(plan.descriptor_uses, fd, &plan::DescriptorUse::fd);
  return use == plan.descriptor_uses.end() ? nullptr : &*use;
}

Status check_inherited(const plan::Plan& plan) {
  for (const int fd : plan.inherited_fds) {
    struct stat info{};
    if (::fstat(fd, &info) == 0) continue;
    const int code = errno;
    const plan::DescriptorUse* use = use_of(plan, fd);
    if (code != EBADF || use == nullptr) return sys::failure(cat("pass on descriptor ", fd), code);
    return Error(use->action, "it is not open").with_code(code).after(use->origin.text);
  }
  return {};
}

// It is written to when all is over: too late to say that it cannot be.
Status check_report(const plan::Plan& plan) {
  if (plan.report_fd < 0) return {};
  const int flags = ::fcntl(plan.report_fd, F_GETFL);
  if (flags < 0) return sys::failure(cat("look at descriptor ", plan.report_fd));
  if ((flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY) return {};
  Error error(cat("report to descriptor ", plan.report_fd), "it is not open for writing");
  const plan::DescriptorUse* use = use_of(plan, plan.report_fd);
  return use == nullptr ? error : std::move(error).after(use->origin.text);
}

}  // namespace

Status check_descriptors(const plan::Plan& plan) {
  if (Status s = check_standard_streams(); !s) return s;
  if (Status s = check_inherited(plan); !s) return s;
  return check_report(plan);
}

void close_all_that_nobody_named(const plan::Plan& plan) {
  std::vector<int> kept = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  kept.insert(kept.end(), plan.inherited_fds.begin(), plan.inherited_fds.end());
  sys::close_all_but(kept);
}

void close_all_of_child(const plan::Plan& plan) {
  for (const int fd : plan.inherited_fds) {
    if (fd != plan.report_fd && !std::binary_search(plan.parent_fds.begin(), plan.parent_fds.end(), fd))
      ::close(fd);
  }
}

Result<child::DescriptorLimit> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return sys::failure("read the descriptor limit");
  const child::DescriptorLimit callers{.soft = limit.rlim_cur, .hard = limit.rlim_max};
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return sys::failure("raise the descriptor limit");
  }
  return callers;
}

}  // namespace kelp::launch
