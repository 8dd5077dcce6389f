// SPDX-License-Identifier: Apache-2.0
// bubblewrap's command line: what its words make of the Spec, in which order, and the sentences of refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"
#include "bwrap/messages.h"
#include "bwrap/read.h"
#include "spec/check.h"

namespace kelp::bwrap {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using Words = std::vector<std::string>;

constexpr Id kUser = 1000;
constexpr Id kGroup = 100;

struct Caller {
  Id user = kUser;
  CapabilityMask capabilities = 0;
  std::map<int, std::string> data = {};
  std::string terminal = {};
};

Reading read_as(const Caller& caller, const Words& words) {
  return read(words, {.user = caller.user,
                      .group = caller.user == 0 ? 0 : kGroup,
                      .capabilities = caller.capabilities,
                      .environment = {"HOME=/home/u", "A=1", "B=2"},
                      .working_directory = "/work",
                      .terminal = caller.terminal,
                      .read_fd = [&](int fd) -> Result<std::string> {
                        const auto found = caller.data.find(fd);
                        if (found == caller.data.end())
                          return Error(cat("read descriptor ", fd), "Bad file descriptor");
                        return found->second;
                      },
                      .is_open = [](int fd) { return fd != 98; }});
}
Reading reading(const Words& words) { return read_as({}, words); }

Spec spec_as(const Caller& caller, Words words) {
  words.emplace_back("true");
  Reading read = read_as(caller, words);
  EXPECT_FALSE(read.refusal) << (read.refusal ? read.refusal->action() : "");
  return std::move(read.request.spec);
}
Spec spec(Words words) { return spec_as({}, std::move(words)); }

std::string refusal(const Words& words) {
  const Reading read = reading(words);
  return read.refusal ? read.refusal->action() : "none";
}

Mount mount(MountKind what, std::uint32_t parents = 0755) {
  return {.what = std::move(what), .parents = parents};
}

TEST(BwrapReader, BeginsWithNothingOfKelpRun) {
  const Spec read = spec({});
  EXPECT_THAT(read.mounts, IsEmpty());
  EXPECT_EQ(read.root.what, (decltype(read.root.what){EmptyRoot{.is_made_by_mounts = true}}));
  EXPECT_EQ(read.ids.map, (decltype(read.ids.map){SingleId{.user = kUser, .group = kGroup}}));
  EXPECT_FALSE(read.new_namespaces.has(Namespace::kPid));
  EXPECT_FALSE(read.command.new_privileges);
  EXPECT_FALSE(read.command.die_with_parent);
  EXPECT_FALSE(read.command.new_session);
  EXPECT_EQ(read.command.capabilities, Capabilities{});
  EXPECT_EQ(read.command.pid1, Pid1::kCommand);
  EXPECT_THAT(read.command.environment.entries, ElementsAre("HOME=/home/u", "A=1", "B=2"));
  EXPECT_THAT(read.command.likely_directories, ElementsAre("/work", "/home/u"));
  EXPECT_THAT(read.command.argv, ElementsAre("true"));
}

TEST(BwrapReader, KeepsTheOrderOfActions) {
  EXPECT_THAT(spec({"--ro-bind", "/usr", "usr", "--tmpfs", "/tmp", "--symlink", "usr/lib", "/lib",
                    "--bind-try", "a", "/a", "--dev-bind", "/dev", "/dev"})
                  .mounts,
              ElementsAre(mount(Bind{.from = "/usr", .to = "/usr", .writable = false}),
                          mount(Tmpfs{.to = "/tmp", .bytes = kKernelsSize}),
                          mount(Symlink{.target = "usr/lib", .to = "/lib"}),
                          mount(Bind{.from = "a", .to = "/a", .optional = true}),
                          mount(Bind{.from = "/dev", .to = "/dev", .devices = true})));
}

TEST(BwrapReader, GivesPermissionsAndSizeToTheNextActionOnly) {
  EXPECT_THAT(spec({"--perms", "0700",    "--size", "4096",           "--tmpfs", "/a",     "--tmpfs",
                    "/b",      "--perms", "0750",   "--dir",          "/c/d",    "--file", "7",
                    "/e",      "--perms", "0111",   "--ro-bind-data", "8",       "/f"})
                  .mounts,
              ElementsAre(mount(Tmpfs{.to = "/a", .bytes = 4096, .mode = 0700}, 0700),
                          mount(Tmpfs{.to = "/b", .bytes = kKernelsSize, .mode = 0755}),
                          mount(Directory{.to = "/c/d", .mode = 0750}, 0750),
                          mount(WrittenFile{.to = "/e", .fd = 7, .mode = 0666}),
                          mount(DataFile{.to = "/f", .fd = 8, .mode = 0111, .executable = true})));
  EXPECT_EQ(refusal({"--perms", "0700", "--bind", "/", "/", "true"}),
            "--perms must be followed by an option that creates a file");
  EXPECT_EQ(refusal({"--size", "1", "--dir", "/x", "true"}), "--size must be followed by --tmpfs");
  EXPECT_EQ(refusal({"--perms", "1", "--perms", "1"}), "--perms given twice for the same action");
  EXPECT_EQ(refusal({"--size", "1", "--size", "1"}), "--size given twice for the same action");
  EXPECT_EQ(refusal({"--perms", "888"}), "--perms takes an octal argument <= 07777");
  EXPECT_EQ(refusal({"--perms", "17777"}), "--perms takes an octal argument <= 07777");
  EXPECT_EQ(refusal({"--size", "0"}), "--size takes a non-zero number of bytes");
  EXPECT_EQ(refusal({"--chmod", "8", "/x"}), "--chmod takes an octal argument <= 07777");
}

TEST(BwrapReader, GathersTheLayersOfAnOverlay) {
  EXPECT_THAT(spec({"--overlay-src", "/1", "--overlay-src", "/2", "--overlay", "/rw", "/wk", "/m",
                    "--overlay-src", "/3", "--tmp-overlay", "/n"})
                  .mounts,
              ElementsAre(mount(OverlayMount{.to = "/m",
                                             .lowers = {"/1", "/2"},
                                             .writes = OverlayMount::Writes::kKept,
                                             .upper = "/rw",
                                             .work = "/wk"}),
                          mount(OverlayMount{.to = "/n", .lowers = {"/3"}})));
  EXPECT_EQ(refusal({"--tmp-overlay", "/n"}), "--tmp-overlay requires at least one --overlay-src");
  EXPECT_EQ(refusal({"--overlay-src", "/1", "--ro-overlay", "/n"}),
            "--ro-overlay requires at least two --overlay-src");
  EXPECT_THAT(refusal({"--overlay-src", "/1", "--dir", "/n"}),
              StartsWith("--overlay-src must be followed by"));
}

TEST(BwrapReader, MakesTheSmallDevOfBubblewrap) {
  EXPECT_THAT(spec_as({.terminal = "/dev/pts/7"}, {"--dev", "/d"}).mounts,
              ElementsAre(mount(Devices{.to = "/d", .has_own_shm = false, .has_mqueue = false}),
                          mount(Symlink{.target = "/proc/kcore", .to = "/d/core"}),
                          mount(Bind{.from = "/dev/pts/7", .to = "/d/console", .devices = true})));
  EXPECT_EQ(spec({"--dev", "/d"}).mounts.size(), 2U);
}

TEST(BwrapReader, ReadsWordsFromDescriptorsInTheirPlace) {
  const Caller caller{.data = {{5, std::string("--dir\0/b\0ls\0-l", 14)}}};
  const Reading read = read_as(caller, {"--dir", "/a", "--args", "5", "--dir", "/c", "id", "-u"});
  ASSERT_FALSE(read.refusal);
  EXPECT_THAT(
      read.request.spec.mounts,
      ElementsAre(mount(Directory{.to = "/a"}), mount(Directory{.to = "/b"}), mount(Directory{.to = "/c"})));
  EXPECT_THAT(read.request.spec.command.argv, ElementsAre("id", "-u"));
  EXPECT_THAT(read.request.consumed_fds, ElementsAre(5));
  EXPECT_EQ(refusal({"--args", "9"}), "Can't read --args data: Bad file descriptor");
  EXPECT_EQ(refusal({"--args", "x"}), "Invalid fd: x");
  const Caller nested{.data = {{5, std::string("--args\0006", 8)}}};
  EXPECT_EQ(read_as(nested, {"--args", "5", "true"}).refusal->action(),
            "--args not supported in arguments file");
}

TEST(BwrapReader, HasNoLimitOfArguments) {
  Words words;
  for (int i = 0; i < 20'000; ++i) words.insert(words.end(), {"--dir", cat("/", i)});
  EXPECT_EQ(spec(std::move(words)).mounts.size(), 20'000U);
}

TEST(BwrapReader, EndsAtTheCommand) {
  EXPECT_THAT(reading({"--", "--bind", "x"}).request.spec.command.argv, ElementsAre("--bind", "x"));
  EXPECT_THAT(reading({"echo", "--dir", "/x"}).request.spec.command.argv, ElementsAre("echo", "--dir", "/x"));
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({"--dir", "/x"}), "");
  EXPECT_EQ(refusal({"--", "--"}), "none");
}

TEST(BwrapReader, RefusesInBubblewrapsWords) {
  EXPECT_EQ(refusal({"--foo"}), "Unknown option --foo");
  EXPECT_EQ(refusal({"-x"}), "Unknown option -x");
  EXPECT_EQ(refusal({"--bind", "/"}), "--bind takes two arguments");
  EXPECT_EQ(refusal({"--ro-bind-try"}), "--ro-bind-try takes two arguments");
  EXPECT_EQ(refusal({"--overlay", "a", "b"}), "--overlay takes three arguments");
  EXPECT_EQ(refusal({"--chdir"}), "--chdir takes one argument");
  EXPECT_EQ(refusal({"--remount-ro"}), "--remount-ro takes one argument");
  EXPECT_EQ(refusal({"--dev"}), "--dev takes an argument");
  EXPECT_EQ(refusal({"--uid", "-1"}), "Invalid uid: -1");
  EXPECT_EQ(refusal({"--gid", ""}), "Invalid gid: ");
  EXPECT_EQ(refusal({"--sync-fd", "a"}), "Invalid fd: a");
  EXPECT_EQ(refusal({"--userns", "98", "true"}),
            "Joining specified user namespace failed: Bad file descriptor");
  EXPECT_EQ(refusal({"--chdir", ""}), "Can't chdir to : No such file or directory");
  EXPECT_EQ(refusal({"--cap-add", "chown"}), "unknown cap: chown");
  EXPECT_EQ(refusal({"--setenv", "a=b", "c"}), "setenv failed");
  EXPECT_EQ(refusal({"--argv0", "a", "--argv0", "b"}), "--argv0 used multiple times");
  EXPECT_EQ(refusal({"--hostname", "a", "true"}), "Specifying --hostname requires --unshare-uts");
  EXPECT_EQ(refusal({"--as-pid-1", "true"}), "Specifying --as-pid-1 requires --unshare-pid");
  EXPECT_EQ(refusal({"--unshare-pid", "--as-pid-1", "--lock-file", "/x", "true"}),
            "Specifying --as-pid-1 and --lock-file is not permitted");
  EXPECT_EQ(refusal({"--disable-userns", "true"}), "--disable-userns requires --unshare-user");
  EXPECT_EQ(refusal({"--userns", "5", "--unshare-user", "true"}),
            "--userns is not compatible with --unshare-user");
  EXPECT_EQ(refusal({"--userns-block-fd", "5", "true"}), "--userns-block-fd requires --unshare-user");
  EXPECT_EQ(refusal({"--unshare-user", "--userns-block-fd", "5", "true"}),
            "--userns-block-fd requires --info-fd");
  EXPECT_EQ(refusal({"--exec-label", "x", "true"}), "labeling not supported on this system");
  EXPECT_EQ(read_as({.user = 0}, {"--uid", "5", "true"}).refusal->action(),
            "Specifying --uid requires --unshare-user or --userns");
}

TEST(BwrapReader, TellsWhatALaterOptionUndoes) {
  EXPECT_THAT(
      reading({"--chdir", "/a", "--chdir", "/b", "--uid", "1", "--uid", "2", "true"}).request.warnings,
      ElementsAre("Only the last --chdir option will take effect",
                  "Only the last --uid option will take effect"));
}

TEST(BwrapReader, UnderstandsWhatCameBeforeARefusal) {
  const Reading read = reading({"--level-prefix", "--foo"});
  EXPECT_TRUE(read.refusal);
  EXPECT_TRUE(read.request.level_prefix);
}

TEST(BwrapReader, ChangesTheEnvironmentInOrder) {
  EXPECT_THAT(spec({"--setenv", "A", "x", "--unsetenv", "B"}).command.environment.entries,
              ElementsAre("HOME=/home/u", "A=x"));
  EXPECT_THAT(
      spec({"--setenv", "C", "x", "--clearenv", "--setenv", "HOME", "/h"}).command.environment.entries,
      ElementsAre("HOME=/h"));
  EXPECT_THAT(spec({"--clearenv"}).command.likely_directories, ElementsAre("/work"));
}

TEST(BwrapReader, SpellsDestinationsFromTheRoot) {
  EXPECT_EQ(std::get<Directory>(spec({"--dir", "a/./b/../c//"}).mounts[0].what).to, "/a/c");
  EXPECT_EQ(std::get<Directory>(spec({"--dir", "../../x"}).mounts[0].what).to, "/x");
  EXPECT_EQ(spec({"--chdir", "tmp"}).command.directory, "/tmp");
}

TEST(BwrapReader, GivesRootItsOwnCapabilitiesAndIds) {
  const Caller root{.user = 0, .capabilities = 0b1111};
  EXPECT_EQ(spec_as(root, {}).ids.map, (decltype(Ids::map){KeepId{}}));
  EXPECT_EQ(spec_as(root, {"--unshare-user"}).ids.map, (decltype(Ids::map){SingleId{}}));
  EXPECT_EQ(spec_as(root, {}).command.capabilities.root, 0b1111U);
  EXPECT_EQ(spec_as(root, {"--cap-drop", "ALL"}).command.capabilities.root, 0U);
  EXPECT_EQ(spec_as(root, {"--cap-drop", "CAP_CHOWN"}).command.capabilities.root, 0b1110U);
  EXPECT_EQ(spec_as(root, {"--unshare-user", "--uid", "5"}).command.capabilities.any_user, 0U);
  EXPECT_EQ(spec_as(root, {"--cap-drop", "CAP_CHOWN"}).command.capabilities.any_user, 0b1110U);
  EXPECT_EQ(spec({"--cap-add", "cap_chown"}).command.capabilities.any_user, 1U);
  EXPECT_EQ(spec({"--cap-add", "ALL", "--cap-drop", "ALL"}).command.capabilities.any_user, 0U);
}

TEST(BwrapReader, HasAReaperWhereSomethingNeedsOne) {
  EXPECT_EQ(spec({"--unshare-pid"}).command.pid1, Pid1::kReaper);
  EXPECT_EQ(spec({"--unshare-pid", "--as-pid-1"}).command.pid1, Pid1::kCommand);
  EXPECT_EQ(spec({"--lock-file", "/x"}).command.pid1, Pid1::kReaper);
  const Spec held = spec({"--sync-fd", "5"});
  EXPECT_EQ(held.command.pid1, Pid1::kReaper);
  EXPECT_EQ(held.command.held_fd, 5);
  const Reading alone = reading({"--unshare-pid", "--as-pid-1", "--sync-fd", "5", "true"});
  EXPECT_EQ(alone.request.spec.command.held_fd, -1);
  EXPECT_THAT(alone.request.consumed_fds, IsEmpty()) << "the command holds it";
}

TEST(BwrapReader, NamesTheNamespaces) {
  const auto names = [](const Words& words) {
    std::vector<std::string_view> out;
    const Spec read = spec(words);
    for (const NamespaceInfo& info : all_namespaces()) {
      if (read.new_namespaces.has(info.kind)) out.push_back(info.name);
    }
    return out;
  };
  EXPECT_THAT(names({"--unshare-net"}), UnorderedElementsAre("user", "mount", "network"));
  EXPECT_THAT(names({"--unshare-all", "--share-net"}),
              UnorderedElementsAre("user", "mount", "pid", "ipc", "uts", "cgroup"));
  EXPECT_TRUE(spec({"--unshare-net"}).loopback_up);
  EXPECT_FALSE(spec({"--unshare-all", "--share-net"}).loopback_up);
}

TEST(BwrapReader, MakesSpecsThatAreSound) {
  for (const Words& words :
       {Words{"--bind", "/", "/"}, Words{"--tmpfs", "/", "--remount-ro", "/", "--chmod", "0700", "/"},
        Words{"--unshare-user", "--disable-userns", "--unshare-all", "--uid", "0", "--gid", "0"},
        Words{"--bind-fd", "5", "/x", "--lock-file", "/y", "--sync-fd", "6"}}) {
    const Result<CheckedSpec> checked = check(spec(words));
    EXPECT_TRUE(checked) << (checked ? "" : checked.error().sentence());
  }
}

TEST(BwrapSentence, AreThoseThatCallersLookFor) {
  const Spec spec{
      .mounts = {mount(Bind{.from = "/a", .to = "/b"}), mount(Chmod{.path = "/c", .mode = 0640})}};
  const auto of = [&](FailedPart part, std::string object, int code) {
    return sentence(Error("do it", "kelp's reason").with_code(code).with_part(part, std::move(object)), spec);
  };
  EXPECT_EQ(of(FailedPart::kSource, "/x", ENOENT), "Can't find source path /x: No such file or directory");
  EXPECT_EQ(of(FailedPart::kParents, "/x/y", EROFS), "Can't mkdir parents for /x/y: Read-only file system");
  EXPECT_EQ(of(FailedPart::kDirectory, "/x", ENOTDIR), "Destination is not a directory /x");
  EXPECT_EQ(of(FailedPart::kDirectory, "/x", EROFS), "Can't create file /x: Read-only file system");
  EXPECT_EQ(of(FailedPart::kBind, "/b", EPERM), "Can't bind mount /a on /b: Operation not permitted");
  EXPECT_EQ(of(FailedPart::kMount, "proc on /proc", EPERM),
            "Can't mount proc on /proc: Operation not permitted");
  EXPECT_EQ(of(FailedPart::kMode, "/c", EROFS), "Can't chmod 0640 /c: Read-only file system");
  EXPECT_EQ(of(FailedPart::kMode, "/c", ENOENT), "Can't open /c: No such file or directory");
  EXPECT_EQ(of(FailedPart::kLink, "/l", EEXIST), "Can't make symlink at /l: kelp's reason");
  EXPECT_EQ(of(FailedPart::kEnter, "/d", ENOENT), "Can't chdir to /d: No such file or directory");
  EXPECT_EQ(of(FailedPart::kExecute, "ls", ENOENT), "execvp ls: No such file or directory");
  EXPECT_THAT(of(FailedPart::kNamespaces, "", EPERM), StartsWith("No permissions to create a new namespace"));
  EXPECT_EQ(of(FailedPart::kOther, "", 0), "cannot do it: kelp's reason");
}

TEST(BwrapStatus, IsTheJsonThatCallersRead) {
  EXPECT_EQ(birth_document(7, {{"mnt", 5}, {"pid", 6}}),
            "{\n    \"child-pid\": 7,\n    \"mnt-namespace\": 5,\n    \"pid-namespace\": 6\n}\n");
  EXPECT_EQ(birth_line(7, {{"mnt", 5}}), "{ \"child-pid\": 7, \"mnt-namespace\": 5 }\n");
  EXPECT_EQ(end_line(130), "{ \"exit-code\": 130 }\n");
}

TEST(BwrapUsage, NamesEveryOption) {
  EXPECT_THAT(usage(), StartsWith("usage: bwrap [OPTIONS...] [--] COMMAND [ARGS...]\n\n"));
  for (const char* option :
       {"--args FD", "--ro-bind-try SRC DEST", "--overlay RWSRC WORKDIR DEST", "--as-pid-1"}) {
    EXPECT_THAT(usage(), HasSubstr(option));
  }
}

}  // namespace
}  // namespace kelp::bwrap
