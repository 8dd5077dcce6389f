// SPDX-License-Identifier: Apache-2.0
// Warm-up, rounds, and the paired medians.
#include "rounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "statistics.h"

namespace kelp::bench {
namespace {

constexpr int kFewestRuns = 3;
constexpr double kLongMs = 500;

// One after the other, until one fails.
Outcome run_all(const std::vector<Invocation>& invocations, int at_once) {
  Outcome all;
  for (const Invocation& invocation : invocations) {
    Outcome one = run(invocation, at_once);
    one.ms += all.ms;
    all = std::move(one);
    if (all.status != 0) break;
  }
  return all;
}

struct Runner {
  std::vector<Invocation> invocations;
  std::vector<Invocation> after;
  int at_once = 1;
  int every = 1;  // runs in each so-manieth round
  Measured result;

  void fail(const Outcome& outcome) {
    result.problem = outcome.reason();
    result.ms.clear();
  }

  void run_once(std::size_t round) {
    if (!result.problem.empty() || round % static_cast<std::size_t>(every) != 0) return;
    const Outcome outcome = run_all(invocations, at_once);
    if (outcome.status != 0) return fail(outcome);
    result.ms[round] = outcome.ms;
  }
};

// The first run fills caches and shows failures, the second tells how many rounds the contender can afford;
// what takes long shows that the first time.
void warm_up(Runner& runner, const Effort& effort) {
  Outcome outcome = run_all(runner.invocations, runner.at_once);
  if (outcome.status == 0 && outcome.ms < kLongMs) outcome = run_all(runner.invocations, runner.at_once);
  if (outcome.status != 0) return runner.fail(outcome);
  const double affordable = std::max<double>(kFewestRuns, effort.seconds * 1e3 / std::max(outcome.ms, 0.01));
  const double every = std::ceil(effort.rounds / affordable);
  runner.every = std::clamp(static_cast<int>(every), 1, std::max(1, effort.rounds / kFewestRuns));
}

template <typename Combine>
std::optional<double> median_of_pairs(const Measured* of, const Measured* to, Combine combine) {
  if (!of || !to) return {};
  std::vector<double> pairs;
  for (std::size_t i = 0; i < std::min(of->ms.size(), to->ms.size()); ++i) {
    if (of->ms[i] && to->ms[i]) pairs.push_back(combine(*of->ms[i], *to->ms[i]));
  }
  if (pairs.empty()) return {};
  return median(std::move(pairs));
}

}  // namespace

const Measured* RowResult::find(std::string_view name) const {
  for (const Measured& contender : contenders) {
    if (contender.name == name) return &contender;
  }
  return nullptr;
}

RowResult measure(const Row& row, const Effort& effort, const Scene& scene, const Programs& programs) {
  std::vector<Runner> runners;
  for (const Contender& contender : row.contenders) {
    const auto build = [&](const std::string& command) {
      return build_invocations(command, row.binds, scene, programs);
    };
    Runner runner = {.invocations = build(contender.command),
                     .after = build(contender.after),
                     .at_once = row.at_once,
                     .every = 1,
                     .result = {.name = std::string(contender.name), .problem = {}, .ms = {}}};
    if (runner.invocations.empty()) continue;
    runner.result.ms.resize(static_cast<std::size_t>(effort.rounds));
    const Outcome prepared = run_all(build(contender.before), 1);
    if (prepared.status == 0) {
      warm_up(runner, effort);
    } else {
      runner.fail(prepared);
    }
    runners.push_back(std::move(runner));
  }
  // A fixed seed: the orders are arbitrary, and the same in each measurement.
  std::mt19937 random(1);
  std::vector<std::size_t> order(runners.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t round = 0; round < static_cast<std::size_t>(effort.rounds); ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) runners[i].run_once(round);
  }
  RowResult result = {.row = row, .rounds = effort.rounds, .contenders = {}};
  for (const Runner& runner : runners) (void)run_all(runner.after, 1);
  for (Runner& runner : runners) result.contenders.push_back(std::move(runner.result));
  return result;
}

std::vector<double> times(const Measured& measured) {
  std::vector<double> result;
  for (const std::optional<double>& ms : measured.ms) {
    if (ms) result.push_back(*ms);
  }
  return result;
}

std::optional<double> median_ratio(const Measured* of, const Measured* to) {
  return median_of_pairs(of, to, [](double a, double b) { return a / b; });
}

std::optional<double> median_difference(const Measured* of, const Measured* to) {
  return median_of_pairs(of, to, [](double a, double b) { return a - b; });
}

}  // namespace kelp::bench
