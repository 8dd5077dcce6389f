// SPDX-License-Identifier: Apache-2.0
// Layers on disk: where they are made, whose they are, and which ones are taken for dead.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"
#include "harness/harness.h"
#include "launch/layer.h"

namespace kelp::launch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Layers : public testing::Test {
 protected:
  plan::Plan plan(std::uint32_t mode = 0700) const {
    plan::Plan plan;
    plan.ids.users = {{.inside = 0, .host = ::geteuid(), .count = 1}};
    plan.ids.groups = {{.inside = 0, .host = ::getegid(), .count = 1}};
    plan.layer = plan::DiskLayer{.directory = layers_, .source = 1, .mode = mode, .all_ids = plan.ids};
    plan.child = {{.what = plan::OpenSources{.sources = {{.path = "/a"}, {.path = layers_}}}, .origin = {}}};
    return plan;
  }
  // Where the child would find the layer.
  static plan::Source source_of(const Layer& layer, const plan::Plan& plan) {
    return std::get<plan::OpenSources>(layer.put_into(plan).child.front().what).sources[1];
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(layers_)) names.push_back(entry.path().filename());
    return names;
  }
  std::string refusal() const {
    const Result<Layer> layer = make_layer(plan());
    return layer ? "" : layer.error().sentence();
  }
  // A directory as a killed kelp leaves it.
  std::string dead(const std::string& name) const {
    place_.file(cat("data/kelp/layers/", name, "/upper/etc/file"), "x");
    place_.dir(cat("data/kelp/layers/", name, "/upper/closed"));
    ::chmod(cat(layers_, "/", name, "/upper/closed").c_str(), 0);
    return cat(layers_, "/", name);
  }

  harness::TempDir place_;
  std::string layers_ = cat(place_.path(), "/data/kelp/layers");
};

class PlaceOfLayers : public Layers {
 protected:
  void make(mode_t mode) const {
    place_.dir("data/kelp/layers");
    ::chmod(layers_.c_str(), mode);
  }
};

TEST_F(Layers, AreMadeForTheCallerAlone) {
  ::umask(0);
  const Result<Layer> layer = make_layer(plan());
  ASSERT_TRUE(layer) << layer.error().sentence();
  for (const char* name : {"/data", "/data/kelp", "/data/kelp/layers"}) {
    struct stat info{};
    ASSERT_EQ(::stat(cat(place_.path(), name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0700U) << name;
  }
  struct stat info{};
  const plan::Source source = source_of(*layer, plan());
  ASSERT_EQ(::stat(source.path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode, S_IFDIR | 0700U);
  EXPECT_EQ(info.st_dev, source.device);
  EXPECT_EQ(info.st_ino, source.inode);
  EXPECT_FALSE(source.follow);
}

TEST_F(Layers, HaveTheModeOfThePlanWhateverTheUmaskIs) {
  const Result<Layer> first = make_layer(plan());  // makes the directories around
  ::umask(0277);
  const Result<Layer> layer = make_layer(plan(0777));
  ASSERT_TRUE(layer) << layer.error().sentence();
  struct stat info{};
  ASSERT_EQ(::stat(source_of(*layer, plan()).path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0777U);
}

TEST_F(Layers, GoWithTheirOwner) {
  {
    Result<Layer> layer = make_layer(plan());
    ASSERT_TRUE(layer);
    ASSERT_EQ(names().size(), 1U);
    const std::string path = source_of(*layer, plan()).path;
    fs::create_directories(path + "/upper/a/b/c");
    const Layer moved = std::move(*layer);
    EXPECT_EQ(names().size(), 1U);
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Layers, AreRemovedWhenTheirOwnerIsDead) {
  {
    const Result<Layer> first = make_layer(plan());
  }
  dead("overlay-0");
  dead("overlay-1");
  EXPECT_THAT(remove_dead_layers(plan()), IsEmpty());
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Layers, AreLeftAloneWhileSomebodyHoldsThem) {
  const Result<Layer> alive = make_layer(plan());
  ASSERT_TRUE(alive);
  const int fd = ::open(dead("overlay-held").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  dead("overlay-dead");
  EXPECT_THAT(remove_dead_layers(plan()), IsEmpty());
  EXPECT_EQ(names().size(), 2U);
  EXPECT_TRUE(fs::exists(layers_ + "/overlay-held/upper/etc/file"));
  ::close(fd);
  EXPECT_THAT(remove_dead_layers(plan()), IsEmpty());
  EXPECT_EQ(names().size(), 1U);
}

// Each is without its lock for a moment after it is made.
TEST_F(Layers, OfStartsSideBySideAreNotTakenForDead) {
  const auto start_often = [&] {
    for (int i = 0; i < 300; ++i) {
      if (!remove_dead_layers(plan()).empty()) return 1;
      Result<Layer> layer = make_layer(plan());
      if (!layer) return 2;
      const plan::Source source = source_of(*layer, plan());
      struct stat info{};
      if (::mkdir(cat(source.path, "/upper").c_str(), 0700) != 0) return 3;
      if (::stat(source.path.c_str(), &info) != 0 || info.st_ino != source.inode) return 4;
    }
    return 0;
  };
  std::vector<pid_t> starts;
  for (int i = 0; i < 4; ++i) {
    starts.push_back(::fork());
    if (starts.back() == 0) ::_exit(start_often());
  }
  for (const pid_t pid : starts) {
    int status = -1;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0) << "exit status " << WEXITSTATUS(status);
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Layers, AreNeitherLinksNorFilesNorAnythingElse) {
  {
    const Result<Layer> first = make_layer(plan());
  }
  place_.file("outside/file", "kept");
  place_.link("data/kelp/layers/overlay-link", place_.path() + "/outside");
  place_.file("data/kelp/layers/overlay-file", "x");
  place_.file("data/kelp/layers/notes/file", "the user's own");
  EXPECT_THAT(remove_dead_layers(plan()), IsEmpty());
  EXPECT_EQ(names().size(), 3U);
  EXPECT_TRUE(fs::exists(place_.path() + "/outside/file"));
}

TEST_F(PlaceOfLayers, IsRefusedWhereOthersMayEnter) {
  make(0750);
  dead("overlay-0");
  EXPECT_EQ(refusal(), cat("cannot put a layer into ", layers_,
                           ": it is not a directory of your own that nobody else may enter (mode 0700)"));
  EXPECT_THAT(remove_dead_layers(plan()), IsEmpty());
  EXPECT_THAT(names(), ElementsAre("overlay-0"));
}

TEST_F(PlaceOfLayers, IsRefusedWhereItIsALink) {
  place_.dir("data/kelp");
  ::chmod(place_.dir("elsewhere").c_str(), 0700);
  place_.link("data/kelp/layers", place_.path() + "/elsewhere");
  place_.dir("elsewhere/overlay-0");
  EXPECT_THAT(refusal(), HasSubstr(layers_));
  EXPECT_THAT(remove_dead_layers(plan()), IsEmpty());
  EXPECT_THAT(names(), ElementsAre("overlay-0"));
}

TEST_F(PlaceOfLayers, IsRefusedWhereItBelongsToSomebodyElse) {
  layers_ = "/usr";
  EXPECT_THAT(refusal(), HasSubstr("cannot put a layer into /usr: it is not a directory of your own"));
}

TEST_F(PlaceOfLayers, IsRefusedWhereItCannotBeMade) {
  place_.file("data/kelp", "a file");
  EXPECT_THAT(refusal(), HasSubstr(cat("cannot make ", layers_, ": Not a directory")));
}

}  // namespace
}  // namespace kelp::launch
