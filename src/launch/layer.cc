// SPDX-License-Identifier: Apache-2.0
// The layer of a throw-away overlay on disk; see layer.h.
// Runs in: parent, and the process that removes files of other ids.
#include "launch/layer.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <span>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "launch/claim.h"
#include "launch/id_maps.h"
#include "launch/patience.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/remove_tree.h"

namespace kelp::launch {
namespace {

constexpr std::string_view kPrefix = "overlay-";

// As the base directory specification wants them: 0700. What is there already stays as it is.
Status make_with_parents(const std::string& directory) {
  for (std::size_t end = directory.find('/', 1);; end = directory.find('/', end + 1)) {
    const std::string part = directory.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return sys::failure(cat("make ", part));
    if (end == std::string::npos) return {};
  }
}

// Somebody else's directory, or one that others may enter, would give them the container's files, and what we
// remove later might be theirs.
Result<sys::UniqueFd> open_own_directory(const std::string& directory) {
  Result<sys::UniqueFd> fd = sys::open_file(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  struct stat info{};
  if (!fd && fd.error().code() != ENOTDIR && fd.error().code() != ELOOP) return fd.error();
  if (fd && ::fstat(fd->get(), &info) != 0) return sys::failure(cat("look at ", directory));
  if (fd && info.st_uid == ::geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return fd;
  return Error(cat("put a layer into ", directory),
               "it is not a directory of your own that nobody else may enter (mode 0700)");
}

Result<sys::UniqueFd> open_place(const plan::DiskLayer& wanted) {
  if (Status s = make_with_parents(wanted.directory); !s) return s.error();
  return open_own_directory(wanted.directory);
}

// In a child that has all rights over files of the map's ids, and none besides ours over others.
[[noreturn]] void remove_in_namespace(sys::Pipe go, int around_fd, const std::string& name) {
  go.write_end.reset();
  char byte = 0;
  // The tie comes first: a parent that is gone by then has closed the pipe.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) ::_exit(errno);
  if (::read(go.read_end.get(), &byte, 1) != 1) ::_exit(ECANCELED);
  const Status removed = sys::remove_tree(around_fd, name);
  ::_exit(removed ? 0 : removed.error().code());
}

Status remove_with_ids(int around_fd, const std::string& name, const plan::IdMaps& ids) {
  Result<sys::Pipe> go = sys::make_pipe();
  if (!go) return go.error();
  Result<sys::Cloned> cloned = sys::clone_process(CLONE_NEWUSER);
  if (!cloned) return cloned.error();
  if (cloned->pid == 0) remove_in_namespace(std::move(*go), around_fd, name);
  sys::Process process(cloned->pid, std::move(cloned->pidfd));
  go->read_end.reset();
  if (Status s = write_id_maps(ids, process.pid(), wait_a_while); !s)
    return std::move(s.error()).after("giving the container its ids");
  if (Status s = sys::write_all(go->write_end.get(), "g", "the sync pipe"); !s) return s;
  const Result<sys::Process::Ended> ended = process.wait();
  if (!ended) return ended.error();
  if (!WIFEXITED(ended->wait_status)) return Error(cat("remove ", name), "its remover was killed");
  if (WEXITSTATUS(ended->wait_status) == 0) return {};
  return sys::failure(cat("remove ", name), WEXITSTATUS(ended->wait_status));
}

// By ourselves what is ours, which is all where the map has one id; the rest with the ids of each of the
// maps.
Status remove_layer(int around_fd, const std::string& name, std::span<const plan::IdMaps* const> maps) {
  Status removed = sys::remove_tree(around_fd, name);
  for (const plan::IdMaps* const ids : maps) {
    if (removed || (removed.error().code() != EACCES && removed.error().code() != EPERM)) break;
    removed = remove_with_ids(around_fd, name, *ids);
  }
  return removed;
}

Error left_behind(const std::string& path, const Error& error) {
  return Error(cat("remove the overlay's layer ", path), error.reason())
      .after("the next start that needs one tries again");
}

}  // namespace

plan::Plan Layer::put_into(plan::Plan plan) const {
  for (plan::Step& step : plan.child) {
    auto* const open = std::get_if<plan::OpenSources>(&step.what);
    if (open == nullptr) continue;
    open->sources[plan.layer->source] =
        plan::Source{.path = path_, .follow = false, .device = device_, .inode = inode_};
  }
  return plan;
}

Status Layer::remove() {
  if (!lock_.valid()) return {};
  const std::array<const plan::IdMaps*, 1> maps = {&ids_};
  Status removed = remove_layer(around_.get(), name_, maps);
  lock_.reset();
  if (!removed) return left_behind(path_, removed.error());
  return {};
}

void Layer::leave_to_parent() {
  around_.reset();
  lock_.reset();
}

Result<Layer> make_layer(const plan::Plan& plan) {
  const plan::DiskLayer& wanted = *plan.layer;
  Result<sys::UniqueFd> around = open_place(wanted);
  if (!around) return around.error();
  Result<Claim> claim = claim_directory(around->get(), kPrefix, "the overlay's layer");
  if (!claim) return std::move(claim.error()).after(cat("in ", wanted.directory));
  Layer layer;
  layer.path_ = cat(wanted.directory, "/", claim->name);
  layer.name_ = std::move(claim->name);
  layer.ids_ = plan.ids;
  layer.around_ = std::move(*around);
  layer.lock_ = std::move(claim->lock);
  // The umask, and a group or a bit that the directory around hands down, have no say.
  struct stat info{};
  if (::fchown(layer.lock_.get(), static_cast<uid_t>(-1), ::getegid()) != 0 ||
      ::fchmod(layer.lock_.get(), wanted.mode) != 0 || ::fstat(layer.lock_.get(), &info) != 0) {
    return sys::failure(cat("set the mode of ", layer.path_));
  }
  layer.device_ = info.st_dev;
  layer.inode_ = info.st_ino;
  return layer;
}

std::vector<std::string> remove_dead_layers(const plan::Plan& plan) {
  std::vector<std::string> problems;
  const Result<sys::UniqueFd> around = open_own_directory(plan.layer->directory);
  if (!around) return problems;  // nothing there yet; or make_layer() says what is wrong with it
  const Result<std::vector<std::string>> names = names_with(around->get(), kPrefix);
  if (!names) return {names.error().sentence()};
  for (const std::string& name : *names) {
    const sys::UniqueFd lock = take_dead(around->get(), name);
    if (!lock.valid()) continue;
    const std::array<const plan::IdMaps*, 2> maps = {&plan.layer->all_ids, &plan.ids};
    if (const Status removed = remove_layer(around->get(), name, maps); !removed) {
      problems.push_back(left_behind(cat(plan.layer->directory, "/", name), removed.error()).sentence());
    }
  }
  return problems;
}

}  // namespace kelp::launch
