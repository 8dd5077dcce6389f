// SPDX-License-Identifier: Apache-2.0
// bubblewrap's options, one row each. Options that act on the file system are in actions.cc.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "bwrap/actions.h"
#include "bwrap/draft.h"
#include "bwrap/process.h"

namespace kelp::bwrap {
namespace {

constexpr std::string_view kOneArgument = "takes one argument";

template <std::optional<int> Draft::* Field>
Status read_descriptor(Draft& draft, Values values) {
  const Result<int> fd = descriptor(draft, values[0]);
  if (!fd) return fd.error();
  draft.set_last(draft.*Field, *fd);
  return {};
}

template <std::optional<int> Request::* Field>
Status read_status_descriptor(Draft& draft, Values values) {
  const Result<int> fd = descriptor(draft, values[0]);
  if (!fd) return fd.error();
  draft.set_last(draft.request.*Field, *fd);
  return {};
}

template <std::optional<Id> Draft::* Field>
Status read_id(Draft& draft, Values values) {
  const auto id = read_decimal(values[0], kMaxId);
  if (!id) return refusal(cat("Invalid ", draft.option.substr(2), ": ", values[0]));
  draft.set_last(draft.*Field, static_cast<Id>(*id));
  return {};
}

template <bool Draft::* Field>
Status switch_on(Draft& draft, Values /*values*/) {
  draft.*Field = true;
  return {};
}

template <Namespace Kind>
Status unshare(Draft& draft, Values /*values*/) {
  draft.spec().new_namespaces.add(Kind);
  return {};
}

Status unshare_all(Draft& draft, Values /*values*/) {
  draft.tries_user_namespace = true;
  for (const Namespace kind :
       {Namespace::kIpc, Namespace::kPid, Namespace::kNetwork, Namespace::kUts, Namespace::kCgroup}) {
    draft.spec().new_namespaces.add(kind);
  }
  return {};
}

Status share_network(Draft& draft, Values /*values*/) {
  draft.spec().new_namespaces.remove(Namespace::kNetwork);
  return {};
}

Status help(Draft& draft, Values /*values*/) {
  draft.request.wish = Request::Wish::kTellHelp;
  return {};
}

Status version(Draft& draft, Values /*values*/) {
  draft.request.wish = Request::Wish::kTellVersion;
  return {};
}

Status level_prefix(Draft& draft, Values /*values*/) {
  draft.request.level_prefix = true;
  return {};
}

Status argv0(Draft& draft, Values values) {
  if (draft.spec().command.argv0) return refusal("--argv0 used multiple times");
  draft.spec().command.argv0 = values[0];
  return {};
}

Status hostname(Draft& draft, Values values) {
  draft.set_last(draft.hostname, values[0]);
  draft.spec().origins.names = {cat("--hostname ", values[0])};
  return {};
}

Status directory(Draft& draft, Values values) {
  if (values[0].empty()) return refusal("Can't chdir to : No such file or directory");
  std::optional<std::string>& wanted = draft.spec().command.directory;
  draft.set_last(wanted, inside(values[0]));
  draft.spec().origins.directory = {cat("--chdir ", values[0])};
  return {};
}

Status lock_file(Draft& draft, Values values) {
  draft.spec().command.lock_files.push_back(inside(values[0]));
  return {};
}

Status label(Draft& /*draft*/, Values /*values*/) { return refusal("labeling not supported on this system"); }

Status seccomp(Draft& draft, Values values) {
  if (!draft.more_seccomp_fds.empty()) return refusal("--seccomp cannot be combined with --add-seccomp-fd");
  return read_descriptor<&Draft::seccomp_fd>(draft, values);
}

Status add_seccomp(Draft& draft, Values values) {
  if (draft.seccomp_fd) return refusal("--add-seccomp-fd cannot be combined with --seccomp");
  const Result<int> fd = descriptor(draft, values[0]);
  if (!fd) return fd.error();
  draft.more_seccomp_fds.push_back(*fd);
  return {};
}

Status new_session(Draft& draft, Values /*values*/) {
  draft.spec().command.new_session = true;
  return {};
}

Status die_with_parent(Draft& draft, Values /*values*/) {
  draft.spec().command.die_with_parent = true;
  draft.spec().command.die_with_caller = true;
  return {};
}

// Nothing of a start is left out here, whether or not it is a boundary.
Status no_boundary(Draft& /*draft*/, Values /*values*/) { return {}; }

constexpr std::array kOptions = {
    Option{"--help", "", help, "print this and end"},
    Option{"--version", "", version, "print the version and end"},
    Option{"--args", "FD", nullptr, "read options, each ended by a zero byte, from FD"},  // read.cc
    Option{"--argv0", "VALUE", argv0, "what the command sees as its argv[0]", kOneArgument},
    Option{"--level-prefix", "", level_prefix, "begin messages with <3> and the like"},
    Option{"--unshare-all", "", unshare_all, "new namespaces of every kind"},
    Option{"--share-net", "", share_network, "but not a network namespace"},
    Option{"--unshare-user", "", switch_on<&Draft::has_user_namespace>,
           "new user namespace (always, unless you are root)"},
    Option{"--unshare-user-try", "", switch_on<&Draft::tries_user_namespace>, "the same"},
    Option{"--unshare-ipc", "", unshare<Namespace::kIpc>, "new ipc namespace"},
    Option{"--unshare-pid", "", unshare<Namespace::kPid>, "new pid namespace"},
    Option{"--unshare-net", "", unshare<Namespace::kNetwork>, "new network namespace"},
    Option{"--unshare-uts", "", unshare<Namespace::kUts>, "new uts namespace"},
    Option{"--unshare-cgroup", "", unshare<Namespace::kCgroup>, "new cgroup namespace"},
    Option{"--unshare-cgroup-try", "", unshare<Namespace::kCgroup>, "the same where it is possible"},
    Option{"--userns", "FD", read_descriptor<&Draft::user_namespace_fd>,
           "enter this user namespace instead of a new one"},
    Option{"--userns2", "FD", read_descriptor<&Draft::inner_user_namespace_fd>,
           "enter this one when all is mounted"},
    Option{"--disable-userns", "", switch_on<&Draft::forbids_user_namespaces>,
           "nothing inside can make a user namespace"},
    Option{"--assert-userns-disabled", "", switch_on<&Draft::proves_no_user_namespaces>,
           "fail where something inside could"},
    Option{"--pidns", "FD", read_descriptor<&Draft::pid_namespace_fd>, "enter this pid namespace"},
    Option{"--uid", "UID", read_id<&Draft::user>, "user id inside"},
    Option{"--gid", "GID", read_id<&Draft::group>, "group id inside"},
    Option{"--hostname", "NAME", hostname, "host name inside (with --unshare-uts)"},
    Option{"--chdir", "DIR", directory, "directory to start in", kOneArgument},
    Option{"--clearenv", "", clear_environment, "empty environment"},
    Option{"--setenv", "VAR VALUE", set_variable, "set a variable"},
    Option{"--unsetenv", "VAR", unset_variable, "remove a variable"},
    Option{"--lock-file", "DEST", lock_file, "hold a lock on DEST while the sandbox lives"},
    Option{"--sync-fd", "FD", read_descriptor<&Draft::held_fd>, "hold FD open while the sandbox lives"},
    Option{"--bind", "SRC DEST", bind, "SRC of the host on DEST"},
    Option{"--bind-try", "SRC DEST", bind, "the same if SRC exists"},
    Option{"--dev-bind", "SRC DEST", bind, "the same, with device nodes"},
    Option{"--dev-bind-try", "SRC DEST", bind, "the same if SRC exists"},
    Option{"--ro-bind", "SRC DEST", bind, "SRC of the host on DEST, read-only"},
    Option{"--ro-bind-try", "SRC DEST", bind, "the same if SRC exists"},
    Option{"--bind-fd", "FD DEST", bind_descriptor, "what FD leads to on DEST"},
    Option{"--ro-bind-fd", "FD DEST", bind_descriptor, "the same, read-only"},
    Option{"--remount-ro", "DEST", remount_read_only, "make the mount on DEST read-only", kOneArgument},
    Option{"--overlay-src", "SRC", overlay_source, "a lower directory of the next overlay"},
    Option{"--overlay", "RWSRC WORKDIR DEST", overlay, "overlay on DEST that writes to RWSRC"},
    Option{"--tmp-overlay", "DEST", discarded_overlay, "overlay on DEST whose changes are thrown away"},
    Option{"--ro-overlay", "DEST", read_only_overlay, "read-only overlay on DEST"},
    Option{"--exec-label", "LABEL", label, "refused: no SELinux labels are set"},
    Option{"--file-label", "LABEL", label, "refused: no SELinux labels are set"},
    Option{"--proc", "DEST", proc, "new procfs on DEST"},
    Option{"--dev", "DEST", devices, "new small /dev on DEST"},
    Option{"--tmpfs", "DEST", tmpfs, "new tmpfs on DEST"},
    Option{"--mqueue", "DEST", mqueue, "message queues on DEST"},
    Option{"--dir", "DEST", make_directory, "make a directory"},
    Option{"--file", "FD DEST", write_file, "write what FD yields to DEST"},
    Option{"--bind-data", "FD DEST", bind_data, "a file with what FD yields, bound on DEST"},
    Option{"--ro-bind-data", "FD DEST", bind_data, "the same, read-only"},
    Option{"--symlink", "SRC DEST", symlink, "symbolic link DEST to SRC"},
    Option{"--seccomp", "FD", seccomp, "filter system calls by the program from FD"},
    Option{"--add-seccomp-fd", "FD", add_seccomp, "the same, one of several"},
    Option{"--block-fd", "FD", read_descriptor<&Draft::wait_fd>,
           "start the command when FD yields something"},
    Option{"--userns-block-fd", "FD", read_descriptor<&Draft::maps_ready_fd>,
           "somebody else writes the id maps, then to FD"},
    Option{"--info-fd", "FD", read_status_descriptor<&Request::info_fd>,
           "tell FD about the sandbox, as JSON"},
    Option{"--json-status-fd", "FD", read_status_descriptor<&Request::status_fd>,
           "tell FD its start and end, as lines of JSON"},
    Option{"--new-session", "", new_session, "new terminal session"},
    Option{"--die-with-parent", "", die_with_parent, "end with the process that started bwrap"},
    Option{"--as-pid-1", "", switch_on<&Draft::is_pid_1>, "no reaper: the command is PID 1"},
    Option{"--cap-add", "CAP", add_capability, "a capability for the command"},
    Option{"--cap-drop", "CAP", drop_capability, "take one away"},
    Option{"--perms", "OCTAL", permissions, "permissions of the next action's object"},
    Option{"--size", "BYTES", size, "size of the next --tmpfs"},
    Option{"--chmod", "OCTAL PATH", change_mode, "set the permissions of PATH"},
    Option{"--not-a-security-boundary", "", no_boundary, "changes nothing here"},
};

}  // namespace

void Draft::warn_of_last() {
  request.warnings.push_back(cat("Only the last ", option, " option will take effect"));
}

std::size_t Option::count() const {
  if (values.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::count(values.begin(), values.end(), ' '));
}

std::string_view Option::complaint() const {
  constexpr std::array<std::string_view, 4> kComplaints = {"", "takes an argument", "takes two arguments",
                                                           "takes three arguments"};
  return missing.empty() ? kComplaints[count()] : missing;
}

std::string usage() {
  constexpr std::size_t kColumn = 34;
  std::string out = "usage: bwrap [OPTIONS...] [--] COMMAND [ARGS...]\n\n";
  for (const Option& option : kOptions) {
    std::string line = cat("    ", option.name, option.values.empty() ? "" : " ", option.values);
    line.resize(std::max(line.size() + 1, kColumn), ' ');
    out += cat(line, option.help, "\n");
  }
  return out;
}

std::vector<std::string_view> option_names() {
  std::vector<std::string_view> names;
  names.reserve(kOptions.size());
  for (const Option& option : kOptions) names.push_back(option.name);
  return names;
}

const Option* find_option(std::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

}  // namespace kelp::bwrap
