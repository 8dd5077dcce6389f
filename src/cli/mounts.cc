// SPDX-License-Identifier: Apache-2.0
// The values of the flags that mount something.
#include "cli/mounts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/mount_words.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

// As Docker and Podman have it: whoever runs in there can write.
constexpr std::uint32_t kTmpfsMode = 01777;

Error problem(const std::string& typed, std::string reason) {
  return {cat("read ", typed), std::move(reason)};
}

// A relative path of the host must show that it is one: plain words are volumes or images to Podman.
bool is_path(std::string_view text) {
  return text.find('/') != std::string_view::npos || text == "." || text == "..";
}

// --mount in parts.
struct Parts {
  std::optional<std::string> type, source, destination, mode;
  std::vector<std::string_view> words;  // they point into the fields
};

// Stores value in slot, once.
Status set(std::optional<std::string>& slot, std::string_view key, std::optional<std::string> value,
           const std::string& typed) {
  if (!value || value->empty()) return problem(typed, cat("'", key, "' has no value"));
  if (slot) return problem(typed, cat("'", key, "' comes twice"));
  slot = std::move(value);
  return {};
}

Status read_part(std::string_view field, Parts& parts, const std::string& typed) {
  const std::size_t equals = field.find('=');
  const std::string_view key = field.substr(0, equals);
  std::optional<std::string> value;
  if (equals != std::string_view::npos) value = std::string(field.substr(equals + 1));
  if (key == "type") return set(parts.type, key, value, typed);
  if (key == "source" || key == "src") return set(parts.source, key, value, typed);
  if (key == "destination" || key == "dst" || key == "target")
    return set(parts.destination, key, value, typed);
  if (key == "mode" || key == "tmpfs-mode") return set(parts.mode, key, value, typed);
  if (key == "ro" || key == "readonly" || key == "rw") {
    if (value && *value != "true" && *value != "false") {
      return problem(typed, cat("'", *value, "' is neither true nor false"));
    }
    parts.words.emplace_back((key == "rw") == (!value || *value == "true") ? "rw" : "ro");
    return {};
  }
  if (key == "bind-propagation") {
    return Error(cat("use '", key, "' in ", typed), "propagation is the same for the whole container")
        .with_hint("write --propagation=shared, slave or private before ROOT");
  }
  if (key == "tmpfs-size") field.remove_prefix(key.find("size"));
  parts.words.emplace_back(field);
  return {};
}

Status refuse_words(const Parts& parts, const std::string& typed) {
  if (parts.words.empty() && (!parts.mode || parts.type == "proc")) return {};
  if (parts.words.empty()) return problem(typed, cat("'mode' means nothing to type=", *parts.type));
  return problem(typed, cat("'", parts.words[0], "' means nothing to type=", *parts.type));
}

Result<MountKind> read_bind(Parts& parts, const std::string& typed) {
  if (!parts.source) return problem(typed, "the source is missing (src=PATH)");
  if (parts.mode) return problem(typed, "'mode' means nothing to type=bind");
  Bind bind{.from = *std::move(parts.source), .to = *std::move(parts.destination)};
  if (Status s = apply_bind_words(parts.words, bind, typed); !s) return s.error();
  return MountKind(std::move(bind));
}

// Before its parts are looked at: what they may be is a matter of a type that there is.
Status check_type(std::string_view type, const std::string& typed) {
  static constexpr auto kTypes =
      std::to_array<std::string_view>({"bind", "tmpfs", "proc", "sysfs", "cgroup", "dev"});
  if (std::ranges::find(kTypes, type) != kTypes.end()) return {};
  if (type == "volume") {
    return Error(cat("use type=volume in ", typed), "kelp keeps no named volumes")
        .with_hint("name a directory: type=bind,src=DIR,dst=PATH");
  }
  if (type == "devpts" || type == "mqueue") {
    return Error(cat("use type=", type, " in ", typed), "it is a part of the small /dev")
        .with_hint("write type=dev");
  }
  return problem(typed, cat("unknown type '", type, "' (bind, tmpfs, proc, sysfs, cgroup, dev)"));
}

