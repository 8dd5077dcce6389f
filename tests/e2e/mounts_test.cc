// SPDX-License-Identifier: Apache-2.0
// -v and --mount: what is shared, how, and what is not made.
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The options of the mount at a path, as the container's mountinfo shows them.
std::string options_at(const std::string& path, const Argv& options) {
  return inside("grep ' " + path + " ' /proc/self/mountinfo | tail -n 1 | cut -d' ' -f6", options).out;
}

class Mounts : public testing::Test {
 protected:
  Mounts() { place_.file("src/file", "text\n"); }
  std::string bind(const std::string& rest) const { return place_.path() + "/src:" + rest; }

  TempDir place_;
  std::string source_ = place_.dir("src");
};

TEST_F(Mounts, ShareADirectoryBothWays) {
  const Outcome outcome = inside("cat /mnt/file; echo back >/mnt/new", {"-v", bind("/mnt")});
  EXPECT_EQ(outcome.out, "text\n") << outcome.err;
  EXPECT_EQ(read_file(source_ + "/new"), "back\n");
}

TEST_F(Mounts, ShareAFile) {
  const Outcome outcome =
      inside("cat /etc/shared; echo more >>/etc/shared", {"-v", source_ + "/file:/etc/shared"});
  EXPECT_EQ(outcome.out, "text\n") << outcome.err;
  EXPECT_EQ(read_file(source_ + "/file"), "text\nmore\n");
}

TEST_F(Mounts, AreReadOnlyWhereAskedFor) {
  for (const std::string& value : {bind("/mnt:ro"), std::string()}) {
    const Argv options =
        value.empty() ? Argv{"--mount", "type=bind,src=" + source_ + ",dst=/mnt,ro"} : Argv{"-v", value};
    EXPECT_NE(inside("echo x >/mnt/new", options).status, 0);
    EXPECT_NE(inside("rm /mnt/file", options).status, 0);
  }
  EXPECT_TRUE(fs::exists(source_ + "/file"));
  EXPECT_FALSE(fs::exists(source_ + "/new"));
}

TEST_F(Mounts, AreReadOnlyWithEveryMountBelow) {
  place_.dir("src/a b/c");
  const std::string mounts =
      "mount -t tmpfs t \"$1/a b\"; mkdir \"$1/a b/c\"; mount -t tmpfs t \"$1/a b/c\"; ";
  const std::string probe =
      " \"$2\" sh -c 'for d in /mnt \"/mnt/a b\" \"/mnt/a b/c\"; do echo x >\"$d/f\" && echo wrote; done'";
  EXPECT_EQ(with_mounts(mounts + "\"$kelp\" run -v \"$1:/mnt\"" + probe, {source_, small_root()}).out,
            "wrote\nwrote\nwrote\n");
  EXPECT_EQ(with_mounts(mounts + "\"$kelp\" run -v \"$1:/mnt:ro\"" + probe, {source_, small_root()}).out, "");
}

TEST_F(Mounts, HaveTheAttributesThatTheManualNames) {
  EXPECT_THAT(options_at("/mnt", {"-v", bind("/mnt")}), testing::StartsWith("rw,nosuid,nodev"));
  EXPECT_THAT(options_at("/mnt", {"-v", bind("/mnt")}), Not(HasSubstr("noexec")));
  EXPECT_THAT(options_at("/mnt", {"-v", bind("/mnt:ro,noexec")}),
              testing::StartsWith("ro,nosuid,nodev,noexec"));
  EXPECT_THAT(options_at("/mnt", {"--mount=type=bind,src=" + source_ + ",dst=/mnt,noexec"}),
              HasSubstr("noexec"));
}

TEST_F(Mounts, DoNotExecuteWhereToldSo) {
  fs::copy_file(small_root() + "/bin/busybox", source_ + "/busybox");
  EXPECT_EQ(inside("/mnt/busybox echo ran", {"-v", bind("/mnt")}).out, "ran\n");
  EXPECT_EQ(inside("/mnt/busybox echo ran", {"-v", bind("/mnt:noexec")}).out, "");
}

TEST_F(Mounts, HaveDevicesThatWorkOnlyWhereAskedFor) {
  EXPECT_NE(inside("echo x >/mnt/null", {"-v", "/dev:/mnt"}).status, 0);
  const Outcome outcome = inside("echo x >/mnt/null", {"-v", "/dev:/mnt:dev"});
  EXPECT_THAT(outcome, Works()) << outcome.err;
}

