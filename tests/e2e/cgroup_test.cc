// SPDX-License-Identifier: Apache-2.0
// Limits of the whole container where no cgroup is to be had, and a cgroup without limits. That the limits
// hold is shown in a virtual machine (tests/vm).
#include "harness/cgroup.h"

#include "container.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// Root of a user namespace, whom no systemd obeys, with the cgroups covered.
Outcome without_cgroups(const std::string& flags, const std::string& command) {
  return with_mounts("mount -t tmpfs none /sys/fs/cgroup; exec \"$kelp\" run --userns=single " + flags +
                         " \"$1\" sh -c '" + command + "' 3>&2",
                     {small_root()});
}

TEST(LimitsWithoutACgroup, AreRefusedWithTheWayOut) {
  KELP_ONLY_AS("a container of kelp has no cgroup file system to cover", "user", "noranges", "root");
  const Outcome outcome = without_cgroups("-m 64m", "true");
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, AllOf(StartsWith("kelp: cannot use -m 64m: "), HasSubstr("\nhint: "),
                                 HasSubstr("; --limits=best-effort limits each process instead\n")));
  EXPECT_THAT(without_cgroups("", "true"), Works());
}

TEST(LimitsWithoutACgroup, BestEffortLimitsEachProcessAndTellsSo) {
  KELP_ONLY_AS("a container of kelp has no cgroup file system to cover", "user", "noranges", "root");
  const Outcome outcome = without_cgroups("-m 2g --cpus 1 --limits=best-effort --report 3", "ulimit -v");
  EXPECT_EQ(outcome.out, "2097152\n");
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("-m 2g: each process has this much address space (RLIMIT_AS), all "
                              "together may have more"),
                    HasSubstr("--cpus 1: there is no cgroup for it"), HasSubstr("\"cgroup\":null")));
}

TEST(LimitsWithoutACgroup, CanBeRequired) {
  KELP_ONLY_AS("a container of kelp has no cgroup file system to cover", "user", "noranges", "root");
  const Outcome outcome = without_cgroups("-m 2g --limits=best-effort --require=limits", "true");
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, HasSubstr("cannot enforce limits (--require=limits): only partly: -m 2g"));
}

TEST(Limits, ThatAreNoneAreRefusedTogether) {
  const Outcome outcome = inside("true", {"-m0", "--cpus=0", "--pids-limit=1", "--cgroup-parent=x"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_EQ(outcome.err,
            "kelp: cannot use -m0: it is not between 1 byte and 8 exbibytes\n"
            "kelp: cannot use --cpus=0: it is not between 0.01 and 1000000 CPUs\n"
            "kelp: cannot use --pids-limit=1: it is not between 2 (kelp's own PID 1 is one of them) and "
            "2147483647\n"
            "kelp: cannot use --cgroup-parent=x: it is neither an absolute path nor the name of a slice\n"
            "hint: /a/b as /proc/self/cgroup shows it, or NAME.slice of your systemd\n");
}

TEST(CgroupParent, HoldsTheContainerInACgroupThatIsItsRootAndGoes) {
  KELP_ONLY_AS("only root may make a cgroup anywhere", "root");
  const std::string mount = cgroup_mount();
  KELP_REQUIRE(!mount.empty(), "no writable cgroup v2 is mounted");
  const OwnCgroup own(mount);
  const std::string parent = own.flags().front();
  const Outcome outcome =
      run({"sh", "-c", "exec \"$0\" run \"$1\" --report 3 \"$2\" grep ^0: /proc/self/cgroup 3>&2",
           kelp_binary(), parent, small_root()});
  EXPECT_EQ(outcome.out, "0::/\n");
  EXPECT_THAT(outcome.err, HasSubstr("\"cgroup\":{\"peak_bytes\":"));
  EXPECT_THAT(own.inside(), testing::IsEmpty());
  EXPECT_THAT(run_in("/nowhere/at/all", {parent}, {"true"}), CannotStart());
  EXPECT_EQ(run_in(small_root(), {parent}, {"/nowhere"}).status, 127);
  EXPECT_THAT(own.inside(), testing::IsEmpty());
}

TEST(CgroupParent, KeepsADeadCgroupThatHoldsProcessesAndTellsSo) {
  KELP_ONLY_AS("only root may make a cgroup anywhere", "root");
  const std::string mount = cgroup_mount();
  KELP_REQUIRE(!mount.empty(), "no writable cgroup v2 is mounted");
  const OwnCgroup own(mount);
  const Outcome outcome = run({"sh", "-ec",
                               R"(dead=$1/kelp-container-dead
          mkdir "$dead"
          sleeper=$(sleep 60 >/dev/null & echo $!)
          echo $sleeper >"$dead/cgroup.procs"
          "$0" run "$2" "$3" true
          kill -0 $sleeper
          kill $sleeper
          while grep -q . "$dead/cgroup.procs"; do sleep 0.01; done
          "$0" run "$2" "$3" true
          [ ! -e "$dead" ])",
                               kelp_binary(), own.path(), own.flags().front(), small_root()});
  EXPECT_THAT(outcome, Works());
  EXPECT_EQ(outcome.err, "kelp: warning: the cgroup " + own.path() +
                             "/kelp-container-dead, which no kelp holds any more, stays: processes are in "
                             "it\n");
}

// As root everything could be written to.
TEST(CgroupParent, ThatAnotherFileSystemLiesOnIsRefused) {
  KELP_ONLY_AS("only root may make a cgroup anywhere", "root");
  const std::string mount = cgroup_mount();
  KELP_REQUIRE(!mount.empty(), "no writable cgroup v2 is mounted");
  const OwnCgroup own(mount);
  const Outcome outcome = run({"unshare", "--mount", "--propagation", "private", "sh", "-ec",
                               R"(mount -t tmpfs none "$1"
          : >"$1/cgroup.procs"
          : >"$1/cgroup.subtree_control"
          status=0
          "$0" run "$2" "$3" true || status=$?
          ls "$1"
          exit $status)",
                               kelp_binary(), own.path(), own.flags().front(), small_root()});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_EQ(outcome.err, "kelp: cannot use the cgroup " + own.path() +
                             ": what lies there now is no cgroup v2: something is mounted over it (limiting "
                             "the container)\n");
  EXPECT_EQ(outcome.out, "cgroup.procs\ncgroup.subtree_control\n") << "nothing is made there";
}

}  // namespace
}  // namespace kelp::harness