Result<MountKind> read_kind(Parts& parts, const std::string& typed) {
  const std::string& type = *parts.type;
  if (type == "bind") return read_bind(parts, typed);
  if (parts.source) return problem(typed, cat("type=", type, " has no source"));
  if (type == "tmpfs") {
    Tmpfs tmpfs{.to = *std::move(parts.destination), .mode = kTmpfsMode};
    const std::string mode = cat("mode=", parts.mode.value_or(""));
    if (parts.mode) parts.words.emplace_back(mode);
    if (Status s = apply_tmpfs_words(parts.words, tmpfs, typed); !s) return s.error();
    return MountKind(std::move(tmpfs));
  }
  if (Status s = refuse_words(parts, typed); !s) return s.error();
  if (type == "proc") {
    const auto mode = read_proc_mode(parts.mode.value_or("auto"));
    if (!mode) return problem(typed, cat("'", *parts.mode, "' is neither auto, new, pids nor host"));
    return MountKind(Proc{.to = *std::move(parts.destination), .mode = *mode});
  }
  if (type == "sysfs") return MountKind(Sysfs{.to = *std::move(parts.destination)});
  if (type == "cgroup") return MountKind(Cgroup{.to = *std::move(parts.destination)});
  return MountKind(Devices{.to = *std::move(parts.destination)});
}

}  // namespace

std::optional<ProcMode> read_proc_mode(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, ProcMode>, 4> kModes = {
      {{"auto", ProcMode::kAuto},
       {"new", ProcMode::kNew},
       {"pids", ProcMode::kPids},
       {"host", ProcMode::kHost}}};
  for (const auto& [name, mode] : kModes) {
    if (name == word) return mode;
  }
  return std::nullopt;
}

Result<Mount> read_volume(std::string_view value, const std::string& typed) {
  std::vector<std::string> fields = split_fields(value);
  if (fields[0].empty()) return problem(typed, "the source is empty");
  if (fields.size() == 1)
    return problem(typed, "the destination is missing").with_hint("-v SRC:DST[:OPTIONS]");
  if (fields.size() > 3) {
    return problem(typed, "there are more than three parts").with_hint("a colon in a path is written \\:");
  }
  if (!is_path(fields[0])) {
    return Error(cat("use ", typed), "kelp keeps no named volumes")
        .with_hint(cat("for a directory write its path: ./", fields[0]));
  }
  Bind bind{.from = std::move(fields[0]), .to = std::move(fields[1])};
  if (fields.size() == 3) {
    if (Status s = apply_bind_words(split(fields[2], ','), bind, typed); !s) return s.error();
  }
  return Mount{.what = std::move(bind), .origin = {typed}};
}

Result<Mount> read_mount(std::string_view value, const std::string& typed) {
  auto fields = split_csv(value);
  if (!fields) return problem(typed, "a quote is not closed");
  Parts parts;
  for (const std::string_view field : *fields) {
    if (Status s = read_part(field, parts, typed); !s) return s.error();
  }
  if (!parts.type) return problem(typed, "the type is missing (type=bind, type=tmpfs, ...)");
  if (Status s = check_type(*parts.type, typed); !s) return s.error();
  if (!parts.destination) return problem(typed, "the destination is missing (dst=PATH)");
  Result<MountKind> kind = read_kind(parts, typed);
  if (!kind) return kind.error();
  return Mount{.what = *std::move(kind), .origin = {typed}};
}

Result<Mount> read_tmpfs(std::string_view value, const std::string& typed) {
  std::vector<std::string> fields = split_fields(value);
  if (fields.size() > 2) {
    return problem(typed, "there are more than two parts").with_hint("a colon in a path is written \\:");
  }
  Tmpfs tmpfs{.to = std::move(fields[0]), .mode = kTmpfsMode};
  if (fields.size() == 2) {
    if (Status s = apply_tmpfs_words(split(fields[1], ','), tmpfs, typed); !s) return s.error();
  }
  return Mount{.what = std::move(tmpfs), .origin = {typed}};
}

Result<Mount> read_file(std::string_view value, const std::string& typed) {
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos)
    return problem(typed, "the destination is missing").with_hint("--file FD:DST");
  const auto fd = read_fd(value.substr(0, colon));
  if (!fd) return problem(typed, cat("'", value.substr(0, colon), "' is no number of a descriptor"));
  return Mount{.what = DataFile{.to = std::string(value.substr(colon + 1)), .content = {}, .fd = *fd},
               .origin = {typed}};
}

Result<Mount> read_symlink(std::string_view value, const std::string& typed) {
  std::vector<std::string> fields = split_fields(value);
  if (fields.size() == 1)
    return problem(typed, "the destination is missing").with_hint("--symlink TARGET:DST");
  if (fields.size() > 2) {
    return problem(typed, "there are more than two parts").with_hint("a colon in a path is written \\:");
  }
  if (fields[0].empty()) return problem(typed, "the target is empty");
  return Mount{.what = Symlink{.target = std::move(fields[0]), .to = std::move(fields[1])},
               .origin = {typed}};
}

}  // namespace kelp::cli
