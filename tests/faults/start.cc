// SPDX-License-Identifier: Apache-2.0
// See start.h.
#include "start.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <stdexcept>

namespace kelp::faults {
namespace fs = std::filesystem;
using harness::Outcome;

namespace {

constexpr int kFileFd = 5;  // what --file reads

std::string payload() { return fs::path(harness::kelp_binary()).parent_path() / "kelp-payload-view"; }

}  // namespace

CallersTerminal::CallersTerminal() : master_fd_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  if (master_fd_ < 0 || grantpt(master_fd_) != 0 || unlockpt(master_fd_) != 0)
    throw std::runtime_error("faults: no terminal");
  slave_fd_ = open(ptsname(master_fd_), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave_fd_ < 0 || tcgetattr(slave_fd_, &before_) != 0) throw std::runtime_error("faults: no terminal");
  ioctl(slave_fd_, TIOCSCTTY, 0);
}

CallersTerminal::~CallersTerminal() {
  signal(SIGHUP, SIG_IGN);  // its end is that of our terminal
  close(slave_fd_);
  close(master_fd_);
}

bool CallersTerminal::is_restored() const {
  termios now{};
  return tcgetattr(slave_fd_, &now) == 0 && now.c_iflag == before_.c_iflag &&
         now.c_oflag == before_.c_oflag && now.c_lflag == before_.c_lflag && now.c_cflag == before_.c_cflag;
}

Start::Start(const Scene& scene) {
  root_ = place_.dir("root");
  // Every mount point is there: what a start makes in a root on purpose is not what this is about.
  for (const char* name : {"bin", "dev", "proc", "sys", "etc", "root", "tmp", "x", "mnt"})
    place_.dir(std::string("root/") + name);
  fs::copy_file(payload(), place_.path() + "/root/bin/view");
  place_.file("root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nalga:x:1000:1000::/:/bin/sh\n");
  place_.file("root/etc/group", "root:x:0:\n");
  // Mount points too.
  for (const char* name : {"root/file", "root/etc/hosts", "root/etc/resolv.conf"}) place_.file(name);
  place_.file("root/hide/secret", "hidden\n");
  place_.file("shared/shared", "shared\n");
  place_.file("content", "content\n");
  argv_ = {harness::kelp_binary(),
           "run",
           "--userns=single",
           scene.has_hosts_network ? "--network=host" : "--network=none",
           "--tmpfs=/x:size=1m",
           "-v",
           place_.path() + "/shared:/mnt:ro",
           "--hide=/hide",
           "--file=5:/file",
           "--hostname=reef",
           "--ulimit=core=0:0"};
  argv_.insert(argv_.end(), scene.options.begin(), scene.options.end());
  if (scene.has_cgroup) {
    cgroup_.emplace(harness::cgroup_mount());
    const harness::Argv flags = cgroup_->flags();
    argv_.insert(argv_.end(), flags.begin(), flags.end());
  }
  if (scene.root.empty()) {
    argv_.insert(argv_.end(), {root_, "/bin/view"});
  } else {
    argv_.insert(argv_.end(), {"-v", root_ + "/bin:/payload:ro", scene.root, "/payload/view"});
  }
  if (scene.has_terminal) terminal_.emplace();
  harness::adopt_orphans();
  before_ = snapshot(place_.path());
}

Traced Start::run(const std::optional<Fault>& fault) const {
  const std::string content = place_.path() + "/content";
  Traced traced = trace(argv_, fault, [&] {
    const int fd = open(content.c_str(), O_RDONLY | O_CLOEXEC);
    dup2(fd, kFileFd);
    if (terminal_) dup2(terminal_->fd(), 0);
  });
  std::erase(traced.outcome.out, '\r');  // of the container's terminal
  return traced;
}

testing::AssertionResult Start::is_clean() const {
  if (const std::vector<pid_t> left = harness::descendants(); !left.empty())
    return testing::AssertionFailure() << left.size() << " processes left";
  if (terminal_ && !terminal_->is_restored())
    return testing::AssertionFailure() << "the caller's terminal is not as it was";
  if (cgroup_ && !cgroup_->inside().empty())
    return testing::AssertionFailure() << "the cgroup " << cgroup_->inside().front() << " is left";
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
  const std::string who = fault.who == kIdWriter                    ? "id writer"
                          : fault.who >= 0 && fault.who <= kCommand ? kNames[fault.who]
                                                                    : "anyone";
  return who + ": " + fault.name + " number " + std::to_string(fault.occurrence) + " gets errno " +
         std::to_string(fault.code);
}

}  // namespace kelp::faults
