// SPDX-License-Identifier: Apache-2.0
// What the new namespaces hold besides mounts: names, the loopback device, clocks, a keyring.
// Runs in: child.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {

Status perform(const plan::SetNames& step, Context& /*context*/) {
  if (!step.hostname.empty() && ::sethostname(step.hostname.c_str(), step.hostname.size()) != 0) {
    return sys::failure(cat("set the hostname ", step.hostname));
  }
  if (!step.domainname.empty() && ::setdomainname(step.domainname.c_str(), step.domainname.size()) != 0) {
    return sys::failure(cat("set the domain name ", step.domainname));
  }
  return {};
}

Status perform(const plan::LoopbackUp& /*step*/, Context& /*context*/) {
  const sys::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return sys::failure("open a socket to bring up the loopback device");
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return sys::failure("bring up the loopback device");
  return {};
}

Status perform(const plan::EnterTimeNamespace& step, Context& /*context*/) {
  if (::unshare(CLONE_NEWTIME) != 0) return sys::failure("make a time namespace");
  const std::string offsets =
      cat("monotonic ", step.offsets.monotonic_s, " ", step.offsets.monotonic_ns, "\nboottime ",
          step.offsets.boottime_s, " ", step.offsets.boottime_ns, "\n");
  if (Status s = sys::write_file("/proc/self/timens_offsets", offsets); !s) {
    if (s.error().code() == ERANGE) return Error("shift the clocks", "one of them would be negative");
    return s;
  }
  // unshare(2) moves only later children there; setns(2) moves this process, so that --no-init works as well.
  Result<sys::UniqueFd> space = sys::open_file("/proc/self/ns/time_for_children", O_RDONLY);
  if (!space) return space.error();
  if (::setns(space->get(), CLONE_NEWTIME) != 0) return sys::failure("enter the time namespace");
  return {};
}

Status perform(const plan::EnterCgroupNamespace& /*step*/, Context& /*context*/) {
  if (::unshare(CLONE_NEWCGROUP) != 0) return sys::failure("make a cgroup namespace");
  return {};
}

// The host's /proc, before the pivot. Only CAP_SYS_RESOURCE over the container's user namespace could raise
// it again, and limits of namespaces count in all below (namespaces(7)).
Status perform(const plan::ForbidCgroupNamespaces& /*step*/, Context& /*context*/) {
  return sys::write_file("/proc/sys/user/max_cgroup_namespaces", "0");
}

Status perform(const plan::NewKeyring& step, Context& /*context*/) {
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0) >= 0) return {};
  // A kernel built without keyrings has none to share.
  if (errno == ENOSYS) return {};
  // The command will have no system call that reaches a key: it does not matter that there is no new keyring,
  // whether for the quota or because a filter or security module around kelp closes keys as well.
  if (step.is_closed && (errno == EDQUOT || errno == EPERM || errno == EACCES)) return {};
  if (errno == EDQUOT) {
    return Error("make a session keyring", "your quota of keys is used up")
        .with_code(EDQUOT)
        .with_hint("each running container holds one key; /proc/sys/kernel/keys/maxkeys is the limit");
  }
  return sys::failure("make a session keyring");
}

}  // namespace kelp::child
