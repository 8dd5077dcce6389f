// SPDX-License-Identifier: Apache-2.0
// What a CDI file changes in a container; see cdi_edits.h.
#include "formats/cdi_edits.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "base/text.h"

namespace kelp::formats {
namespace {

// A whole number; as text too, for YAML does not tell the two apart.
Result<std::uint64_t> whole_number(const Json& value, const JsonPlace& at, std::uint64_t most) {
  if (!value.is_string()) return number_of(value, at, most);
  const auto number = read_decimal(value.get_ref<const std::string&>(), most);
  if (!number) return at.wrong(cat("it is no whole number from 0 to ", most));
  return *number;
}

Result<std::string> needed_path(const Json& object, const JsonPlace& at, const char* key) {
  Result<std::string> path = needed_text(object, at, key);
  if (path && !path->starts_with('/')) return at.member(key).wrong(cat("'", *path, "' is not absolute"));
  return path;
}

// What is said of a node is checked, and counts only where it is about where the node is.
Status check_numbers_of_node(const Json& object, const JsonPlace& at) {
  for (const char* key : {"major", "minor", "fileMode", "uid", "gid"}) {
    const Json* value = member(object, key);
    if (value == nullptr) continue;
    if (const auto number = whole_number(*value, at.member(key), UINT32_MAX); !number) return number.error();
  }
  return {};
}

Status read_node(const Json& object, const JsonPlace& at, CdiEdits& edits) {
  if (Status s =
          check_keys(object, at,
                     {"path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid"});
      !s)
    return s;
  Result<std::string> path = needed_path(object, at, "path");
  if (!path) return path.error();
  CdiNode node{.from = *path, .to = *path, .permissions = {}, .place = at.path};
  if (member(object, "hostPath") != nullptr) {
    Result<std::string> from = needed_path(object, at, "hostPath");
    if (!from) return from.error();
    node.from = *std::move(from);
  }
  Result<std::string> type = optional_text(object, at, "type");
  if (!type) return type.error();
  if (*type == "p") {
    edits.undone.push_back(cat(at.member("type").path, ": kelp shares no FIFO as a device"));
  } else if (!type->empty() && *type != "b" && *type != "c" && *type != "u") {
    return at.member("type").wrong(cat("'", *type, "' is no type of a device"));
  }
  Result<std::string> permissions = optional_text(object, at, "permissions");
  if (!permissions) return permissions.error();
  node.permissions = *std::move(permissions);
  if (Status s = check_numbers_of_node(object, at); !s) return s;
  edits.nodes.push_back(std::move(node));
  return {};
}

// Without effect here: mounts of a container are private, or as --propagation says, and times are the host's
// matter.
bool means_nothing(std::string_view word) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"private", "rprivate", "slave", "rslave", "relatime", "noatime", "nodiratime", "strictatime", "sync",
       "async", "rw", "exec", "nosuid", "rbind", "defaults"});
  return std::ranges::find(kWords, word) != kWords.end();
}

Status read_bind(const std::vector<std::string>& words, const JsonPlace& at, Bind& bind) {
  // As in a bundle of the OCI: what is not taken away is there.
  bind.devices = true;
  bool is_whole = false;
  bool is_plain = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    is_whole = is_whole || word == "rbind";
    if (word == "ro") {
      bind.writable = false;
    } else if (word == "noexec") {
      bind.executable = false;
    } else if (word == "nodev") {
      bind.devices = false;
    } else if (word == "dev") {
      bind.devices = true;
    } else if (word == "suid") {
      bind.setuid = true;
    } else if (word == "bind") {
      is_plain = true;
    } else if (!means_nothing(word)) {
      return at.element(i).wrong(cat("kelp does not know '", word, "'"));
    }
  }
  bind.recursive = is_whole || !is_plain;
  return {};
}

Status read_tmpfs(const std::vector<std::string>& words, const JsonPlace& at, Tmpfs& tmpfs) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.starts_with("size=")) {
      const auto bytes = read_size(word.substr(5));
      if (!bytes) return at.element(i).wrong("it is no size");
      tmpfs.bytes = *bytes;
    } else if (word.starts_with("mode=")) {
      const auto mode = read_octal(word.substr(5), 07777);
      if (!mode) return at.element(i).wrong("it is no mode");
      tmpfs.mode = static_cast<std::uint32_t>(*mode);
    } else if (word == "ro") {
      tmpfs.writable = false;
    } else if (word == "noexec") {
      tmpfs.executable = false;
    } else if (word != "nodev" && !means_nothing(word)) {
      return at.element(i).wrong(cat("kelp does not know '", word, "'"));
    }
  }
  return {};
}

