// SPDX-License-Identifier: Apache-2.0
// What mounts, roots and overlays become: the steps, their order and their flags.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>

#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

constexpr std::uint64_t kSafe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

// The bind on a path.
BindMount bind_on(const Plan& plan, const std::string& to) {
  for (const BindMount& bind : steps_of<BindMount>(plan)) {
    if (bind.to == to) return bind;
  }
  ADD_FAILURE() << "nothing is bound on " << to;
  return {};
}
NewFilesystem new_on(const Plan& plan, const std::string& to) {
  for (const NewFilesystem& made : steps_of<NewFilesystem>(plan)) {
    if (made.to == to) return made;
  }
  ADD_FAILURE() << "nothing is mounted on " << to;
  return {};
}
// All that is masked in any proc or sysfs.
std::set<std::string> masks(const Plan& plan) {
  std::set<std::string> out;
  const auto take = [&out](const std::string& to, const Masks& masks) {
    for (const auto* list : {&masks.hidden, &masks.read_only}) {
      for (const std::string& name : *list) out.insert(to + "/" + name);
    }
  };
  for (const NewProc& step : steps_of<NewProc>(plan)) take(step.to, step.masks);
  for (const NewFilesystem& step : steps_of<NewFilesystem>(plan)) take(step.to, step.masks);
  for (const BindMount& step : steps_of<BindMount>(plan)) take(step.to, step.masks);
  return out;
}

TEST(PlanMounts, OpensSourcesBeforeAnythingElse) {
  const Plan plan = plan_of({"-v", "/src:/mnt"});
  EXPECT_EQ(place_of<OpenSources>(plan), 0);
  EXPECT_LT(place_of<OpenSources>(plan), place_of<TakeIds>(plan));
  EXPECT_LT(place_of<TakeIds>(plan), place_of<SetPropagation>(plan));
  EXPECT_LT(place_of<SetPropagation>(plan), place_of<BindRoot>(plan));
  EXPECT_LT(place_of<BindRoot>(plan), place_of<NewProc>(plan));
  EXPECT_LT(place_of<BindMount>(plan), place_of<Pivot>(plan));
}

TEST(PlanMounts, RemembersWhatTheParentSaw) {
  host::Facts facts = ordinary_facts();
  facts.files["/src"] = a_directory(1000, 77);
  facts.files["/closed"] = an_absence(EACCES);
  const Plan plan = plan_of({"-v", "/src:/a", "-v", "/closed:/b"}, facts);
  for (const Source& source : step_of<OpenSources>(plan).sources) {
    if (source.path == "/src") {
      EXPECT_EQ(source.inode, 77U);
    }
    if (source.path == "/closed") {
      EXPECT_EQ(source.inode, 0U) << "the child decides";
    }
  }
}

