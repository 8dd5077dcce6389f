// SPDX-License-Identifier: Apache-2.0
// The command's user, by the new root's own passwd and group files, and then its rights.
// Runs in: child.
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "base/accounts.h"
#include "base/text.h"
#include "child/context.h"
#include "sys/caps.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr std::size_t kMaxAccountFile = 4U << 20U;
constexpr std::size_t kMaxGroups = 1024;  // what setgroups(2) is given at most; the kernel takes 65536

// A file of the root that may be anything: a FIFO, a device, endless. Absent gives an empty text.
Result<std::string> read_account_file(const std::string& path) {
  // After the pivot "/" is the new root for the kernel too; O_NONBLOCK so that a FIFO cannot hold us.
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) {
    if (fd.error().code() == ENOENT || fd.error().code() == ENOTDIR) return std::string();
    return fd.error();
  }
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0) return sys::failure(cat("read ", path));
  if (!S_ISREG(info.st_mode)) return Error(cat("read ", path), "it is not a regular file");
  return sys::read_all(fd->get(), kMaxAccountFile, path);
}

// Whether a start may go on without the file: whatever a root holds there, but not for a shortage of ours,
// nor while somebody holds a lease on it (fcntl(2), F_SETLEASE).
bool may_do_without(const Error& error) {
  return !sys::is_shortage(error.code()) && error.code() != EWOULDBLOCK;
}

struct Identity {
  Id uid = 0;
  Id gid = 0;
  std::vector<Id> groups;
  std::string name;
  std::string home;
};

Result<Identity> look_up(const plan::TakeUser& step) {
  Identity who;
  if (step.keep_ids) {
    who.uid = ::getuid();
    who.gid = ::getgid();
  }
  const auto* number = std::get_if<Id>(&step.user.user);
  const auto* name = std::get_if<std::string>(&step.user.user);
  // uid 0 of an unknown file is root all the same: nothing is read that is not needed.
  const bool needs_passwd = !step.keep_ids || step.home_from_passwd;
  std::string passwd;
  if (needs_passwd) {
    Result<std::string> text = read_account_file("/etc/passwd");
    // A plain start as root goes on without; a name cannot.
    if (!text && (name != nullptr || !may_do_without(text.error())))
      return std::move(text.error()).after(step.user.origin.text);
    if (text) passwd = std::move(*text);
  }
  std::optional<PasswdEntry> entry;
  if (step.keep_ids) {
    entry = passwd_by_uid(passwd, who.uid);
  } else if (number != nullptr) {
    who.uid = *number;
    entry = passwd_by_uid(passwd, *number);
  } else {
    entry = passwd_by_name(passwd, *name);
    if (!entry) return Error(cat("become user ", *name), "the root's /etc/passwd has no such user");
    who.uid = entry->uid;
  }
  if (entry) {
    who.name = entry->name;
    who.home = entry->home;
    if (!step.keep_ids) who.gid = entry->gid;
  }
  if (step.keep_ids) return who;

  const bool named_group = step.user.group && std::holds_alternative<std::string>(*step.user.group);
  std::string group;
  if (named_group || (step.set_groups && entry)) {
    Result<std::string> text = read_account_file("/etc/group");
    if (!text && (named_group || !may_do_without(text.error())))
      return std::move(text.error()).after(step.user.origin.text);
    if (text) group = std::move(*text);
  }
  if (step.user.group) {
    if (const auto* gid = std::get_if<Id>(&*step.user.group)) {
      who.gid = *gid;
    } else {
      const std::string& wanted = std::get<std::string>(*step.user.group);
      const auto found = group_by_name(group, wanted);
      if (!found) return Error(cat("become group ", wanted), "the root's /etc/group has no such group");
      who.gid = *found;
    }
  } else if (step.set_groups && entry) {
    who.groups = groups_of(group, entry->name, kMaxGroups);
  }
  return who;
}

// The order of groups is the kernel's own.
Status prove_groups(std::vector<Id> wanted, std::string action) {
  std::vector<Id> now(wanted.size() + 1);
  const int count = ::getgroups(static_cast<int>(now.size()), now.data());
  if (count < 0 && errno != EINVAL) return sys::failure("read the groups of this process");
  now.resize(static_cast<std::size_t>(std::max(count, 0)));
  std::sort(now.begin(), now.end());
  std::sort(wanted.begin(), wanted.end());
  if (count < 0 || now != wanted) return sys::only_pretended(std::move(action));
  return {};
}

Status prove_group(Id wanted, std::string action) {
  Id real = 0;
  Id effective = 0;
  Id saved = 0;
  if (::getresgid(&real, &effective, &saved) != 0) return sys::failure("read the group of this process");
  const bool is_done = real == wanted && effective == wanted && saved == wanted;
  return is_done ? Status() : sys::only_pretended(std::move(action));
}

Status prove_user(Id wanted, std::string action) {
  Id real = 0;
  Id effective = 0;
  Id saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0) return sys::failure("read the user of this process");
  const bool is_done = real == wanted && effective == wanted && saved == wanted;
  return is_done ? Status() : sys::only_pretended(std::move(action));
}

// EINVAL is the kernel's answer to an id that the map does not have.
Error no_such_id(std::string action, int code) {
  if (code != EINVAL) return sys::failure(std::move(action), code);
  return Error(std::move(action), "the container's id map has no such id").with_code(code);
}

// Whether the kernel refuses setgroups(2) because the user namespace has given it up (user_namespaces(7)),
// which counts only for who has the right to it.
bool is_given_up(int code, const plan::TakeUser& step) {
  if (code != EPERM || !step.groups_may_be_denied) return false;
  const Result<sys::CapabilitySets> held = sys::held_capabilities();
  return held && (held->permitted & (sys::CapabilityMask{1} << CAP_SETGID)) != 0;
}