Status read_mount(const Json& object, const JsonPlace& at, CdiEdits& edits) {
  if (Status s = check_keys(object, at, {"hostPath", "containerPath", "type", "options"}); !s) return s;
  Result<std::string> to = needed_path(object, at, "containerPath");
  if (!to) return to.error();
  Result<std::string> type = optional_text(object, at, "type");
  if (!type) return type.error();
  Result<std::vector<std::string>> words = std::vector<std::string>();
  if (const Json* options = member(object, "options"); options != nullptr)
    words = texts_of(*options, at.member("options"));
  if (!words) return words.error();
  if (*type == "tmpfs") {
    Tmpfs tmpfs{.to = *std::move(to)};
    Status s = read_tmpfs(*words, at.member("options"), tmpfs);
    edits.mounts.emplace_back(std::move(tmpfs));
    return s;
  }
  if (!type->empty() && *type != "bind" && *type != "none" && *type != "rbind") {
    edits.undone.push_back(cat(at.member("type").path, ": kelp mounts no ", *type, " for a device"));
    return {};
  }
  Result<std::string> from = needed_path(object, at, "hostPath");
  if (!from) return from.error();
  Bind bind{.from = *std::move(from), .to = *std::move(to)};
  Status s = read_bind(*words, at.member("options"), bind);
  edits.mounts.emplace_back(std::move(bind));
  return s;
}

Status read_variable(const Json& value, const JsonPlace& at, CdiEdits& edits) {
  Result<std::string> entry = text_of(value, at);
  if (!entry) return entry.error();
  const std::size_t equals = entry->find('=');
  if (equals == 0 || equals == std::string::npos) return at.wrong("it is not NAME=VALUE");
  if (entry->find('\0') != std::string::npos) return at.wrong("a variable cannot hold a zero byte");
  edits.environment.push_back(*std::move(entry));
  return {};
}

Status read_group(const Json& value, const JsonPlace& at, CdiEdits& edits) {
  const Result<std::uint64_t> id = whole_number(value, at, kMaxId);
  if (!id) return id.error();
  if (*id != 0) edits.groups.push_back(static_cast<Id>(*id));  // 0 is ignored (SPEC.md)
  return {};
}

Status read_each(const Json& object, const JsonPlace& at, const char* key, CdiEdits& edits,
                 Status (*read)(const Json&, const JsonPlace&, CdiEdits&)) {
  const Json* list = member(object, key);
  if (list == nullptr) return {};
  const JsonPlace place = at.member(key);
  if (!list->is_array()) return place.wrong("it is no list");
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (Status s = read((*list)[i], place.element(i), edits); !s) return s;
  }
  return {};
}

}  // namespace

Result<CdiEdits> cdi_edits_of(const Json& object, const JsonPlace& at) {
  // Both spellings are in use: the specification has one in its text and the other in its example.
  constexpr const char* kGroups = "additionalGids";
  constexpr const char* kGroupsOfExample = "additionalGIDs";
  if (Status s = check_keys(
          object, at,
          {"env", "deviceNodes", "mounts", "hooks", kGroups, kGroupsOfExample, "intelRdt", "netDevices"});
      !s)
    return s.error();
  CdiEdits edits;
  if (Status s = read_each(object, at, "env", edits, read_variable); !s) return s.error();
  if (Status s = read_each(object, at, "deviceNodes", edits, read_node); !s) return s.error();
  if (Status s = read_each(object, at, "mounts", edits, read_mount); !s) return s.error();
  if (Status s = read_each(object, at, "hooks", edits, read_cdi_hook); !s) return s.error();
  if (Status s = read_each(object, at, kGroups, edits, read_group); !s) return s.error();
  if (Status s = read_each(object, at, kGroupsOfExample, edits, read_group); !s) return s.error();
  for (const char* key : {"intelRdt", "netDevices"}) {
    const Json* value = member(object, key);
    if (value != nullptr && !value->empty())
      edits.undone.push_back(cat(at.member(key).path, ": kelp does not do it without root"));
  }
  return edits;
}

}  // namespace kelp::formats