TEST(PlanMounts, MakesTheDefaultsOfTheManual) {
  const Plan plan = plan_of({});
  EXPECT_EQ(step_of<NewProc>(plan), (NewProc{.to = "/proc", .modes = {ProcMode::kNew, ProcMode::kPids}}));
  EXPECT_EQ(new_on(plan, "/dev").flags, MS_NOSUID | MS_NOEXEC);
  EXPECT_EQ(new_on(plan, "/dev/shm").flags, MS_NOSUID | MS_NODEV);
  EXPECT_EQ(new_on(plan, "/dev/mqueue").type, "mqueue");
  EXPECT_EQ(new_on(plan, "/sys/fs/cgroup").flags, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
  EXPECT_EQ(bind_on(plan, "/sys").attributes, MOUNT_ATTR_RDONLY | kSafe);
  EXPECT_EQ(bind_on(plan, "/etc/resolv.conf").attributes, MOUNT_ATTR_RDONLY | kSafe);
  EXPECT_TRUE(bind_on(plan, "/etc/resolv.conf").follow_dangling);
  EXPECT_THAT(masks(plan), IsEmpty());
  EXPECT_EQ(place_of<MakeScratch>(plan), -1) << "nothing needs it";
}

TEST(PlanMounts, BindsTheDevicesAfterALookAtTheirNumbers) {
  const Plan plan = plan_of({});
  for (const auto& [name, minor] :
       {std::pair{"null", 3U}, {"zero", 5U}, {"full", 7U}, {"random", 8U}, {"urandom", 9U}})
    EXPECT_EQ(bind_on(plan, std::string("/dev/") + name).device_number, (1U << 8U) | minor);
  EXPECT_EQ(bind_on(plan, "/dev/tty").device_number, 5U << 8U);
}

TEST(PlanMounts, NamesTheTerminalGroupOnlyWhereItIsMapped) {
  EXPECT_THAT(new_on(plan_of({}), "/dev/pts").options, HasSubstr("gid=5"));
  EXPECT_THAT(new_on(plan_of({"--userns=single"}), "/dev/pts").options, Not(HasSubstr("gid=")));
}

TEST(PlanMounts, GivesEveryTmpfsASize) {
  const Plan plan = plan_of({"--tmpfs=/a", "--tmpfs=/b:size=1m,mode=0700,ro,noexec", "--read-only"});
  for (const NewFilesystem& made : steps_of<NewFilesystem>(plan)) {
    if (made.type == "tmpfs") {
      EXPECT_THAT(made.options, HasSubstr("size=")) << made.to;
    }
  }
  EXPECT_EQ(new_on(plan, "/a").options, "mode=1777,size=25%");
  EXPECT_EQ(new_on(plan, "/b").options, "mode=0700,size=1048576");
  EXPECT_EQ(new_on(plan, "/b").flags, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
}

TEST(PlanMounts, BindsWhatASharedNamespaceForbidsToMount) {
  const Plan plan = plan_of({"--share=pid,ipc,cgroup"});
  EXPECT_EQ(source_path(plan, bind_on(plan, "/proc").source), "/proc");
  EXPECT_EQ(source_path(plan, bind_on(plan, "/dev/mqueue").source), "/dev/mqueue");
  EXPECT_THAT(steps_of<NewProc>(plan), IsEmpty());
  for (const NewFilesystem& made : steps_of<NewFilesystem>(plan)) EXPECT_NE(made.type, "cgroup2");
}

TEST(PlanMounts, TellsWhereTheDefaultCgroupIsMissing) {
  const auto is_mounted = [](const Plan& plan) {
    const std::vector<NewFilesystem> all = steps_of<NewFilesystem>(plan);
    return std::any_of(all.begin(), all.end(), [](const auto& made) { return made.type == "cgroup2"; });
  };
  host::Facts facts = ordinary_facts();
  EXPECT_TRUE(is_mounted(plan_of({}, facts)));
  facts.files["/sys/fs/cgroup"] = an_absence(ENOENT);
  EXPECT_FALSE(is_mounted(plan_of({}, facts)));
  EXPECT_THAT(not_enforced(plan_of({}, facts).policy), IsEmpty()) << "this machine has none";
  EXPECT_TRUE(is_mounted(plan_of({"--mount", "type=cgroup,destination=/mnt"}, facts)))
      << "what was asked for the child refuses";
  facts.files["/sys/fs/cgroup"] = an_absence(EACCES);
  EXPECT_FALSE(is_mounted(plan_of({}, facts)));
  EXPECT_THAT(not_enforced(plan_of({}, facts).policy), ElementsAre(HasSubstr("/sys/fs/cgroup")));
  EXPECT_THAT(not_enforced(plan_of({"--sys=none"}, facts).policy), IsEmpty());
}

TEST(PlanMounts, TellsWhereTheMachinesNetworkFilesAreMissing) {
  host::Facts facts = ordinary_facts();
  facts.files["/etc/hosts"] = an_absence(ENOENT);
  EXPECT_THAT(not_enforced(plan_of({}, facts).policy), IsEmpty()) << "this machine has none";
  facts.files["/etc/resolv.conf"] = an_absence(EACCES);
  EXPECT_THAT(not_enforced(plan_of({}, facts).policy), ElementsAre(HasSubstr("/etc/resolv.conf")));
  EXPECT_THAT(not_enforced(plan_of({"--network=none"}, facts).policy), IsEmpty());
}

TEST(PlanMounts, MountsSysfsAnewWithANetworkOfItsOwn) {
  const Plan plan = plan_of({"--network=none"});
  const NewFilesystem sys = new_on(plan, "/sys");
  EXPECT_EQ(sys.type, "sysfs");
  EXPECT_EQ(sys.flags & MS_RDONLY, MS_RDONLY);
  ASSERT_TRUE(sys.otherwise);
  EXPECT_EQ(source_path(plan, *sys.otherwise), "/sys");
  EXPECT_EQ(place_of<LoopbackUp>(plan) > place_of<Pivot>(plan), true);
}

TEST(PlanMounts, TurnsTheWordsOfABindIntoAttributes) {
  const auto attributes = [](const std::string& words) {
    return bind_on(plan_of({"-v", "/s:/m" + words}), "/m").attributes;
  };
  EXPECT_EQ(attributes(""), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  EXPECT_EQ(attributes(":ro"), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  EXPECT_EQ(attributes(":noexec"), kSafe);
  EXPECT_EQ(attributes(":dev"), std::uint64_t{MOUNT_ATTR_NOSUID});
  EXPECT_EQ(attributes(":suid,dev"), 0U);
  EXPECT_TRUE(bind_on(plan_of({"-v", "/s:/m:create"}), "/m").create_anywhere);
  EXPECT_FALSE(bind_on(plan_of({"-v", "/s:/m"}), "/m").create_anywhere);
}

TEST(PlanMounts, SkipsAnAbsentSourceOnlyWhereAskedTo) {
  host::Facts facts = ordinary_facts();
  facts.files["/none"] = an_absence(ENOENT);
  EXPECT_EQ(refusal_of({"-v", "/none:/m"}, facts),
            "cannot share /none (-v /none:/m): No such file or directory");
  EXPECT_THAT(steps_of<BindMount>(plan_of({"-v", "/none:/m:try"}, facts)).back().to, Not("/m"));
  facts.files["/none"] = an_absence(EACCES);
  EXPECT_EQ(refusal_of({"-v", "/none:/m"}, facts), "") << "the child may have more rights";
  facts.files["/none"] = an_absence(ELOOP);
  EXPECT_THAT(refusal_of({"-v", "/none:/m:try"}, facts), HasSubstr("Too many levels"))
      << "a loop is not an absence";
}

TEST(PlanMounts, KeepsTheOrderOfTheCommandLine) {
  std::vector<std::string> order;
  for (const BindMount& bind : steps_of<BindMount>(plan_of({"-v", "/1:/z", "-v", "/2:/a", "-v", "/3:/z"}))) {
    if (bind.to.size() == 2) order.push_back(bind.to);
  }
  EXPECT_THAT(order, ElementsAre("/z", "/a", "/z"));
}

TEST(PlanMounts, TellsWhoseFlagAStepIs) {
  for (const Step& step : plan_of({"-v", "/s:/m", "--hide=/h"}).child) {
    if (const auto* bind = std::get_if<BindMount>(&step.what); bind != nullptr && bind->to == "/m") {
      EXPECT_EQ(step.origin.text, "-v /s:/m");
    }
    if (std::holds_alternative<Cover>(step.what)) {
      EXPECT_EQ(step.origin.text, "--hide=/h");
    }
  }
}

TEST(PlanMasks, AreForTheMachinesRootOnly) {
  EXPECT_THAT(masks(plan_of({})), IsEmpty());
  EXPECT_THAT(
      masks(plan_of({}, facts_of_root())),
      IsSupersetOf({"/proc/sys", "/proc/kcore", "/proc/sysrq-trigger", "/sys/firmware", "/proc/keys"}));
  EXPECT_THAT(masks(plan_of({"--userns=0:500000:10"}, facts_of_root())), IsEmpty())
      << "the map has no real root";
  EXPECT_THAT(masks(plan_of({"--userns=7:0:1", "-u", "7:7"}, facts_of_root())), Not(IsEmpty()))
      << "the machine's root under another number";
}

TEST(PlanMasks, DoNotHoldAgainstTheRightToMount) {
  const auto told = [](const Plan& plan) { return testing::PrintToString(not_enforced(plan.policy)); };
  EXPECT_THAT(told(plan_of({})), Not(HasSubstr("sys_admin")));
  EXPECT_THAT(told(plan_of({"--cap-add=sys_admin"})), HasSubstr("the container can undo its mounts\""));
  EXPECT_THAT(told(plan_of({"--cap-add=all"}, facts_of_root())), HasSubstr("whose own root is in the map"));
}

TEST(PlanMasks, ComeWithNoCgroupNamespacesForTheMachinesRoot) {
  EXPECT_EQ(place_of<ForbidCgroupNamespaces>(plan_of({})), -1);
  host::Facts facts = facts_of_root();
  const Plan plan = plan_of({}, facts);
  EXPECT_LT(place_of<ForbidCgroupNamespaces>(plan), place_of<Pivot>(plan));
  EXPECT_NE(place_of<ForbidCgroupNamespaces>(plan), -1);
  facts.may_make_cgroup_namespaces = false;
  const Plan nested = plan_of({}, facts);
  EXPECT_FALSE(nested.new_namespaces.has(Namespace::kCgroup));
  EXPECT_EQ(nested.clone_flags & CLONE_NEWCGROUP, 0U);
  EXPECT_EQ(place_of<ForbidCgroupNamespaces>(nested), -1);
  EXPECT_THAT(not_enforced(nested.policy), Not(IsEmpty()));
}

TEST(PlanMasks, AreOverEveryProcAndSysfs) {
  const Plan plan =
      plan_of({"--mount=type=proc,dst=/p2", "--mount=type=sysfs,dst=/s2", "--proc=none"}, facts_of_root());
  EXPECT_THAT(masks(plan), IsSupersetOf({"/p2/sys", "/p2/kcore", "/s2/firmware", "/sys/firmware"}));
  EXPECT_EQ(masks(plan).count("/proc/sys"), 0U) << "there is no proc";
}

TEST(PlanMasks, GoByTheOwnerOfProc) {
  host::Facts facts = facts_of_root();
  facts.ids->is_first_namespace = false;
  facts.ids->own_users = facts.ids->own_groups = {{0, 1}};
  facts.files["/proc"] = a_directory(65534);
  EXPECT_THAT(masks(plan_of({}, facts)), IsEmpty()) << "root of a container: its 0 is somebody else";
  facts.files["/proc"] = a_directory(0);
  EXPECT_THAT(masks(plan_of({}, facts)), Not(IsEmpty())) << "unshare -r of the machine's root";
}

TEST(PlanMasks, AreOverWhatIsBoundToo) {
  const std::set<std::string> got = masks(plan_of({"--proc=host", "--network=none"}, facts_of_root()));
  EXPECT_THAT(got, IsSupersetOf({"/proc/sys", "/sys/firmware"}));
  EXPECT_NE(place_of<MakeScratch>(plan_of({"--proc=host"}, facts_of_root())), -1) << "what hides lies there";
}

TEST(PlanRoot, BindsADirectory) {
  const BindRoot root = step_of<BindRoot>(plan_of({}));
  EXPECT_TRUE(root.nosuid);
  EXPECT_FALSE(root.read_only);
  EXPECT_FALSE(step_of<BindRoot>(plan_of({"--new-privileges"})).nosuid);
}

TEST(PlanRoot, SealsAReadOnlyOneAfterTheMountPoints) {
  const Plan plan = plan_of({"--read-only", "--tmpfs=/a"});
  EXPECT_TRUE(step_of<BindRoot>(plan).read_only);
  EXPECT_LT(place_of<NewFilesystem>(plan), place_of<SealRoot>(plan));
  EXPECT_LT(place_of<SealRoot>(plan), place_of<Pivot>(plan));
  for (const char* path : {"/tmp", "/var/tmp", "/run"}) EXPECT_EQ(new_on(plan, path).type, "tmpfs");
  EXPECT_EQ(place_of<SealRoot>(plan_of({})), -1);
}

TEST(PlanRoot, MustBeADirectory) {
  host::Facts facts = ordinary_facts();
  facts.files["./root"] = an_absence(ENOENT);
  EXPECT_EQ(refusal_of({}, facts), "cannot use ./root as the root file system: No such file or directory");
  facts.files["./root"] = a_file();
  EXPECT_EQ(refusal_of({}, facts), "cannot use ./root as the root file system: Not a directory");
  facts.files["./root"] = an_absence(EACCES);
  EXPECT_EQ(refusal_of({}, facts), "") << "the child may have more rights";
}

TEST(PlanRoot, OfTheHostIsItsUserlandReadOnly) {
  host::Facts facts = ordinary_facts();
  facts.files["/usr"] = facts.files["/etc"] = a_directory(0);
  facts.files["/bin"] = a_directory(0);
  facts.files["/bin"].link_target = "usr/bin";
  facts.files["/home"] = a_directory(0);
  const Plan plan = plan_on("host", {}, facts);
  EXPECT_THAT(steps_of<MakeSymlink>(plan), testing::Contains(MakeSymlink{.target = "usr/bin", .to = "/bin"}));
  EXPECT_EQ(bind_on(plan, "/usr").attributes, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID);
  EXPECT_EQ(bind_on(plan_on("host", {"--new-privileges"}, facts), "/usr").attributes,
            MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
  for (const Source& source : step_of<OpenSources>(plan).sources) {
    for (const char* secret : {"/home", "/root", "/run", "/tmp", "/var"}) EXPECT_NE(source.path, secret);
  }
  EXPECT_THAT(steps_of<MakeDirectory>(plan),
              testing::Contains(MakeDirectory{.to = "/home/alga", .mode = 0700}));
}

}  // namespace
}  // namespace kelp::plan
