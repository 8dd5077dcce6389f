// SPDX-License-Identifier: Apache-2.0
// The root where there is no mount namespace: another directory by chroot(2), or the machine's own.
// Runs in: child.
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

// Nothing of the outer files stays open: a descriptor of a directory outside leads out of a chroot.
Status take_root(Context& context) {
  Result<sys::UniqueFd> root = sys::open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  if (!root) return root.error();
  context.root = std::move(*root);
  context.sources.clear();
  // As after a pivot: what runs outside as the same user may look in no longer.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys::failure("become non-dumpable");
  return {};
}

}  // namespace

Status perform(const plan::EnterChroot& step, Context& context) {
  Result<OpenSource*> what = source(context, step.source);
  if (!what) return what.error();
  const std::string action =
      cat("use ", (*context.source_list)[step.source].path, " as the root file system");
  if (!(*what)->is_directory) return sys::failure(action, ENOTDIR);
  // By the descriptor, so that nobody can put another directory at the path meanwhile; "." is then below the
  // new root, from where chroot(2) alone would leave it.
  sys::UniqueFd directory = std::move((*what)->fd);
  if (::fchdir(directory.get()) != 0) return sys::failure(action);
  if (::chroot(".") != 0) return sys::failure(cat(action, " by chroot"));
  if (::chdir("/") != 0) return sys::failure(action);
  const Result<sys::MountIdentity> entered = sys::identify(directory.get());
  if (!entered) return entered.error();
  if (Status s = take_root(context); !s) return s;
  const Result<sys::MountIdentity> now = sys::identify(context.root.get());
  if (!now) return now.error();
  if (now->device != entered->device || now->inode != entered->inode)
    return Error(action, "the root after chroot is another directory");
  return {};
}

Status perform(const plan::StayInRoot& step, Context& context) {
  for (const plan::StayInRoot::Shown& shown : step.shown) {
    context.index = static_cast<std::uint32_t>(shown.source);
    const Result<OpenSource*> what = source(context, shown.source);
    if (!what) return what.error();
    if ((*what)->is_absent) continue;
    const Result<sys::MountIdentity> identity = sys::identify((*what)->fd.get());
    if (!identity) return identity.error();
    note(context, shown.path, *identity);
  }
  return take_root(context);
}

}  // namespace kelp::child
