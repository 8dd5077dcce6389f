// SPDX-License-Identifier: Apache-2.0
// Real containers by a Spec that no dialect has written: what an OCI configuration asks for, said directly.
#pragma once

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "harness/harness.h"
#include "host/probe.h"
#include "launch/exit_status.h"
#include "launch/leave.h"
#include "launch/start.h"
#include "launch/wait.h"
#include "plan/build.h"
#include "spec/check.h"
#include "sys/caps.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"

namespace kelp::launch {

// A small root, and /out, where the container leaves what it has seen.
class Foreign : public testing::Test {
 protected:
  Foreign() : root_(harness::make_small_root(place_)), out_(place_.dir("out")) {}

  // As root of the namespace that we are in: none of its own, as crun.
  static Ids ids() {
    if (has_rights()) return {.map = OwnIds{}};
    return {};
  }
  // Root inside of kelp has no CAP_SYS_ADMIN.
  static bool has_rights() {
    const Result<sys::CapabilityMask> mask = sys::effective_capabilities();
    return ::geteuid() == 0 && mask && (*mask >> CAP_SYS_ADMIN & 1U) != 0;
  }

  Spec spec(std::vector<std::string> argv) const {
    Spec spec;
    spec.root.what = DirectoryRoot{.path = root_};
    spec.root.devices = true;
    for (const Namespace kind : {Namespace::kPid, Namespace::kIpc, Namespace::kUts})
      spec.new_namespaces.add(kind);
    spec.ids = ids();
    spec.mounts = {{PlainMount{.type = "proc", .source = "proc", .to = "/proc"}},
                   {PlainMount{.type = "tmpfs",
                               .source = "tmpfs",
                               .to = "/dev",
                               .data = "mode=755,size=65536k",
                               .attributes = {.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME}}},
                   {PlainMount{.type = "bind", .source = out_, .to = "/out"}}};
    spec.command.argv = std::move(argv);
    spec.command.environment.entries = {"PATH=/bin"};
    spec.command.user = {.user = Id{0}, .group = Id{0}};
    spec.command.groups = Groups::kListed;
    spec.command.new_session = true;
    spec.command.new_privileges = false;
    return spec;
  }
  Spec script(const std::string& text) const { return spec({"/bin/sh", "-c", text}); }
  static void add(Spec& spec, MountKind what) {
    spec.mounts.push_back({.what = std::move(what), .origin = {"a mount"}});
  }

  static Result<plan::Plan> plan(Spec spec) {
    const Result<CheckedSpec> checked = check(std::move(spec));
    if (!checked) return checked.error();
    const Result<host::Facts> facts = host::probe(plan::needs(*checked));
    if (!facts) return facts.error();
    return plan::build(*checked, *facts);
  }

  // In a process of its own, whose stderr is the file "said"; the exit status of kelp.
  int run(Spec wanted) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const Result<plan::Plan> planned = plan(std::move(wanted));
      if (!planned) end(planned.error());
      Result<Running> running = launch::start(*planned);
      if (!running) end(running.error());
      const Result<Finished> finished = launch::wait(*planned, std::move(*running));
      if (!finished) end(finished.error());
      ::_exit(exit_status_of(*finished));
    }
    int status = -1;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  // A container that stays when the process that has made it is gone. Its exit status; 0: there it is.
  int leave_alone(Spec wanted) {
    wanted.stays = true;
    constexpr int kTold = 9;
    sys::Pipe told = std::move(*sys::make_pipe());
    const pid_t kelp = ::fork();
    if (kelp == 0) {
      ::dup2(told.write_end.get(), kTold);
      wanted.parent_fds = {kTold};
      const Result<plan::Plan> planned = plan(std::move(wanted));
      if (!planned) end(planned.error());
      Result<Running> running = launch::start(*planned);
      if (!running) end(running.error());
      const Result<Left> left = leave(*planned, std::move(*running));
      if (!left) end(left.error());
      (void)!::write(kTold, &left->pid, sizeof left->pid);
      ::_exit(0);
    }
    told.write_end.reset();
    int status = -1;
    EXPECT_EQ(::waitpid(kelp, &status, 0), kelp);
    if (::read(told.read_end.get(), &pid_, sizeof pid_) == sizeof pid_)
      pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  [[noreturn]] void end(const Error& error) const {
    const Result<sys::UniqueFd> file = sys::open_file(cat(place_.path(), "/said"), O_WRONLY | O_CREAT, 0644);
    if (file) (void)sys::write_all(file->get(), error.sentence(), "said");
    ::_exit(error.status());
  }
  std::string said() const { return read("../said"); }
  // What the container has written to /out/NAME.
  std::string read(const std::string& name) const {
    const Result<std::string> text = sys::read_file(cat(out_, "/", name), 1U << 20U);
    return text ? *text : cat("(", text.error().sentence(), ")");
  }

  ~Foreign() override {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
  }

  harness::TempDir place_;
  std::string root_;
  std::string out_;
  pid_t pid_ = -1;
  sys::UniqueFd pidfd_;
};

}  // namespace kelp::launch
