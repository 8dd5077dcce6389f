// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about devices do.
#include "base/text.h"
#include "cli/devices.h"
#include "cli/draft.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

bool is_permissions(std::string_view field) {
  return !field.empty() && field.find_first_not_of("rwm") == std::string_view::npos;
}

// PATH[:INSIDE][:rwm]
Result<DeviceRequest> read_request(std::string_view value, const std::string& typed) {
  const std::string action = cat("read ", typed);
  std::vector<std::string> fields = split_fields(value);
  if (fields.size() > 3)
    return Error(action, "there are more than three parts").with_hint("a colon in a path is written \\:");
  std::string permissions = "rwm";
  if (fields.size() == 3 || (fields.size() == 2 && is_permissions(fields[1]))) {
    permissions = std::move(fields.back());
    fields.pop_back();
  }
  if (!fields[0].starts_with('/')) {
    Error error(action, cat("'", fields[0], "' is no absolute path"));
    if (fields[0].empty() || fields[0].find('/') != std::string::npos) return error;
    return std::move(error).with_hint(cat("--device /dev/", shell_quoted(fields[0])));
  }
  if (!fields.back().starts_with('/')) return Error(action, cat("'", fields.back(), "' is no absolute path"));
  if (std::string why = trouble_with_permissions(permissions); !why.empty())
    return Error(cat("use ", typed), std::move(why)).with_hint("write rw, or leave it out");
  return DeviceRequest{.from = fields.front(), .to = fields.back(), .typed = typed};
}

// "device=0,1" of Docker, with quotes of CSV around it, and "0,1" of Podman.
Result<std::vector<std::string>> read_gpus(std::string_view value, const std::string& typed) {
  const std::string action = cat("read ", typed);
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
    value = value.substr(1, value.size() - 2);
  const bool is_dockers = value.starts_with("device=");
  if (is_dockers) value.remove_prefix(7);
  std::vector<std::string> names;
  for (const std::string_view name : split(value, ',')) {
    if (name.empty()) return Error(action, "a word of it is empty");
    if (name.find('=') != std::string_view::npos)
      return Error(action, cat("kelp does not know '", name, "'"))
          .with_hint("--gpus all, or --gpus device=0,1");
    names.emplace_back(name);
  }
  if (names.size() == 1 && !is_dockers && read_decimal(names[0], 9999)) {
    return Error(action, "it is how many GPUs to Docker, and which one to Podman")
        .with_hint(cat("for the one of this name: --gpus device=", names[0]));
  }
  return names;
}

// Without CDI files: the nodes of the kernel's graphics, AMD's and NVIDIA's computing, and WSL.
Status add_gpu_nodes(Draft& draft, const std::string& typed) {
  std::vector<std::string> paths = {"/dev/dri", "/dev/kfd", "/dev/dxg"};
  for (const std::string& name : draft.around.names_in("/dev")) {
    if (name.starts_with("nvidia")) paths.push_back(cat("/dev/", name));
  }
  bool has_any = false;
  for (const std::string& path : paths) {
    if (draft.around.look_at(path).kind == HostNode::Kind::kAbsent) continue;
    Result<std::vector<Mount>> mounts =
        device_mounts({.from = path, .to = path, .typed = typed, .may_be_closed = true}, draft.around);
    if (!mounts) return mounts.error();
    if (Status s = add_devices(*std::move(mounts), draft.request.spec.mounts); !s) return s;
    has_any = true;
  }
  if (has_any) return {};
  return Error(cat("use ", typed),
               "no CDI file describes a GPU, and there is none in /dev (dri, kfd, dxg, nvidia*)");
}

Status add_all_gpus(Draft& draft, const std::string& typed) {
  const std::vector<formats::CdiName> names = draft.cdi.of_class("gpu", "all");
  for (const formats::CdiName& name : names) {
    if (Status s = draft.cdi.add(name, typed, draft.request.spec.mounts); !s) return s;
  }
  if (!names.empty()) return {};
  // One that cannot be read may be the one that describes them, and the nodes are but a part of what it says.
  if (!draft.cdi.broken().empty()) return Error::all_of(draft.cdi.broken());
  if (!draft.around.look_at || !draft.around.names_in)
    return Error(cat("use ", typed), "nothing can be looked at here");
  return add_gpu_nodes(draft, typed);
}

}  // namespace

Status apply_gpus(Draft& draft, const Given& given) {
  const Result<std::vector<std::string>> gpus = read_gpus(*given.value, given.typed);
  if (!gpus) return gpus.error();
  for (const std::string& gpu : *gpus) {
    if (gpu == "all") {
      if (Status s = add_all_gpus(draft, given.typed); !s) return s;
      continue;
    }
    std::vector<formats::CdiName> names = draft.cdi.of_class("gpu", gpu);
    if (names.size() > 1) {
      return Error(cat("use ", given.typed), cat("'", gpu, "' is a GPU of several vendors"))
          .with_hint(cat("--device ", names[0].kind, "=", gpu));
    }
    if (names.empty()) names.push_back({.kind = "nvidia.com/gpu", .device = gpu});
    if (Status s = draft.cdi.add(names[0], given.typed, draft.request.spec.mounts); !s) return s;
  }
  return {};
}

Status apply_device(Draft& draft, const Given& given) {
  if (formats::looks_like_cdi_name(*given.value)) {
    const Result<formats::CdiName> name = formats::read_cdi_name(*given.value);
    if (!name) return Error(cat("read ", given.typed), name.error().reason());
    return draft.cdi.add(*name, given.typed, draft.request.spec.mounts);
  }
  const Result<DeviceRequest> request = read_request(*given.value, given.typed);
  if (!request) return request.error();
  Result<std::vector<Mount>> mounts = device_mounts(*request, draft.around);
  if (!mounts) return mounts.error();
  return add_devices(*std::move(mounts), draft.request.spec.mounts);
}

}  // namespace kelp::cli
