// SPDX-License-Identifier: Apache-2.0
// Roots made by somebody who wants kelp to make or bind something outside of them: every path that a start
// touches is a link that leads out, in every form.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

// A trap outside of the root, and links to it as a hostile author writes them.
class HostileRoot : public testing::Test {
 protected:
  HostileRoot() : root_(make_small_root(place_)), trap_(place_.dir("trap")) {
    place_.file("trap/passwd", "host\n");
  }

  std::vector<std::string> ways_out() const {
    std::string up;
    for (int i = 0; i < 30; ++i) up += "../";
    return {trap_, up + trap_.substr(1), trap_ + "/missing", "/proc/self/root" + trap_, "loop", "."};
  }

  void replace_by_link(const std::string& path, const std::string& target) {
    fs::remove_all(root_ + path);
    fs::create_symlink(target == "loop" ? fs::path(path).filename().string() : target, root_ + path);
  }

  void expect_trap_untouched() const {
    EXPECT_THAT(names_in(trap_), testing::ElementsAre("passwd"));
    EXPECT_EQ(read_file(trap_ + "/passwd"), "host\n");
  }

  TempDir place_;
  std::string root_;
  std::string trap_;
};

TEST_F(HostileRoot, CatchesWhoMakesMountPointsByPath) {
  replace_by_link("/mnt", trap_);
  EXPECT_THAT(run({"mkdir", "-p", root_ + "/mnt/caught"}), Works());
  EXPECT_THAT(names_in(trap_), testing::Contains("caught")) << "else the tests below would prove nothing";
}

TEST_F(HostileRoot, CatchesNothingByAnyPathOfAStart) {
  for (const char* path :
       {"/dev", "/proc", "/sys", "/etc", "/etc/resolv.conf", "/etc/hosts", "/etc/passwd", "/tmp"}) {
    for (const std::string& way : ways_out()) {
      const fs::path before = root_ + path + ".was";
      if (fs::exists(fs::symlink_status(root_ + path))) fs::rename(root_ + path, before);
      replace_by_link(path, way);
      for (const Argv& options : {Argv{}, {"--read-only", "--add-host=a:127.0.0.9"}}) {
        const Outcome outcome = inside("true", options, root_);
        EXPECT_THAT(outcome.status, AnyOf(0, 125)) << path << " -> " << way << outcome.err;
        EXPECT_FALSE(outcome.timed_out);
      }
      expect_trap_untouched();
      fs::remove_all(root_ + path);
      if (fs::exists(before)) fs::rename(before, root_ + path);
    }
  }
}

TEST_F(HostileRoot, CatchesNoDestinationOfTheUser) {
  const std::string file = place_.file("file", "mine\n");
  for (const std::string& way : ways_out()) {
    replace_by_link("/mnt", way);
    for (const Argv& options : {Argv{"-v", file + ":/mnt/a"},
                                {"-v", file + ":/mnt/passwd"},
                                {"-v", file + ":/mnt"},
                                {"-v", place_.path() + ":/mnt/b/c:create"},
                                {"--tmpfs=/mnt/d"},
                                {"--dir=/mnt/e"},
                                {"--symlink=x:/mnt/f"},
                                {"--hide=/mnt/passwd"},
                                {"--hide=/mnt"}}) {
      const Outcome outcome = inside("true", options, root_);
      EXPECT_THAT(outcome.status, AnyOf(0, 125)) << way << outcome.err;
      if (outcome.status == 125) {
        EXPECT_THAT(outcome.err, HasSubstr(options[0].substr(0, 2))) << "it names the flag";
      }
      expect_trap_untouched();
    }
  }
}

TEST_F(HostileRoot, IsToldOfALinkThatLeadsNowhere) {
  replace_by_link("/mnt", trap_);
  const Outcome outcome = inside("true", {"--tmpfs=/mnt/a"}, root_);
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("/mnt is a symbolic link that points nowhere inside the root"));
}