// These and no others. Nothing wished for and nothing given is no news.
Status take_groups(const std::vector<Id>& groups, const plan::TakeUser& step, const Context& context) {
  const std::string action = "set the groups";
  if (::syscall(SYS_setgroups, groups.size(), groups.data()) == 0) return prove_groups(groups, action);
  if (const int code = errno; !is_given_up(code, step)) return no_such_id(action, code);
  return groups.empty() ? Status() : context.tell(ReportKind::kGroupsLeftOut, step.groups_origin.text);
}

Status take_ids(const Identity& who, const plan::TakeUser& step, const Context& context) {
  if (step.groups) {
    if (Status s = take_groups(*step.groups, step, context); !s) return s;
  }
  if (step.set_groups && !step.keep_ids) {
    const std::string action = cat("set the groups of ", who.name);
    const int code = ::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) == 0 ? 0 : errno;
    if (code != 0 && !is_given_up(code, step)) return no_such_id(action, code);
    if (code == 0) {
      if (Status s = prove_groups(who.groups, action); !s) return s;
    }
  }
  if (::getgid() != who.gid) {
    const std::string action = cat("become group ", who.gid);
    if (::syscall(SYS_setresgid, who.gid, who.gid, who.gid) != 0) return no_such_id(action, errno);
    if (Status s = prove_group(who.gid, action); !s) return s;
  }
  if (::getuid() != who.uid) {
    const std::string action = cat("become user ", who.uid);
    if (::syscall(SYS_setresuid, who.uid, who.uid, who.uid) != 0) return no_such_id(action, errno);
    if (Status s = prove_user(who.uid, action); !s) return s;
  }
  return {};
}

// Where nothing is inheritable, the execve gives uid 0 the bounding set, and others nothing, whatever is held
// before (capabilities(7)); which helps only where that set was limited.
Status take_capabilities(const sys::CapabilitySets& sets, const plan::LimitPrivileges& step) {
  if (Status s = sys::set_capabilities(sets); !s) return s;
  const Result<sys::CapabilitySets> held = sys::held_capabilities();
  if (!held) return held.error();
  const bool is_done = held->permitted == sets.permitted && held->inheritable == sets.inheritable;
  const bool comes_with_execve = !step.keeps_bounds && held->inheritable == 0 && sets.inheritable == 0;
  return is_done || comes_with_execve ? Status() : sys::only_pretended("set the capabilities");
}

Status limit_bounds(const plan::LimitPrivileges& step, const Context& context) {
  constexpr sys::CapabilityMask kSetpcap = sys::CapabilityMask{1} << CAP_SETPCAP;
  // A change of user has emptied the effective set, which the next calls need.
  if (!context.is_user_root) {
    if (Status s = take_capabilities({.permitted = kSetpcap | step.any_user}, step); !s) return s;
  }
  if (Status s = sys::limit_bounding_set(step.root | step.any_user); !s) return s;
  // Set-up's keepcaps goes in any case.
  unsigned bits = 0;
  if (!context.is_user_root && !step.new_privileges && step.lock_root) {
    bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED;
  }
  return sys::set_securebits(bits);
}

// As they are, whoever the command is: what the execve makes of them is the kernel's affair.
Status take_sets(const CapabilitySets& wanted) {
  constexpr sys::CapabilityMask kSetpcap = sys::CapabilityMask{1} << CAP_SETPCAP;
  const sys::CapabilityMask held = wanted.permitted | wanted.inheritable | wanted.ambient;
  // A change of user has emptied the effective set, which the next calls need.
  if (Status s = sys::set_capabilities({.permitted = held | kSetpcap}); !s) return s;
  if (Status s = sys::limit_bounding_set(wanted.bounding); !s) return s;
  const sys::CapabilitySets sets{.permitted = wanted.permitted,
                                 .inheritable = wanted.inheritable,
                                 .ambient = wanted.ambient,
                                 .effective = wanted.effective};
  if (Status s = sys::set_capabilities(sets); !s) return s;
  const Result<sys::CapabilitySets> now = sys::held_capabilities();
  if (!now) return now.error();
  const bool is_done = now->permitted == wanted.permitted && now->inheritable == wanted.inheritable;
  return is_done ? Status() : sys::only_pretended("set the capabilities");
}

}  // namespace

Status perform(const plan::TakeUser& step, Context& context) {
  Result<Identity> who = look_up(step);
  if (!who) return who.error();
  // The rights are needed until LimitPrivileges; a change from uid 0 would take them (capabilities(7)).
  if (!step.keep_ids && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    return sys::failure("keep the capabilities over the change of user");
  if (Status s = take_ids(*who, step, context); !s) return s;
  context.is_user_root = who->uid == 0;
  if (step.home_from_passwd) {
    context.home = who->home.starts_with('/') ? who->home : step.home_fallback;
    if (step.name_from_passwd) context.user_name = who->name;
  }
  return {};
}

Status perform(const plan::LimitPrivileges& step, Context& context) {
  if (step.sets) {
    if (Status s = take_sets(*step.sets); !s) return s;
    return step.new_privileges ? Status() : sys::set_no_new_privs();
  }
  if (!step.keeps_bounds) {
    if (Status s = limit_bounds(step, context); !s) return s;
  }
  sys::CapabilitySets sets{.permitted = step.root | step.until_exec};
  if (!context.is_user_root)
    sets = {.permitted = step.any_user, .inheritable = step.any_user, .ambient = step.any_user};
  if (Status s = take_capabilities(sets, step); !s) return s;
  if (step.new_privileges) return {};
  return sys::set_no_new_privs();
}

}  // namespace kelp::child
