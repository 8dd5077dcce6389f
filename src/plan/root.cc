// SPDX-License-Identifier: Apache-2.0
// How the new root comes to be: a directory, the host's userland, or nothing at all.
#include <linux/mount.h>

#include <cerrno>

#include "base/text.h"
#include "plan/mounts.h"

namespace kelp::plan {
namespace {

// The layer of an overlay writes as the files' owner; an owner that the map lacks cannot be kept.
Status check_lower_owner(const std::string& path, const host::Facts& facts, const IdMaps& ids) {
  const host::HostFile* file = facts.file(path);
  if (file == nullptr || file->kind != host::FileKind::kDirectory) return {};
  if (inside_of(ids.users, file->owner) && inside_of(ids.groups, file->group)) return {};
  return Error(cat("put an overlay on ", path), cat("its owner ", file->owner, ":", file->group,
                                                    " is not in the container's id map, so nothing in it "
                                                    "could be written"))
      .with_hint(
          "use a tree that belongs to you or to your subordinate ids, or leave --overlay out and use "
          "--read-only");
}

bool is_same(const host::FileIdentity& directory, const host::HostFile& file) {
  return file.kind == host::FileKind::kDirectory && directory.device == file.device &&
         directory.inode == file.inode;
}

// By device and inode: paths of one directory are spelled in many ways. A layer inside of what it is laid
// over would be shown by it, and what is written would be in ROOT all the same.
Status check_layers(const std::string& path, const Overlay& overlay, const host::Facts& facts) {
  std::vector<std::string> lowers = {path};
  lowers.insert(lowers.end(), overlay.lowers.begin(), overlay.lowers.end());
  const std::string action = cat("use ", overlay.origin.text);
  for (std::size_t i = 0; i < lowers.size(); ++i) {
    const host::HostFile* lower = facts.file(lowers[i]);
    if (lower == nullptr) continue;
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      const host::HostFile* other = facts.file(lowers[earlier]);
      if (other == nullptr || !is_same({other->device, other->inode}, *lower)) continue;
      return Error(action, lowers[i] == lowers[earlier]
                               ? cat("'", lowers[i], "' comes twice among the lower directories")
                               : cat("'", lowers[earlier], "' and '", lowers[i], "' are the same directory"));
    }
    for (const host::FileIdentity& around : facts.around_layer) {
      if (!is_same(around, *lower)) continue;
      const bool is_itself = &around == &facts.around_layer.front();
      return Error(action, cat("the layer '", *overlay.kept, is_itself ? "' is '" : "' lies in '", lowers[i],
                               "', which is below it"))
          .with_hint("keep the layer in a directory beside ROOT");
    }
  }
  return {};
}

void add_userland(const host::Facts& facts, bool nosuid, Steps& steps) {
  std::uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
  if (nosuid) attributes |= MOUNT_ATTR_NOSUID;
  for (const std::string& path : userland_links()) {
    const host::HostFile* file = facts.file(path);
    if (file == nullptr || file->kind == host::FileKind::kAbsent) continue;
    if (!file->link_target.empty()) {
      steps.add(MakeSymlink{.target = file->link_target, .to = path});
    } else if (file->kind == host::FileKind::kDirectory) {
      steps.add(BindMount{.source = steps.source(path), .to = path, .attributes = attributes});
    }
  }
  for (const auto& [path, mode] :
       {std::pair{"/tmp", 01777U}, {"/var", 0755U}, {"/var/tmp", 01777U}, {"/run", 0755U}}) {
    steps.add(MakeDirectory{.to = path, .mode = mode});
  }
  for (const std::string& path : userland_paths()) {
    const host::HostFile* file = facts.file(path);
    if (file == nullptr || file->kind != host::FileKind::kDirectory) continue;
    steps.add(BindMount{.source = steps.source(path), .to = path, .attributes = attributes});
  }
  if (!facts.home.empty() && facts.home != "/") steps.add(MakeDirectory{.to = facts.home, .mode = 0700});
}

// A mount that on "/" becomes the root.
bool makes_a_root(const Mount& mount) {
  const auto* bind = std::get_if<Bind>(&mount.what);
  if (bind != nullptr) return !bind->optional;
  return std::holds_alternative<Tmpfs>(mount.what) || std::holds_alternative<OverlayMount>(mount.what);
}

// A layer in memory would fail at the first `rm -r`: it marks what is gone with user.* attributes.
Result<DiskLayer> disk_layer(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps) {
  if (facts.scratch_directory.empty()) {
    return Error(cat("use ", spec.root.overlay->origin.text),
                 cat("before Linux 6.6 a throw-away layer must lie on disk: ", facts.no_scratch_because))
        .with_hint(
            "set XDG_DATA_HOME to a directory of yours on a local disk, or keep the layer: --overlay=DIR");
  }
  DiskLayer layer{.directory = facts.scratch_directory,
                  .source = steps.source(facts.scratch_directory, false)};
  // Set-up then runs as an id that has no rights over what is the caller's. The directory around is closed.
  const bool is_caller_inside =
      inside_of(ids.users, facts.caller.uid) && inside_of(ids.groups, facts.caller.gid);
  if (!is_caller_inside) layer.mode = 0777;
  layer.all_ids = ids;
  if (facts.ids) {
    Result<IdMaps> most = plan_ids(Spec{}, facts);
    if (!most) return most.error();
    layer.all_ids = std::move(*most);
  }
  return layer;
}

}  // namespace

