// SPDX-License-Identifier: Apache-2.0
// What the steps share while they are played, and one perform() a kind of step. Inside child/ only.
// Runs in: child.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "child/grounds.h"
#include "child/play.h"
#include "child/report.h"
#include "sys/mounts.h"
#include "sys/resolve.h"
#include "sys/unique_fd.h"

namespace kelp::child {

struct OpenSource {
  sys::UniqueFd fd;        // O_PATH; invalid: not opened yet, closed after its use, or absent
  bool is_absent = false;  // optional, and not there
  bool is_directory = false;
  bool is_device = false;  // a device node
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t device_number = 0;  // of a device node
  sys::UniqueFd tree;               // of the host's "/": see clone_sources_of_root
};

struct Context {
  const plan::Plan& plan;
  Channels channels;
  DescriptorLimit descriptor_limit;  // what the command gets: the caller's, unless a step says another
  mode_t caller_umask = 0;
  TerminalLooks terminal;
  bool is_hidden = false;   // born non-dumpable: others than the caller could look in, and it stays so
  std::uint32_t step = 0;   // the one being played
  std::uint32_t index = 0;  // within it
  mode_t parents = 0755;    // of directories that the step makes on the way
  const plan::Ground* ground = nullptr;  // of the step's mount

  const std::vector<plan::Source>* source_list = nullptr;
  std::vector<OpenSource> sources;
  sys::UniqueFd own_proc;  // the host's /proc/self, from KeepOwnProc on
  sys::UniqueFd scratch;   // root of the scratch tmpfs
  std::uint32_t scratch_files = 0;
  sys::UniqueFd root;                        // the new root; after the pivot: "/"
  std::vector<std::uint64_t> own_mounts;     // ids of mounts in which a missing mount point may be made
  std::vector<std::uint64_t> masked_mounts;  // ids of procs and sysfs that have their masks
  Grounds grounds;                           // until the pivot
  bool has_file_rules = false;               // of Landlock: then what they are about is noted
  std::unordered_map<std::string, sys::MountIdentity> noted;  // by the path that it was made at
  std::string home;                                           // by TakeUser; empty: not set
  std::string user_name;
  bool has_looked_for_command = false;
  bool is_user_root = false;                      // uid 0 inside
  const plan::InstallFilters* filters = nullptr;  // those that wait for the execve
  std::uint32_t filter_step = 0;                  // whose they are
  std::string directory;                          // by EnterDirectory; empty: not told
  sys::UniqueFd launcher;                         // kelp-exec, from MakeLauncher on

