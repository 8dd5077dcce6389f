// SPDX-License-Identifier: Apache-2.0
// Who one is inside, whose files are made, and what happens to groups.
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string owner_of(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) return "absent";
  return std::to_string(info.st_uid) + ":" + std::to_string(info.st_gid);
}
std::string own_ids() { return std::to_string(geteuid()) + ":" + std::to_string(getegid()); }

constexpr char kWho[] = "echo $(id -u):$(id -g)";

TEST(Identity, IsRootInsideAndOneselfOutside) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome outcome = inside(std::string(kWho) + "; touch /file", {}, root);
  EXPECT_EQ(outcome.out, "0:0\n") << outcome.err;
  EXPECT_EQ(owner_of(root + "/file"), own_ids());
}

TEST(Identity, WithRangesHasAllOfThem) {
  KELP_ONLY_AS("the others have no ranges of their own", "user");
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome outcome =
      inside("cat /proc/self/uid_map; chown 1:1 /etc/group; chown 65536:65536 /etc/passwd", {}, root);
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_THAT(outcome.out,
              testing::MatchesRegex(" *0 +" + std::to_string(geteuid()) + " +1\n *1 +[0-9]+ +65536\n"));
  struct stat first{}, last{};
  ASSERT_EQ(stat((root + "/etc/group").c_str(), &first) + stat((root + "/etc/passwd").c_str(), &last), 0);
  EXPECT_EQ(last.st_uid - first.st_uid, 65535U) << "the host ids are one range";
  EXPECT_NE(first.st_uid, geteuid());
  EXPECT_NE(inside("chown 65537 /etc/group", {}, root).status, 0) << "one more does not exist";
}

TEST(Identity, WithoutRangesIsOneIdAndSaysWhy) {
  KELP_ONLY_AS("the others have ranges", "noranges");
  const Outcome outcome = inside("wc -l </proc/self/uid_map; cat /proc/self/setgroups", {"--explain"});
  EXPECT_EQ(outcome.out, "1\ndeny\n");
  EXPECT_THAT(outcome.err, HasSubstr("one id: /etc/subuid has no range for kelp-test-noranges"));
}

TEST(Identity, UnderNoNewPrivsIsOneIdAndSaysWhy) {
  KELP_ONLY_AS("for those who need newuidmap", "user");
  const Outcome outcome =
      run({"setpriv", "--no-new-privs", kelp_binary(), "run", "--explain", small_root(), "sh", "-c", kWho});
  EXPECT_EQ(outcome.out, "0:0\n");
  EXPECT_THAT(outcome.err,
              HasSubstr("one id: no_new_privs is set, under which newuidmap cannot gain its rights"));
}

TEST(Identity, OfASingleIdHasNoOther) {
  const Outcome outcome = inside(std::string(kWho) + "; wc -l </proc/self/uid_map; chown 1 /tmp",
                                 {"--userns=single", "--fake-root=off"});
  EXPECT_EQ(outcome.out, "0:0\n1\n");
  EXPECT_NE(outcome.status, 0);
}

TEST(Identity, IsKeptWhereAskedFor) {
  const TempDir place;
  const std::string root = make_small_root(place);
  ASSERT_EQ(chmod((root + "/tmp").c_str(), 01777), 0);
  const Outcome outcome = inside(std::string(kWho) + "; touch /tmp/file; grep CapEff /proc/self/status",
                                 {"--userns=keep-id", "--dir=/made"}, root);
  EXPECT_THAT(outcome.out, HasSubstr(own_ids() + "\n")) << outcome.err;
  if (geteuid() != 0) {
    EXPECT_THAT(outcome.out, HasSubstr("CapEff:\t0000000000000000"));
  }
  EXPECT_EQ(owner_of(root + "/tmp/file"), own_ids());
  EXPECT_EQ(owner_of(root + "/made"), own_ids()) << "so that it can be removed again";
}

TEST(Identity, KeptWithRangesHasTheOthersBesides) {
  KELP_ONLY_AS("the others have no ranges of their own", "user");
  const Outcome outcome = inside(kWho, {"--userns=keep-id", "-u", "0"});
  EXPECT_EQ(outcome.out, "0:0\n") << outcome.err;
  const Outcome alga = inside(kWho, {"--userns=keep-id", "-u", "alga"});
  EXPECT_EQ(alga.out, "1000:1000\n") << alga.err;
}

TEST(Identity, OfTheHostsUserlandIsOnesOwn) {
  const Outcome outcome = run_in("host", {}, {"sh", "-c", "echo $(id -u):$(id -g) $HOME $USER"});
  EXPECT_THAT(outcome.out, testing::StartsWith(own_ids() + " /")) << outcome.err;
}

TEST(Identity, TakesAMapAsWritten) {
  const std::string map = "u7:" + std::to_string(geteuid()) + ":1,g8:" + std::to_string(getegid()) + ":1";
  const Outcome outcome = inside(kWho, {"--userns=" + map, "-u", "7:8"});
  EXPECT_EQ(outcome.out, "7:8\n") << outcome.err;
}

