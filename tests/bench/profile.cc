// SPDX-License-Identifier: Apache-2.0
// Runs kelp under other people's tools and prints what they say.
#include "profile.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "interrupt.h"

namespace kelp::bench {
namespace {

void print_heading(const std::string& row, const char* what) {
  std::printf("\n== %s: %s\n", row.c_str(), what);
}

// The tool in front of the command; an empty argv if it is not installed, which is printed.
Invocation under(Words tool, Invocation invocation) {
  const std::string path = find_program(tool[0]);
  if (path.empty()) {
    std::printf("%s is not installed\n", tool[0].c_str());
    return {};
  }
  tool[0] = path;
  tool.insert(tool.end(), invocation.argv.begin(), invocation.argv.end());
  invocation.argv = std::move(tool);
  return invocation;
}

// Lines that contain one of the words, all where there are no words.
void print_lines(const std::string& text, const Words& words) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    bool is_wanted = words.empty();
    for (const std::string& word : words) is_wanted = is_wanted || line.find(word) != std::string::npos;
    if (is_wanted) std::printf("%s\n", line.c_str());
  }
}

void print_answer(const Invocation& invocation, const Words& words) {
  if (invocation.argv.empty()) return;
  const Answer answer = ask(invocation);
  if (answer.status != 0) std::printf("(exit status %d)\n", answer.status);
  print_lines(answer.text, answer.status == 0 ? words : Words());
}

void print_system_calls(const std::string& row, const Invocation& kelp) {
  print_heading(row, "system calls of all its processes (strace -f -c)");
  print_answer(under({"strace", "-f", "-q", "-c", "-S", "calls"}, kelp), {});
}

void print_loader(const std::string& row, Invocation kelp) {
  print_heading(row, "the dynamic loader (LD_DEBUG=statistics, cycles)");
  kelp.environment.emplace_back("LD_DEBUG=statistics");
  print_answer(kelp, {"time", "relocations"});
}

// valgrind cannot follow a clone into namespaces: what is counted is all that comes before it.
void print_instructions(const std::string& row, Invocation kelp, const Scene& scene) {
  print_heading(row, "instructions until the clone (callgrind on --dry-run)");
  if (kelp.argv.size() > 1) kelp.argv.insert(kelp.argv.begin() + 2, "--dry-run");
  const std::string file = scene.file("callgrind");
  print_answer(under({"valgrind", "--tool=callgrind", "--callgrind-out-file=" + file}, kelp), {"Collected"});
  Invocation annotate = {.argv = {file}, .environment = plain_environment()};
  annotate = under({"callgrind_annotate", "--threshold=80"}, annotate);
  if (annotate.argv.empty()) return;
  std::istringstream lines(ask(annotate).text);
  int left = 20;
  for (std::string line; left > 0 && std::getline(lines, line);) {
    if (line.find("%)") == std::string::npos) continue;
    std::printf("%.150s\n", line.c_str());
    --left;
  }
}

}  // namespace

void print_profile(const Scene& scene, const Programs& programs) {
  if (programs.kelp.empty()) throw Failure("there is no kelp to profile: give --kelp PATH");
  for (const Row& row : rows()) {
    if (row.name != "minimal" && row.name != "full") continue;
    const auto contender = std::ranges::find(row.contenders, "kelp", &Contender::name);
    const Invocation kelp = build_invocation(contender->command, row.binds, scene, programs);
    print_system_calls(row.name, kelp);
    print_loader(row.name, kelp);
    print_instructions(row.name, kelp, scene);
  }
}

}  // namespace kelp::bench