  [[nodiscard]] Status tell(ReportKind kind, const std::string& detail) const;
  // The same, and the wait for the parent's "go"; does not come back where the parent has ended.
  [[nodiscard]] Status ask(ReportKind kind) const;
  [[nodiscard]] Status wait_for_go() const;
};

// The opened source, opened now where the descriptor limit did not allow it before. Null fd: absent.
Result<OpenSource*> source(Context& context, plan::SourceIndex index);

// The new root is built over "/", so a recursive bind of the host's "/" made later would contain it. Sources
// that are "/" are therefore copied, detached, before anything is mounted there.
Status clone_sources_of_root(Context& context);

// What a mount point is to be, and where it may be made.
struct MountPoint {
  sys::Make what = sys::Make::kDirectory;
  mode_t mode = 0755;
  sys::Dangling dangling = sys::Dangling::kRefuse;
  bool create_anywhere = false;
};
Result<sys::UniqueFd> mount_point(Context& context, const std::string& path, const MountPoint& wanted);

// Fails where the program is in none of the places of the plan's early look. Once: the first time tells.
Status look_for_command(Context& context);

// What was just mounted over "/" is the new root, proven to be new, and for a bind to be what was bound.
Status take_cover(Context& context, const OpenSource* bound);

// Copies what a descriptor yields into a file, of which `name` is for the message.
Status copy_all(int from_fd, int to_fd, const std::string& name);

// A mount point as the source's kind asks for it, and the source bound there; gives the new mount, proven to
// be the one just made.
struct BindOptions {
  std::uint64_t attributes = 0;  // MOUNT_ATTR_*
  sys::Recursion recursion = sys::Recursion::kWholeTree;
};
Result<sys::UniqueFd> bind_at(Context& context, const OpenSource& what, const std::string& path,
                              const sys::UniqueFd& target, const BindOptions& options);

// The empty read-only file or directory that hides what is there; needs the scratch tmpfs.
Result<OpenSource> open_empty(Context& context, bool is_directory);

// Where the plan wants it, this process ends with kelp; at once, if kelp has ended. A change of ids, and a
// user namespace of somebody else's that is entered, cut the tie (prctl(2), commit_creds() in kernel/cred.c).
Status tie_to_parent(const Context& context);

// Installs the filters that wait for the execve. After it nothing but the execve is sure to work; an error
// is that of their own step.
Status install_waiting_filters(Context& context);

// What `path` leads to once something was mounted on `target`, and what lay there before. Whether that is
// what was just mounted is for the caller to prove: who shares the root may have put something else at the
// path.
struct Covered {
  sys::UniqueFd mount;
  sys::MountIdentity before, now;
};
Result<Covered> look_at_cover(Context& context, const std::string& path, const sys::UniqueFd& target);
Error replaced_meanwhile(const std::string& path);

// Landlock's rules are by path, and a path may lead elsewhere by the time they are added: noted is the last
// mount, or directory of kelp's own, that a step made there. Without such rules nothing is.
void note(Context& context, const std::string& path, const sys::MountIdentity& made);
// As note(), for a file system that was just mounted on `target`: proven to be none of what was there before.
Status note_new(Context& context, const std::string& path, const sys::UniqueFd& target);

// Masks the proc or sysfs that was just mounted on `target`; `mount` is what `path` leads to now, which must
// be that mount. Nothing to mask: nothing is looked at.
Status mask(Context& context, const plan::Masks& masks, const std::string& path, const sys::UniqueFd& target,
            const sys::UniqueFd& mount);

Status perform(const plan::OpenSources& step, Context& context);
Status perform(const plan::TakeIds& step, Context& context);
Status perform(const plan::SetPropagation& step, Context& context);
Status perform(const plan::MakeScratch& step, Context& context);
Status perform(const plan::BindRoot& step, Context& context);
Status perform(const plan::TmpfsRoot& step, Context& context);
Status perform(const plan::OverlayRoot& step, Context& context);
Status perform(const plan::SealRoot& step, Context& context);
Status perform(const plan::BindMount& step, Context& context);
Status perform(const plan::NewFilesystem& step, Context& context);
Status perform(const plan::NewProc& step, Context& context);
Status perform(const plan::MountPlainly& step, Context& context);
Status perform(const plan::MakeNode& step, Context& context);
Status perform(const plan::ProtectPath& step, Context& context);
Status perform(const plan::SetSysctls& step, Context& context);
Status perform(const plan::AskParent& step, Context& context);
Status perform(const plan::RunHooks& step, Context& context);
Status perform(const plan::MakeDirectory& step, Context& context);
Status perform(const plan::MakeSymlink& step, Context& context);
Status perform(const plan::BindContent& step, Context& context);
Status perform(const plan::WriteFile& step, Context& context);
Status perform(const plan::MountOverlay& step, Context& context);
Status perform(const plan::SealMount& step, Context& context);
Status perform(const plan::SetMode& step, Context& context);
Status perform(const plan::Cover& step, Context& context);
Status perform(const plan::Pivot& step, Context& context);
Status perform(const plan::EnterChroot& step, Context& context);
Status perform(const plan::StayInRoot& step, Context& context);
Status perform(const plan::TakeRoot& step, Context& context);
Status perform(const plan::SetNames& step, Context& context);
Status perform(const plan::LoopbackUp& step, Context& context);
Status perform(const plan::EnterTimeNamespace& step, Context& context);
Status perform(const plan::EnterCgroupNamespace& step, Context& context);
Status perform(const plan::ForbidCgroupNamespaces& step, Context& context);
Status perform(const plan::KeepOwnProc& step, Context& context);
Status perform(const plan::LimitUserNamespaces& step, Context& context);
Status perform(const plan::EnterInnerNamespace& step, Context& context);
Status perform(const plan::LockMounts& step, Context& context);
Status perform(const plan::ProveNoUserNamespaces& step, Context& context);
Status perform(const plan::JoinUserNamespace& step, Context& context);
Status perform(const plan::NewKeyring& step, Context& context);
Status perform(const plan::NewSession& step, Context& context);
Status perform(const plan::OpenTerminal& step, Context& context);
Status perform(const plan::StartReaper& step, Context& context);
Status perform(const plan::MakeLauncher& step, Context& context);
Status perform(const plan::SetLimit& step, Context& context);
Status perform(const plan::SetScheduling& step, Context& context);
Status perform(const plan::SetLabels& step, Context& context);
Status perform(const plan::TakeUser& step, Context& context);
Status perform(const plan::LimitPrivileges& step, Context& context);
Status perform(const plan::EnterDirectory& step, Context& context);
Status perform(const plan::SetUmask& step, Context& context);
Status perform(const plan::StartSupervisor& step, Context& context);
Status perform(const plan::InstallFilters& step, Context& context);
Status perform(const plan::RestrictSelf& step, Context& context);
Status perform(const plan::WaitForByte& step, Context& context);
Status perform(const plan::Execute& step, Context& context);

}  // namespace kelp::child
