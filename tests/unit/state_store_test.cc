// SPDX-License-Identifier: Apache-2.0
// Containers on disk: names, records, and what a kelp leaves that was killed between any two steps.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "harness/places.h"
#include "state/life.h"
#include "state/store.h"

namespace kelp::state {
namespace {

namespace fs = std::filesystem;
using harness::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

Record some_record() {
  return {.id = "one",
          .oci_version = "1.3.0",
          .bundle = "/b\xc3\xbc",
          .rootfs = "/b/rootfs",
          .created = "2026-01-02T03:04:05.000000006Z",
          .owner = "alga",
          .init = {.pid = 17, .start_time = 18446744073709551615U},
          .is_complete = true,
          .waits_for_start = true,
          .has_terminal = true,
          .cgroup = "/sys/fs/cgroup/one",
          .cgroup_manager = "cgroupfs",
          .unit = "one.scope",
          .annotations = {{"a", "b \" \\"}, {"c", ""}}};
}

class Containers : public testing::Test {
 protected:
  Store store() const {
    Result<Store> store = Store::open(root());
    EXPECT_TRUE(store) << store.error().sentence();
    return std::move(*store);
  }
  std::string root() const { return place.path() + "/run/kelp/oci"; }
  std::string file(const std::string& name) const { return root() + "/one/" + name; }
  const TempDir place;
};

TEST(RecordText, ReadsAsItWasWritten) {
  const Result<Record> read = read_record(text_of(some_record()));
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(*read, some_record());
}

TEST(RecordText, ReadsWhatIsKeptOfARunToo) {
  Record record = some_record();
  record.kept = Kept{.monitor = {.pid = 3, .start_time = 4},
                     .boot_id = "0b-1",
                     .root = "./r\"",
                     .command = {"sh", "", "-c"},
                     .not_entered = "why",
                     .has_log = true,
                     .removes_itself = true};
  EXPECT_EQ(*read_record(text_of(record)), record);
  record.kept->end = End{.status = 137, .signal = 9, .finished = "2026-01-02T03:04:05.000000006Z"};
  EXPECT_EQ(*read_record(text_of(record)), record);
}

TEST(RecordText, IsRefusedWhereItIsCutOffOrOfAnotherKind) {
  const std::string text = text_of(some_record());
  for (std::size_t length = 0; length + 2 < text.size(); ++length)
    ASSERT_FALSE(read_record(text.substr(0, length))) << length;
  EXPECT_FALSE(read_record("[]"));
  EXPECT_FALSE(read_record(R"({"version":2})"));
  std::string wrong = text;
  wrong.replace(wrong.find("\"pid\": 17"), 9, "\"pid\": \"1\"");
  const Result<Record> read = read_record(wrong);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().sentence(), HasSubstr("pid is missing or of another kind"));
}

TEST(Ids, AreThoseThatRuncTakes) {
  for (const char* good : {"a", "A_b+c.d-9", "-", "...", "..a", "_"}) EXPECT_TRUE(is_id(good)) << good;
  for (const char* bad : {"", ".", "..", "a/b", "a b", "a\n", "\xc3\xbc", "a:b"})
    EXPECT_FALSE(is_id(bad)) << bad;
  EXPECT_TRUE(is_id(std::string(255, 'a')));
  EXPECT_FALSE(is_id(std::string(256, 'a')));
}

TEST_F(Containers, AreMadeOnceAndFound) {
  const Store at = store();
  Result<Entry> entry = at.make("one");
  ASSERT_TRUE(entry) << entry.error().sentence();
  ASSERT_TRUE(entry->write(some_record()));
  EXPECT_EQ(**at.find("one")->read(), some_record());
  const Result<Entry> again = at.make("one");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), EEXIST);
  EXPECT_THAT(*at.names(), ElementsAre("one"));
  struct stat info{};
  ASSERT_EQ(::stat(file("state.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  ASSERT_EQ(::stat(root().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0700U);
  ASSERT_TRUE(at.remove(std::move(*entry)));
  EXPECT_EQ(at.find("one").error().code(), ENOENT);
  EXPECT_EQ(at.hold("one").error().code(), ENOENT);
  EXPECT_TRUE(at.make("one"));
}

TEST_F(Containers, OfOthersOrWritableByOthersAreRefused) {
  (void)store();
  ASSERT_EQ(::chmod(root().c_str(), 0770), 0);
  const Result<Store> open = Store::open(root());
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().sentence(), HasSubstr("others may write to it"));
  EXPECT_EQ(open.error().hint(), "chmod go-w " + root());
  ASSERT_EQ(::chmod(root().c_str(), 0700), 0);
  EXPECT_TRUE(Store::open(root())) << "the control";
  fs::create_directory_symlink(root(), place.path() + "/link");
  EXPECT_FALSE(Store::open(place.path() + "/link"));
}

TEST_F(Containers, ALinkInsteadOfOneIsNotFollowed) {
  const Store at = store();
  fs::create_directory(place.path() + "/elsewhere");
  fs::create_directory_symlink(place.path() + "/elsewhere", root() + "/one");
  EXPECT_FALSE(at.find("one"));
  EXPECT_FALSE(at.make("one"));
  EXPECT_TRUE(fs::is_empty(place.path() + "/elsewhere"));
}

TEST_F(Containers, OfAKilledKelpWithoutARecordIsTakenAndRemoved) {
  const Store at = store();
  // Killed after mkdir, after the configuration, in the middle of a write.
  for (const char* left : {"", "config.json", "config.json.new", "state.json.new", "start"}) {
    fs::create_directory(root() + "/one");
    if (*left != 0) fs::copy_file("/proc/version", file(left));
    EXPECT_FALSE(at.find("one")->read()->has_value()) << left;
    Result<Entry> entry = at.make("one");
    ASSERT_TRUE(entry) << left << ": " << entry.error().sentence();
    EXPECT_TRUE(fs::is_empty(root() + "/one")) << left;
    ASSERT_TRUE(at.remove(std::move(*entry))) << left;
  }
}

TEST_F(Containers, KeepTheOldRecordWhenAWriteWasCutOff) {
  const Store at = store();
  Result<Entry> entry = at.make("one");
  ASSERT_TRUE(entry->write(some_record()));
  place.file("run/kelp/oci/one/state.json.new", "{\"vers");
  EXPECT_EQ(**entry->read(), some_record());
  Record next = some_record();
  next.owner = "next";
  ASSERT_TRUE(entry->write(next));
  EXPECT_EQ(**entry->read(), next);
  EXPECT_FALSE(fs::exists(file("state.json.new")));
  ASSERT_TRUE(at.remove(std::move(*entry)));
}

TEST_F(Containers, AreNotRemovedWithAFileThatIsNotOurs) {
  const Store at = store();
  Result<Entry> entry = at.make("one");
  place.file("run/kelp/oci/one/other");
  const Status removed = at.remove(std::move(*entry));
  ASSERT_FALSE(removed);
  EXPECT_THAT(removed.error().sentence(), HasSubstr("Directory not empty"));
}

TEST_F(Containers, AreHeldByOne) {
  const Store at = store();
  std::optional<Entry> entry(std::move(*at.make("one")));
  ASSERT_TRUE(entry->write(some_record()));
  EXPECT_TRUE(at.find("one")->is_held());
  entry.reset();
  EXPECT_FALSE(at.find("one")->is_held());
  const Result<Entry> held = at.hold("one");
  EXPECT_TRUE(at.find("one")->is_held());
}

// A child that lives as long as it is not killed.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    if (pid_ == 0) {
      ::pause();
      ::_exit(0);
    }
  }
  ~Sleeper() {
    end();
    ::waitpid(pid_, nullptr, 0);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  void end() const { ::kill(pid_, SIGKILL); }
  // Ended, and not waited for.
  void become_zombie() const {
    end();
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

class Life : public Containers {
 protected:
  Life() : kept_entry(std::move(*store().make("one"))) {
    kept_record.init = *process_name(sleeper.pid());
    kept_record.is_complete = true;
  }
  LifeStatus status() const { return status_of(kept_entry, kept_record); }
  const Sleeper sleeper;
  Entry kept_entry;
  Record kept_record;
};

TEST_F(Life, IsThatOfItsProcess) {
  EXPECT_EQ(status(), LifeStatus::kRunning);
  sleeper.become_zombie();
  EXPECT_EQ(status(), LifeStatus::kStopped);
}

TEST_F(Life, OfAnotherProcessWithTheSameNumberIsNone) {
  ++kept_record.init.start_time;
  EXPECT_EQ(status(), LifeStatus::kStopped);
  EXPECT_FALSE(open_process(kept_record.init)->valid());
}

TEST_F(Life, BeginsWithTheCreation) {
  kept_record.is_complete = false;
  EXPECT_EQ(status(), LifeStatus::kCreating);
  sleeper.end();
  sleeper.become_zombie();
  EXPECT_EQ(status(), LifeStatus::kStopped) << "abandoned, and dead";
}

TEST_F(Life, IsCreatedAsLongAsSomebodyListens) {
  kept_record.waits_for_start = true;
  Result<sys::UniqueFd> socket = kept_entry.listen();
  ASSERT_TRUE(socket) << socket.error().sentence();
  EXPECT_EQ(status(), LifeStatus::kCreated);
  // Nobody takes the connections of those who only look.
  for (int i = 0; i < 200; ++i) ASSERT_EQ(status(), LifeStatus::kCreated) << i;
  socket->reset();
  EXPECT_EQ(status(), LifeStatus::kRunning) << "the socket's file alone means nothing";
  kept_entry.forget_start();
  EXPECT_EQ(status(), LifeStatus::kRunning);
}

TEST_F(Life, ListensWhereverTheDirectoryIs) {
  const std::string deep = place.path() + "/" + std::string(200, 'd');
  Result<Store> at = Store::open(deep);
  ASSERT_TRUE(at);
  Result<Entry> entry = at->make(std::string(200, 'i'));
  const Result<sys::UniqueFd> socket = entry->listen();
  ASSERT_TRUE(socket) << socket.error().sentence();
  EXPECT_TRUE(entry->connect());
}

TEST_F(Life, IsPausedWhereTheCgroupIsFrozen) {
  kept_record.cgroup = place.dir("cgroup");
  EXPECT_EQ(status(), LifeStatus::kRunning);
  place.file("cgroup/cgroup.events", "populated 1\nfrozen 0\n");
  EXPECT_EQ(status(), LifeStatus::kRunning);
  place.file("cgroup/cgroup.events", "populated 1\nfrozen 1\n");
  EXPECT_EQ(status(), LifeStatus::kPaused);
}

}  // namespace
}  // namespace kelp::state
