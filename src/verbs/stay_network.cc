// SPDX-License-Identifier: Apache-2.0
// The network of a container that stays; see stay_network.h.
#include "verbs/stay_network.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "verbs/entering.h"
#include "verbs/staying.h"
#include "verbs/user_store.h"

namespace kelp::verbs {
namespace {

bool is_ours(const sys::UniqueFd& space, const char* file) {
  struct stat ours{};
  struct stat theirs{};
  return ::stat(cat("/proc/self/ns/", file).c_str(), &ours) == 0 && ::fstat(space.get(), &theirs) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

}  // namespace

Result<cli::ContainerNetwork> network_of(const std::string& name, std::vector<int>& fds) {
  const Result<state::Store> store = open_user_store(kOfRun);
  if (!store) return store.error();
  const std::string action = cat("join the network of ", printable(name));
  const Result<Staying> found = find_staying(*store, "join the network of", name);
  if (!found) return found.error();
  const Result<sys::UniqueFd> process = open_init(*found);
  if (!process) return process.error();
  if (found->status != StayStatus::kRunning || !process->valid())
    return Error(action, cat("the container is not running (", name_of(found->status), ")"));
  const std::string around = cat("/proc/", found->record.init.pid);
  Result<sys::UniqueFd> user = sys::open_file(cat(around, "/ns/user"), O_RDONLY);
  Result<sys::UniqueFd> network = sys::open_file(cat(around, "/ns/net"), O_RDONLY);
  const Result<RootIds> ids = root_ids_of(found->record.init.pid);
  // What was opened by its number is its own as long as it has not ended.
  const Result<bool> lives = state::signal_process(process->get(), 0);
  if (!lives || !*lives) return Error(action, "the container has just ended");
  for (const auto* opened : {&user, &network})
    if (!*opened) return sys::failure(action, opened->error().code());
  if (!ids) return ids.error();
  if (Status s = check_user_namespace(found->record); !s) return s.error();
  if (is_ours(*network, "net"))
    return Error(action, "it has none of its own: its network is the host's").with_hint("--network=host");
  cli::ContainerNetwork out{.network_namespace = sys::proc_path(network->get()),
                            .maps_root = *ids != RootIds::kNone,
                            .maps_only_root = *ids == RootIds::kOnlyRoot};
  // The machine's root has rights over every network; to others it takes the user namespace that owns it.
  if (!is_ours(*user, "user") && !is_root_of_machine()) {
    out.user_namespace = sys::proc_path(user->get());
    fds.push_back(user->release());
  }
  fds.push_back(network->release());
  return out;
}

}  // namespace kelp::verbs
