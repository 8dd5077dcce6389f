// SPDX-License-Identifier: Apache-2.0
// Placeholders and program paths.
#include "command.h"

#include <unistd.h>

#include <filesystem>

#include "interrupt.h"

namespace kelp::bench {
namespace {

namespace fs = std::filesystem;

std::string if_runnable(const fs::path& path) {
  return access(path.c_str(), X_OK) == 0 ? path.string() : std::string();
}

void replace_all(std::string& word, std::string_view placeholder, const std::string& value) {
  for (std::size_t at = 0; (at = word.find(placeholder, at)) != std::string::npos; at += value.size()) {
    word.replace(at, placeholder.size(), value);
  }
}

void add_binds(Words& argv, std::string_view placeholder, int binds, const Scene& scene) {
  for (int i = 0; i < binds; ++i) {
    const std::string source = scene.sources() + "/" + std::to_string(i);
    const std::string target = "/mnt/" + std::to_string(i);
    if (placeholder == "{-v}") {
      std::string bind = source;
      bind.append(":").append(target).append(":ro");
      argv.insert(argv.end(), {"-v", std::move(bind)});
    } else {
      argv.insert(argv.end(), {"--ro-bind", source, target});
    }
  }
}

}  // namespace

Programs Programs::find(const std::string& kelp) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  Programs programs = {.floor = if_runnable(here / "kelp-bench-floor"),
                       .command = if_runnable(here / "kelp-bench-true"),
                       .alloc_counter = if_runnable(here / "kelp-bench-alloc-counter"),
                       .kelp = kelp.empty() ? if_runnable(here / "kelp") : if_runnable(fs::absolute(kelp))};
  if (programs.floor.empty() || programs.command.empty())
    throw Failure("kelp-bench-floor and kelp-bench-true must lie beside kelp-bench");
  if (programs.kelp.empty() && !kelp.empty()) throw Failure("cannot run " + kelp);
  if (programs.kelp.empty()) programs.kelp = if_runnable(here.parent_path().parent_path() / "kelp");
  return programs;
}

std::string Programs::path_of(const std::string& name) const {
  if (name == "floor") return floor;
  if (name == "kelp") return kelp;
  if (name == "kelp-static") return if_runnable(kelp + "-static");
  return find_program(name);
}

Invocation build_invocation(std::string_view command, int binds, const Scene& scene,
                            const Programs& programs) {
  Invocation result = {.argv = {}, .environment = plain_environment()};
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find(' ', at), command.size());
    std::string word(command.substr(at, end - at));
    at = end + 1;
    if (word.empty()) continue;
    if (word == "{-v}" || word == "{--ro-bind}") {
      add_binds(result.argv, word, binds, scene);
      continue;
    }
    replace_all(word, "{root}", scene.root());
    replace_all(word, "{sources}", scene.sources());
    replace_all(word, "{bundle}", scene.bundle());
    replace_all(word, "{waiting}", scene.waiting_bundle());
    replace_all(word, "{idle}", scene.idle_bundle());
    if (word == "{binds}") word = scene.bundle_with(binds);
    replace_all(word, "{state}", scene.state());
    replace_all(word, "{n}", std::to_string(binds));
    result.argv.push_back(std::move(word));
  }
  result.argv[0] = programs.path_of(result.argv[0]);
  if (result.argv[0].empty()) result.argv.clear();
  return result;
}

std::vector<Invocation> build_invocations(std::string_view command, int binds, const Scene& scene,
                                          const Programs& programs) {
  constexpr std::string_view kAnd = " && ";
  std::vector<Invocation> all;
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find(kAnd, at), command.size());
    all.push_back(build_invocation(command.substr(at, end - at), binds, scene, programs));
    if (all.back().argv.empty()) return {};
    at = end + kAnd.size();
  }
  return all;
}

}  // namespace kelp::bench
