// SPDX-License-Identifier: Apache-2.0
// mounts of config.json (config.md, "Mounts"), in the order in which they are listed.
#include <linux/mount.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "oci/id_maps.h"
#include "oci/mount_options.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

void become_bind_of(std::string_view source, PlainMount& mount) {
  mount.type = "bind";
  mount.source = source;
  mount.data.clear();
  mount.flags = 0;
}

// What the kernel lets nobody mount who does not own the namespace that it shows: the machine's own is bound,
// as crun does.
void settle_type(const Draft& draft, PlainMount& mount) {
  const Spec& spec = draft.config.spec;
  const bool has_own_ids = std::holds_alternative<OwnIds>(spec.ids.map);
  const auto shows_foreign = [&](Namespace kind) {
    return !spec.new_namespaces.has(kind) &&
           !(has_own_ids && (draft.around.is_real_root || joins(spec, kind)));
  };
  if (mount.type == "cgroup" || mount.type == "cgroup2") {
    mount.data.clear();
    if (!shows_foreign(Namespace::kCgroup)) {
      mount.type = "cgroup2";
      return;
    }
    become_bind_of("/sys/fs/cgroup", mount);
    // The caller's own part of the tree is among it: whoever may write there leaves the container's limits.
    mount.recursive_attributes.set |= MOUNT_ATTR_RDONLY;
    mount.recursive_attributes.clear &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
  } else if (mount.type == "sysfs" && shows_foreign(Namespace::kNetwork)) {
    become_bind_of("/sys", mount);
    // What is mounted below it comes along, the caller's cgroups above all.
    mount.recursive_attributes.set |= mount.attributes.set | MOUNT_ATTR_RDONLY;
    mount.recursive_attributes.clear &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
  } else if (mount.type == "mqueue" && shows_foreign(Namespace::kIpc)) {
    become_bind_of("/dev/mqueue", mount);
  }
}

// A bind keeps what its source has: nothing is taken away, which a user namespace does not allow. Of a new
// file system there is nothing to take.
void drop_clearing(AttributeChange& change) {
  const bool sets_time = (change.set & MOUNT_ATTR__ATIME) != 0;
  change.clear = sets_time ? std::uint64_t{MOUNT_ATTR__ATIME} : 0;
}

// mounts[].uidMappings without `idmap` means the mount alone.
void read_id_map(const Section& section, const MountOptions& options, const Draft& draft, PlainMount& mount) {
  const std::optional<ExplicitIds> maps = id_maps_of(section, "uidMappings", "gidMappings");
  if (options.id_mapped == MountOptions::IdMapped::kNot && !maps) return;
  if (maps) section.refuse("uidMappings", "kelp gives a mount no other ids than those of the container");
  if (mount.type != "bind") section.refuse("options", "idmap is for a bind mount");
  mount.id_map = MountIdMap{.users = maps ? maps->users : IdMap{},
                            .groups = maps ? maps->groups : IdMap{},
                            .recursive = options.id_mapped == MountOptions::IdMapped::kRecursive};
  if (!maps && std::holds_alternative<OwnIds>(draft.config.spec.ids.map))
    section.refuse("options", "idmap needs a user namespace of the container's own");
}

std::optional<PlainMount> mount_of(const Section& section, const Draft& draft) {
  const std::optional<std::string> destination = section.text("destination");
  if (!section.has("destination")) section.refuse("destination", "it is missing");
  if (destination && destination->empty()) section.refuse("destination", "it is empty");
  if (!destination || destination->empty()) return std::nullopt;
  const MountOptions options = read_mount_options(section.texts("options"));
  PlainMount mount = {.type = section.text("type").value_or(""),
                      .source = section.text("source").value_or(""),
                      .to = inside_path(*destination),
                      .data = options.data,
                      .flags = options.flags,
                      .attributes = options.attributes,
                      .recursive_attributes = options.recursive_attributes,
                      .propagation = options.propagation,
                      .copy_up = options.copy_up};
  if (options.is_remount) {
    section.refuse("options", "kelp does not know 'remount': the mount itself says how it is to be");
    return std::nullopt;
  }
  const bool is_bind = options.bind != MountOptions::Bind::kNot || mount.type == "bind";
  if (is_bind) {
    if (mount.source.empty()) section.refuse("source", "a bind mount needs one");
    become_bind_of(bundle_path(mount.source, draft.around), mount);
    mount.recursive = options.bind == MountOptions::Bind::kRecursive;
    // What is not known would be the file system's own, which is mounted already.
    if (!options.data.empty())
      section.refuse("options", cat("a bind mount has no option '", options.data, "'"));
  } else {
    if (mount.type.empty()) section.refuse("type", "it is missing, and 'bind' is not among the options");
    if (mount.source.empty()) mount.source = mount.type;
    settle_type(draft, mount);
  }
  if (mount.copy_up && mount.type != "tmpfs") {
    section.refuse("options", "tmpcopyup is for a tmpfs");
  }
  drop_clearing(mount.attributes);
  read_id_map(section, options, draft, mount);
  return mount;
}

// /dev is never what the root file system has there: links in it would lead what is made in it elsewhere.
Mount own_dev() {
  return {.what = PlainMount{.type = "tmpfs",
                             .source = "tmpfs",
                             .to = "/dev",
                             .data = "mode=755,size=65536k",
                             .attributes = {.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
                                            .clear = MOUNT_ATTR__ATIME}},
          .origin = {"a /dev of the container's own"}};
}

}  // namespace

void read_mounts(const Section& top, Draft& draft) {
  std::vector<Mount> mounts;
  bool has_dev = false;
  for (const Section& section : top.objects("mounts")) {
    std::optional<PlainMount> mount = mount_of(section, draft);
    if (!mount) continue;
    has_dev = has_dev || plain_path(mount->to) == "/dev";
    mounts.push_back({.what = *std::move(mount), .origin = {section.path()}});
  }
  if (!has_dev) mounts.insert(mounts.begin(), own_dev());
  draft.config.spec.mounts = std::move(mounts);
}

}  // namespace kelp::oci
