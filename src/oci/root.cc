// SPDX-License-Identifier: Apache-2.0
// root, hooks and annotations of config.json, and the spelling of paths.
#include <array>
#include <utility>

#include "base/text.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

void read_kind(const Section& hooks, const char* key, std::vector<Hook>& into) {
  for (const Section& hook : hooks.objects(key)) {
    Hook read = {.path = hook.needed_text("path"),
                 .args = hook.texts("args"),
                 .environment = hook.texts("env"),
                 .origin = {hook.path()}};
    if (!read.path.empty() && !read.path.starts_with('/'))
      hook.refuse("path", cat("'", read.path, "' is not absolute"));
    if (const auto timeout = hook.integer("timeout", 1, INT32_MAX))
      read.timeout_s = static_cast<std::uint32_t>(*timeout);
    into.push_back(std::move(read));
  }
}

}  // namespace

std::string plain_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (part.empty() || part == ".") continue;
    out += '/';
    out += part;
  }
  return out.empty() ? "/" : out;
}

std::string inside_path(std::string_view path) {
  return path.starts_with('/') ? std::string(path) : cat("/", path);
}

std::string bundle_path(std::string_view path, const Surroundings& around) {
  return path.starts_with('/') ? std::string(path) : cat(around.bundle, "/", path);
}

void read_root(const Section& top, Draft& draft) {
  const Section root = top.object("root");
  if (!root) {
    if (!top.has("root")) top.refuse("root", "it is missing");
    return;
  }
  const std::string path = root.needed_text("path");
  if (root.has("path") && path.empty()) root.refuse("path", "it is empty");
  // Nodes in it count, as those of any other file system: the mounts say what does not.
  draft.config.spec.root = {.what = DirectoryRoot{.path = bundle_path(path, draft.around)},
                            .read_only = root.flag("readonly").value_or(false),
                            .devices = true,
                            .origin = {root.path_of("path")}};
}

void read_hooks(const Section& top, Draft& draft) {
  const Section section = top.object("hooks");
  if (!section) return;
  Hooks& hooks = draft.config.spec.hooks;
  read_kind(section, "prestart", hooks.prestart);
  read_kind(section, "createRuntime", hooks.create_runtime);
  read_kind(section, "createContainer", hooks.create_container);
  read_kind(section, "startContainer", hooks.start_container);
  read_kind(section, "poststart", hooks.poststart);
  read_kind(section, "poststop", hooks.poststop);
}

void read_annotations(const Section& top, Draft& draft) {
  top.each_text("annotations", [&](const std::string& key, const std::string& value) {
    if (key.empty()) top.refuse("annotations", "a key is empty");
    draft.config.annotations.emplace_back(key, value);
  });
}

}  // namespace kelp::oci