TEST_F(HostileRoot, GetsWhatItsOwnResolvConfPointsTo) {
  // As systemd has it: the target does not exist in an image. It is made inside.
  replace_by_link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
  KELP_REQUIRE(access("/etc/resolv.conf", R_OK) == 0, "the machine has no /etc/resolv.conf");
  const Outcome outcome = inside("cat /run/systemd/resolve/stub-resolv.conf", {}, root_);
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_EQ(outcome.out, read_file("/etc/resolv.conf"));
}

TEST_F(HostileRoot, GetsNoFileOfTheHostByItsPasswd) {
  // What passwd says becomes HOME, so a file of the host would show there.
  place_.file("passwd", "root:x:0:0::/leaked:/bin/sh\n");
  for (const std::string& way :
       {place_.path() + "/passwd", "../../../../../../../.." + place_.path() + "/passwd"}) {
    replace_by_link("/etc/passwd", way);
    EXPECT_EQ(inside("echo $HOME", {}, root_).out, "/\n");
  }
}

TEST_F(HostileRoot, DoesNotHoldKelpByItsAccountFiles) {
  for (const char* name : {"/etc/passwd", "/etc/group"}) {
    fs::remove(root_ + name);
    ASSERT_EQ(mkfifo((root_ + name).c_str(), 0644), 0);
    EXPECT_THAT(inside("true", {}, root_), Works()) << "a FIFO that nobody writes to";
    EXPECT_THAT(inside("true", {"-u", "nobody:nogroup"}, root_), CannotStart());
    fs::remove(root_ + name);
    place_.file(std::string("root") + name, "");
    fs::resize_file(root_ + name, 1ULL << 40U);
    EXPECT_THAT(inside("true", {}, root_), Works()) << "a terabyte of zeros";
    EXPECT_THAT(inside("true", {"-u", "nobody:nogroup"}, root_), CannotStart());
    replace_by_link(name, "/dev/zero");
    EXPECT_THAT(inside("true", {}, root_), Works()) << "a device without end";
    replace_by_link(name, "/dev/stdin");
    EXPECT_THAT(inside("true", {}, root_), Works());
  }
}

// Names of what is opened in the directories of the root while `run` goes on (O_PATH does not count).
std::set<std::string> opened_during(const std::string& root, const std::vector<std::string>& directories,
                                    const std::function<void()>& run) {
  const int watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  for (const std::string& directory : directories)
    EXPECT_GE(inotify_add_watch(watch_fd, (root + directory).c_str(), IN_OPEN), 0) << directory;
  run();
  std::set<std::string> names;
  alignas(inotify_event) char buffer[65536];
  const ssize_t size = read(watch_fd, buffer, sizeof buffer);
  for (ssize_t at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
    if (event->len > 0) names.insert(event->name);
    at += static_cast<ssize_t>(sizeof *event) + event->len;
  }
  close(watch_fd);
  return names;
}

TEST_F(HostileRoot, HasNothingOfItLoadedIntoKelp) {
  // What a dynamic program would look for: name services, their libraries, a preload, character sets,
  // locales.
  const std::vector<std::string> directories = {"/etc", "/lib", "/usr/lib", "/usr/lib/locale",
                                                "/usr/lib/gconv"};
  place_.file("root/etc/nsswitch.conf", "passwd: evil\ngroup: evil\n");
  for (const char* name :
       {"/etc/ld.so.preload", "/etc/ld.so.cache", "/lib/libnss_evil.so.2", "/usr/lib/libnss_evil.so.2",
        "/usr/lib/gconv/gconv-modules", "/usr/lib/locale/locale-archive", "/etc/localtime"})
    place_.file(std::string("root") + name, "evil");
  Outcome outcome;
  const auto names = opened_during(root_, directories, [&] {
    outcome = run_in(
        root_, {"--userns=single", "--dns=none", "--no-hosts", "-u", "root:root", "-e", "LC_ALL=de_DE.UTF-8"},
        {"true"});
  });
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_THAT(names, testing::UnorderedElementsAre("passwd", "group"));
  const auto seen = opened_during(root_, directories, [&] { inside("cat /etc/nsswitch.conf", {}, root_); });
  EXPECT_THAT(seen, testing::Contains("nsswitch.conf")) << "the probe sees what is opened inside";
}

