// SPDX-License-Identifier: Apache-2.0
// Containers whose throw-away layer lies on disk, as before Linux 6.6: real ones, by a plan for a machine
// whose tmpfs takes no user.* attributes. Nothing of the layer may stay, whatever ids it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "cli/run.h"
#include "harness/harness.h"
#include "host/probe.h"
#include "launch/exit_status.h"
#include "launch/start.h"
#include "launch/wait.h"
#include "plan/build.h"
#include "sys/files.h"
#include "sys/remove_tree.h"

namespace kelp::launch {
namespace {

namespace fs = std::filesystem;
using harness::Argv;
using testing::IsEmpty;

constexpr int kHasWarned = 99;

class DiskLayer : public testing::Test {
 protected:
  DiskLayer() : root_(harness::make_small_root(place_)), out_(place_.dir("out")) {}

  Result<plan::Plan> plan(Argv words) const {
    Result<cli::RunRequest> request = cli::read_run(words, {});
    if (!request) return request.error();
    const Result<CheckedSpec> checked = check(std::move(request->spec));
    if (!checked) return checked.error();
    host::Needs needs = plan::needs(*checked);
    needs.ids = true;
    Result<host::Facts> facts = host::probe(needs);
    if (!facts) return facts.error();
    facts->tmpfs_takes_user_xattrs = false;
    facts->scratch_directory = layers_;
    return plan::build(*checked, *facts);
  }

  // A process that runs `kelp run --overlay OPTIONS ROOT COMMAND`, /out being shared.
  pid_t start(const Argv& options, const Argv& command) const {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    Argv words = {"--overlay", "-v", cat(out_, ":/out")};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(root_);
    words.insert(words.end(), command.begin(), command.end());
    const auto end = [](const Error& error) {
      (void)sys::write_all(STDERR_FILENO, error.sentence() + "\n", "stderr");
      ::_exit(error.status());
    };
    const Result<plan::Plan> wanted = plan(words);
    if (!wanted) end(wanted.error());
    Result<Running> running = launch::start(*wanted);
    if (!running) end(running.error());
    for (const std::string& text : running->warnings) (void)sys::write_all(STDERR_FILENO, text + "\n", "");
    const Result<Finished> finished = launch::wait(*wanted, std::move(*running));
    if (!finished) end(finished.error());
    ::_exit(finished->warnings.empty() ? exit_status_of(*finished) : kHasWarned);
  }
  static int end_of(pid_t pid) {
    int status = -1;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  int run(const Argv& options, const std::string& script) const {
    return end_of(start(options, {"/bin/sh", "-c", script}));
  }
  // As run(), until the script has said that it is there: it then sleeps.
  pid_t start_and_stay(const Argv& options, const std::string& script) const {
    const pid_t pid = start(options, {"/bin/sh", "-c", script + "; touch /out/up; exec sleep 60"});
    for (int i = 0; i < 1000 && !fs::exists(out_ + "/up"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(fs::exists(out_ + "/up"));
    fs::remove(out_ + "/up");
    return pid;
  }
  std::vector<std::string> layers() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(layers_)) names.push_back(entry.path().filename());
    return names;
  }
  std::vector<std::string> tree() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    return names;
  }

