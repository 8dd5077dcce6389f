// SPDX-License-Identifier: Apache-2.0
// What --overlay becomes: its layers, where a throw-away one lies, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plan/describe.h"
#include "unit/plan_build.h"

namespace kelp::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PlanOverlay, PutsThrownAwayLayersIntoTheScratchTmpfs) {
  const Plan plan = plan_of({"--overlay"});
  EXPECT_FALSE(step_of<OverlayRoot>(plan).layer);
  EXPECT_FALSE(plan.layer);
  EXPECT_LT(place_of<MakeScratch>(plan), place_of<OverlayRoot>(plan));
}

host::Facts facts_of_an_old_kernel() {
  host::Facts facts = ordinary_facts();
  facts.tmpfs_takes_user_xattrs = false;
  facts.scratch_directory = "/home/alga/.local/share/kelp/layers";
  return facts;
}

TEST(PlanOverlay, PutsThrownAwayLayersOnDiskWhereTmpfsCannotHoldThem) {
  const Plan plan = plan_of({"--overlay"}, facts_of_an_old_kernel());
  const OverlayRoot overlay = step_of<OverlayRoot>(plan);
  ASSERT_TRUE(plan.layer);
  EXPECT_EQ(overlay.layer, plan.layer->source);
  EXPECT_FALSE(overlay.is_kept);
  EXPECT_EQ(plan.layer->directory, "/home/alga/.local/share/kelp/layers");
  EXPECT_EQ(plan.layer->mode, 0700U);
  const Source source = step_of<OpenSources>(plan).sources.at(plan.layer->source);
  EXPECT_EQ(source.path, plan.layer->directory);
  EXPECT_FALSE(source.follow);
  EXPECT_EQ(place_of<MakeScratch>(plan), -1) << "nothing else needs it";
  bool is_told = false;
  for (const Sentence& sentence : describe(plan)) {
    is_told |= sentence.what.ends_with(
        ", changes in a directory below /home/alga/.local/share/kelp/layers, thrown away at the end");
  }
  EXPECT_TRUE(is_told);
}

TEST(PlanOverlay, ThatIsKeptOrAbsentNeedsNoPlaceForAnother) {
  host::Facts facts = facts_of_an_old_kernel();
  facts.files["/kept"] = a_directory();
  const Plan plan = plan_of({"--overlay=/kept"}, facts);
  EXPECT_FALSE(plan.layer);
  EXPECT_TRUE(step_of<OverlayRoot>(plan).is_kept);
  facts.scratch_directory.clear();
  EXPECT_FALSE(plan_of({}, facts).layer);
}

TEST(PlanOverlay, WithoutAPlaceIsRefusedAndSaysWhy) {
  host::Facts facts = facts_of_an_old_kernel();
  facts.scratch_directory.clear();
  facts.no_scratch_because = "neither XDG_DATA_HOME nor HOME is set";
  const Result<Plan> plan = try_plan({"--overlay"}, facts);
  ASSERT_FALSE(plan);
  EXPECT_EQ(
      plan.error().sentence(),
      "cannot use --overlay: before Linux 6.6 a throw-away layer must lie on disk: neither XDG_DATA_HOME "
      "nor HOME is set");
  EXPECT_THAT(plan.error().hint(), HasSubstr("--overlay=DIR"));
}

TEST(PlanOverlay, LetsAnotherIdMakeTheLayerWhereTheCallerIsNotInside) {
  host::Facts facts = facts_of_an_old_kernel();
  facts.files["./root"] = a_directory(100000);
  facts.files["./root"].group = 200000;
  const Words map = {"--userns=u0:100000:1000,g0:200000:1000", "--overlay"};
  const Result<Plan> plan = try_plan(map, facts);
  ASSERT_TRUE(plan) << plan.error().sentence();
  EXPECT_EQ(plan->layer->mode, 0777U);
}