TEST_F(HostileRoot, LeadsNobodyOutByTheWorkingDirectory) {
  for (const std::string& way : ways_out()) {
    replace_by_link("/mnt", way);
    const Outcome outcome = inside("pwd -P; ls", {"-w", "/mnt"}, root_);
    EXPECT_THAT(outcome.out, testing::Not(HasSubstr("trap"))) << way;
    EXPECT_THAT(outcome.status, AnyOf(0, 125)) << way;
    expect_trap_untouched();
  }
  EXPECT_FALSE(fs::exists(root_ + trap_)) << "nor is a working directory made";
}

TEST_F(HostileRoot, LeadsNobodyOutByADescriptorAsWorkingDirectory) {
  const RunOptions leaky = {.before_exec = [] {
    for (int fd = 3; fd < 12; ++fd) (void)dup2(open("/", O_RDONLY | O_DIRECTORY), fd);
  }};
  for (int fd = 0; fd < 12; ++fd) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const Outcome outcome = kelp({"run", "-w", path, root_, "ls"}, leaky);
    EXPECT_THAT(outcome, CannotStart()) << path << outcome.out;
  }
  for (const char* path : {"/proc/self/cwd", "/proc/self/root", "/proc/1/root", "/proc/1/cwd", "/dev/fd/5"})
    EXPECT_THAT(kelp({"run", "-w", path, root_, "ls"}, leaky), CannotStart()) << path;
}

TEST_F(HostileRoot, MakesAndBindsNothingOutsideWhileItIsRenamed) {
  // A helper in another container, say, that swaps a directory with a link to the outside as fast as it can.
  fs::create_directories(root_ + "/a/b");
  fs::create_symlink(trap_, root_ + "/out");
  const std::string file = place_.file("file", "mine\n");
  std::atomic<bool> is_over = false;
  std::thread swapper([&] {
    const std::string one = root_ + "/a", other = root_ + "/out";
    while (!is_over)
      syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), 2 /* RENAME_EXCHANGE */);
  });
  int worked = 0, refused = 0;
  for (int i = 0; i < tries(200); ++i) {
    const std::string name = "/a/b/" + std::to_string(i);
    const Outcome outcome =
        inside("cat " + name, {"--bare", "-v", file + ":" + name, "--dir=/a/c/d" + std::to_string(i)}, root_);
    if (outcome.status == 0 && outcome.out == "mine\n") ++worked;
    if (outcome.status == 125) ++refused;
    EXPECT_THAT(outcome.status, AnyOf(0, 1, 125)) << outcome.err;
  }
  is_over = true;
  swapper.join();
  expect_trap_untouched();
  EXPECT_GT(worked, 0);
  EXPECT_GT(refused, 0) << "the swapper was never in time: the test proves nothing";
}

TEST_F(HostileRoot, KeepsItsLegalLinksWorking) {
  fs::create_directories(root_ + "/run");
  fs::create_directories(root_ + "/var");
  fs::create_symlink("/run", root_ + "/var/run");
  fs::create_symlink("usr/lib", root_ + "/lib");
  fs::create_directories(root_ + "/usr/lib");
  const std::string file = place_.file("file", "mine\n");
  const Outcome outcome = inside("cat /run/service/socket /usr/lib/x /run/t/y",
                                 {"-v", file + ":/var/run/service/socket", "-v", file + ":/lib/x",
                                  "--tmpfs=/var/run/t", "-v", file + ":/var/run/t/y"},
                                 root_);
  EXPECT_EQ(outcome.out, "mine\nmine\nmine\n") << outcome.err;
}

TEST_F(HostileRoot, MayHaveParentsThatCanOnlyBePassed) {
  fs::create_directories(root_ + "/srv/deep/er");
  const std::string file = place_.file("file", "mine\n");
  for (const char* path : {"/srv", "/srv/deep"}) chmod((root_ + path).c_str(), 0711);
  const Outcome outcome = inside("cat /srv/deep/er/file", {"-v", file + ":/srv/deep/er/file"}, root_);
  EXPECT_EQ(outcome.out, "mine\n") << outcome.err;
}

}  // namespace
}  // namespace kelp::harness
