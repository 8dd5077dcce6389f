// SPDX-License-Identifier: Apache-2.0
// See start.h.
#include "start.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

namespace kelp::faults {
namespace fs = std::filesystem;
using harness::Outcome;

namespace {

constexpr int kFileFd = 5;  // what --file reads

std::string payload() { return fs::path(harness::kelp_binary()).parent_path() / "kelp-payload-view"; }

}  // namespace

Start::Start(harness::Argv extra) {
  root_ = place_.dir("root");
  // Every mount point is there: what a start makes in a root on purpose is not what this is about.
  for (const char* name : {"bin", "dev", "proc", "sys", "etc", "root", "tmp", "x", "mnt"})
    place_.dir(std::string("root/") + name);
  fs::copy_file(payload(), place_.path() + "/root/bin/view");
  place_.file("root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nalga:x:1000:1000::/:/bin/sh\n");
  place_.file("root/etc/group", "root:x:0:\n");
  place_.file("root/file");
  place_.file("root/hide/secret", "hidden\n");
  place_.file("shared/shared", "shared\n");
  place_.file("content", "content\n");
  argv_ = {harness::kelp_binary(),
           "run",
           "--userns=single",
           "--network=none",
           "--tmpfs=/x:size=1m",
           "-v",
           place_.path() + "/shared:/mnt:ro",
           "--hide=/hide",
           "--file=5:/file",
           "--hostname=reef",
           "--ulimit=core=0:0"};
  argv_.insert(argv_.end(), extra.begin(), extra.end());
  argv_.insert(argv_.end(), {root_, "/bin/view"});
  harness::adopt_orphans();
  before_ = snapshot(place_.path());
}

Traced Start::run(const std::optional<Fault>& fault) const {
  const std::string content = place_.path() + "/content";
  return trace(argv_, fault, [&] {
    const int fd = open(content.c_str(), O_RDONLY | O_CLOEXEC);
    dup2(fd, kFileFd);
  });
}

testing::AssertionResult Start::is_clean() const {
  if (const std::vector<pid_t> left = harness::descendants(); !left.empty())
    return testing::AssertionFailure() << left.size() << " processes left";
  const std::string after = snapshot(place_.path());
  if (after == before_) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "left behind:\n" << difference(before_, after);
}

testing::AssertionResult is_refusal(const Outcome& outcome) {
  static const std::regex kLine("kelp: cannot [a-z]+ [^\n]+: [^\n]*[^ \n][^\n]*\n(hint: [^\n]+\n)?");
  const auto wrong = [&](const char* what) {
    return testing::AssertionFailure() << what << ": status " << outcome.status << ", signal "
                                       << outcome.signal << ", stderr: " << outcome.err;
  };
  if (outcome.timed_out) return wrong("it hangs");
  if (outcome.status < 125 || outcome.status > 127) return wrong("the status is not 125 to 127");
  if (!std::regex_match(outcome.err, kLine)) return wrong("the sentence is not as it should be");
  if (outcome.err.find("Success") != std::string::npos) return wrong("the reason is none");
  return testing::AssertionSuccess();
}

std::string describe(const Fault& fault) {
  static constexpr const char* kNames[] = {"parent", "PID 1", "command"};
  const std::string who = fault.who >= 0 && fault.who <= kCommand ? kNames[fault.who] : "anyone";
  return who + ": " + fault.name + " number " + std::to_string(fault.occurrence) + " gets errno " +
         std::to_string(fault.code);
}

}  // namespace kelp::faults