TEST(Identity, RefusesAMapThatIsNotTheCallers) {
  KELP_ONLY_AS("others may map what they like", "user", "noranges");
  for (const char* map : {"0:0:1", "0:1:1000", "u0:0:1,g0:0:1"}) {
    const Outcome outcome = inside(kWho, {std::string("--userns=") + map});
    EXPECT_THAT(outcome, CannotStart()) << map;
    EXPECT_THAT(outcome.err, HasSubstr(map));
  }
}

TEST(Identity, TakesAUserByNameOrNumber) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  EXPECT_EQ(inside(kWho, {"-u", "alga"}).out, "1000:1000\n");
  EXPECT_EQ(inside(kWho, {"-u", "1000"}).out, "1000:1000\n") << "its group by the root's passwd";
  EXPECT_EQ(inside(kWho, {"-u", "12345"}).out, "12345:0\n") << "unknown: group 0, as others have it";
  EXPECT_EQ(inside(kWho, {"-u", "12345:54"}).out, "12345:54\n");
  EXPECT_EQ(inside(kWho, {"-u", "alga:reef"}).out, "1000:2000\n");
  EXPECT_EQ(inside(kWho, {"-u", "7:reef"}).out, "7:2000\n");
}

TEST(Identity, TakesANumberNeverForAName) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/etc/passwd", "1000:x:0:0::/:/bin/sh\nroot:x:0:0::/root:/bin/sh\n");
  place.file("root/etc/group", "1000:x:0:\n");
  EXPECT_EQ(inside(kWho, {"-u", "1000:1000"}, root).out, "1000:1000\n");
}

TEST(Identity, RefusesWhatIsNoId) {
  for (const char* user :
       {"4294967295", "4294967296", "18446744073709551616", "-1", "+0", "0x0", " 0", "", "0:", ":0", "0:-1",
        "0:4294967295", "00000000000000000000000000000000000000004294967296"}) {
    const Outcome outcome = inside(kWho, {"-u", user});
    EXPECT_EQ(outcome.status, 125) << "'" << user << "'" << outcome.out;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(Identity, RefusesWhomTheRootDoesNotKnow) {
  EXPECT_THAT(inside(kWho, {"-u", "nobody"}).err, HasSubstr("the root's /etc/passwd has no such user"));
  EXPECT_THAT(inside(kWho, {"-u", "root:nobody"}).err, HasSubstr("the root's /etc/group has no such group"));
}

TEST(Identity, IsNotLookedUpOnTheHost) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/etc/passwd", "");
  EXPECT_EQ(inside(kWho, {"-u", "root"}, root).status, 125) << "the host has a root, this root has none";
}

TEST(Identity, ToleratesAMalformedPasswd) {
  const TempDir place;
  const std::string root = make_small_root(place);
  place.file("root/etc/passwd", "root\n::::::\nroot:x:99999999999:0::/bad:/\nroot:x:0:0:R:/good:/bin/sh");
  EXPECT_EQ(inside("echo $HOME $USER", {"-u", "root"}, root).out, "/good root\n");
}

TEST(Identity, RefusesAnIdThatTheMapLacks) {
  const Outcome outcome = inside(kWho, {"--userns=single", "-u", "alga"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("the container's id map has no such id"));
  EXPECT_EQ(inside(kWho, {"--userns=single", "-u", "5"}).status, 125);
}

TEST(Identity, GivesTheGroupsOfTheRootsOwnFile) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  EXPECT_EQ(inside("id -G", {"-u", "alga"}).out, "1000 2000\n");
  EXPECT_EQ(inside("id -G", {"-u", "0"}).out, "0\n");
}

TEST(Identity, DropsTheCallersGroups) {
  KELP_ONLY_AS("needs rights to be in a group", "root");
  const auto with_groups = [](const Argv& options) {
    Argv words = {"setpriv", "--groups=54321,54322", kelp_binary(), "run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {small_root(), "sh", "-c", "grep Groups: /proc/self/status"});
    return run(words);
  };
  EXPECT_THAT(with_groups({}).out, Not(HasSubstr("5432")));
  EXPECT_THAT(with_groups({"--keep-groups"}).out, HasSubstr("54321 54322"));
}

TEST(Identity, SaysThatGroupsStayWhereTheKernelKeepsThem) {
  KELP_ONLY_AS("needs rights to be in a group", "root");
  setenv("TMPDIR", "/tmp", 1);  // somebody else must get there
  const TempDir place;
  ASSERT_EQ(chmod(place.path().c_str(), 0755), 0);
  const std::string root = make_small_root(place);
  const Outcome outcome = run({"setpriv", "--reuid=65533", "--regid=65533", "--groups=54321", kelp_binary(),
                               "run", "--explain", "--userns=single", "--read-only", "--bare", root, "true"});
  EXPECT_THAT(outcome.err, HasSubstr("not enforced: none of your supplementary groups stays")) << outcome.out;
}

TEST(Identity, HasTheHomeAndNameOfItsPasswd) {
  EXPECT_EQ(inside("echo $HOME $USER").out, "/root root\n");
  if (is_one_of({"user", "nested", "root"})) {
    EXPECT_EQ(inside("echo $HOME $USER", {"-u", "alga"}).out, "/home/alga alga\n");
    EXPECT_EQ(inside("echo $HOME-$USER", {"-u", "4711"}).out, "/-\n");
  }
}

}  // namespace
}  // namespace kelp::harness
