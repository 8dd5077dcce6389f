// SPDX-License-Identifier: Apache-2.0
// kelp-bench: measures kelp against the floor and against its peers. Reads the command line, makes the scene,
// has each row measured, and prints.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "interrupt.h"
#include "options.h"
#include "profile.h"
#include "report.h"

namespace kelp::bench {
namespace {

// Root's rights would spare every contender the work that is measured here: the id maps of an ordinary user.
void refuse_root() {
  if (geteuid() != 0) return;
  throw Failure(
      "will not measure as root: rootless starts are what is measured, and root's are others.\n"
      "hint: as a user with subordinate ids: setpriv --reuid=USER --regid=USER --init-groups -- kelp-bench "
      "...");
}

// On a busy machine a start waits for processors far longer than it runs, each contender in its own way, and
// the ratios drift towards the number of times that it sleeps. Real-time priority keeps the others out; who
// may not have it is told so beside the results. Contenders inherit it.
void ask_for_real_time() {
  sched_param lowest = {};
  lowest.sched_priority = sched_get_priority_min(SCHED_RR);
  if (sched_getscheduler(0) == SCHED_OTHER) sched_setscheduler(0, SCHED_RR, &lowest);
}

int most_binds(const Options& options) {
  int most = 0;
  for (const LinearRow& row : linear_rows()) {
    if (options.wants(row.name) && !options.is_profile) most = std::ranges::max(kLinearCounts);
  }
  for (const Row& row : rows()) {
    if (options.wants(row.name)) most = std::max(most, row.binds);
  }
  return most;
}

constexpr double kBusyLoad = 0.5;

void say(const std::string& text) { std::fprintf(stderr, "kelp-bench: %s\n", text.c_str()); }

Results measure_all(const Options& options, const Scene& scene, const Programs& programs) {
  Results results;
  results.machine = describe_machine(programs);
  double load = 0;
  if (sched_getscheduler(0) == SCHED_OTHER && getloadavg(&load, 1) == 1 && load > kBusyLoad) {
    say("the machine is busy and the bench has no real-time priority: the ratios will be wrong (README.md)");
  }
  for (const Row& row : rows()) {
    if (!options.wants(row.name)) continue;
    say("measuring " + row.name);
    results.rows.push_back(measure(row, options.effort, scene, programs));
  }
  for (const MemoryRow& row : memory_rows()) {
    if (!options.wants(row.name)) continue;
    say("measuring " + row.name);
    for (MemoryResult& one : measure_memory(row, scene, programs)) results.memory.push_back(std::move(one));
  }
  for (const LinearRow& row : linear_rows()) {
    if (!options.wants(row.name)) continue;
    say("counting for " + row.name);
    for (LinearResult& one : measure_linear(row, scene, programs)) results.linear.push_back(std::move(one));
  }
  return results;
}

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  if (path == "-") {
    std::fputs(text.c_str(), stdout);
  } else if (!(std::ofstream(path) << text << std::flush)) {
    throw Failure("cannot write " + path);
  }
}

// One that is there but does not run on this machine stands in the table with its reason.
bool are_peers_installed(const Programs& programs) {
  bool is_complete = true;
  for (const std::string_view name : peer_programs()) {
    if (!programs.path_of(std::string(name)).empty()) continue;
    say(std::string(name) + " is not installed");
    is_complete = false;
  }
  return is_complete;
}

bool are_budgets_met(const Results& results) {
  bool is_met = true;
  std::printf("\n");
  for (const Verdict& verdict : verdicts(results)) {
    std::printf("%s\n", verdict.text().c_str());
    is_met = is_met && verdict.is_met();
  }
  return is_met;
}

int run_bench(std::span<char* const> arguments) {
  const Options options = read_options(arguments);
  if (options.is_help) {
    std::fputs(help().c_str(), stdout);
    return 0;
  }
  refuse_root();
  catch_interrupts();
  ask_for_real_time();
  const Programs programs = Programs::find(options.kelp);
  const Scene scene(programs.command, most_binds(options));
  if (options.is_profile) {
    print_profile(scene, programs);
    return 0;
  }
  const Results results = measure_all(options, scene, programs);
  std::fputs(table(results).c_str(), stdout);
  write_file(options.json_file, json(results));
  write_file(options.markdown_file, markdown(results));
  bool is_good = true;
  if (options.must_check) is_good = are_budgets_met(results);
  std::fflush(stdout);
  if (options.needs_peers) is_good = are_peers_installed(programs) && is_good;
  return is_good ? 0 : 1;
}

}  // namespace
}  // namespace kelp::bench

int main(int argc, char** argv) {
  try {
    return kelp::bench::run_bench({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kelp-bench: %s\n", error.what());
    return kelp::bench::interrupting_signal() != 0 ? 128 + kelp::bench::interrupting_signal() : 2;
  }
}
