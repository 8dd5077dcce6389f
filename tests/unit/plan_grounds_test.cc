// SPDX-License-Identifier: Apache-2.0
// What each mount has to land in, by its destination and by those before it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::Eq;
using testing::Optional;

// By destination: what the last mount on it lies on.
std::map<std::string, std::optional<Ground>> grounds_of(const Words& flags) {
  std::map<std::string, std::optional<Ground>> out;
  host::Facts facts = ordinary_facts();
  for (const char* source : {"/p", "/q"}) facts.files[source] = a_directory();
  facts.files["/gone"] = an_absence(ENOENT);
  for (const Step& step : plan_of(flags, facts).child) {
    if (const auto* bind = std::get_if<BindMount>(&step.what)) out[bind->to] = step.ground;
    if (const auto* made = std::get_if<NewFilesystem>(&step.what)) out[made->to] = step.ground;
    if (const auto* content = std::get_if<BindContent>(&step.what)) out[content->to] = step.ground;
    if (const auto* cover = std::get_if<Cover>(&step.what)) out[cover->path] = step.ground;
  }
  return out;
}

Ground below(TreeNumber tree, const std::string& rest, TreeNumber number = 0) {
  return {.tree = number, .below = tree, .rest = rest};
}

TEST(Grounds, OfDefaultMountsAreNotAskedFor) {
  const auto grounds = grounds_of({});
  for (const char* path : {"/sys", "/dev", "/dev/null", "/etc/resolv.conf"})
    EXPECT_THAT(grounds.at(path), Eq(std::nullopt)) << path;
}

TEST(Grounds, AreTheTreesAroundByName) {
  const auto grounds = grounds_of(
      {"-v/p:/a", "-v/q:/b", "--hide=/a/x/y", "--tmpfs=//b/./t/", "--file=9:/other", "--hide=/ab"});
  EXPECT_THAT(grounds.at("/a"), Optional(Ground{.tree = 1}));
  EXPECT_THAT(grounds.at("/b"), Optional(Ground{.tree = 2}));
  EXPECT_THAT(grounds.at("/a/x/y"), Optional(below(1, "x/y")));
  EXPECT_THAT(grounds.at("//b/./t/"), Optional(below(2, "t"))) << "however it is spelled";
  EXPECT_THAT(grounds.at("/other"), Optional(Ground{})) << "none";
  EXPECT_THAT(grounds.at("/ab"), Optional(Ground{})) << "it is no part of /a";
}

TEST(Grounds, AreTheLastMountOnTheWay) {
  const auto grounds = grounds_of({"-v/p:/a/deep", "-v/q:/a", "--hide=/a/deep/x", "-v/p:/a/in",
                                   "--hide=/a/in/x", "--tmpfs=/a/t", "-v/p:/a/t/p"});
  EXPECT_THAT(grounds.at("/a/deep/x"), Optional(below(2, "deep/x"))) << "the later one covers the deeper one";
  EXPECT_THAT(grounds.at("/a/in"), Optional(below(2, "in", 3)));
  EXPECT_THAT(grounds.at("/a/in/x"), Optional(below(3, "x")));
  EXPECT_THAT(grounds.at("/a/t"), Optional(below(2, "t")));
  EXPECT_THAT(grounds.at("/a/t/p"), Optional(Ground{.tree = 4})) << "a tmpfs shows nothing of the host's";
}

TEST(Grounds, OfTheSameDestinationAreTheMountBefore) {
  auto again = grounds_of({"-v/p:/a", "-v/q:/a", "--hide=/a/x"});
  EXPECT_THAT(again.at("/a"), Optional(Ground{.tree = 2, .over = 1}));
  EXPECT_THAT(again.at("/a/x"), Optional(below(2, "x")));
  again = grounds_of({"-v/p:/a", "-v/q:/a/b", "--tmpfs=/a/b"});
  EXPECT_THAT(again.at("/a/b"), Optional(Ground{.below = 1, .rest = "b", .over = 2}));
  again = grounds_of({"--tmpfs=/a", "-v/q:/a"});
  EXPECT_THAT(again.at("/a"), Optional(Ground{.tree = 1}));
}

TEST(Grounds, AreNeitherWhatIsHiddenNorWhatIsAbsent) {
  const auto grounds =
      grounds_of({"-v/p:/a", "--hide=/a/x", "-v/q:/a/x/y:create", "-v/gone:/b:try", "--hide=/b/x"});
  EXPECT_THAT(grounds.at("/a/x/y"), Optional(below(1, "x/y", 2)));
  EXPECT_THAT(grounds.at("/b/x"), Optional(Ground{}));
}

}  // namespace
}  // namespace kelp::plan
