// SPDX-License-Identifier: Apache-2.0
// What the options together mean, once all are read: see draft.h.
#include <algorithm>
#include <set>
#include <variant>

#include "base/text.h"
#include "bwrap/draft.h"

namespace kelp::bwrap {
namespace {

constexpr std::size_t kMaxHostname = 64;  // __NEW_UTS_LEN

bool has_own_pids(const Draft& draft) { return draft.request.spec.new_namespaces.has(Namespace::kPid); }

// The first contradiction, as bubblewrap looks for them.
Status check_together(const Draft& draft) {
  const bool is_root = draft.around.user == 0;
  const bool is_joining = draft.user_namespace_fd.has_value();
  if (draft.maps_ready_fd && !draft.has_user_namespace)
    return refusal("--userns-block-fd requires --unshare-user");
  if (draft.maps_ready_fd && !draft.request.info_fd) return refusal("--userns-block-fd requires --info-fd");
  if (is_joining && draft.has_user_namespace)
    return refusal("--userns is not compatible with --unshare-user");
  if (is_joining && draft.tries_user_namespace)
    return refusal("--userns is not compatible with --unshare-user-try");
  if (draft.forbids_user_namespaces && !draft.has_user_namespace)
    return refusal("--disable-userns requires --unshare-user");
  if (draft.forbids_user_namespaces && draft.maps_ready_fd)
    return refusal("--disable-userns is not compatible with --userns-block-fd");
  const bool has_ids = !is_root || is_joining || draft.has_user_namespace || draft.tries_user_namespace;
  if (draft.user && !has_ids) return refusal("Specifying --uid requires --unshare-user or --userns");
  if (draft.group && !has_ids) return refusal("Specifying --gid requires --unshare-user or --userns");
  if (draft.hostname && !draft.request.spec.new_namespaces.has(Namespace::kUts))
    return refusal("Specifying --hostname requires --unshare-uts");
  if (draft.is_pid_1 && !has_own_pids(draft)) return refusal("Specifying --as-pid-1 requires --unshare-pid");
  if (draft.is_pid_1 && !draft.request.spec.command.lock_files.empty())
    return refusal("Specifying --as-pid-1 and --lock-file is not permitted");
  return {};
}

// A file's content comes from a descriptor of its own: whoever reads one to its end closes it.
Status check_contents(const Draft& draft) {
  std::set<int> used;
  const auto check = [&](const auto& file) -> Status {
    if (draft.around.is_open(file.fd) && used.insert(file.fd).second) return {};
    return refusal(cat("Can't write data to file ", file.to, ": Bad file descriptor"));
  };
  for (const Mount& mount : draft.request.spec.mounts) {
    const auto* bound = std::get_if<DataFile>(&mount.what);
    const auto* written = std::get_if<WrittenFile>(&mount.what);
    const Status done = bound != nullptr ? check(*bound) : written != nullptr ? check(*written) : Status();
    if (!done) return done;
  }
  return {};
}

// Programs that are ready for the kernel, in the order in which they are installed.
Status read_filters(Draft& draft) {
  std::vector<int> fds = draft.more_seccomp_fds;
  if (draft.seccomp_fd) fds.push_back(*draft.seccomp_fd);
  for (const int fd : fds) {
    const Result<std::string> data = draft.around.read_fd(fd);
    if (!data) return refusal(cat("Can't read seccomp data: ", data.error().reason()));
    std::optional<FilterCode> code = read_filter_code(*data);
    if (!code) return refusal("Invalid seccomp data, must be multiple of 8");
    if (code->empty()) {
      return refusal(
          "Unable to set up system call filtering as requested: prctl(PR_SET_SECCOMP) reported EINVAL. "
          "(Hint: this "
          "requires a kernel configured with CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER.)");
    }
    draft.spec().seccomp.filters.push_back(
        {.what = FilterProgram{.code = std::move(*code)}, .origin = {cat("--seccomp ", fd)}});
  }
  return {};
}

// What bubblewrap finds out when it uses them.
Status check_descriptors(const Draft& draft) {
  struct Use {
    std::optional<int> fd;
    std::string_view sentence;
  };
  for (const Use& use :
       {Use{draft.user_namespace_fd, "Joining specified user namespace failed"},
        Use{draft.pid_namespace_fd, "Setting pidns failed"},
        Use{draft.inner_user_namespace_fd, "Setting userns2 failed"},
        Use{draft.request.info_fd, "Write to info_fd"}, Use{draft.request.status_fd, "Write to info_fd"}}) {
    if (use.fd && !draft.around.is_open(*use.fd)) return refusal(cat(use.sentence, ": Bad file descriptor"));
  }
  return {};
}

void set_ids(Draft& draft) {
  Spec& spec = draft.spec();
  const bool is_new = draft.has_user_namespace || draft.tries_user_namespace || draft.around.user != 0;
  if (draft.user_namespace_fd) {
    spec.ids.map =
        JoinedIds{.namespace_fd = *draft.user_namespace_fd, .user = draft.user, .group = draft.group};
    spec.ids.origin = {cat("--userns ", *draft.user_namespace_fd)};
    spec.mask_real_root = true;
  } else if (draft.maps_ready_fd) {
    spec.ids.map = ForeignIds{.ready_fd = *draft.maps_ready_fd, .user = draft.user, .group = draft.group};
    spec.ids.origin = {cat("--userns-block-fd ", *draft.maps_ready_fd)};
    spec.mask_real_root = true;
  } else if (is_new) {
    spec.ids.map = SingleId{.user = draft.user.value_or(draft.around.user),
                            .group = draft.group.value_or(draft.around.group)};
  } else {
    // Root stays who it is, with every id. Its namespace is a new one all the same: nothing here needs more.
    spec.ids.map = KeepId{};
  }
  spec.user_namespace_after_fd = draft.inner_user_namespace_fd.value_or(-1);
  spec.pid_namespace_fd = draft.pid_namespace_fd.value_or(-1);
  if (draft.proves_no_user_namespaces) spec.command.inner_namespaces = InnerNamespaces::kProven;
  if (draft.forbids_user_namespaces) spec.command.inner_namespaces = InnerNamespaces::kForbidden;
}

void set_process(Draft& draft) {
  Command& command = draft.spec().command;
  // What root has without being asked is its own: another --uid does not get it.
  if (draft.around.user != 0 || draft.names_capabilities)
    command.capabilities.any_user = command.capabilities.root;
  const bool holds_something = draft.held_fd || !command.lock_files.empty();
  const bool has_reaper = !draft.is_pid_1 && (has_own_pids(draft) || holds_something);
  command.pid1 = has_reaper ? Pid1::kReaper : Pid1::kCommand;
  if (has_reaper) command.held_fd = draft.held_fd.value_or(-1);
  // Without a reaper only the command itself can hold it.
  if (!has_reaper && draft.held_fd) std::erase(draft.request.consumed_fds, *draft.held_fd);
  command.wait_fd = draft.wait_fd.value_or(-1);
  if (command.directory) return;
  if (!draft.around.working_directory.empty())
    command.likely_directories.push_back(draft.around.working_directory);
  for (const std::string& entry : command.environment.entries) {
    if (entry.starts_with("HOME=/")) command.likely_directories.push_back(entry.substr(5));
  }
}

void set_parent_descriptors(Draft& draft) {
  std::vector<int>& fds = draft.spec().parent_fds;
  for (const std::optional<int>& fd : {draft.request.info_fd, draft.request.status_fd, draft.maps_ready_fd}) {
    // 0, 1 and 2 are the command's too.
    if (fd && *fd > 2) fds.push_back(*fd);
  }
  std::sort(fds.begin(), fds.end());
  fds.erase(std::unique(fds.begin(), fds.end()), fds.end());
}

}  // namespace

Status finish(Draft& draft) {
  if (Status s = check_together(draft); !s) return s;
  Spec& spec = draft.spec();
  if (Status s = check_layers(draft); !s) return s;
  if (spec.command.argv.empty()) return refusal("");
  if (spec.command.argv[0].empty()) return refusal("execvp : No such file or directory");
  if (Status s = check_descriptors(draft); !s) return s;
  if (Status s = check_contents(draft); !s) return s;
  if (draft.hostname && draft.hostname->size() > kMaxHostname)
    return refusal(cat("Can't set hostname to ", *draft.hostname, ": Invalid argument"));
  if (Status s = read_filters(draft); !s) return s;
  spec.hostname = draft.hostname.value_or("");
  spec.loopback_up = spec.new_namespaces.has(Namespace::kNetwork);
  set_ids(draft);
  set_process(draft);
  set_parent_descriptors(draft);
  return {};
}

}  // namespace kelp::bwrap
