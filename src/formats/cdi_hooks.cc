// SPDX-License-Identifier: Apache-2.0
// The hooks of CDI files that kelp knows, those of the NVIDIA Container Toolkit. kelp runs no program of
// theirs: what one would do to the files of the container is said as data. All others are left undone by
// name.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/text.h"
#include "formats/cdi_edits.h"

namespace kelp::formats {
namespace {

struct Hook {
  std::string name;                // create-symlinks
  std::vector<std::string> words;  // its arguments
};

// One argument of a hook: --link VALUE, or --link=VALUE.
struct Argument {
  std::string name;
  std::string value;
};

// "nvidia-cdi-hook NAME ARG..." and "nvidia-ctk hook NAME ARG...", as argv has it.
std::optional<Hook> nvidias(const std::string& path, std::span<const std::string> argv) {
  const std::string_view program = std::string_view(path).substr(path.rfind('/') + 1);
  std::size_t at = 1;
  if (program == "nvidia-ctk") {
    if (argv.size() < 2 || argv[1] != "hook") return std::nullopt;
    at = 2;
  } else if (program != "nvidia-cdi-hook") {
    return std::nullopt;
  }
  if (argv.size() <= at) return std::nullopt;
  Hook hook{.name = argv[at], .words = {}};
  hook.words.assign(argv.begin() + static_cast<std::ptrdiff_t>(at) + 1, argv.end());
  return hook;
}

Result<std::vector<Argument>> arguments_of(const Hook& hook, const JsonPlace& at) {
  std::vector<Argument> out;
  for (std::size_t i = 0; i < hook.words.size(); ++i) {
    const std::string& word = hook.words[i];
    if (!word.starts_with("--")) return at.wrong(cat("kelp does not know '", word, "'"));
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      out.push_back({.name = word.substr(0, equals), .value = word.substr(equals + 1)});
    } else if (i + 1 < hook.words.size()) {
      out.push_back({.name = word, .value = hook.words[++i]});
    } else {
      return at.wrong(cat("'", word, "' has no value"));
    }
  }
  return out;
}

Error unknown(const Argument& argument, const JsonPlace& at) {
  return at.wrong(cat("kelp does not know '", argument.name, "'"));
}

// --link TARGET::PATH
Status make_links(const std::vector<Argument>& arguments, const JsonPlace& at, CdiEdits& edits) {
  for (const Argument& argument : arguments) {
    if (argument.name != "--link") return unknown(argument, at);
    const std::size_t colons = argument.value.find("::");
    if (colons == 0 || colons == std::string::npos || colons + 2 >= argument.value.size() ||
        argument.value[colons + 2] != '/')
      return at.wrong(cat("'", argument.value, "' is not TARGET::PATH"));
    edits.changes.emplace_back(
        Symlink{.target = argument.value.substr(0, colons), .to = argument.value.substr(colons + 2)});
  }
  return {};
}

// --mode OCTAL --path PATH...
Status change_modes(const std::vector<Argument>& arguments, const JsonPlace& at, CdiEdits& edits) {
  std::uint32_t mode = 0;
  std::vector<std::string> paths;
  for (const Argument& argument : arguments) {
    if (argument.name == "--path") {
      paths.push_back(argument.value);
      continue;
    }
    const auto bits = argument.name == "--mode" ? read_octal(argument.value, 0777) : std::nullopt;
    if (!bits) return unknown(argument, at);
    mode = static_cast<std::uint32_t>(*bits);
  }
  if (mode == 0 || paths.empty()) return at.wrong("it needs --mode and --path");
  for (std::string& path : paths) {
    // Elsewhere it would change ROOT itself, for good.
    if (!path.starts_with("/dev/") || path.find("..") != std::string::npos)
      edits.undone.push_back(cat(at.path, ": kelp changes no permissions outside of /dev (", path, ")"));
    edits.changes.emplace_back(Chmod{.path = std::move(path), .mode = mode});
  }
  return {};
}

// --folder DIR[,DIR...]
Status look_for_libraries(const std::vector<Argument>& arguments, const JsonPlace& at, CdiEdits& edits) {
  for (const Argument& argument : arguments) {
    if (argument.name == "--ldconfig-path") continue;  // which program would do it
    if (argument.name != "--folder") return unknown(argument, at);
    for (const std::string_view folder : split(argument.value, ',')) {
      if (!folder.starts_with('/')) return at.wrong(cat("'", folder, "' is not absolute"));
      edits.library_folders.emplace_back(folder);
    }
  }
  return {};
}

// Whether there is nothing to do: the libraries for a newer CUDA that ROOT may bring are not put in front,
// and no program in a user namespace can make or change a device node anyway.
bool does_nothing(std::string_view name) {
  return name == "enable-cuda-compat" || name == "disable-device-node-modification";
}

// False: kelp does not know it.
Result<bool> read_known(const Hook& hook, const JsonPlace& at, CdiEdits& edits) {
  if (does_nothing(hook.name)) return true;
  Status (*apply)(const std::vector<Argument>&, const JsonPlace&, CdiEdits&) = nullptr;
  if (hook.name == "create-symlinks") apply = make_links;
  if (hook.name == "chmod") apply = change_modes;
  if (hook.name == "update-ldcache") apply = look_for_libraries;
  if (apply == nullptr) return false;
  const Result<std::vector<Argument>> arguments = arguments_of(hook, at.member("args"));
  if (!arguments) return arguments.error();
  if (Status s = apply(*arguments, at.member("args"), edits); !s) return s.error();
  return true;
}

}  // namespace

Status read_cdi_hook(const Json& object, const JsonPlace& at, CdiEdits& edits) {
  if (Status s = check_keys(object, at, {"hookName", "path", "args", "env", "timeout"}); !s) return s;
  static constexpr auto kTimes = std::to_array<std::string_view>(
      {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"});
  const Result<std::string> when = needed_text(object, at, "hookName");
  if (!when) return when.error();
  if (std::ranges::find(kTimes, *when) == kTimes.end())
    return at.member("hookName").wrong(cat("'", *when, "' is no hook"));
  const Result<std::string> path = needed_text(object, at, "path");
  if (!path) return path.error();
  Result<std::vector<std::string>> argv = std::vector<std::string>();
  if (const Json* list = member(object, "args"); list != nullptr) argv = texts_of(*list, at.member("args"));
  if (!argv) return argv.error();
  Result<bool> is_known = false;
  if (const std::optional<Hook> hook = nvidias(*path, *argv)) is_known = read_known(*hook, at, edits);
  if (!is_known) return is_known.error();
  if (!*is_known) edits.undone.push_back(cat(at.path, ": kelp runs no hooks (", *when, ": ", *path, ")"));
  return {};
}

}  // namespace kelp::formats
