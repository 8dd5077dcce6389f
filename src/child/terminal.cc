// SPDX-License-Identifier: Apache-2.0
// The command's session and its terminal: a pty of the container's own devpts, whose master the parent
// relays. The caller's terminal never gets in, so nothing inside can push characters into it (TIOCSTI). Runs
// in: child.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"

namespace kelp::child {
namespace {

// A container that has run for a while may have put anything at the path, a file that answers ioctl(2) as it
// likes (FUSE) for one. As the kernel numbers it (Documentation/admin-guide/devices.txt).
bool is_multiplexer(const sys::UniqueFd& file) {
  struct statfs system{};
  struct stat info{};
  return ::fstatfs(file.get(), &system) == 0 && system.f_type == DEVPTS_SUPER_MAGIC &&
         ::fstat(file.get(), &info) == 0 && S_ISCHR(info.st_mode) && info.st_rdev == makedev(5, 2);
}

// By descriptor: it is a terminal of the devpts that was just mounted, whatever lies at a path.
Status bind_console(const Context& context, const sys::UniqueFd& slave) {
  const sys::MakeOptions file{.what = sys::Make::kFile, .mode = 0600, .dangling = sys::Dangling::kFollow};
  const Result<sys::Place> place = sys::resolve_or_make(context.root.get(), "/dev/console", file);
  if (!place) return place.error();
  const Result<sys::UniqueFd> tree = sys::clone_tree(slave.get(), sys::Recursion::kThisMount);
  if (!tree) return std::move(Error(tree.error())).after("/dev/console");
  if (Status s = sys::attach_tree(tree->get(), place->fd.get()); !s)
    return std::move(s.error()).after("/dev/console");
  return {};
}

}  // namespace

Status perform(const plan::NewSession& /*step*/, Context& /*context*/) {
  // A fresh clone leads no group (setsid would answer EPERM then), and without a session of its own the
  // command could push characters into the caller's terminal.
  if (::setsid() < 0) return sys::failure("start a new session");
  return {};
}

Status perform(const plan::OpenTerminal& step, Context& context) {
  sys::UniqueFd master;
  Result<sys::UniqueFd> ptmx = sys::resolve(context.root.get(), cat(step.devpts, "/ptmx"));
  if (!ptmx) return ptmx.error();
  if (!is_multiplexer(*ptmx))
    return Error("open a new terminal", cat(step.devpts, "/ptmx is none of a devpts file system"));
  master.reset(::open(sys::proc_path(ptmx->get()).c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master.valid() && !sys::is_shortage(errno)) {
    // Without a /proc inside, the descriptor cannot be reopened.
    master.reset(::open(cat(step.devpts, "/ptmx").c_str(), O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
    if (master.valid() && !is_multiplexer(master))
      return Error("open a new terminal", cat(step.devpts, "/ptmx was replaced by something else meanwhile"));
  }
  if (!master.valid()) return sys::failure("open a new terminal");
  int locked = 0;
  if (::ioctl(master.get(), TIOCSPTLCK, &locked) != 0) return sys::failure("unlock the new terminal");
  // By the master itself, so no path is looked up (since 4.13).
  const sys::UniqueFd slave(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave.valid()) return sys::failure("open the new terminal");
  // What the kernel refuses of the looks is no reason to go without a terminal.
  if (context.terminal.modes) ::tcsetattr(slave.get(), TCSANOW, &*context.terminal.modes);
  if (step.size) {
    const winsize size{
        .ws_row = step.size->rows, .ws_col = step.size->columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ::ioctl(slave.get(), TIOCSWINSZ, &size);
  } else if (context.terminal.size) {
    ::ioctl(slave.get(), TIOCSWINSZ, &*context.terminal.size);
  }
  if (step.is_console) {
    if (Status s = bind_console(context, slave); !s) return s;
  }
  if (::ioctl(slave.get(), TIOCSCTTY, 0) != 0)
    return sys::failure("make the new terminal the controlling one");
  const StatusMessage message{.kind = StatusKind::kTerminal, .value = 0};
  if (Status s = sys::send_message(context.channels.status.get(), &message, sizeof message, master.get()); !s)
    return s;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(slave.get(), fd) < 0) return sys::failure("put the command on the new terminal");
  }
  return {};
}

}  // namespace kelp::child