Status check_directory(const std::string& path, const host::Facts& facts, std::string_view role,
                       const Origin& origin) {
  const std::string action = cat("use ", path, " as ", role);
  if (std::string why = why_without_path(path, facts); !why.empty())
    return Error(action, std::move(why)).after(origin.text);
  const host::HostFile* file = facts.file(path);
  // A failure to look is not final: the child may have more rights once the ids are mapped. Absence is.
  if (file == nullptr || file->kind == host::FileKind::kDirectory) return {};
  if (file->error != 0 && file->error != ENOENT && file->error != ENOTDIR) return {};
  const bool is_absent = file->kind == host::FileKind::kAbsent;
  return Error(action, is_absent ? "No such file or directory" : "Not a directory").after(origin.text);
}

const std::vector<std::string>& userland_links() {
  static const std::vector<std::string> kPaths = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
  return kPaths;
}

const std::vector<std::string>& userland_paths() {
  static const std::vector<std::string> kPaths = {
      "/usr", "/etc", "/opt", "/nix/store", "/gnu/store", "/var/lib/dpkg", "/var/lib/rpm", "/var/lib/texmf"};
  return kPaths;
}

Status plan_root(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan) {
  const Root& root = spec.root;
  const bool nosuid = !spec.command.new_privileges;
  const auto* directory = std::get_if<DirectoryRoot>(&root.what);
  if (directory == nullptr) {
    if (root.overlay) {
      const bool is_host = std::holds_alternative<HostRoot>(root.what);
      return Error(cat("use ", root.overlay->origin.text),
                   is_host ? "only a directory can have an overlay; host is put together from many, read-only"
                           : "only a directory can have an overlay; ROOT is a file system in memory already");
    }
    // A root that is covered at once need not be made.
    const auto* empty = std::get_if<EmptyRoot>(&root.what);
    const bool is_covered = empty != nullptr && empty->is_made_by_mounts && !spec.mounts.empty() &&
                            is_root_path(destination_of(spec.mounts.front())) &&
                            makes_a_root(spec.mounts.front());
    if (!is_covered) steps.add(TmpfsRoot{}, root.origin);
    if (std::holds_alternative<HostRoot>(root.what)) add_userland(facts, nosuid, steps);
    return {};
  }

  if (Status s = check_directory(directory->path, facts, "the root file system", {}); !s) return s;
  if (!root.overlay) {
    steps.add(BindRoot{.source = steps.source(directory->path),
                       .nosuid = nosuid,
                       .nodev = !root.devices,
                       .read_only = root.read_only},
              root.origin);
    return {};
  }
  if (Status s = check_lower_owner(directory->path, facts, ids); !s) return s;
  OverlayRoot overlay{.lowers = {steps.source(directory->path)}, .layer = std::nullopt, .nosuid = nosuid};
  for (const std::string& lower : root.overlay->lowers) {
    if (Status s = check_directory(lower, facts, "a lower directory", root.overlay->origin); !s) return s;
    overlay.lowers.push_back(steps.source(lower));
  }
  if (root.overlay->kept) {
    if (Status s = check_directory(*root.overlay->kept, facts, "the overlay's layer", root.overlay->origin);
        !s)
      return s;
    overlay.layer = steps.source(*root.overlay->kept);
    overlay.is_kept = true;
  } else if (!facts.tmpfs_takes_user_xattrs) {
    Result<DiskLayer> layer = disk_layer(spec, facts, ids, steps);
    if (!layer) return layer.error();
    overlay.layer = layer->source;
    plan.layer = std::move(*layer);
  }
  if (Status s = check_layers(directory->path, *root.overlay, facts); !s) return s;
  steps.add(std::move(overlay), root.overlay->origin);
  return {};
}

}  // namespace kelp::plan
