// SPDX-License-Identifier: Apache-2.0
// Where mount_setattr(2) is not there, as before Linux 5.12: mounts get what they are to have all the same.
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>

#include "e2e/container.h"
#include "harness/bpf.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

// Who is not root gets no_new_privs with it, and so one id.
RunOptions without_mount_setattr() {
  return {.before_exec = [] {
    Bpf code = answering(SYS_mount_setattr, SECCOMP_RET_ERRNO | ENOSYS);
    const sock_fprog program = {.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) std::abort();
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) std::abort();
  }};
}

// The script with mounts of its own, where the call is not there. "$1" is a directory, "$2" a root.
class Remount : public testing::Test {
 protected:
  Outcome on_host(const std::string& script) const {
    return run({"unshare", "-Urm", "--propagation", "private", "sh", "-ec", "kelp=$1; shift; " + script, "sh",
                kelp_binary(), source_, small_root()},
               without_mount_setattr());
  }

  TempDir place_;
  std::string source_ = place_.dir("src");
};

TEST_F(Remount, IsWhatTheseTestsSee) {
  const Argv call = {
      payload("syscall"), "native", std::to_string(SYS_mount_setattr), "-1", "0", "0", "0", "0"};
  EXPECT_EQ(run(call, without_mount_setattr()).out, "errno=" + std::to_string(ENOSYS) + "\n");
  EXPECT_NE(run(call).out, "errno=" + std::to_string(ENOSYS) + "\n");
}

TEST_F(Remount, ReachesEveryMountBelow) {
  const std::string mounts =
      "mkdir -p \"$1/a b\" \"$1/a\"; mount -t tmpfs t \"$1/a b\"; mkdir \"$1/a b/c\\\\d\"; "
      "mount -t tmpfs t \"$1/a b/c\\\\d\"; mount -t tmpfs t \"$1/a\"; ";
  const std::string probe =
      " \"$2\" sh -c 'for d in /mnt /mnt/a \"/mnt/a b\" \"/mnt/a b/c\\\\d\"; do"
      " echo x >\"$d/f\" && echo wrote; done'";
  EXPECT_EQ(on_host(mounts + "\"$kelp\" run -v \"$1:/mnt\"" + probe).out, "wrote\nwrote\nwrote\nwrote\n");
  const Outcome outcome = on_host(mounts + "\"$kelp\" run -v \"$1:/mnt:ro\"" + probe);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

// Those flags are locked: who leaves one out is refused (EPERM).
TEST_F(Remount, KeepsWhatAMountHas) {
  const Outcome outcome = on_host(
      "mkdir \"$1/a\"; mount -t tmpfs -o noexec,noatime,nodev t \"$1/a\"; \"$kelp\" run -v "
      "\"$1:/mnt:ro,dev\" "
      "\"$2\" grep ' /mnt/a ' /proc/self/mountinfo");
  EXPECT_THAT(outcome.out, HasSubstr(" /mnt/a ro,nosuid,nodev,noexec,noatime ")) << outcome.err;
}

TEST_F(Remount, LeavesOutWhatIsCovered) {
  const std::string twice = "mkdir \"$1/a\"; mount -t tmpfs t \"$1/a\"; mount -t tmpfs t \"$1/a\"; ";
  const Outcome outcome =
      on_host(twice + "\"$kelp\" run -v \"$1:/mnt:ro\" \"$2\" sh -c 'echo x >/mnt/a/f || echo kept'");
  EXPECT_EQ(outcome.out, "kept\n") << outcome.err;
}

TEST_F(Remount, RefusesWhatItCannotReach) {
  const Outcome outcome = on_host(
      "mkdir -p \"$1/a/b\"; mount -t tmpfs t \"$1/a/b\"; mount -t tmpfs t \"$1/a\"; mkdir \"$1/a/b\"; "
      "\"$kelp\" run -v \"$1:/mnt:ro\" \"$2\" true");
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err,
              HasSubstr("kelp: cannot set the attributes of the mount on /mnt: another mount hides it "
                        "(the mount on a/b below it)"));
}

TEST_F(Remount, IsEnoughForAReadOnlyRoot) {
  const std::string probe = " \"$2\" sh -c 'echo x >/f && echo wrote; echo x >/tmp/f && echo wrote'";
  EXPECT_EQ(on_host("\"$kelp\" run -v \"$1:/made\"" + probe).out, "wrote\nwrote\n");
  EXPECT_EQ(on_host("\"$kelp\" run --read-only -v \"$1:/made\"" + probe).out, "wrote\n");
}

TEST_F(Remount, IsEnoughForTheHostsUserland) {
  const Outcome outcome = on_host("\"$kelp\" run host sh -c 'touch /usr/f; touch /tmp/f && echo fine'");
  EXPECT_EQ(outcome.out, "fine\n");
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

}  // namespace
}  // namespace kelp::harness
