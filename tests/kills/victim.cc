// SPDX-License-Identifier: Apache-2.0
// See victim.h.
#include "victim.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kelp::kills {

using harness::Argv;

Moments::Moments() {
  const char* wanted = std::getenv("KELP_TEST_SEED");
  seed_ = wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : std::random_device()();
  random_.seed(seed_);
  std::cout << "KELP_TEST_SEED=" << seed_ << "\n";
}

microseconds Moments::next() {
  return microseconds(std::uniform_int_distribution<long>(0, start_.count() * 3 / 2)(random_));
}

Victim::Victim(const Argv& options, MountPoints mount_points) : options_(options) {
  root_ = harness::make_small_root(place_);
  place_.file("shared/file", "shared\n");
  if (mount_points == MountPoints::kMade) {
    for (const char* name : {"dev", "proc", "sys", "x", "mnt"}) place_.dir(std::string("root/") + name);
    for (const char* name : {"hosts", "resolv.conf"}) place_.file(std::string("root/etc/") + name);
  }
  harness::adopt_orphans();
  before_ = faults::snapshot(place_.path());
}

Argv Victim::line() const {
  Argv argv = {harness::kelp_binary(), "run", "--network=none",
               "--tmpfs=/x:size=1m",   "-v",  place_.path() + "/shared:/mnt:ro",
               "--hide=/etc/group"};
  argv.insert(argv.end(), options_.begin(), options_.end());
  argv.insert(argv.end(), {root_, "/bin/sh", "-c", "echo up; exec sleep 60"});
  return argv;
}

microseconds Victim::length() const {
  std::vector<microseconds> lengths;
  for (int i = 0; i < 5; ++i) {
    const auto begin = Clock::now();
    harness::Running running(line(), {});
    if (!running.wait_for_output("up")) throw std::runtime_error(testing::PrintToString(running.finish()));
    lengths.push_back(std::chrono::duration_cast<microseconds>(Clock::now() - begin));
    running.kill(SIGKILL);
    running.finish();
  }
  std::sort(lengths.begin(), lengths.end());
  return lengths[lengths.size() / 2];
}

testing::AssertionResult Victim::is_gone() const {
  if (const std::vector<pid_t> left = harness::descendants(harness::milliseconds{1000}); !left.empty())
    return testing::AssertionFailure() << left.size() << " processes live on, the first is " << left.front();
  const std::string after = faults::snapshot(place_.path());
  if (after == before_) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "left behind:\n" << faults::difference(before_, after);
}

void end_after(const harness::Argv& line, microseconds delay) {
  const auto begin = Clock::now();
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> argv;
    for (const std::string& word : line) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  sleep_until(begin + delay);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

void sleep_until(Clock::time_point when) { std::this_thread::sleep_until(when); }

}  // namespace kelp::kills
