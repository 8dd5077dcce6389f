// SPDX-License-Identifier: Apache-2.0
// check(): what a Spec may not say, whatever the machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "spec/check.h"

namespace kelp {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Every problem, as a sentence.
std::vector<std::string> problems(const Spec& spec) {
  const Result<CheckedSpec> checked = check(spec);
  if (checked) return {};
  std::vector<std::string> out = {checked.error().sentence()};
  for (const Error& other : checked.error().others()) out.push_back(other.sentence());
  return out;
}

Spec with_mount(MountKind what, std::string typed = {}) {
  Spec spec;
  spec.mounts.push_back({.what = std::move(what), .origin = {std::move(typed)}});
  return spec;
}

Spec with_map(IdMap users, IdMap groups) {
  Spec spec;
  spec.ids = {.map = ExplicitIds{.users = std::move(users), .groups = std::move(groups)},
              .origin = {"--userns=X"}};
  return spec;
}
Spec with_map(const IdMap& both) { return with_map(both, both); }

TEST(Check, LetsTheEmptySpecPassUnchanged) {
  const Result<CheckedSpec> checked = check(Spec{});
  ASSERT_TRUE(checked);
  EXPECT_EQ(**checked, Spec{});
}

TEST(Check, FindsEveryProblemAtOnce) {
  Spec spec = with_mount(Tmpfs{.to = "tmp"}, "--tmpfs tmp");
  spec.hostname = "box";
  spec.command.timeout_ms = 0;
  spec.report_fd = 1;
  EXPECT_THAT(problems(spec), ElementsAre("cannot set the host name 'box': the uts namespace is the host's",
                                          "cannot use --tmpfs tmp: the destination 'tmp' is not absolute",
                                          "cannot end the command after 0 s: it would never run",
                                          "cannot report to descriptor 1: 0, 1 and 2 belong to the command"));
}

TEST(CheckMounts, RefusesDestinationsThatLinksOrTheRootWouldDecide) {
  for (const std::string bad : {"", "a", "./a", "/..", "/a/../b", "/", "//", "/./"}) {
    EXPECT_THAT(problems(with_mount(Tmpfs{.to = bad})), SizeIs(1)) << bad;
    EXPECT_THAT(problems(with_mount(Hide{.path = bad})), SizeIs(1)) << bad;
  }
  EXPECT_THAT(problems(with_mount(Tmpfs{.to = std::string("/a\0b", 4)})), Contains(HasSubstr("zero byte")));
  EXPECT_THAT(problems(with_mount(Tmpfs{.to = "/" + std::string(4095, 'a')})),
              Contains(HasSubstr("longer than 4095 bytes")));
  EXPECT_THAT(problems(with_mount(Tmpfs{.to = "/a//b/./c..d/...e/"})), IsEmpty());
  EXPECT_THAT(problems(with_mount(Symlink{.target = "../x", .to = "/l"})), IsEmpty());
}

TEST(CheckMounts, NamesTheFlagOrTheDestination) {
  EXPECT_THAT(problems(with_mount(Bind{.from = "/a", .to = "b"}, "-v /a:b")),
              ElementsAre("cannot use -v /a:b: the destination 'b' is not absolute"));
  EXPECT_THAT(problems(with_mount(Cgroup{.to = "/c"})),
              ElementsAre("cannot mount on '/c': it needs a cgroup namespace of its own"));
}

TEST(CheckMounts, RefusesWhatAKindCannotBe) {
  EXPECT_THAT(problems(with_mount(Bind{.from = "", .to = "/b"})), Contains(HasSubstr("the source is empty")));
  EXPECT_THAT(problems(with_mount(Symlink{.target = "", .to = "/b"})), Contains(HasSubstr("text of a link")));
  EXPECT_THAT(problems(with_mount(Directory{.to = "/b", .mode = 010000})),
              Contains(HasSubstr("more bits than a mode")));
  EXPECT_THAT(problems(with_mount(Proc{.to = "/proc", .mode = ProcMode::kNew})),
              Contains(HasSubstr("needs a pid namespace")));
  EXPECT_THAT(problems(with_mount(Proc{.to = "/proc", .mode = ProcMode::kAuto})), IsEmpty());
  Spec twice = with_mount(DataFile{.to = "/a", .fd = 3});
  twice.mounts.push_back({.what = DataFile{.to = "/b", .fd = 3}});
  EXPECT_THAT(problems(twice),
              ElementsAre("cannot mount on '/b': descriptor 3 is read by another file already"));
}

TEST(CheckRoot, RefusesLowerDirectoriesThatCannotBe) {
  Spec spec;
  spec.root.what = DirectoryRoot{.path = "./root"};
  spec.root.overlay = Overlay{.lowers = {"/a", ""}, .kept = "/k", .origin = {"--overlay=/k"}};
  EXPECT_THAT(problems(spec), ElementsAre("cannot use --overlay=/k: the source is empty"));
  spec.root.overlay = Overlay{.lowers = {"/a"}, .kept = "/k"};
  EXPECT_THAT(problems(spec), IsEmpty());
  spec.root.overlay->lowers.assign(500, "/a");
  EXPECT_THAT(problems(spec), Contains(HasSubstr("more than 499 lower")));
}

TEST(CheckIds, TakesAMapThatIsWhole) {
  EXPECT_THAT(problems(with_map({{0, 1000, 1}, {1, 100000, 65536}, {70000, 0, 5}})), IsEmpty());
  EXPECT_THAT(problems(with_map({{0, 0, 4294967295}})), IsEmpty());
}

TEST(CheckIds, RefusesOverlappingRanges) {
  EXPECT_THAT(problems(with_map({{0, 1000, 10}, {9, 2000, 1}})),
              ElementsAre("cannot use --userns=X: 0:1000:10 and 9:2000:1 overlap inside, for users"));
  EXPECT_THAT(problems(with_map({{20, 1009, 1}, {0, 1000, 10}})), Contains(HasSubstr("overlap on the host")));
  EXPECT_THAT(problems(with_map({{0, 1, 1}}, {{0, 1, 2}, {1, 9, 1}})),
              Contains(HasSubstr("overlap inside, for groups")));
}

TEST(CheckIds, RefusesRangesOutsideOfAllIds) {
  EXPECT_THAT(problems(with_map({{0, 1000, 0}})), Contains(HasSubstr("0:1000:0 maps nothing")));
  EXPECT_THAT(problems(with_map({{1, 0, 4294967295}, {0, 5, 1}})),
              Contains(HasSubstr("runs past 4294967294")));
  EXPECT_THAT(problems(with_map({{0, 4294967294, 2}})), Contains(HasSubstr("runs past")));
  EXPECT_THAT(problems(with_map({{0, 0, 1}}, {})), Contains(HasSubstr("no id of a group is mapped")));
  IdMap many;
  for (Id i = 0; i < 341; ++i) many.push_back({.inside = i, .host = i, .count = 1});
  EXPECT_THAT(problems(with_map(many)),
              ElementsAre("cannot use --userns=X: these are more than 340 ranges of users"));
}

TEST(CheckIds, RefusesAUserWhomTheMapLacks) {
  Spec spec = with_map({{1000, 1000, 1}});
  EXPECT_THAT(problems(spec), ElementsAre("cannot run as user 0: no user 0 is mapped by --userns=X"));
  EXPECT_EQ(check(spec).error().hint(), "-u USER says who to be inside");
  spec.command.user = {.user = Id{1000}, .group = Id{7}, .origin = {"-u 1000:7"}};
  EXPECT_THAT(problems(spec), ElementsAre("cannot use -u 1000:7: no group 7 is mapped by --userns=X"));
  spec = {};
  spec.ids.map = SingleId{};
  spec.command.user = {.user = Id{5}, .origin = {"-u 5"}};
  EXPECT_THAT(problems(spec), ElementsAre("cannot use -u 5: no user 5 is mapped"));
}

TEST(CheckIds, RefusesToKeepGroupsAsAnother) {
  Spec spec;
  spec.command.groups = Groups::kKeep;
  EXPECT_THAT(problems(spec), IsEmpty());
  spec.command.user.origin = {"-u bob"};
  EXPECT_THAT(problems(spec),
              ElementsAre("cannot keep your groups: it contradicts -u bob: they are not that user's"));
}

TEST(CheckNamespaces, RefusesWhatNeedsANamespaceThatIsShared) {
  Spec spec;
  spec.time_offsets = TimeOffsets{.monotonic_s = 5'000'000'000};
  spec.loopback_up = true;
  spec.domainname = "lan";
  spec.command.pid1 = Pid1::kReaper;
  EXPECT_THAT(problems(spec),
              ElementsAre("cannot shift the clocks: the time namespace is the host's",
                          "cannot shift a clock by 5000000000 s: the greatest shift is 4611686018",
                          "cannot bring the loopback interface up: the network namespace is the host's",
                          "cannot set the domain name 'lan': the uts namespace is the host's",
                          "cannot make a reaper PID 1: the pid namespace is the host's"));
}

TEST(CheckNamespaces, RefusesNamesThatAreNone) {
  Spec spec;
  spec.new_namespaces.add(Namespace::kUts);
  spec.hostname = std::string(64, 'a');
  EXPECT_THAT(problems(spec), IsEmpty());
  spec.hostname += 'a';
  spec.domainname = "a b";
  EXPECT_THAT(problems(spec),
              ElementsAre(HasSubstr("longer than 64 bytes"), HasSubstr("a blank or a control character")));
}

TEST(CheckCommand, RefusesWordsThatCannotBePassed) {
  Spec spec;
  spec.command.argv = {"", std::string("a\0b", 3)};
  spec.command.directory = "src";
  spec.command.environment.entries = {"A=1", "B", "=c"};
  EXPECT_THAT(problems(spec), ElementsAre("cannot run '': the name of the program is empty",
                                          "cannot pass the argument 'a\\x00b': it holds a zero byte",
                                          "cannot start in 'src': the directory is not absolute",
                                          "cannot set the variable 'B': it is not NAME=VALUE",
                                          "cannot set the variable '=c': it is not NAME=VALUE"));
}

TEST(CheckCommand, RefusesRightsThatContradictEachOther) {
  Spec spec;
  spec.command.capabilities = {.root = 1, .any_user = 3};
  spec.command.limits = {
      {.resource = RLIMIT_NOFILE, .soft = 5, .hard = 4, .origin = {"--ulimit nofile=5:4"}}};
  spec.command.umask = 01000;
  EXPECT_THAT(problems(spec),
              ElementsAre("cannot give the capabilities dac_override: the bounding set lacks them",
                          "cannot set the umask: it has more bits than a mask has",
                          "cannot use --ulimit nofile=5:4: the soft limit is above the hard one"));
}

TEST(CheckMounts, SaysWhatToWriteInsteadOfHidingAll) {
  for (const char* path : {"/", "//", "/.", "/./"}) {
    const Result<CheckedSpec> checked = check(with_mount(Hide{.path = path}, cat("--hide ", path)));
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().sentence(),
              cat("cannot use --hide ", path, ": no program would be left to run"));
    EXPECT_EQ(checked.error().hint(),
              "begin with nothing instead: ROOT `empty`, and -v for what is to be seen");
  }
  EXPECT_THAT(problems(with_mount(Hide{.path = "/.."})),
              ElementsAre("cannot mount on '/..': there is a '..' in the destination '/..'"));
  EXPECT_THAT(problems(with_mount(Hide{.path = "/..."})), ElementsAre());
}

TEST(CheckCommand, RefusesALimitUnderWhichNothingRuns) {
  Spec spec;
  spec.command.limits = {{.resource = RLIMIT_CPU, .soft = 0, .hard = 5, .origin = {"--ulimit cpu=0:5"}}};
  EXPECT_THAT(problems(spec), ElementsAre("cannot use --ulimit cpu=0:5: the command would never run"));
  spec.command.limits = {{.resource = RLIMIT_CPU, .soft = 1, .hard = 1},
                         {.resource = RLIMIT_CORE, .soft = 0, .hard = 0}};
  EXPECT_THAT(problems(spec), ElementsAre());
}

TEST(CheckCommand, RefusesDescriptorsThatTwoWant) {
  Spec spec;
  spec.command.preserved_fds = {5, 1, 3, 5};
  spec.report_fd = 3;
  EXPECT_THAT(problems(spec), ElementsAre("cannot preserve descriptor 1: 0, 1 and 2 are passed anyway",
                                          "cannot preserve descriptor 5: it is named twice",
                                          "cannot report to descriptor 3: the command would get it too"));
}

}  // namespace
}  // namespace kelp
