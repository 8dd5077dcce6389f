// SPDX-License-Identifier: Apache-2.0
// The grounds of mounts; see grounds.h. A path below a tree is not looked up from the root, whose directories
// somebody else may rename: it begins at the tree's own top and does not leave it.
// Runs in: child.
#include "child/grounds.h"

#include <utility>

#include "base/text.h"
#include "child/context.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

const std::string& name_of(const Context& context, plan::TreeNumber tree) {
  const Grounds::Tree& found = context.grounds.trees[tree - 1];
  const std::string& typed = context.plan.child[found.step].origin.text;
  return typed.empty() ? found.path : typed;
}

Result<const Grounds::Tree*> tree_of(const Context& context, plan::TreeNumber number,
                                     const std::string& path) {
  const auto& trees = context.grounds.trees;
  if (number > trees.size() || trees[number - 1].path.empty())
    return Error(cat("mount on ", path), "what it is to lie in is absent by now");
  return &trees[number - 1];
}

Status open_top(Context& context, plan::TreeNumber number, const std::string& path) {
  Grounds& grounds = context.grounds;
  if (grounds.open == number) return {};
  const Result<const Grounds::Tree*> tree = tree_of(context, number, path);
  if (!tree) return tree.error();
  Result<sys::UniqueFd> top = sys::resolve(context.root.get(), (*tree)->path);
  if (!top) return top.error();
  const Result<sys::MountIdentity> identity = sys::identify(top->get());
  if (!identity) return identity.error();
  if (*identity != (*tree)->top) return replaced_meanwhile(path);
  grounds.open = number;
  grounds.top_fd = std::move(*top);
  return {};
}

// The tree that a mount belongs to; 0: the root, or what is kelp's own. Mounts come with what is bound, and
// new ones only on top of others, so a list that knows the mount is new enough.
Result<plan::TreeNumber> tree_with(Context& context, std::uint64_t mount_id) {
  Grounds& grounds = context.grounds;
  auto found = grounds.of_mounts.find(mount_id);
  if (found != grounds.of_mounts.end()) return found->second;
  if (!grounds.mount_parents.contains(mount_id)) {
    Result<std::unordered_map<std::uint64_t, std::uint64_t>> parents = sys::parents_of_mounts();
    if (!parents) return parents.error();
    grounds.mount_parents = std::move(*parents);
  }
  for (auto parent = grounds.mount_parents.find(mount_id); parent != grounds.mount_parents.end();
       parent = grounds.mount_parents.find(parent->second)) {
    found = grounds.of_mounts.find(parent->second);
    if (found != grounds.of_mounts.end()) return found->second;
    if (parent->second == parent->first) break;
  }
  return Error("tell which mount another lies on", "the kernel's list does not have it");
}

}  // namespace

Result<Start> start_of(Context& context, const std::string& path) {
  const plan::Ground* const ground = context.ground;
  if (ground == nullptr || ground->below == 0)
    return Start{.fd = context.root.get(), .rest = path, .tree = {}};
  if (Status s = open_top(context, ground->below, path); !s) return s.error();
  return Start{.fd = context.grounds.top_fd.get(),
               .rest = ground->rest,
               .outward = sys::Outward::kRefused,
               .tree = context.grounds.trees[ground->below - 1].path};
}

Result<sys::UniqueFd> look_up(Context& context, const std::string& path) {
  const Result<Start> start = start_of(context, path);
  if (!start) return start.error();
  Result<sys::UniqueFd> found =
      sys::resolve(start->fd, start->rest, sys::LastLink::kFollow, sys::Walk::kKernel, start->outward);
  if (found) return found;
  return Error(cat("open ", path), found.error().reason()).with_code(found.error().code());
}

Status prove_ground(Context& context, const std::string& path, const sys::UniqueFd& target,
                    const sys::MountIdentity& before) {
  const plan::Ground* const ground = context.ground;
  if (ground == nullptr || context.grounds.trees.empty()) return {};
  if (ground->over != 0) {
    const Result<const Grounds::Tree*> tree = tree_of(context, ground->over, path);
    if (!tree) return tree.error();
    return before == (*tree)->top ? Status() : replaced_meanwhile(path);
  }
  if (ground->below != 0) return {};
  const Result<plan::TreeNumber> tree = tree_with(context, before.mount_id);
  if (!tree) return tree.error();
  if (*tree == 0) return {};
  // Were it let through, nobody would know that a part of something is covered there, and that it is to stay
  // so.
  const Result<std::string> place = sys::read_link(AT_FDCWD, sys::proc_path(target.get()));
  return Error(cat("mount on ", path),
               cat("it leads to ", place ? *place : path, ", which lies in ", name_of(context, *tree)))
      .with_hint("what is mounted below another mount begins with that one's own path");
}

void add_ground(Context& context, const std::string& path, const sys::MountIdentity& made) {
  Grounds& grounds = context.grounds;
  const plan::TreeNumber tree = context.ground == nullptr ? 0 : context.ground->tree;
  grounds.of_mounts.insert_or_assign(made.mount_id, tree);
  if (tree == 0) return;
  if (grounds.trees.size() < tree) grounds.trees.resize(tree);
  grounds.trees[tree - 1] = {.path = path, .top = made, .step = context.step};
}

void keep_top(Context& context, sys::UniqueFd top) {
  if (context.ground == nullptr || context.ground->tree == 0) return;
  context.grounds.open = context.ground->tree;
  context.grounds.top_fd = std::move(top);
}

}  // namespace kelp::child