TEST(PlanOverlay, RemovesDeadLayersWithAllTheIdsThatThereAre) {
  const Plan plan = plan_of({"--overlay", "--userns=single"}, facts_of_an_old_kernel());
  EXPECT_EQ(plan.ids.users.size(), 1U);
  ASSERT_TRUE(plan.layer);
  EXPECT_EQ(plan.layer->all_ids, plan_of({}).ids);
  host::Facts facts = facts_of_an_old_kernel();
  facts.ids.reset();
  EXPECT_EQ(plan_of({"--overlay", "--userns=single"}, facts).layer->all_ids, plan.ids);
}

TEST(PlanOverlay, ListsTheLowestFirst) {
  host::Facts facts = ordinary_facts();
  facts.files["/one"] = a_directory(1000, 1);
  facts.files["/two"] = a_directory(1000, 2);
  facts.files["/kept"] = a_directory(1000, 3);
  const Plan plan = plan_of({"--overlay-src=/one", "--overlay-src=/two", "--overlay=/kept"}, facts);
  const OverlayRoot overlay = step_of<OverlayRoot>(plan);
  std::vector<std::string> paths;
  for (const SourceIndex index : overlay.lowers) paths.push_back(source_path(plan, index));
  EXPECT_THAT(paths, ElementsAre("./root", "/one", "/two"));
  EXPECT_EQ(source_path(plan, overlay.layer.value()), "/kept");
  EXPECT_FALSE(plan.root_is_lasting);
}

TEST(PlanOverlay, OverTheTreeOfSomebodyElseIsRefused) {
  host::Facts facts = ordinary_facts();
  facts.files["./root"] = a_directory(0);
  EXPECT_THAT(refusal_of({"--overlay"}, facts), HasSubstr("its owner 0:0 is not in the container's id map"));
  EXPECT_EQ(refusal_of({}, facts), "") << "without an overlay it can be used";
  facts.files["./root"] = a_directory(1000);
  facts.files["./root"].group = 100000;  // users of that range, but no groups
  EXPECT_THAT(refusal_of({"--overlay"}, facts), HasSubstr("its owner 1000:100000"));
}

TEST(PlanOverlay, KnowsALowerDirectoryByWhatItIs) {
  host::Facts facts = ordinary_facts();
  facts.files["kept"] = facts.files["./root"];
  facts.around_layer = {{.device = 1, .inode = 7}, {.device = 1, .inode = 2}};
  EXPECT_EQ(refusal_of({"--overlay=kept"}, facts),
            "cannot use --overlay=kept: the layer 'kept' is './root', which is below it");
  facts.files["kept"] = a_directory(1000, 9);
  facts.around_layer = {{.device = 1, .inode = 9},
                        {.device = 1, .inode = 8},
                        {.device = 1, .inode = 7},
                        {.device = 1, .inode = 2}};
  EXPECT_EQ(refusal_of({"--overlay=kept"}, facts),
            "cannot use --overlay=kept: the layer 'kept' lies in './root', which is below it");
  facts.around_layer = {{.device = 1, .inode = 9}, {.device = 2, .inode = 7}, {.device = 1, .inode = 2}};
  EXPECT_EQ(refusal_of({"--overlay=kept"}, facts), "") << "the same number on another device";
}

TEST(PlanOverlay, OfTheSameDirectoryTwiceIsRefused) {
  host::Facts facts = ordinary_facts();
  facts.files["/one"] = a_directory(1000, 1);
  facts.files["/link"] = facts.files["./root"];
  EXPECT_EQ(refusal_of({"--overlay-src=/link"}, facts),
            "cannot use --overlay-src=/link: './root' and '/link' are the same directory");
  EXPECT_EQ(
      refusal_of({"--overlay-src=/one", "--overlay-src=/one"}, facts),
      "cannot use --overlay-src=/one --overlay-src=/one: '/one' comes twice among the lower directories");
}

}  // namespace
}  // namespace kelp::plan