  harness::TempDir place_;
  std::string root_;
  std::string out_;
  std::string layers_ = cat(place_.path(), "/data/kelp/layers");
};

// Removals, opaque directories, copies, and directories that nobody may enter.
constexpr char kChanges[] =
    "set -e; echo new >/file; rm -rf /home /etc/group; mkdir /home; echo x >>/etc/passwd; mkdir -p /a/b/c; "
    "echo x >/a/b/c/file; chmod 000 /a/b/c /a/b; mv /tmp /t2; sync; [ -z \"$(ls -A /home)\" ]; exit 7";
constexpr char kOtherIds[] =
    "set -e; mkdir -p /o/p; echo x >/o/p/file; chown -R 1000:1000 /o; chmod 700 /o /o/p; mkdir /o/q; "
    "chown 5:7 /o/q; chmod 000 /o/q; ";

TEST_F(DiskLayer, TakesAllChangesAndGoesWithThem) {
  const std::vector<std::string> before = tree();
  for (const Argv& ids : {Argv{"--userns=single"}, Argv{}, Argv{"--userns=keep-id"}}) {
    EXPECT_EQ(run(ids, kChanges), 7);
    EXPECT_THAT(layers(), IsEmpty()) << testing::PrintToString(ids);
    EXPECT_EQ(tree(), before);
  }
}

TEST_F(DiskLayer, GoesWithFilesOfManyIds) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  EXPECT_EQ(run({}, cat(kOtherIds, kChanges)), 7);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(DiskLayer, IsMadeForAContainerWithoutTheCaller) {
  KELP_ONLY_AS("the caller has ranges, and no other rights", "user");
  const Result<plan::Plan> all = plan({root_, "true"});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->ids.users.size(), 2U);
  ASSERT_EQ(run({}, "chown -R 1:1 /out"), 0);
  ASSERT_EQ(harness::kelp({"run", root_, "/bin/sh", "-c", "chown -R 1:1 / 2>/dev/null; true"}).status, 0);
  const std::string map =
      cat("--userns=u0:", all->ids.users[1].host, ":2000,g0:", all->ids.groups[1].host, ":2000");
  EXPECT_EQ(run({map}, cat(kOtherIds, kChanges)), 7);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(DiskLayer, GoesWithAStartThatFails) {
  EXPECT_EQ(end_of(start({}, {"/no/such/command"})), 127);
  EXPECT_THAT(layers(), IsEmpty());
  EXPECT_EQ(end_of(start({"-w", "/no/such/directory"}, {"/bin/true"})), 125);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(DiskLayer, GoesWithACommandThatASignalEnds) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t pid = start_and_stay({}, "mkdir -p /a/b");
    EXPECT_EQ(layers().size(), 1U);
    ::kill(pid, signal);
    EXPECT_EQ(end_of(pid), 128 + signal);
    EXPECT_THAT(layers(), IsEmpty());
  }
}

TEST_F(DiskLayer, OfAKilledStartGoesWithTheNextOne) {
  const pid_t killed = start_and_stay({}, "mkdir -p /a/b; echo x >/a/b/file; chmod 000 /a");
  const pid_t alive = start_and_stay({}, "mkdir -p /a/b");
  EXPECT_EQ(layers().size(), 2U);
  ::kill(killed, SIGKILL);
  EXPECT_EQ(end_of(killed), -SIGKILL);
  EXPECT_EQ(layers().size(), 2U);
  EXPECT_EQ(run({}, kChanges), 7);
  EXPECT_EQ(layers().size(), 1U) << "the one that is alive";
  ::kill(alive, SIGTERM);
  EXPECT_EQ(end_of(alive), 128 + SIGTERM);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(DiskLayer, OfAKilledStartWithMoreIdsGoesToo) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  const pid_t killed = start_and_stay({}, cat(kOtherIds, "true"));
  ::kill(killed, SIGKILL);
  EXPECT_EQ(end_of(killed), -SIGKILL);
  EXPECT_EQ(run({"--userns=single"}, kChanges), 7);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(DiskLayer, OfSomebodyElseIsLeftAlone) {
  KELP_ONLY_AS("can give a directory away", "nested", "root");
  EXPECT_EQ(run({}, "exit 7"), 7);
  const std::string others = place_.dir("data/kelp/layers/overlay-0");
  ASSERT_EQ(::chown(others.c_str(), 1, 1), 0);
  EXPECT_EQ(run({}, "exit 7"), 7);
  EXPECT_EQ(layers(), std::vector<std::string>{"overlay-0"});
  ASSERT_EQ(::chown(layers_.c_str(), 1, 1), 0);
  EXPECT_EQ(run({}, "exit 7"), 125);
}

TEST_F(DiskLayer, ThatCannotBeRemovedIsTold) {
  KELP_ONLY_AS("mounts something in it", "root");
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  const pid_t pid = start_and_stay({}, "true");
  ASSERT_EQ(layers().size(), 1U);
  const std::string mounted = place_.dir(cat("data/kelp/layers/", layers()[0], "/mounted"));
  ASSERT_EQ(::mount(out_.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr), 0);
  ::kill(pid, SIGTERM);
  EXPECT_EQ(end_of(pid), kHasWarned);
  EXPECT_EQ(layers().size(), 1U);
  ASSERT_EQ(::umount2(mounted.c_str(), MNT_DETACH), 0);
  EXPECT_EQ(run({}, "exit 7"), 7);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(DiskLayer, MayLieInsideOfTheRoot) {
  layers_ = root_ + "/layers";
  EXPECT_EQ(run({}, kChanges), 7);
  EXPECT_THAT(layers(), IsEmpty());
}

TEST(RemoveTreeOf, AMountIsLeftAlone) {
  const harness::TempDir place;
  place.file("tree/file", "x");
  const std::string mounted = place.dir("tree/mounted");
  ASSERT_EQ(::unshare(harness::identity() == "root" ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS), 0);
  ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(::mount(mounted.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr), 0);
  place.file("tree/mounted/file", "kept");
  const Result<sys::UniqueFd> around = sys::open_file(place.path(), O_RDONLY | O_DIRECTORY);
  ASSERT_TRUE(around);
  const Status removed = sys::remove_tree(around->get(), "tree");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code(), EXDEV);
  EXPECT_TRUE(fs::exists(mounted + "/file"));
  ASSERT_EQ(::umount2(mounted.c_str(), MNT_DETACH), 0);
  EXPECT_TRUE(sys::remove_tree(around->get(), "tree"));
  EXPECT_FALSE(fs::exists(place.path() + "/tree"));
}

}  // namespace
}  // namespace kelp::launch