TEST_F(Mounts, FollowALinkAsSourceUnlessToldNotTo) {
  place_.link("link", "src");
  EXPECT_EQ(inside("cat /mnt/file", {"-v", place_.path() + "/link:/mnt"}).out, "text\n");
  const Outcome outcome = inside("true", {"-v", place_.path() + "/link:/mnt:nofollow"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("it is a symbolic link, and nofollow was asked for"));
}

TEST_F(Mounts, OfWhatIsMissingAreRefusedUnlessTheyMayFail) {
  const std::string none = place_.path() + "/none";
  const Outcome outcome = inside("true", {"-v", none + ":/mnt"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err,
            "kelp: cannot share " + none + " (-v " + none + ":/mnt): No such file or directory\n");
  EXPECT_EQ(inside("ls -d /mnt", {"-v", none + ":/mnt:try"}).out, "") << "and no mount point is made";
  EXPECT_THAT(inside("true", {"-v", source_ + "/file/below:/mnt:try"}), Works());
}

TEST_F(Mounts, TellAllMissingSourcesAtOnce) {
  const Outcome outcome = inside("true", {"-v", "/none/a:/a", "-v", "/none/b:/b"});
  EXPECT_THAT(outcome.err, HasSubstr("/none/a:/a"));
  EXPECT_THAT(outcome.err, HasSubstr("/none/b:/b"));
}

TEST_F(Mounts, NeedNoRightToReadWhatIsShared) {
  chmod((source_ + "/file").c_str(), 0);
  EXPECT_THAT(inside("ls /mnt", {"-v", source_ + "/file:/mnt/secret"}), Works());
}

TEST_F(Mounts, NeedTheRightToGetThere) {
  KELP_ONLY_AS("root of a container or of the machine may go anywhere", "user", "noranges");
  place_.dir("closed/in");
  chmod((place_.path() + "/closed").c_str(), 0);
  const Outcome outcome = inside("true", {"-v", "/root/in:/mnt"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("Permission denied"));
  EXPECT_THAT(outcome.err, HasSubstr("-v /root/in:/mnt"));
  chmod((place_.path() + "/closed").c_str(), 0700);
}

TEST_F(Mounts, ReadWithTheCallersGroups) {
  KELP_ONLY_AS("needs a group to be in", "root");
  setenv("TMPDIR", "/tmp", 1);  // somebody else must get there
  // A directory that only a supplementary group may enter is opened before the groups are dropped.
  const TempDir other;
  other.file("grouped/file", "text\n");
  ASSERT_EQ(chown((other.path() + "/grouped").c_str(), 0, 54321), 0);
  ASSERT_EQ(chmod((other.path() + "/grouped").c_str(), 0710), 0);
  ASSERT_EQ(chmod(other.path().c_str(), 0755), 0);
  const std::string root = make_small_root(other);
  const Outcome outcome =
      run({"setpriv", "--reuid=65533", "--regid=65533", "--groups=54321", kelp_binary(), "run", "--read-only",
           "--bare", "-v", other.path() + "/grouped/file:/etc/passwd", root, "cat", "/etc/passwd"});
  EXPECT_EQ(outcome.out, "text\n") << outcome.err;
}

TEST_F(Mounts, TriggerNoAutomount) {
  KELP_ONLY_AS("needs the right to mount autofs", "root");
  // An autofs whose daemon never answers: whoever triggers it waits for ever.
  const TempDir place;
  const std::string point = place.dir("auto");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  const std::string options = "fd=" + std::to_string(ends[1]) + ",pgrp=1,minproto=5,maxproto=5,direct";
  KELP_REQUIRE(mount("kelp", point.c_str(), "autofs", 0, options.c_str()) == 0, "this kernel has no autofs");
  const Outcome control = run({"ls", point + "/"}, {.timeout = milliseconds{1000}});
  EXPECT_TRUE(control.timed_out) << "the probe waits for the daemon";
  const Outcome outcome = inside("true", {"--bare", "-v", point + ":/mnt"});
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_THAT(outcome, Works()) << outcome.err;
  umount2(point.c_str(), MNT_DETACH);
}

TEST_F(Mounts, OfNamespaceFilesAreSharedToo) {
  place_.file("src/ns");
  const Outcome outcome = with_mounts(
      "mount --bind /proc/self/ns/uts \"$1/ns\"; \"$kelp\" run -v \"$1:/mnt\" \"$2\" cat /mnt/file",
      {source_, small_root()});
  EXPECT_EQ(outcome.out, "text\n") << outcome.err;
}

TEST_F(Mounts, RefuseADestinationThatIsNotAbsolute) {
  for (const char* to : {"mnt", "./mnt", "../mnt", "/mnt/../etc", "/", "/./"}) {
    const Outcome outcome = inside("true", {"-v", bind(to)});
    EXPECT_EQ(outcome.status, 125) << to;
    EXPECT_THAT(outcome.err, HasSubstr("the destination")) << to;
  }
}

TEST_F(Mounts, RefuseADestinationOfTheOtherKind) {
  const Outcome file = inside("true", {"-v", bind("/etc/passwd")});
  EXPECT_THAT(file, CannotStart());
  EXPECT_THAT(file.err, HasSubstr("it is no directory"));
  const Outcome directory = inside("true", {"-v", source_ + "/file:/etc"});
  EXPECT_THAT(directory, CannotStart());
  EXPECT_THAT(directory.err, HasSubstr("it is a directory"));
}

TEST_F(Mounts, AreMadeInTheOrderGiven) {
  place_.file("other/file", "other\n");
  const std::string other = place_.path() + "/other";
  EXPECT_EQ(inside("cat /mnt/file", {"-v", bind("/mnt"), "-v", other + ":/mnt"}).out, "other\n");
  EXPECT_EQ(inside("cat /mnt/file", {"-v", other + ":/mnt", "-v", bind("/mnt")}).out, "text\n");
  EXPECT_EQ(inside("cat /mnt/d/file", {"--tmpfs=/mnt", "-v", bind("/mnt/d")}).out, "text\n");
}

TEST_F(Mounts, MakeNothingBelowWhatIsShared) {
  for (const Argv& more : {Argv{"-v", bind("/mnt/in/deep")},
                           {"-v", source_ + "/file:/mnt/newfile"},
                           {"--tmpfs=/mnt/t"},
                           {"--dir=/mnt/d"},
                           {"--symlink=x:/mnt/l"},
                           {"--symlink=x:/mnt/l/l"},
                           {"--mount=type=proc,dst=/mnt/p"},
                           {"--mount=type=dev,dst=/mnt/v"}}) {
    Argv options = {"-v", bind("/mnt")};
    options.insert(options.end(), more.begin(), more.end());
    const Outcome outcome = inside("true", options);
    EXPECT_THAT(outcome, CannotStart()) << more[0];
    EXPECT_THAT(outcome.err, HasSubstr("it lies in a directory shared from the host"));
    EXPECT_THAT(names_in(source_), testing::ElementsAre("file"));
  }
}

TEST_F(Mounts, MakeItThereWhereAskedFor) {
  EXPECT_EQ(inside("cat /mnt/in/deep/file", {"-v", bind("/mnt"), "-v", bind("/mnt/in/deep:create")}).out,
            "text\n");
  EXPECT_TRUE(fs::is_directory(source_ + "/in/deep"));
}

TEST_F(Mounts, TakePathsWithColonsBlanksAndNewlines) {
  for (const char* name : {"a:b", "a b", "a\nb", "a\\b", "a,b", "\xff\xfe"}) {
    place_.file(std::string("odd/") + name + "/f", "odd\n");
    std::string escaped;
    for (const char* c = name; *c != 0; ++c)
      escaped += *c == ':' ? std::string("\\") + *c : std::string(1, *c);
    const Outcome outcome =
        inside("cat /mnt/*/f", {"-v", place_.path() + "/odd/" + escaped + ":/mnt/" + escaped});
    EXPECT_EQ(outcome.out, "odd\n") << name << outcome.err;
    fs::remove_all(small_root() + "/mnt/" + name);
  }
}

TEST_F(Mounts, TakeAThousandBindsWithTwentyDescriptorsAtATime) {
  const TempDir place;
  const std::string root = make_small_root(place);
  Argv words = {"run", "--bare", "--unshare=pid", "--proc=new"};
  for (int i = 0; i < 1000; ++i)
    words.insert(words.end(), {"-v", source_ + "/file:/many/" + std::to_string(i) + ":ro"});
  words.insert(words.end(),
               {root, "sh", "-c", "grep -c ' /many/' /proc/self/mountinfo; cat /many/0 /many/999"});
  const Outcome many = kelp(words, {.timeout = milliseconds{90'000}});
  EXPECT_EQ(many.out, "1000\ntext\ntext\n") << many.err;
  Argv limited = {"sh", "-c", "ulimit -n 100; exec \"$@\"", "sh", kelp_binary()};
  limited.insert(limited.end(), words.begin(), words.end());
  EXPECT_EQ(run(limited, {.timeout = milliseconds{90'000}}).out, "1000\ntext\ntext\n");
}

TEST_F(Mounts, TheHostsRootCanBeShared) {
  const Outcome outcome = inside("test -d /mnt/usr && cat /mnt" + source_ + "/file", {"-v", "/:/mnt:ro"});
  EXPECT_EQ(outcome.out, "text\n") << outcome.err;
}

}  // namespace
}  // namespace kelp::harness
