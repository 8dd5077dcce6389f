// SPDX-License-Identifier: Apache-2.0
// Which CDI files there are; see cdi_files.h.
#include "cli/cdi_files.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace kelp::cli {
namespace {

// The order of the specification's own library, and the caller's own last.
std::vector<std::string> directories(const Surroundings& around) {
  std::vector<std::string> out = {"/etc/cdi", "/var/run/cdi"};
  const auto config = variable(around, "XDG_CONFIG_HOME");
  const auto home = variable(around, "HOME");
  if (config && config->starts_with('/')) {
    out.push_back(cat(*config, "/cdi"));
  } else if (home && home->starts_with('/')) {
    out.push_back(cat(*home, "/.config/cdi"));
  }
  return out;
}

Error cannot_read(const std::string& path, const Error& error) {
  Error out(cat("read ", path), error.reason());
  return error.hint().empty() ? out : std::move(out).with_hint(error.hint());
}

Result<formats::CdiFile> read_one(const std::string& path, const Surroundings& around) {
  Result<std::string> text = around.read_file(path);
  if (!text) return cannot_read(path, text.error());
  if (path.ends_with(".yaml")) {
    if (!around.json_of_yaml) return Error(cat("read ", path), "no YAML can be read here");
    text = around.json_of_yaml(*text);
    if (!text) return cannot_read(path, text.error());
  }
  return formats::read_cdi(*text, path);
}

std::string name_of(const formats::CdiFile& file, const formats::CdiDevice& device) {
  return cat(file.kind, "=", device.name);
}

}  // namespace

CdiFiles read_cdi_files(const Surroundings& around) {
  CdiFiles out;
  if (!around.read_file || !around.names_in) return out;
  const std::vector<std::string> places = directories(around);
  for (std::size_t rank = 0; rank < places.size(); ++rank) {
    for (const std::string& name : around.names_in(places[rank])) {
      if (!name.ends_with(".json") && !name.ends_with(".yaml")) continue;
      std::string path = cat(places[rank], "/", name);
      Result<formats::CdiFile> file = read_one(path, around);
      if (file) {
        out.files.push_back({.path = std::move(path), .rank = rank, .file = *std::move(file)});
      } else {
        out.broken.push_back(std::move(file.error()));
      }
    }
  }
  return out;
}

Result<std::vector<CdiFound>> find_cdi_device(const CdiFiles& files, const formats::CdiName& name) {
  std::vector<CdiFound> found;  // those of the highest rank
  for (const CdiFileAt& at : files.files) {
    if (at.file.kind != name.kind) continue;
    const auto device = std::ranges::find(at.file.devices, name.device, &formats::CdiDevice::name);
    if (device == at.file.devices.end()) continue;
    if (!found.empty() && found[0].at->rank < at.rank) found.clear();
    found.push_back({.at = &at, .device = &*device});
  }
  if (found.size() < 2) return found;
  return Error(cat("find ", name.kind, "=", name.device),
               cat(found[0].at->path, " and ", found[1].at->path, " both describe it"));
}

Error no_such_cdi_device(const CdiFiles& files, const formats::CdiName& name) {
  std::vector<std::string> there;
  for (const CdiFileAt& at : files.files) {
    for (const formats::CdiDevice& device : at.file.devices) there.push_back(name_of(at.file, device));
  }
  std::ranges::sort(there);
  const auto [first, last] = std::ranges::unique(there);
  there.erase(first, last);
  Error error(cat("find ", name.kind, "=", name.device), "no CDI file describes it");
  if (!there.empty()) {
    constexpr std::size_t kMost = 8;
    const std::size_t more = there.size() > kMost ? there.size() - kMost : 0;
    there.resize(there.size() - more);
    error = std::move(error).with_hint(
        cat("there are ", join(there, ", "), more > 0 ? cat(" and ", more, " more") : ""));
  } else if (files.broken.empty()) {
    error = std::move(error).with_hint(
        "there is none in /etc/cdi, /var/run/cdi and cdi in XDG_CONFIG_HOME (~/.config); for NVIDIA's "
        "devices: "
        "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml");
  }
  std::vector<Error> all = {std::move(error)};
  all.insert(all.end(), files.broken.begin(), files.broken.end());
  return Error::all_of(std::move(all));
}

}  // namespace kelp::cli
