// SPDX-License-Identifier: Apache-2.0
// What a CDI device becomes; see cdi.h.
#include "cli/cdi.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/devices.h"

namespace kelp::cli {
namespace {

using formats::CdiEdits;

// Two devices of one file often bring the same.
void add_once(Mount mount, std::vector<Mount>& mounts) {
  const auto is_same = [&](const Mount& other) { return other.what == mount.what; };
  if (std::ranges::none_of(mounts, is_same)) mounts.push_back(std::move(mount));
}

Error undone(const CdiEdits& edits, const std::string& path, const std::string& typed) {
  std::vector<Error> all;
  all.reserve(edits.undone.size());
  for (const std::string& one : edits.undone) all.emplace_back(cat("use ", typed), cat(path, ": ", one));
  return Error::all_of(std::move(all));
}

std::string_view directory_of(std::string_view path) { return path.substr(0, path.rfind('/')); }
std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view without_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool is_in(const std::vector<std::string>& folders, std::string_view path) {
  return std::ranges::any_of(
      folders, [&](std::string_view folder) { return without_slashes(folder) == directory_of(path); });
}

}  // namespace

const CdiFiles& CdiDevices::files() {
  if (!files_) files_ = read_cdi_files(around_);
  return *files_;
}

Status CdiDevices::add(const formats::CdiName& name, const std::string& typed, std::vector<Mount>& mounts) {
  Result<std::vector<CdiFound>> found = find_cdi_device(files(), name);
  if (!found) return std::move(found.error()).after(cat("for ", typed));
  if (found->empty()) {
    Error error = no_such_cdi_device(files(), name);
    return error.others().empty() ? std::move(error).after(cat("for ", typed)) : std::move(error);
  }
  const auto& [at, device] = found->front();
  std::vector<const CdiEdits*> all = {&device->edits};
  if (used_.insert(at->path).second) all.insert(all.begin(), &at->file.edits);
  const std::string origin = cat(typed, " in ", at->path);
  for (const CdiEdits* edits : all) {
    if (Status s = add_edits(*edits, at->path, typed, mounts); !s) return s;
  }
  const std::vector<const CdiEdits*> both = {&at->file.edits, &device->edits};
  for (const CdiEdits* edits : all) add_links(*edits, both, origin, mounts);
  for (const CdiEdits* edits : all) {
    for (const MountKind& change : edits->changes) add_once({.what = change, .origin = {origin}}, mounts);
  }
  return {};
}

Status CdiDevices::add_edits(const CdiEdits& edits, const std::string& path, const std::string& typed,
                             std::vector<Mount>& mounts) {
  if (!edits.undone.empty()) return undone(edits, path, typed);
  const std::string origin = cat(typed, " in ", path);
  for (const formats::CdiNode& node : edits.nodes) {
    if (std::string why = trouble_with_permissions(node.permissions.empty() ? "rwm" : node.permissions);
        !why.empty())
      return Error(cat("use ", typed), cat(path, ": ", node.place, ".permissions: ", why));
    const DeviceRequest request{.from = node.from, .to = node.to, .typed = origin, .may_be_closed = true};
    Result<std::vector<Mount>> devices = device_mounts(request, around_);
    if (!devices) return devices.error();
    if (Status s = add_devices(*std::move(devices), mounts); !s) return s;
  }
  for (const MountKind& mount : edits.mounts) add_once({.what = mount, .origin = {origin}}, mounts);
  environment_.insert(environment_.end(), edits.environment.begin(), edits.environment.end());
  if (!edits.groups.empty() && group_wanted_by_.empty()) {
    group_wanted_by_ = origin;
    group_ = edits.groups.front();
  }
  return {};
}

// What ldconfig makes of a library: a link of the name by which programs ask for it (libcuda.so.1). Its cache
// is left alone: a file mounted over it would keep every package from being installed.
void CdiDevices::add_links(const CdiEdits& edits, const std::vector<const CdiEdits*>& all,
                           const std::string& origin, std::vector<Mount>& mounts) const {
  if (!around_.library_name) return;
  for (const CdiEdits* one : all) {
    for (const MountKind& mount : one->mounts) {
      const auto* bind = std::get_if<Bind>(&mount);
      if (bind == nullptr || !is_in(edits.library_folders, bind->to)) continue;
      const std::string name = around_.library_name(bind->from);
      if (name.empty() || name == name_of(bind->to) || name.find('/') != std::string::npos) continue;
      const std::string to = cat(directory_of(bind->to), "/", name);
      const auto is_taken = [&](const Mount& other) { return destination_of(other) == to; };
      if (std::ranges::any_of(mounts, is_taken)) continue;
      mounts.push_back(
          {.what = Symlink{.target = std::string(name_of(bind->to)), .to = to}, .origin = {origin}});
    }
  }
}

std::vector<formats::CdiName> CdiDevices::of_class(std::string_view class_name, std::string_view device) {
  std::vector<formats::CdiName> names;
  for (const CdiFileAt& at : files().files) {
    if (std::string_view(at.file.kind).substr(at.file.kind.find('/') + 1) != class_name) continue;
    formats::CdiName name{.kind = at.file.kind, .device = std::string(device)};
    const bool is_there =
        std::ranges::find(at.file.devices, name.device, &formats::CdiDevice::name) != at.file.devices.end();
    if (is_there && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Status CdiDevices::check_groups(bool keeps_groups) const {
  if (group_wanted_by_.empty() || keeps_groups) return {};
  return Error(cat("use ", group_wanted_by_),
               cat("it wants the command to be in group ", group_, ", and kelp adds no groups"))
      .with_hint("--keep-groups keeps yours, and this one if you are in it");
}

}  // namespace kelp::cli
